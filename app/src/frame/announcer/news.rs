//! Chooses what to announce, by comparing the current state with the last announced one. Pure.
//!
//! Because of that comparison, bursts of changes are condensed: a container that stops and restarts
//! between two sentences is not announced, and a hundred stopped containers are one sentence.

use crate::{
    acting::{actions::TrackedAction, toasts},
    format::{has_exited_unexpectedly, listed},
    model::{Container, ContainerKey, ContainerState, Health, Timestamp},
    protocol::ByKey,
};
use std::{collections::BTreeMap, sync::Arc};

/// Time in seconds after an announcement during which the container is not announced again, so that
/// a crash loop does not flood the user.
const QUIET_PERIOD_SECS: u64 = 60;

/// Condition of a container, as far as it is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Healthy,
    Unhealthy,
    Stopped,
    Failed,
    /// The container was never started, or is being removed.
    Idle,
}

/// Last announced state of a container.
#[derive(Debug, Clone, PartialEq)]
struct Announced {
    condition: Condition,
    started_at: Option<Timestamp>,
    name: String,
    /// Time of the last announcement.
    announced_at: Option<Timestamp>,
}

/// Announcements about containers, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    Failed,
    Unhealthy,
    Stopped,
    Removed,
    Restarted,
    Recovered,
}

/// The state to compare with the announced one.
pub struct Snapshot<'a> {
    /// The server's clock.
    pub now: Timestamp,
    /// All containers.
    pub containers: &'a ByKey<Arc<Container>>,
    /// Recent actions from this page.
    pub done: &'a [TrackedAction],
    /// True if the data may be out of date.
    pub is_lost: bool,
    /// True if a container changes because of an action from this page.
    pub is_ours: &'a dyn Fn(ContainerKey) -> bool,
}

/// Remembers the announced states.
#[derive(Debug, Default)]
pub struct NewsTracker {
    announced: Option<BTreeMap<ContainerKey, Announced>>,
    is_lost: bool,
    /// Serial number of the last announced action.
    done: u64,
}

impl NewsTracker {
    /// The next sentence, if there is one. The first call only records the initial state.
    pub fn next(&mut self, snapshot: &Snapshot<'_>) -> Option<String> {
        if self.is_lost != snapshot.is_lost {
            self.is_lost = snapshot.is_lost;
            let sentence = if self.is_lost { "Disconnected. The list may be out of date." } else { "Connected again." };
            return Some(sentence.to_owned());
        }
        let news = self.compare(snapshot);
        let fresh = snapshot.done.iter().filter(|tracked| tracked.serial > self.done).cloned().collect::<Vec<_>>();
        if let Some(last) = fresh.last() {
            let same = fresh.iter().filter(|tracked| tracked.action == last.action).cloned().collect::<Vec<_>>();
            self.done = last.serial;
            return Some(format!("{}. Undo is available.", toasts::summary(&same)));
        }
        // While disconnected, missing updates are not changes.
        if snapshot.is_lost {
            return None;
        }
        let (kind, keys) = news.into_iter().next()?;
        let announced = self.announced.get_or_insert_default();
        let names = keys.iter().filter_map(|key| announced.get(key)).map(|last| last.name.clone()).collect::<Vec<_>>();
        for key in keys {
            match snapshot.containers.get(&key) {
                Some(container) => {
                    let last = Announced { announced_at: Some(snapshot.now), ..Announced::new(container) };
                    announced.insert(key, last);
                }
                None => {
                    announced.remove(&key);
                }
            }
        }
        Some(sentence(kind, &names))
    }

    /// Records changes that need no announcement, and returns the others by kind.
    fn compare(&mut self, snapshot: &Snapshot<'_>) -> BTreeMap<News, Vec<ContainerKey>> {
        let mut news: BTreeMap<News, Vec<ContainerKey>> = BTreeMap::new();
        let Some(announced) = &mut self.announced else {
            let all = snapshot.containers.iter().map(|(key, container)| (*key, Announced::new(container)));
            self.announced = Some(all.collect());
            return news;
        };
        for (key, container) in snapshot.containers {
            let before = announced.entry(*key).or_insert_with(|| Announced::new(container));
            let is_quiet =
                before.announced_at.is_some_and(|then| snapshot.now.since(then).as_secs() < QUIET_PERIOD_SECS);
            match before.news(container).filter(|_| !is_quiet && !(snapshot.is_ours)(*key)) {
                Some(kind) => news.entry(kind).or_default().push(*key),
                None => before.update(container),
            }
        }
        announced.retain(|key, before| {
            let is_removed = !snapshot.containers.contains_key(key);
            let is_news = is_removed && before.runs() && !(snapshot.is_ours)(*key);
            if is_news {
                news.entry(News::Removed).or_default().push(*key);
            }
            is_news || !is_removed
        });
        news
    }
}

impl Announced {
    fn new(container: &Container) -> Self {
        Self {
            condition: condition(container),
            started_at: container.started_at,
            name: container.name.clone(),
            announced_at: None,
        }
    }

    /// Updates the announced state. Clones the name only if it changed, because most containers do
    /// not change.
    fn update(&mut self, now: &Container) {
        (self.condition, self.started_at) = (condition(now), now.started_at);
        if self.name != now.name {
            self.name.clone_from(&now.name);
        }
    }

    const fn runs(&self) -> bool {
        matches!(self.condition, Condition::Healthy | Condition::Unhealthy)
    }

    fn news(&self, now: &Container) -> Option<News> {
        use Condition::{Failed, Healthy, Idle, Stopped, Unhealthy};
        match (self.condition, condition(now)) {
            (Healthy | Unhealthy, Failed) => Some(News::Failed),
            (Healthy, Unhealthy) => Some(News::Unhealthy),
            (Healthy | Unhealthy, Stopped) => Some(News::Stopped),
            (Unhealthy | Failed, Healthy) => Some(News::Recovered),
            (Healthy, Healthy) | (Unhealthy, Unhealthy) if self.started_at != now.started_at => Some(News::Restarted),
            (Healthy | Unhealthy | Failed | Stopped | Idle, _) => None,
        }
    }
}

fn condition(container: &Container) -> Condition {
    match container.state {
        ContainerState::Running | ContainerState::Paused if container.health == Some(Health::Unhealthy) => {
            Condition::Unhealthy
        }
        ContainerState::Running | ContainerState::Paused => Condition::Healthy,
        ContainerState::Restarting | ContainerState::Dead => Condition::Failed,
        ContainerState::Exited if has_exited_unexpectedly(container) => Condition::Failed,
        ContainerState::Exited => Condition::Stopped,
        ContainerState::Created | ContainerState::Removing => Condition::Idle,
    }
}

/// Sentence of an announcement: `web-1 stopped.`, `4 containers stopped: a, b and 2 others.`
fn sentence(kind: News, names: &[String]) -> String {
    let (one, many) = match kind {
        News::Failed => ("failed", "failed"),
        News::Unhealthy => ("is unhealthy", "are unhealthy"),
        News::Stopped => ("stopped", "stopped"),
        News::Removed => ("was removed", "were removed"),
        News::Restarted => ("restarted", "restarted"),
        News::Recovered => ("recovered", "recovered"),
    };
    let names = names.iter().map(String::as_str).collect::<Vec<_>>();
    match &names[..] {
        [name] => format!("{name} {one}."),
        names => format!("{} containers {many}: {}.", names.len(), listed(names)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::Action,
        samples::{MADE_AT, container, picture},
    };

    struct Fixture {
        tracker: NewsTracker,
        secs: u64,
    }

    impl Fixture {
        fn of(containers: &[Container]) -> Self {
            let mut fixture = Self { tracker: NewsTracker::default(), secs: 0 };
            assert_eq!(fixture.observe(containers), None, "the initial state is not announced");
            fixture
        }

        fn observe(&mut self, containers: &[Container]) -> Option<String> {
            self.observe_all(containers, &[], false)
        }

        /// The next sentence after five seconds, with these containers and completed actions.
        fn observe_all(&mut self, containers: &[Container], done: &[TrackedAction], is_lost: bool) -> Option<String> {
            self.secs += 5;
            let picture = picture(containers.to_vec(), Vec::new());
            let now = Timestamp::from_millis(MADE_AT.as_millis() + self.secs * 1_000);
            let is_ours = |key| done.iter().any(|tracked| tracked.before.key() == key);
            let snapshot = Snapshot { now, containers: &picture.containers, done, is_lost, is_ours: &is_ours };
            self.tracker.next(&snapshot)
        }
    }

    fn running(number: u16) -> Container {
        container(number, &format!("web-{number}"), ContainerState::Running)
    }

    fn exited(number: u16, code: i64) -> Container {
        Container { state: ContainerState::Exited, exit_code: Some(code), ..running(number) }
    }

    #[test]
    fn stopped_containers_are_announced_once_in_one_sentence() {
        let mut fixture = Fixture::of(&[running(1), running(2), running(3), running(4)]);
        let now = [exited(1, 0), exited(2, 0), exited(3, 0), exited(4, 0)];
        assert_eq!(fixture.observe(&now).as_deref(), Some("4 containers stopped: web-1, web-2 and 2 others."));
        assert_eq!(fixture.observe(&now), None);
    }

    #[test]
    fn announcements_are_ordered_by_importance() {
        let unhealthy = Container { health: Some(Health::Unhealthy), ..running(2) };
        let mut fixture = Fixture::of(&[running(1), running(2), running(3)]);
        let now = [exited(1, 0), unhealthy, exited(3, 1)];
        assert_eq!(fixture.observe(&now).as_deref(), Some("web-3 failed."));
        assert_eq!(fixture.observe(&now).as_deref(), Some("web-2 is unhealthy."));
        assert_eq!(fixture.observe(&now).as_deref(), Some("web-1 stopped."));
        assert_eq!(fixture.observe(&now), None);
    }

    #[test]
    fn a_crash_loop_is_announced_once_a_minute() {
        let mut fixture = Fixture::of(&[running(1)]);
        let mut count = 0;
        // Two minutes in steps of five seconds.
        for _ in 0..12 {
            count += usize::from(fixture.observe(&[exited(1, 1)]).is_some());
            count += usize::from(fixture.observe(&[running(1)]).is_some());
        }
        assert_eq!(count, 2);
    }

    #[test]
    fn restarts_and_removals_are_announced() {
        let mut fixture = Fixture::of(&[running(1), running(2), exited(3, 0)]);
        let again = Container { started_at: Some(MADE_AT), ..running(1) };
        assert_eq!(
            fixture.observe(std::slice::from_ref(&again)).as_deref(),
            Some("web-2 was removed."),
            "the removal of a stopped container is not announced"
        );
        assert_eq!(fixture.observe(&[again]).as_deref(), Some("web-1 restarted."));
    }

    #[test]
    fn own_actions_are_announced_as_completed() {
        let mut fixture = Fixture::of(&[running(1), running(2)]);
        let done = [TrackedAction { serial: 1, action: Action::Stop, before: Arc::new(running(1)) }];
        let now = [exited(1, 0), running(2)];
        assert_eq!(fixture.observe_all(&now, &done, false).as_deref(), Some("Stopped web-1. Undo is available."));
        assert_eq!(fixture.observe_all(&now, &done, false), None);
        assert_eq!(fixture.observe(&now), None, "nor after the undo expired");
    }

    #[test]
    fn a_lost_connection_is_announced_and_changes_wait_for_its_return() {
        let mut fixture = Fixture::of(&[running(1)]);
        let lost = fixture.observe_all(&[running(1)], &[], true);
        assert_eq!(lost.as_deref(), Some("Disconnected. The list may be out of date."));
        assert_eq!(fixture.observe_all(&[running(1)], &[], true), None);
        assert_eq!(fixture.observe(&[exited(1, 0)]).as_deref(), Some("Connected again."));
        assert_eq!(fixture.observe(&[exited(1, 0)]).as_deref(), Some("web-1 stopped."));
    }
}
