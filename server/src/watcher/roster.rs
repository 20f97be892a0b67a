//! The watcher's view of each container, updated by events, inspects and list rows. Pure.
//!
//! In: [`ContainerEvent`], [`Inspected`], [`ListRow`]. Out: changed containers. Owned by the
//! watcher. Read next: [`super::session`].

use super::event::{ContainerEvent, EventKind};
use crate::engine::{
    ContainerList, ListRow, Network,
    convert::{self, Inspected, StopSettings},
};
use app::model::{Cause, Container, ContainerId, ContainerState, EngineProblem, Timestamp, is_image_id};
use std::collections::{HashMap, HashSet};
use tokio::time::Instant;

/// All known containers by id.
#[derive(Debug, Default)]
pub(super) struct Roster(HashMap<ContainerId, Entry>);

#[derive(Debug)]
struct Entry {
    inspected: Inspected,
    /// Time of the container's latest response or event; a list requested earlier is ignored for
    /// it.
    updated_at: Instant,
    /// True if no inspect has succeeded yet, so that everything known is from the list.
    list_only: bool,
    /// True if the engine was lost, and no inspect has succeeded since.
    outdated: bool,
}

impl Entry {
    /// True if the list is used in place of inspect.
    fn relies_on_list(&self) -> bool {
        self.list_only || self.outdated || self.inspected.container.inspect_error.is_some()
    }
}

/// Effect of an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EventEffect {
    /// The container, if the event changed it.
    pub updated: Option<Container>,
    /// True if the container was removed.
    pub removed: bool,
    /// True if an inspect is needed.
    pub dirty: bool,
}

impl Roster {
    /// Applies a live event. `cause` is that of the container's last exit.
    pub(super) fn apply_event(&mut self, event: &ContainerEvent, cause: Option<Cause>, now: Instant) -> EventEffect {
        if event.kind == EventKind::Removed {
            let removed = self.0.remove(&event.id).is_some();
            return EventEffect { updated: None, removed, dirty: false };
        }
        let Some(entry) = self.0.get_mut(&event.id) else {
            return EventEffect { updated: None, removed: false, dirty: true };
        };
        entry.updated_at = now;
        let before = entry.inspected.container.clone();
        apply_kind(&mut entry.inspected, &event.kind, cause, event.at());
        let after = &entry.inspected.container;
        let updated = (*after != before).then(|| after.clone());
        EventEffect { updated, removed: false, dirty: true }
    }

    /// Applies an inspect response. Returns the container if it is new or changed.
    pub(super) fn apply_inspect(&mut self, mut inspected: Inspected, requested_at: Instant) -> Option<Container> {
        let old = self.0.get(&inspected.container.id).map(|entry| &entry.inspected);
        if inspected.container.name.is_empty()
            && let Some(old) = old
        {
            inspected.container.name.clone_from(&old.container.name);
        }
        // Known from the list only.
        inspected.container.image_outdated = old.is_some_and(|old| old.container.image_outdated);
        if !inspected.knows_state {
            inspected.container.inspect_error = Some(unknown_state());
            if let Some(old) = old {
                copy_run(&old.container, &mut inspected.container);
                inspected.run.clone_from(&old.run);
            }
        }
        let changed = old.is_none_or(|old| old.container != inspected.container).then(|| inspected.container.clone());
        self.0.insert(
            inspected.container.id,
            Entry { inspected, updated_at: requested_at, list_only: false, outdated: false },
        );
        changed
    }

    /// Applies a list row to a container without a current inspect. Returns the container if it is
    /// new or changed. `problem` is the problem of its inspect.
    pub(super) fn apply_row(
        &mut self,
        row: &ListRow,
        requested_at: Instant,
        problem: Option<EngineProblem>,
    ) -> Option<Container> {
        let old = match self.0.get_mut(&row.id) {
            Some(entry) if !entry.relies_on_list() || entry.updated_at >= requested_at => return None,
            // An earlier inspect has more fields than the list.
            Some(entry) if !entry.list_only => {
                entry.updated_at = requested_at;
                let before = entry.inspected.container.clone();
                update_from_row(&mut entry.inspected, row);
                let after = &entry.inspected.container;
                return (*after != before).then(|| after.clone());
            }
            old => old,
        };
        let mut container = convert::from_row(row);
        container.inspect_error = problem;
        if let Some(old) = old.as_ref().map(|old| &old.inspected.container) {
            if row.state.is_none() {
                copy_run(old, &mut container);
            } else if old.state == container.state {
                // Events have exact times, the list does not.
                (container.started_at, container.finished_at) = (old.started_at, old.finished_at);
            }
        }
        if row.state.is_none() && old.is_none() && container.inspect_error.is_none() {
            container.inspect_error = Some(unknown_state());
        }
        let changed = old.is_none_or(|old| old.inspected.container != container).then(|| container.clone());
        let (knows_state, network) = (row.state.is_some(), Network::Own);
        let (stop, run) = (StopSettings::default(), None);
        let inspected = Inspected { container, knows_state, never_restarts: false, stop, run, network };
        self.0.insert(row.id, Entry { inspected, updated_at: requested_at, list_only: true, outdated: false });
        changed
    }

    /// Sets the problem of a container's inspect. Returns the container if that changed.
    pub(super) fn set_problem(&mut self, id: ContainerId, problem: EngineProblem) -> Option<Container> {
        let container = &mut self.0.get_mut(&id)?.inspected.container;
        (container.inspect_error.replace(problem) != container.inspect_error).then(|| container.clone())
    }

    /// The problem of a container's inspect.
    pub(super) fn problem(&self, id: ContainerId) -> Option<&EngineProblem> {
        self.0.get(&id)?.inspected.container.inspect_error.as_ref()
    }

    /// True if the container is known.
    pub(super) fn contains(&self, id: ContainerId) -> bool {
        self.0.contains_key(&id)
    }

    /// True if the list is used in place of inspect, so that an event requires a list.
    pub(super) fn relies_on_list(&self, id: ContainerId) -> bool {
        self.0.get(&id).is_some_and(Entry::relies_on_list)
    }

    /// Completes each container with data from the timeline. Returns the changed ones.
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

    /// Removes a container. Returns true if it was known.
    pub(super) fn remove(&mut self, id: ContainerId) -> bool {
        self.0.remove(&id).is_some()
    }

    /// Compares the containers with a list requested at `requested_at`. Returns those to inspect.
    pub(super) fn differing(&self, listed: &[ListRow], requested_at: Instant) -> Vec<ContainerId> {
        let present: HashSet<_> = listed.iter().map(|row| row.id).collect();
        let missing = self.0.iter().filter(|(id, entry)| !present.contains(id) && entry.updated_at < requested_at);
        let differs = |row: &&ListRow| {
            self.0
                .get(&row.id)
                .is_none_or(|entry| entry.updated_at < requested_at && differs(&entry.inspected.container, row))
        };
        listed.iter().filter(differs).map(|row| row.id).chain(missing.map(|(id, _)| *id)).collect()
    }

    /// Applies data that only the list has: whether an image has lost its name, and the container's
    /// name if inspect has none. Returns the changed containers.
    pub(super) fn complete_from_list(&mut self, listed: &[ListRow]) -> Vec<Container> {
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

    /// Known containers that are not listed.
    pub(super) fn missing(&self, listed: &[ListRow]) -> HashSet<ContainerId> {
        let present: HashSet<_> = listed.iter().map(|row| row.id).collect();
        self.0.keys().filter(|id| !present.contains(id)).copied().collect()
    }

    /// All known containers.
    pub(super) fn containers(&self) -> Vec<Container> {
        self.0.values().map(|entry| entry.inspected.container.clone()).collect()
    }

    /// The `count` least recently updated containers, for routine inspects: a list does not show
    /// health or quick restarts. Failing containers are excluded, because they have a backoff.
    pub(super) fn stalest(&self, count: usize) -> Vec<ContainerId> {
        let routine = self.0.iter().filter(|(_, entry)| !entry.relies_on_list());
        let mut by_age: Vec<_> = routine.map(|(id, entry)| (entry.updated_at, *id)).collect();
        by_age.sort_unstable();
        by_age.into_iter().take(count).map(|(_, id)| id).collect()
    }

    /// Removes and returns the containers that are not in a complete list. Removes none if a row
    /// was unreadable.
    pub(super) fn retain_listed(&mut self, listing: &ContainerList) -> Vec<ContainerId> {
        for entry in self.0.values_mut() {
            entry.outdated = true;
        }
        if listing.unreadable > 0 {
            return Vec::new();
        }
        let present: HashSet<_> = listing.rows.iter().map(|row| row.id).collect();
        let gone: Vec<_> = self.0.keys().filter(|id| !present.contains(id)).copied().collect();
        self.0.retain(|id, _| present.contains(id));
        gone
    }
}

/// Problem of a container with an unknown state.
fn unknown_state() -> EngineProblem {
    EngineProblem {
        code: "unknown_state".to_owned(),
        message: "The engine reports a state that Quaylight does not support.".to_owned(),
        hint: "The state shown is the last one that was known.".to_owned(),
    }
}

/// Copies the fields that depend on the state.
fn copy_run(from: &Container, into: &mut Container) {
    (into.state, into.health, into.exit_code) = (from.state, from.health, from.exit_code);
    (into.oom_killed, into.started_at, into.finished_at) = (from.oom_killed, from.started_at, from.finished_at);
    (into.process_oom_killed, into.end_cause) = (from.process_oom_killed, from.end_cause);
    into.error.clone_from(&from.error);
}

/// Updates an earlier inspect with a newer list row.
fn update_from_row(inspected: &mut Inspected, row: &ListRow) {
    let container = &mut inspected.container;
    if let Some(name) = &row.name {
        container.name.clone_from(name);
    }
    let Some(state) = row.state.filter(|state| *state != container.state) else { return };
    let now = convert::from_row(row);
    if state.has_processes() != container.state.has_processes() {
        // A run began or ended at an unknown time.
        (container.started_at, container.finished_at) = (None, None);
        inspected.run = None;
    }
    clear_run(container);
    (container.state, container.health, container.exit_code) = (state, now.health, now.exit_code);
    container.ports.iter_mut().for_each(|port| port.open = state.has_processes());
}

/// True if a container must be inspected. The states restarting and removing end without an event,
/// so such containers are inspected each time.
fn differs(container: &Container, row: &ListRow) -> bool {
    matches!(container.state, ContainerState::Restarting | ContainerState::Removing)
        || row.state.is_some_and(|state| state != container.state)
        || row.name.as_ref().is_some_and(|name| *name != container.name)
}

fn apply_kind(inspected: &mut Inspected, kind: &EventKind, cause: Option<Cause>, at: Timestamp) {
    let Inspected { container, never_restarts, stop: _, knows_state: _, run: _, network: _ } = inspected;
    match kind {
        EventKind::Started => {
            container.state = ContainerState::Running;
            // The container starts slightly before its event; inspect brings the exact time.
            container.started_at = Some(at);
            clear_run(container);
        }
        // Paused containers have no health checks; after unpausing, inspect brings the health.
        EventKind::Paused => {
            container.state = ContainerState::Paused;
            container.health = None;
        }
        EventKind::Unpaused => container.state = ContainerState::Running,
        EventKind::Died { exit_code } if *never_restarts => {
            clear_run(container);
            container.state = ContainerState::Exited;
            container.exit_code = *exit_code;
            container.end_cause = cause;
            container.oom_killed = cause == Some(Cause::OutOfMemory);
            container.finished_at = Some(at);
            container.ports.iter_mut().for_each(|port| port.open = false);
        }
        EventKind::Renamed(name) => container.name.clone_from(name),
        // The result of a health check can arrive after the end of its run.
        EventKind::Health(health) if is_of_this_run(container, at) => container.health = Some(*health),
        EventKind::Died { .. } | EventKind::Health(_) | EventKind::Removed | EventKind::Network | EventKind::Other => {}
    }
}

/// Clears the fields that belong to one run.
fn clear_run(container: &mut Container) {
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
