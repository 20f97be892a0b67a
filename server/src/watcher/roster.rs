//! What the watcher believes of each container, and what an event or an inspect makes of it. Pure.

use super::event::{ContainerEvent, News};
use crate::engine::{
    Listed, Listing, Network,
    convert::{self, Inspected, Stop},
};
use app::model::{Cause, Container, ContainerId, ContainerState, EngineProblem, Timestamp, is_image_id};
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
    /// Inspect has not answered for it so far: all that is known is from the list.
    only_listed: bool,
}

impl Entry {
    /// Whether the list stands in for inspect.
    fn is_doubtful(&self) -> bool {
        self.only_listed || self.inspected.container.inspect_error.is_some()
    }
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
        let old = self.0.get(&inspected.container.id).map(|entry| &entry.inspected);
        if inspected.container.name.is_empty()
            && let Some(old) = old
        {
            inspected.container.name.clone_from(&old.container.name);
        }
        // Only the list shows it.
        inspected.container.image_outdated = old.is_some_and(|old| old.container.image_outdated);
        if !inspected.knows_state {
            inspected.container.inspect_error = Some(unknown_state());
            if let Some(old) = old {
                keep_run(&old.container, &mut inspected.container);
                inspected.run.clone_from(&old.run);
            }
        }
        let changed = old.is_none_or(|old| old.container != inspected.container).then(|| inspected.container.clone());
        self.0.insert(inspected.container.id, Entry { inspected, told_at: asked_at, only_listed: false });
        changed
    }

    /// Takes a row of a list in, where that has to stand in for inspect; the container, if it is new or differs. `problem`: what is wrong
    /// with its inspect.
    pub(super) fn listed(
        &mut self,
        row: &Listed,
        asked_at: Instant,
        problem: Option<EngineProblem>,
    ) -> Option<Container> {
        let old = match self.0.get_mut(&row.id) {
            Some(entry) if !entry.is_doubtful() || entry.told_at >= asked_at => return None,
            // What inspect said once is more than what the list says.
            Some(entry) if !entry.only_listed => {
                entry.told_at = asked_at;
                let before = entry.inspected.container.clone();
                take_row(&mut entry.inspected, row);
                let after = &entry.inspected.container;
                return (*after != before).then(|| after.clone());
            }
            old => old,
        };
        let mut container = convert::from_row(row);
        container.inspect_error = problem;
        if let Some(old) = old.as_ref().map(|old| &old.inspected.container) {
            if row.state.is_none() {
                keep_run(old, &mut container);
            } else if old.state == container.state {
                // From events, which know more of times than the list does.
                (container.started_at, container.finished_at) = (old.started_at, old.finished_at);
            }
        }
        if row.state.is_none() && old.is_none() && container.inspect_error.is_none() {
            container.inspect_error = Some(unknown_state());
        }
        let changed = old.is_none_or(|old| old.inspected.container != container).then(|| container.clone());
        let (knows_state, network) = (row.state.is_some(), Network::Own);
        let (stop, run) = (Stop::default(), None);
        let inspected = Inspected { container, knows_state, stays_ended: false, stop, run, network };
        self.0.insert(row.id, Entry { inspected, told_at: asked_at, only_listed: true });
        changed
    }

    /// Its inspect failed; the container, if it is known and that is news.
    pub(super) fn failed(&mut self, id: ContainerId, problem: EngineProblem) -> Option<Container> {
        let container = &mut self.0.get_mut(&id)?.inspected.container;
        (container.inspect_error.replace(problem) != container.inspect_error).then(|| container.clone())
    }

    /// What is wrong with its inspect, if it is known and something is.
    pub(super) fn problem(&self, id: ContainerId) -> Option<&EngineProblem> {
        self.0.get(&id)?.inspected.container.inspect_error.as_ref()
    }

    /// Whether there is a row for it.
    pub(super) fn knows(&self, id: ContainerId) -> bool {
        self.0.contains_key(&id)
    }

    /// Whether the list stands in for inspect, so that an event calls for a list.
    pub(super) fn is_doubtful(&self, id: ContainerId) -> bool {
        self.0.get(&id).is_some_and(Entry::is_doubtful)
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

    /// Inspect and list say that it is gone; true if it was known.
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

    /// Takes from a list what inspect does not have: that an image has lost its name, or got it back, and the name of a container
    /// where inspect has none. Returns the containers that changed.
    pub(super) fn complete_from_list(&mut self, listed: &[Listed]) -> Vec<Container> {
        let mut changed = Vec::new();
        for row in listed {
            if let (Some(entry), Some(name)) = (self.0.get_mut(&row.id), &row.name)
                && entry.inspected.container.name.is_empty()
            {
                entry.inspected.container.name.clone_from(name);
                changed.push(entry.inspected.container.clone());
            }
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

    /// Those that are known and not listed.
    pub(super) fn missing(&self, listed: &[Listed]) -> HashSet<ContainerId> {
        let present: HashSet<_> = listed.iter().map(|row| row.id).collect();
        self.0.keys().filter(|id| !present.contains(id)).copied().collect()
    }

    /// Every container as it is known now.
    pub(super) fn containers(&self) -> Vec<Container> {
        self.0.values().map(|entry| entry.inspected.container.clone()).collect()
    }

    /// The `count` looked at longest ago. A list does not tell of everything (health, a restart between two looks), so these are
    /// inspected in turn. Those whose inspect fails are tried at times of their own.
    pub(super) fn stalest(&self, count: usize) -> Vec<ContainerId> {
        let in_turn = self.0.iter().filter(|(_, entry)| !entry.is_doubtful());
        let mut by_age: Vec<_> = in_turn.map(|(id, entry)| (entry.told_at, *id)).collect();
        by_age.sort_unstable();
        by_age.into_iter().take(count).map(|(_, id)| id).collect()
    }

    /// Forgets those that are not in a list of all; which those are. While a row of it could not be read, none is.
    pub(super) fn retain_listed(&mut self, listing: &Listing) -> Vec<ContainerId> {
        if listing.unreadable > 0 {
            return Vec::new();
        }
        let present: HashSet<_> = listing.rows.iter().map(|row| row.id).collect();
        let gone: Vec<_> = self.0.keys().filter(|id| !present.contains(id)).copied().collect();
        self.0.retain(|id, _| present.contains(id));
        gone
    }
}

/// A state in a word that nobody knows, and no other sign of it.
fn unknown_state() -> EngineProblem {
    EngineProblem {
        code: "unknown_state".to_owned(),
        message: "The engine reports a state that Quaylight does not know.".to_owned(),
        hint: "The state shown is the last one that was known.".to_owned(),
    }
}

/// Copies what only the state of a container says.
fn keep_run(from: &Container, into: &mut Container) {
    (into.state, into.health, into.exit_code) = (from.state, from.health, from.exit_code);
    (into.oom_killed, into.started_at, into.finished_at) = (from.oom_killed, from.started_at, from.finished_at);
    (into.process_oom_killed, into.end_cause) = (from.process_oom_killed, from.end_cause);
    into.error.clone_from(&from.error);
}

/// Brings what inspect once said up to what a list says now.
fn take_row(inspected: &mut Inspected, row: &Listed) {
    let container = &mut inspected.container;
    if let Some(name) = &row.name {
        container.name.clone_from(name);
    }
    let Some(state) = row.state.filter(|state| *state != container.state) else { return };
    let now = convert::from_row(row);
    if state.has_processes() != container.state.has_processes() {
        // Another run, or the end of one: when is not known.
        (container.started_at, container.finished_at) = (None, None);
        inspected.run = None;
    }
    end_of_run(container);
    (container.state, container.health, container.exit_code) = (state, now.health, now.exit_code);
    container.ports.iter_mut().for_each(|port| port.open = state.has_processes());
}

/// Restarting and removing end without an event of their own, so they are looked at each time.
fn differs(container: &Container, row: &Listed) -> bool {
    matches!(container.state, ContainerState::Restarting | ContainerState::Removing)
        || row.state.is_some_and(|state| state != container.state)
        || row.name.as_ref().is_some_and(|name| *name != container.name)
}

fn paint(inspected: &mut Inspected, news: &News, cause: Option<Cause>, at: Timestamp) {
    let Inspected { container, stays_ended, stop: _, knows_state: _, run: _, network: _ } = inspected;
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
