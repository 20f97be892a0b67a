//! What the watcher believes of each container, and what an event or an inspect makes of it. Pure.

use super::event::{ContainerEvent, News};
use crate::engine::{Listed, convert::Inspected};
use app::model::{Cause, Container, ContainerId, ContainerState, Timestamp, is_image_id};
use std::collections::{HashMap, HashSet};
use tokio::time::Instant;

/// Everything known, by id.
#[derive(Debug, Default)]
pub(super) struct Roster(HashMap<ContainerId, Entry>);

#[derive(Debug)]
struct Entry {
    inspected: Inspected,
    /// When the newest answer or event about it came: a list asked for before then may not speak about it.
    told_at: Instant,
}

/// What an event led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reaction {
    /// The container as it certainly is now, if that is another than before.
    pub painted: Option<Container>,
    /// It is gone.
    pub removed: bool,
    /// Inspect has to confirm.
    pub dirty: bool,
}

impl Roster {
    /// Takes in an event that has just happened.
    /// `cause` is that of the container's last end.
    pub(super) fn react(&mut self, event: &ContainerEvent, cause: Option<Cause>, now: Instant) -> Reaction {
        if event.news == News::Removed {
            let removed = self.0.remove(&event.id).is_some();
            return Reaction { painted: None, removed, dirty: false };
        }
        let Some(entry) = self.0.get_mut(&event.id) else {
            return Reaction { painted: None, removed: false, dirty: true };
        };
        entry.told_at = now;
        let before = entry.inspected.container.clone();
        paint(&mut entry.inspected, &event.news, cause, event.at());
        let after = &entry.inspected.container;
        let painted = (*after != before).then(|| after.clone());
        Reaction { painted, removed: false, dirty: true }
    }

    /// Takes an inspect in; the container, if it is new or differs.
    pub(super) fn inspected(&mut self, mut inspected: Inspected, asked_at: Instant) -> Option<Container> {
        let known = self.0.get(&inspected.container.id);
        // Only the list shows it.
        inspected.container.image_outdated = known.is_some_and(|known| known.inspected.container.image_outdated);
        let container = inspected.container.clone();
        let old = self.0.insert(container.id, Entry { inspected, told_at: asked_at });
        (old.is_none_or(|old| old.inspected.container != container)).then_some(container)
    }

    /// Completes each container by what events told; those that are others then.
    pub(super) fn explain(&mut self, explain: impl Fn(&mut Container)) -> Vec<Container> {
        let mut changed = Vec::new();
        for Entry { inspected: Inspected { container, .. }, .. } in self.0.values_mut() {
            let before = (container.end_cause, container.oom_killed, container.process_oom_killed);
            explain(container);
            if (container.end_cause, container.oom_killed, container.process_oom_killed) != before {
                changed.push(container.clone());
            }
        }
        changed
    }

    /// Inspect said 404; true if it was known.
    pub(super) fn gone(&mut self, id: ContainerId) -> bool {
        self.0.remove(&id).is_some()
    }

    /// Compares a list asked for at `asked_at`: who has to be inspected.
    pub(super) fn differing(&self, listed: &[Listed], asked_at: Instant) -> Vec<ContainerId> {
        let present: HashSet<_> = listed.iter().map(|row| row.id).collect();
        let missing = self.0.iter().filter(|(id, entry)| !present.contains(id) && entry.told_at < asked_at);
        let differs = |row: &&Listed| {
            self.0.get(&row.id).is_none_or(|entry| entry.told_at < asked_at && differs(&entry.inspected.container, row))
        };
        listed.iter().filter(differs).map(|row| row.id).chain(missing.map(|(id, _)| *id)).collect()
    }

    /// Compares the images of a list: the containers whose image has lost its name, or got it back.
    pub(super) fn compare_images(&mut self, listed: &[Listed]) -> Vec<Container> {
        let mut changed = Vec::new();
        for row in listed {
            let (Some(entry), Some(names_image)) = (self.0.get_mut(&row.id), row.names_image) else { continue };
            let container = &mut entry.inspected.container;
            let outdated = !names_image && !is_image_id(&container.image, &container.image_id);
            if container.image_outdated != outdated {
                container.image_outdated = outdated;
                changed.push(container.clone());
            }
        }
        changed
    }

    /// Every container as it is known now.
    pub(super) fn containers(&self) -> Vec<Container> {
        self.0.values().map(|entry| entry.inspected.container.clone()).collect()
    }

    /// The `count` looked at longest ago. A list does not tell of everything (health, a restart between two looks), so these are
    /// inspected in turn.
    pub(super) fn stalest(&self, count: usize) -> Vec<ContainerId> {
        let mut by_age: Vec<_> = self.0.iter().map(|(id, entry)| (entry.told_at, *id)).collect();
        by_age.sort_unstable();
        by_age.into_iter().take(count).map(|(_, id)| id).collect()
    }

    /// Ids that are known but not in a complete list.
    pub(super) fn retain_listed(&mut self, listed: &[Listed]) -> Vec<ContainerId> {
        let present: HashSet<_> = listed.iter().map(|row| row.id).collect();
        let gone: Vec<_> = self.0.keys().filter(|id| !present.contains(id)).copied().collect();
        self.0.retain(|id, _| present.contains(id));
        gone
    }
}

/// Restarting and removing end without an event of their own, so they are looked at each time.
fn differs(container: &Container, row: &Listed) -> bool {
    matches!(container.state, ContainerState::Restarting | ContainerState::Removing)
        || row.state.is_some_and(|state| state != container.state)
        || row.name.as_ref().is_some_and(|name| *name != container.name)
}

fn paint(inspected: &mut Inspected, news: &News, cause: Option<Cause>, at: Timestamp) {
    let Inspected { container, stays_ended, stop: _, run: _ } = inspected;
    match news {
        News::Started => {
            container.state = ContainerState::Running;
            // The engine stamps the start a little before it tells; inspect brings the exact time.
            container.started_at = Some(at);
            end_of_run(container);
        }
        // A frozen process is not checked; after it is thawed, inspect says how its health is.
        News::Paused => {
            container.state = ContainerState::Paused;
            container.health = None;
        }
        News::Unpaused => container.state = ContainerState::Running,
        News::Died { exit_code } if *stays_ended => {
            end_of_run(container);
            container.state = ContainerState::Exited;
            container.exit_code = *exit_code;
            container.end_cause = cause;
            container.oom_killed = cause == Some(Cause::OutOfMemory);
            container.finished_at = Some(at);
            container.ports.iter_mut().for_each(|port| port.open = false);
        }
        News::Renamed(name) => container.name.clone_from(name),
        // The result of a check that was under way can come after the end of the run it was about.
        News::Health(health) if is_of_this_run(container, at) => container.health = Some(*health),
        News::Died { .. } | News::Health(_) | News::Removed | News::Network | News::Other => {}
    }
}

/// Drops what was true of one run alone.
fn end_of_run(container: &mut Container) {
    container.health = None;
    container.exit_code = None;
    container.oom_killed = false;
    container.process_oom_killed = false;
    container.end_cause = None;
    container.error = None;
}

fn is_of_this_run(container: &Container, at: Timestamp) -> bool {
    container.state == ContainerState::Running && container.started_at.is_none_or(|started_at| started_at <= at)
}

#[cfg(test)]
mod tests;
