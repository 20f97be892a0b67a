//! Stage 3, the owner: one task holds the state and gives every change a revision.
//!
//! In: [`Observation`]s from watcher and sampler, through a bounded queue (full: the sender waits, nothing is dropped). Out: a
//! publication to the [`Feed`](crate::feed::Feed), at once as a rule, folded in a storm ([`pace`]). Next: [`crate::feed`].

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

/// The single writer. Ends when every handle is gone.
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
            let event_at = state.seal();
            publish(&state, event_at);
            pace.left(changes, Instant::now());
        }
    }
}
