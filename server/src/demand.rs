//! Whether anybody watches. Sampling and the quick reconcile run only while somebody does.

use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// Work goes on this long after the last viewer left, so that a reload does not start from nothing.
const LINGER: Duration = Duration::from_secs(10);

/// Counts viewers; clones share the count.
#[derive(Debug, Clone)]
pub struct Demand(Arc<watch::Sender<Wanted>>);

#[derive(Debug, Clone, Copy)]
struct Wanted {
    viewers: usize,
    /// Who waits for one sample.
    looks: usize,
    until: Instant,
}

impl Wanted {
    fn holds(self) -> bool {
        self.viewers > 0 || self.looks > 0 || Instant::now() < self.until
    }
}

/// One viewer; dropping it ends its demand.
#[derive(Debug)]
pub struct Viewing(Demand);

/// Somebody who wants one sample and no more; dropping it ends its demand at once.
#[derive(Debug)]
pub struct Looking(Demand);

impl Default for Demand {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Wanted { viewers: 0, looks: 0, until: Instant::now() })))
    }
}

impl Demand {
    /// Somebody opens a stream.
    pub fn view(&self) -> Viewing {
        self.0.send_modify(|wanted| wanted.viewers += 1);
        Viewing(self.clone())
    }

    /// Somebody wants the numbers once, as soon as they can be had.
    pub fn look(&self) -> Looking {
        self.0.send_modify(|wanted| wanted.looks += 1);
        Looking(self.clone())
    }

    /// Somebody fetched the list once.
    pub fn touch(&self) {
        self.0.send_modify(|wanted| wanted.until = Instant::now() + LINGER);
    }

    /// Whether somebody watches.
    pub fn is_wanted(&self) -> bool {
        self.0.borrow().holds()
    }

    /// How many streams are open.
    pub fn viewers(&self) -> usize {
        self.0.borrow().viewers
    }

    /// Returns once somebody watches.
    pub async fn wanted(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|wanted| wanted.holds()).await;
    }
}

impl Drop for Viewing {
    fn drop(&mut self) {
        self.0.0.send_modify(|wanted| {
            wanted.viewers = wanted.viewers.saturating_sub(1);
            wanted.until = Instant::now() + LINGER;
        });
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.0.send_modify(|wanted| wanted.looks = wanted.looks.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn demand_ends_some_time_after_the_last_viewer() {
        let demand = Demand::default();
        assert!(!demand.is_wanted());
        let viewing = demand.view();
        demand.wanted().await;
        drop(viewing);
        assert!(demand.is_wanted());
        tokio::time::advance(LINGER).await;
        assert!(!demand.is_wanted());
    }

    #[tokio::test(start_paused = true)]
    async fn who_looks_once_wants_nothing_afterwards() {
        let demand = Demand::default();
        let looking = demand.look();
        demand.wanted().await;
        assert_eq!(demand.viewers(), 0);
        drop(looking);
        assert!(!demand.is_wanted());
    }
}
