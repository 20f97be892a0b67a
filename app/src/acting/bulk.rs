//! One action on many containers: which take part, who is next, and what came of each. Pure; [`super::selection_bar`] runs it.

use super::actions::offered;
use crate::{
    client::{Action, ActionError},
    model::{Container, ContainerState},
};
use std::sync::Arc;

/// So many are done at once: engines answer a few calls in parallel as fast as one, and many make a machine's disk the queue.
const AT_ONCE: usize = 4;

/// An action on its way through a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// What is done.
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
    Begun,
    Done,
    Failed(ActionError),
}

impl Bulk {
    /// Nothing is done yet.
    pub fn new(action: Action, containers: Vec<Arc<Container>>) -> Self {
        let item = |container| Item { container, outcome: Outcome::Waiting };
        Self { action, items: containers.into_iter().map(item).collect() }
    }

    /// The next to be done, and its place; `None` while enough are on their way, or none is left.
    pub fn begin_next(&mut self) -> Option<(usize, Arc<Container>)> {
        let begun = self.items.iter().filter(|item| item.outcome == Outcome::Begun).count();
        let place = self.items.iter().position(|item| item.outcome == Outcome::Waiting).filter(|_| begun < AT_ONCE)?;
        let item = self.items.get_mut(place)?;
        item.outcome = Outcome::Begun;
        Some((place, Arc::clone(&item.container)))
    }

    /// What came of the one at that place.
    pub fn settle(&mut self, place: usize, result: Result<(), ActionError>) {
        if let Some(item) = self.items.get_mut(place) {
            item.outcome = match result {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Failed(error),
            };
        }
    }

    /// Whether nothing is left to be done.
    pub fn is_over(&self) -> bool {
        self.items.iter().all(|item| matches!(item.outcome, Outcome::Done | Outcome::Failed(_)))
    }

    /// Those not done, each with the reason.
    pub fn failures(&self) -> Vec<(Arc<Container>, ActionError)> {
        let failure = |item: &Item| match &item.outcome {
            Outcome::Failed(error) => Some((Arc::clone(&item.container), error.clone())),
            Outcome::Waiting | Outcome::Begun | Outcome::Done => None,
        };
        self.items.iter().filter_map(failure).collect()
    }

    /// The same for those that were not done.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::new(self.action, self.failures().into_iter().map(|(container, _)| container).collect())
    }

    /// `Restarting: 7 of 12 done`, and at the end `Restart: 11 of 12 done, 1 not`.
    pub fn say(&self) -> String {
        let total = self.items.len();
        let done = self.items.iter().filter(|item| item.outcome == Outcome::Done).count();
        let failed = self.failures().len();
        let word = if self.is_over() {
            super::actions::verb(self.action)
        } else {
            super::actions::progress(self.action).trim_end_matches('…')
        };
        let mut said = format!("{word}: {done} of {total} done");
        if failed > 0 {
            said.push_str(&format!(", {failed} not"));
        }
        said
    }
}

/// Whether an action makes sense for a container in this state.
pub fn suits(action: Action, state: ContainerState) -> bool {
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
    fn at_most_four_are_done_at_once_and_each_once() {
        let mut bulk = bulk(6);
        let begun = std::iter::from_fn(|| bulk.begin_next()).map(|(place, _)| place).collect::<Vec<_>>();
        assert_eq!(begun, [0, 1, 2, 3]);
        bulk.settle(2, Ok(()));
        assert_eq!(bulk.begin_next().map(|(place, _)| place), Some(4));
        assert_eq!(bulk.begin_next(), None);
        assert_eq!(bulk.say(), "Restarting: 1 of 6 done");
    }

    #[test]
    fn a_refusal_stops_nobody_else_and_can_be_tried_again() {
        let mut bulk = bulk(3);
        while let Some((place, container)) = bulk.begin_next() {
            bulk.settle(place, if container.name == "web-2" { Err(refused("is paused")) } else { Ok(()) });
        }
        assert!(bulk.is_over());
        assert_eq!(bulk.say(), "Restart: 2 of 3 done, 1 not");
        let failures = bulk.failures();
        let told = failures.iter().map(|(container, error)| (container.name.as_str(), error.detail.as_str()));
        assert_eq!(told.collect::<Vec<_>>(), [("web-2", "is paused")]);
        let mut again = bulk.again();
        assert_eq!(again.begin_next().map(|(_, container)| container.name.clone()), Some("web-2".to_owned()));
        assert_eq!(again.begin_next(), None);
        assert!(!again.is_over());
    }

    #[test]
    fn what_suits_is_what_is_offered() {
        use ContainerState::{Exited, Paused, Running};
        for (action, states) in [
            (Action::Start, &[Exited][..]),
            (Action::Restart, &[Running, Paused]),
            (Action::Unpause, &[Paused]),
            (Action::Remove { force: true, volumes: true }, &[Running, Paused, Exited]),
        ] {
            for state in [Running, Paused, Exited] {
                assert_eq!(suits(action, state), states.contains(&state), "{action:?} {state}");
            }
        }
    }
}
