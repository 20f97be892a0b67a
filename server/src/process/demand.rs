//! Counts viewers. By default, sampling and frequent comparisons run only while there are any.
//!
//! In: open streams and requests from [`crate::http`]. Out: [`Demand::has_viewers`] for watcher and
//! sampler.

use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// Time for which work continues after the last viewer left, so that a page reload does not start
/// from scratch.
const LINGER_TIMEOUT: Duration = Duration::from_secs(10);

/// Counts viewers; clones share the count.
#[derive(Debug, Clone)]
pub struct Demand(Arc<watch::Sender<State>>);

#[derive(Debug, Clone, Copy)]
struct State {
    viewers: usize,
    /// Number of requests that wait for one sample.
    one_shots: usize,
    until: Instant,
}

impl State {
    fn is_active(self) -> bool {
        self.one_shots > 0 || self.is_lasting()
    }

    fn is_lasting(self) -> bool {
        self.viewers > 0 || Instant::now() < self.until
    }
}

/// Guard of one viewer.
#[derive(Debug)]
pub struct ViewerGuard(Demand);

/// Guard of a request for one sample; the demand ends immediately when the guard is dropped.
#[derive(Debug)]
pub struct OneShotDemand(Demand);

impl Default for Demand {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(State { viewers: 0, one_shots: 0, until: Instant::now() })))
    }
}

impl Demand {
    /// Adds a viewer, for an open stream.
    pub fn add_viewer(&self) -> ViewerGuard {
        self.0.send_modify(|state| state.viewers += 1);
        ViewerGuard(self.clone())
    }

    /// Requests one sample as soon as possible.
    pub fn demand_once(&self) -> OneShotDemand {
        self.0.send_modify(|state| state.one_shots += 1);
        OneShotDemand(self.clone())
    }

    /// Adds demand for a short time, for a single request for the list.
    pub fn touch(&self) {
        self.0.send_modify(|state| state.until = Instant::now() + LINGER_TIMEOUT);
    }

    /// True if there are viewers or other demand.
    pub fn has_viewers(&self) -> bool {
        self.0.borrow().is_active()
    }

    /// True if there are viewers, or were a few seconds ago. Requests for one sample do not
    /// count.
    pub fn has_lasting_viewers(&self) -> bool {
        self.0.borrow().is_lasting()
    }

    /// Waits until there are viewers. Requests for one sample do not count.
    pub async fn wait_for_lasting_viewers(&self) {
        let _ = self.0.subscribe().wait_for(|state| state.is_lasting()).await;
    }

    /// Number of open streams.
    pub fn viewers(&self) -> usize {
        self.0.borrow().viewers
    }

    /// Waits until there are viewers or other demand.
    pub async fn wait_for_viewers(&self) {
        // The sender exists as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|state| state.is_active()).await;
    }
}

impl Drop for ViewerGuard {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| {
            state.viewers = state.viewers.saturating_sub(1);
            state.until = Instant::now() + LINGER_TIMEOUT;
        });
    }
}

impl Drop for OneShotDemand {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.one_shots = state.one_shots.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn demand_ends_some_time_after_the_last_viewer() {
        let demand = Demand::default();
        assert!(!demand.has_viewers());
        let viewing = demand.add_viewer();
        demand.wait_for_viewers().await;
        drop(viewing);
        assert!(demand.has_viewers());
        tokio::time::advance(LINGER_TIMEOUT).await;
        assert!(!demand.has_viewers());
    }

    #[tokio::test(start_paused = true)]
    async fn one_shot_demand_ends_when_dropped() {
        let demand = Demand::default();
        let looking = demand.demand_once();
        demand.wait_for_viewers().await;
        assert_eq!((demand.viewers(), demand.has_lasting_viewers()), (0, false));
        drop(looking);
        assert!(!demand.has_viewers());
    }
}
