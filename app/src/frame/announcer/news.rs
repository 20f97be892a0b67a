//! What is worth a sentence, by comparing what was told with what is. Pure.
//!
//! Because the present is compared with what was told last, a storm of changes folds by itself: what stopped and runs again within a pause is no news,
//! and a hundred that stopped are one sentence.

use crate::{
    acting::{actions::Deed, toasts},
    format::{has_died_by_itself, listed},
    model::{Container, ContainerId, ContainerState, Health, Timestamp},
    protocol::ById,
};
use std::{collections::BTreeMap, sync::Arc};

/// A container that was spoken of is not spoken of again for so long, whatever it does: a crash loop would never end.
const QUIET_SECS: u64 = 60;

/// How a container is, as far as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    Unhealthy,
    Stopped,
    Failed,
    /// Never started, or about to go.
    Idle,
}

/// A container as it was told.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    condition: Condition,
    started_at: Option<Timestamp>,
    name: String,
    /// When it was last spoken of.
    spoken_at: Option<Timestamp>,
}

/// What can be said of containers, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    Failed,
    Unhealthy,
    Stopped,
    Removed,
    Restarted,
    Recovered,
}

/// What is so now.
pub struct Present<'a> {
    /// The server's clock.
    pub now: Timestamp,
    /// Every container.
    pub containers: &'a ById<Arc<Container>>,
    /// What was done from this page of late.
    pub done: &'a [Deed],
    /// Whether what is shown may be out of date.
    pub is_lost: bool,
    /// Whether a container changes because of what was done from this page.
    pub is_ours: &'a dyn Fn(ContainerId) -> bool,
}

/// Remembers what was told.
#[derive(Debug, Default)]
pub struct Newsreader {
    told: Option<BTreeMap<ContainerId, Told>>,
    is_lost: bool,
    /// The serial of the last deed that was told.
    done: u64,
}

impl Newsreader {
    /// The next sentence, if there is one; the first call only takes in what there is.
    pub fn next(&mut self, present: &Present<'_>) -> Option<String> {
        if self.is_lost != present.is_lost {
            self.is_lost = present.is_lost;
            let sentence = if self.is_lost { "Disconnected. The list may be out of date." } else { "Connected again." };
            return Some(sentence.to_owned());
        }
        let news = self.take_in(present);
        let fresh = present.done.iter().filter(|deed| deed.serial > self.done).cloned().collect::<Vec<_>>();
        if let Some(last) = fresh.last() {
            let same = fresh.iter().filter(|deed| deed.action == last.action).cloned().collect::<Vec<_>>();
            self.done = last.serial;
            return Some(format!("{}. Undo is offered.", toasts::said(&same)));
        }
        // What is lost does not change; it is only not heard of.
        if present.is_lost {
            return None;
        }
        let (kind, ids) = news.into_iter().next()?;
        let told = self.told.get_or_insert_default();
        let names = ids.iter().filter_map(|id| told.get(id)).map(|told| told.name.clone()).collect::<Vec<_>>();
        for id in ids {
            match present.containers.get(&id) {
                Some(container) => {
                    let spoken = Told { spoken_at: Some(present.now), ..Told::new(container) };
                    told.insert(id, spoken);
                }
                None => {
                    told.remove(&id);
                }
            }
        }
        Some(sentence(kind, &names))
    }

    /// Takes in what needs no words, and gives back what does, by kind.
    fn take_in(&mut self, present: &Present<'_>) -> BTreeMap<News, Vec<ContainerId>> {
        let mut news: BTreeMap<News, Vec<ContainerId>> = BTreeMap::new();
        let Some(told) = &mut self.told else {
            let all = present.containers.iter().map(|(id, container)| (*id, Told::new(container)));
            self.told = Some(all.collect());
            return news;
        };
        for (id, container) in present.containers {
            let before = told.entry(*id).or_insert_with(|| Told::new(container));
            let is_quiet = before.spoken_at.is_some_and(|then| present.now.since(then).as_secs() < QUIET_SECS);
            match before.news(container).filter(|_| !is_quiet && !(present.is_ours)(*id)) {
                Some(kind) => news.entry(kind).or_default().push(*id),
                None => before.catch_up(container),
            }
        }
        told.retain(|id, before| {
            let is_gone = !present.containers.contains_key(id);
            let is_news = is_gone && before.runs() && !(present.is_ours)(*id);
            if is_news {
                news.entry(News::Removed).or_default().push(*id);
            }
            is_news || !is_gone
        });
        news
    }
}

impl Told {
    fn new(container: &Container) -> Self {
        Self {
            condition: condition(container),
            started_at: container.started_at,
            name: container.name.clone(),
            spoken_at: None,
        }
    }

    /// Most of a thousand have not changed.
    fn catch_up(&mut self, now: &Container) {
        (self.condition, self.started_at) = (condition(now), now.started_at);
        if self.name != now.name {
            self.name.clone_from(&now.name);
        }
    }

    const fn runs(&self) -> bool {
        matches!(self.condition, Condition::Well | Condition::Unhealthy)
    }

    fn news(&self, now: &Container) -> Option<News> {
        use Condition::{Failed, Idle, Stopped, Unhealthy, Well};
        match (self.condition, condition(now)) {
            (Well | Unhealthy, Failed) => Some(News::Failed),
            (Well, Unhealthy) => Some(News::Unhealthy),
            (Well | Unhealthy, Stopped) => Some(News::Stopped),
            (Unhealthy | Failed, Well) => Some(News::Recovered),
            (Well, Well) | (Unhealthy, Unhealthy) if self.started_at != now.started_at => Some(News::Restarted),
            (Well | Unhealthy | Failed | Stopped | Idle, _) => None,
        }
    }
}

fn condition(container: &Container) -> Condition {
    match container.state {
        ContainerState::Running | ContainerState::Paused if container.health == Some(Health::Unhealthy) => {
            Condition::Unhealthy
        }
        ContainerState::Running | ContainerState::Paused => Condition::Well,
        ContainerState::Restarting | ContainerState::Dead => Condition::Failed,
        ContainerState::Exited if has_died_by_itself(container) => Condition::Failed,
        ContainerState::Exited => Condition::Stopped,
        ContainerState::Created | ContainerState::Removing => Condition::Idle,
    }
}

/// `web-1 stopped.`, `4 containers stopped: a, b and 2 others.`
fn sentence(kind: News, names: &[String]) -> String {
    let (one, many) = match kind {
        News::Failed => ("failed", "failed"),
        News::Unhealthy => ("is unhealthy", "are unhealthy"),
        News::Stopped => ("stopped", "stopped"),
        News::Removed => ("was removed", "were removed"),
        News::Restarted => ("restarted", "restarted"),
        News::Recovered => ("is well again", "are well again"),
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

    struct Scene {
        reader: Newsreader,
        secs: u64,
    }

    impl Scene {
        fn of(containers: &[Container]) -> Self {
            let mut scene = Self { reader: Newsreader::default(), secs: 0 };
            assert_eq!(scene.hear(containers), None, "what was there before is no news");
            scene
        }

        fn hear(&mut self, containers: &[Container]) -> Option<String> {
            self.hear_all(containers, &[], false)
        }

        /// Five seconds later.
        fn hear_all(&mut self, containers: &[Container], done: &[Deed], is_lost: bool) -> Option<String> {
            self.secs += 5;
            let picture = picture(containers.to_vec(), Vec::new());
            let now = Timestamp::from_millis(MADE_AT.as_millis() + self.secs * 1_000);
            let is_ours = |id| done.iter().any(|deed| deed.before.id == id);
            let present = Present { now, containers: &picture.containers, done, is_lost, is_ours: &is_ours };
            self.reader.next(&present)
        }
    }

    fn running(number: u16) -> Container {
        container(number, &format!("web-{number}"), ContainerState::Running)
    }

    fn exited(number: u16, code: i64) -> Container {
        Container { state: ContainerState::Exited, exit_code: Some(code), ..running(number) }
    }

    #[test]
    fn what_stops_is_told_once_and_folded() {
        let mut scene = Scene::of(&[running(1), running(2), running(3), running(4)]);
        let now = [exited(1, 0), exited(2, 0), exited(3, 0), exited(4, 0)];
        assert_eq!(scene.hear(&now).as_deref(), Some("4 containers stopped: web-1, web-2 and 2 others."));
        assert_eq!(scene.hear(&now), None);
    }

    #[test]
    fn the_worst_comes_first_and_the_rest_after_it() {
        let unhealthy = Container { health: Some(Health::Unhealthy), ..running(2) };
        let mut scene = Scene::of(&[running(1), running(2), running(3)]);
        let now = [exited(1, 0), unhealthy, exited(3, 1)];
        assert_eq!(scene.hear(&now).as_deref(), Some("web-3 failed."));
        assert_eq!(scene.hear(&now).as_deref(), Some("web-2 is unhealthy."));
        assert_eq!(scene.hear(&now).as_deref(), Some("web-1 stopped."));
        assert_eq!(scene.hear(&now), None);
    }

    #[test]
    fn a_crash_loop_is_told_once_a_minute() {
        let mut scene = Scene::of(&[running(1)]);
        let mut told = 0;
        // Two minutes, five seconds a step.
        for _ in 0..12 {
            told += usize::from(scene.hear(&[exited(1, 1)]).is_some());
            told += usize::from(scene.hear(&[running(1)]).is_some());
        }
        assert_eq!(told, 2);
    }

    #[test]
    fn a_restart_and_a_removal_are_told() {
        let mut scene = Scene::of(&[running(1), running(2), exited(3, 0)]);
        let again = Container { started_at: Some(MADE_AT), ..running(1) };
        assert_eq!(
            scene.hear(std::slice::from_ref(&again)).as_deref(),
            Some("web-2 was removed."),
            "one that did not run is no loss"
        );
        assert_eq!(scene.hear(&[again]).as_deref(), Some("web-1 restarted."));
    }

    #[test]
    fn what_was_done_from_here_is_told_as_done() {
        let mut scene = Scene::of(&[running(1), running(2)]);
        let done = [Deed { serial: 1, action: Action::Stop, before: Arc::new(running(1)) }];
        let now = [exited(1, 0), running(2)];
        assert_eq!(scene.hear_all(&now, &done, false).as_deref(), Some("Stopped web-1. Undo is offered."));
        assert_eq!(scene.hear_all(&now, &done, false), None);
        assert_eq!(scene.hear(&now), None, "nor when the offer has gone");
    }

    #[test]
    fn the_link_is_told_and_what_it_hides_is_not() {
        let mut scene = Scene::of(&[running(1)]);
        let lost = scene.hear_all(&[running(1)], &[], true);
        assert_eq!(lost.as_deref(), Some("Disconnected. The list may be out of date."));
        assert_eq!(scene.hear_all(&[running(1)], &[], true), None);
        assert_eq!(scene.hear(&[exited(1, 0)]).as_deref(), Some("Connected again."));
        assert_eq!(scene.hear(&[exited(1, 0)]).as_deref(), Some("web-1 stopped."));
    }
}
