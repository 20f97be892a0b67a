//! One action on several containers: order, concurrency and results. Pure; run by
//! [`super::selection_bar`].

use super::actions::offered;
use crate::{
    client::{Action, ActionError},
    model::{Container, ContainerState},
};
use std::sync::Arc;

/// Maximum number of concurrent requests. Engines handle a few in parallel as fast as one; with
/// many, the host's disk becomes the bottleneck.
const MAX_CONCURRENT: usize = 4;

/// The progress of an action on several containers.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// Action that is performed on each container.
    pub action: Action,
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
struct Item {
    container: Arc<Container>,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Waiting,
    Running,
    Done,
    Failed(ActionError),
}

impl Bulk {
    /// Creates the progress with all containers waiting.
    pub fn new(action: Action, containers: Vec<Arc<Container>>) -> Self {
        let item = |container| Item { container, outcome: Outcome::Waiting };
        Self { action, items: containers.into_iter().map(item).collect() }
    }

    /// Starts the next container and returns it with its index; `None` at the concurrency limit or
    /// if none is left.
    pub fn start_next(&mut self) -> Option<(usize, Arc<Container>)> {
        let running = self.items.iter().filter(|item| item.outcome == Outcome::Running).count();
        let place =
            self.items.iter().position(|item| item.outcome == Outcome::Waiting).filter(|_| running < MAX_CONCURRENT)?;
        let item = self.items.get_mut(place)?;
        item.outcome = Outcome::Running;
        Some((place, Arc::clone(&item.container)))
    }

    /// Stores the result of the container at that index.
    pub fn settle(&mut self, place: usize, result: Result<(), ActionError>) {
        if let Some(item) = self.items.get_mut(place) {
            item.outcome = match result {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Failed(error),
            };
        }
    }

    /// True if all containers have a result.
    pub fn is_finished(&self) -> bool {
        self.items.iter().all(|item| matches!(item.outcome, Outcome::Done | Outcome::Failed(_)))
    }

    /// The failed containers, each with the reason.
    pub fn failures(&self) -> Vec<(Arc<Container>, ActionError)> {
        let failure = |item: &Item| match &item.outcome {
            Outcome::Failed(error) => Some((Arc::clone(&item.container), error.clone())),
            Outcome::Waiting | Outcome::Running | Outcome::Done => None,
        };
        self.items.iter().filter_map(failure).collect()
    }

    /// The same action for the failed containers.
    #[must_use]
    pub fn retry_failed(&self) -> Self {
        Self::new(self.action, self.failures().into_iter().map(|(container, _)| container).collect())
    }

    /// `Restarting: 7 of 12 done`, and at the end `Restart: 11 of 12 done, 1 failed`.
    pub fn summary(&self) -> String {
        let total = self.items.len();
        let done = self.items.iter().filter(|item| item.outcome == Outcome::Done).count();
        let failed = self.failures().len();
        let word = if self.is_finished() {
            super::actions::verb(self.action)
        } else {
            super::actions::progress(self.action).trim_end_matches('…')
        };
        let mut summary = format!("{word}: {done} of {total} done");
        if failed > 0 {
            summary.push_str(&format!(", {failed} failed"));
        }
        summary
    }
}

/// True if the action is available for a container in this state.
pub fn is_available(action: Action, state: ContainerState) -> bool {
    let (first, rest) = offered(state);
    first.iter().chain(rest).any(|offer| offer.as_str() == action.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::container;

    fn bulk(count: u16) -> Bulk {
        let containers = (1..=count).map(|number| container(number, &format!("web-{number}"), ContainerState::Running));
        Bulk::new(Action::Restart, containers.map(Arc::new).collect())
    }

    fn refused(detail: &str) -> ActionError {
        ActionError { status: Some(409), code: None, detail: detail.to_owned(), hint: None }
    }

    #[test]
    fn at_most_four_run_at_once_and_each_runs_once() {
        let mut bulk = bulk(6);
        let started = std::iter::from_fn(|| bulk.start_next()).map(|(place, _)| place).collect::<Vec<_>>();
        assert_eq!(started, [0, 1, 2, 3]);
        bulk.settle(2, Ok(()));
        assert_eq!(bulk.start_next().map(|(place, _)| place), Some(4));
        assert_eq!(bulk.start_next(), None);
        assert_eq!(bulk.summary(), "Restarting: 1 of 6 done");
    }

    #[test]
    fn a_refusal_does_not_stop_the_others_and_can_be_retried() {
        let mut bulk = bulk(3);
        while let Some((place, container)) = bulk.start_next() {
            bulk.settle(place, if container.name == "web-2" { Err(refused("is paused")) } else { Ok(()) });
        }
        assert!(bulk.is_finished());
        assert_eq!(bulk.summary(), "Restart: 2 of 3 done, 1 failed");
        let failures = bulk.failures();
        let reasons = failures.iter().map(|(container, error)| (container.name.as_str(), error.detail.as_str()));
        assert_eq!(reasons.collect::<Vec<_>>(), [("web-2", "is paused")]);
        let mut retry = bulk.retry_failed();
        assert_eq!(retry.start_next().map(|(_, container)| container.name.clone()), Some("web-2".to_owned()));
        assert_eq!(retry.start_next(), None);
        assert!(!retry.is_finished());
    }

    #[test]
    fn available_actions_match_the_offer() {
        use ContainerState::{Exited, Paused, Running};
        for (action, states) in [
            (Action::Start, &[Exited][..]),
            (Action::Restart, &[Running, Paused]),
            (Action::Unpause, &[Paused]),
            (Action::Remove { force: true, volumes: true }, &[Running, Paused, Exited]),
        ] {
            for state in [Running, Paused, Exited] {
                assert_eq!(is_available(action, state), states.contains(&state), "{action:?} {state}");
            }
        }
    }
}
