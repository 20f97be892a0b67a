//! From everything the page holds to what it shows, in order.

use super::{Grouping, ListQuery, Sort, SortKey, natural::natural_order};
use crate::{
    format::to_tenths,
    model::{Container, ContainerId, ContainerState, ContainerStats, EngineLink},
    protocol::Picture,
};
use std::cmp::Ordering;

/// One thing in the list. Equal entries are the same element on the page, wherever it moves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Stands above the containers of one Compose project.
    Heading {
        /// The project; `None` for containers without one.
        project: Option<String>,
        /// How many of those listed run.
        running: usize,
        /// How many are listed.
        total: usize,
    },
    /// A container.
    Container(ContainerId),
}

/// How many containers there are, whatever the query.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub total: usize,
    /// Whether an engine has told: none at all may mean that none has answered yet.
    pub are_known: bool,
    by_state: [usize; ContainerState::ALL.len()],
}

impl Counts {
    /// Those in one state.
    pub const fn of(&self, state: ContainerState) -> usize {
        self.by_state[state as usize]
    }
}

/// Counts containers by state.
pub fn count(picture: &Picture) -> Counts {
    let total = picture.containers.len();
    let are_known = total > 0 || picture.engines.iter().any(|engine| engine.link == EngineLink::Up);
    let mut counts = Counts { total, are_known, ..Counts::default() };
    for container in picture.containers.values() {
        counts.by_state[container.state as usize] += 1;
    }
    counts
}

/// The entries a query shows.
pub fn arrange(picture: &Picture, query: &ListQuery) -> Vec<Entry> {
    let words: Vec<&str> = query.search.split_whitespace().collect();
    let mut found: Vec<Candidate<'_>> = picture
        .containers
        .values()
        .filter(|container| query.state.is_none_or(|state| container.state == state))
        .filter(|container| words.iter().all(|word| mentions(container, word)))
        .map(|container| (&**container, picture.stats.get(&container.id).map(|stats| &**stats)))
        .collect();
    found.sort_unstable_by(|left, right| {
        by_group(query.group, left.0, right.0)
            .then_with(|| by_sort(query.sort, *left, *right))
            .then_with(|| natural_order(&left.0.name, &right.0.name))
            .then_with(|| left.0.id.cmp(&right.0.id))
    });
    match query.group {
        Grouping::None => found.iter().map(|(container, _)| Entry::Container(container.id)).collect(),
        Grouping::Project => with_headings(&found),
    }
}

/// The same entries in the order they stood before, as far as they did; new ones at the end.
pub fn in_former_order(former: &[Entry], mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut ordered = Vec::with_capacity(entries.len());
    for entry in former {
        if let Some(place) = entries.iter().position(|other| other == entry) {
            ordered.push(entries.remove(place));
        }
    }
    ordered.append(&mut entries);
    ordered
}

type Candidate<'a> = (&'a Container, Option<&'a ContainerStats>);

/// Whether a word is part of the container's name, image, project, service or a published port, or begins its id.
fn mentions(container: &Container, word: &str) -> bool {
    let texts = [Some(&container.name), Some(&container.image), container.project.as_ref(), container.service.as_ref()];
    texts.into_iter().flatten().any(|text| contains(text, word))
        || container.ports.iter().any(|port| port.public_port.is_some_and(|port| port.to_string() == word))
        || (word.len() >= 4 && container.id.to_string().starts_with(word))
}

/// Case is ignored for ASCII, which names and images are made of; Unicode's tables would add to the page's module.
fn contains(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

fn by_group(group: Grouping, left: &Container, right: &Container) -> Ordering {
    match (group, &left.project, &right.project) {
        (Grouping::None, ..) | (_, None, None) => Ordering::Equal,
        (_, Some(left), Some(right)) => natural_order(left, right),
        (_, Some(_), None) => Ordering::Less,
        (_, None, Some(_)) => Ordering::Greater,
    }
}

/// What is not known comes last, whichever way round.
fn by_sort(sort: Sort, left: Candidate<'_>, right: Candidate<'_>) -> Ordering {
    match sort.key {
        SortKey::Name => turn(sort, natural_order(&left.0.name, &right.0.name)),
        SortKey::Image => turn(sort, natural_order(&left.0.image, &right.0.image)),
        SortKey::State => turn(sort, place(left.0.state).cmp(&place(right.0.state))),
        // By what is shown, so that containers that look alike do not change places.
        SortKey::Cpu => most_first(sort, cpu_tenths(left.1), cpu_tenths(right.1)),
        SortKey::Memory => most_first(sort, memory_usage(left.1), memory_usage(right.1)),
        SortKey::Started => most_first(sort, left.0.started_at, right.0.started_at),
    }
}

fn place(state: ContainerState) -> Option<usize> {
    ContainerState::ALL.iter().position(|other| *other == state)
}

fn cpu_tenths(stats: Option<&ContainerStats>) -> Option<u64> {
    stats.and_then(|stats| stats.cpu_percent).map(to_tenths)
}

fn memory_usage(stats: Option<&ContainerStats>) -> Option<u64> {
    stats.and_then(|stats| stats.memory_usage)
}

fn turn(sort: Sort, order: Ordering) -> Ordering {
    if sort.reversed { order.reverse() } else { order }
}

fn most_first<T: Ord>(sort: Sort, left: Option<T>, right: Option<T>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => turn(sort, right.cmp(&left)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn with_headings(sorted: &[Candidate<'_>]) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(sorted.len() + 8);
    for group in sorted.chunk_by(|left, right| left.0.project == right.0.project) {
        let Some((first, _)) = group.first() else { continue };
        entries.push(Entry::Heading {
            project: first.project.clone(),
            running: group.iter().filter(|(container, _)| container.state == ContainerState::Running).count(),
            total: group.len(),
        });
        entries.extend(group.iter().map(|(container, _)| Entry::Container(container.id)));
    }
    entries
}

#[cfg(test)]
mod tests;
