//! Stage 3: owns the state. One task applies all changes and gives each a revision.
//!
//! In: [`Observation`]s from watcher and sampler through a bounded queue. If it is full, the sender
//! waits; nothing is dropped. Out: publications to the [`Feed`](crate::feed::Feed), usually
//! immediately, batched under load ([`pace`]). Read next: [`crate::feed`].

mod pace;
mod state;

#[cfg(test)]
pub(crate) use state::examples;
pub use state::{Catchup, Measured, State};

use crate::{now, watcher::Observation};
use app::model::Timestamp;
use pace::Pace;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// Runs the single writer until all handles are dropped.
pub async fn run(
    mut state: State,
    mut observations: mpsc::Receiver<Observation>,
    publish: impl Fn(&State, Option<Timestamp>),
) {
    let mut pace = Pace::new(Instant::now());
    while let Some(observation) = observations.recv().await {
        let mut changes = u32::from(state.apply(observation, now()));
        while let Ok(Some(observation)) = timeout_at(pace.due(), observations.recv()).await {
            changes += u32::from(state.apply(observation, now()));
        }
        if changes > 0 {
            let event_at = state.commit();
            publish(&state, event_at);
            pace.record_frame(changes, Instant::now());
        }
    }
}
