//! Selects and orders the entries of the list.

use super::{
    Grouping, ListQuery, Scale, Sort, SortKey,
    groups::{self, Group, ImageNames},
    natural::natural_order,
    terms,
};
use crate::{
    format::image_reference,
    model::{Container, ContainerKey, ContainerState, ContainerStats, EngineLink},
    protocol::Picture,
};
use std::cmp::Ordering;

/// An entry of the list. Equal entries keep their element on the page when they move.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Heading of the [`Group`] of this name.
    Heading(Option<String>),
    /// A container.
    Container(ContainerKey),
}

/// Numbers of containers, independent of the query.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of all containers.
    pub total: usize,
    /// False if no engine has responded yet, so that the list may be incomplete.
    pub are_known: bool,
    by_state: [usize; ContainerState::ALL.len()],
}

impl Counts {
    /// Number of containers in this state.
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

/// Result of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// Headings and containers in order; a collapsed group has only its heading.
    pub entries: Vec<Entry>,
    /// Groups, one for each heading.
    pub groups: Vec<Group>,
    /// Number of matching containers, collapsed or not.
    pub found: usize,
    /// Number of stopped containers among them that are hidden or could be.
    pub stopped: usize,
}

/// Applies a query: searches, filters, sorts and groups.
pub fn arrange(picture: &Picture, query: &ListQuery) -> Arrangement {
    arrange_after(&[], picture, query)
}

/// As [`arrange`], starting from the previous entries: most changes keep the order, and checking it
/// is much cheaper than sorting.
pub fn arrange_after(former: &[Entry], picture: &Picture, query: &ListQuery) -> Arrangement {
    let terms = terms::parse(&query.search);
    let scale = Scale::of(query.scales(), picture);
    // Each sample is a map lookup, so only if needed.
    let needs_samples = query.depends_on_samples();
    let stats_of = |key| needs_samples.then(|| picture.stats.get(&key)).flatten().map(|stats| &**stats);
    let mut found: Vec<Candidate<'_>> = picture
        .containers
        .values()
        .filter(|container| query.state.is_none_or(|state| container.state == state))
        .map(|container| (&**container, stats_of(container.key())))
        .filter(|(container, stats)| terms.iter().all(|term| term.matches(container, *stats, scale)))
        .collect();
    let (mut stopped, hides_stopped) = (0, query.hides_stopped());
    if query.can_hide_stopped() {
        found.retain(|(container, _)| {
            let is_stopped = is_stopped(container.state);
            stopped += usize::from(is_stopped);
            !(is_stopped && hides_stopped)
        });
    }
    let images = ImageNames::of(query, picture);
    let order = |left: &Candidate<'_>, right: &Candidate<'_>| {
        groups::order(query, &images, left.0, right.0)
            .then_with(|| by_sort(query.sort, scale, *left, *right))
            .then_with(|| natural_order(&left.0.name, &right.0.name))
            .then_with(|| left.0.key().cmp(&right.0.key()))
    };
    found = as_before(former, found);
    if !found.is_sorted_by(|left, right| order(left, right).is_le()) {
        found.sort_unstable_by(order);
    }
    let mut arrangement = Arrangement { found: found.len(), stopped, ..Arrangement::default() };
    if query.group == Grouping::None {
        arrangement.list(&found, query);
    } else {
        let is_same = |left: &Candidate<'_>, right: &Candidate<'_>| {
            groups::name(query, &images, left.0) == groups::name(query, &images, right.0)
        };
        for members in found.chunk_by(is_same) {
            let group = Group::of(query, &images, scale, members);
            arrangement.entries.push(Entry::Heading(group.name.clone()));
            if !query.is_folded(group.name.as_deref()) {
                arrangement.list(members, query);
            }
            arrangement.groups.push(group);
        }
    }
    arrangement
}

impl Arrangement {
    /// Adds containers, pinned ones first.
    fn list(&mut self, members: &[Candidate<'_>], query: &ListQuery) {
        for is_pinned in [true, false] {
            for (container, _) in members {
                if query.is_pinned(container) == is_pinned {
                    self.entries.push(Entry::Container(container.key()));
                }
            }
        }
    }
}

/// Keeps the previous order of entries, with new ones at the end. Each entry stays under its
/// heading.
pub fn in_former_order(former: &[Entry], mut entries: Vec<Entry>) -> Vec<Entry> {
    for section in entries.split_mut(|entry| matches!(entry, Entry::Heading(_))) {
        let mut ordered = 0;
        for entry in former {
            let Some(rest) = section.get_mut(ordered..) else { break };
            if let Some(place) = rest.iter().position(|other| other == entry) {
                rest[..=place].rotate_right(1);
                ordered += 1;
            }
        }
    }
    entries
}

/// Puts candidates, which are sorted by key, into their previous order, with new ones at the end.
fn as_before<'a>(former: &[Entry], found: Vec<Candidate<'a>>) -> Vec<Candidate<'a>> {
    let mut by_key = found.into_iter().map(Some).collect::<Vec<_>>();
    let keys = by_key.iter().flatten().map(|(container, _)| container.key()).collect::<Vec<_>>();
    let mut ordered = Vec::with_capacity(by_key.len());
    for entry in former {
        if let Entry::Container(key) = entry
            && let Ok(place) = keys.binary_search(key)
        {
            ordered.extend(by_key.get_mut(place).and_then(Option::take));
        }
    }
    ordered.extend(by_key.into_iter().flatten());
    ordered
}

/// A container and its newest sample.
pub(super) type Candidate<'a> = (&'a Container, Option<&'a ContainerStats>);

/// Compares by the sort key; unknown values come last in both directions.
fn by_sort(sort: Sort, scale: Scale<'_>, left: Candidate<'_>, right: Candidate<'_>) -> Ordering {
    match sort.key {
        SortKey::Name => turn(sort, natural_order(&left.0.name, &right.0.name)),
        SortKey::Image => turn(sort, natural_order(&image_reference(left.0), &image_reference(right.0))),
        SortKey::State => turn(sort, place(left.0.state).cmp(&place(right.0.state))),
        // By the rounded value that is shown, so that containers with equal values do not change
        // places.
        SortKey::Cpu => most_first(sort, scale.cpu_tenths(left.0, left.1), scale.cpu_tenths(right.0, right.1)),
        SortKey::Memory => most_first(sort, memory(scale, left.1), memory(scale, right.1)),
        SortKey::Network => most_first(sort, sum(left.1, network), sum(right.1, network)),
        SortKey::Block => most_first(sort, sum(left.1, block), sum(right.1, block)),
        SortKey::Pids => most_first(sort, pids(left.1), pids(right.1)),
        SortKey::Started => most_first(sort, left.0.started_at, right.0.started_at),
        SortKey::Project => match (&left.0.project, &right.0.project) {
            (Some(left), Some(right)) => turn(sort, natural_order(left, right)),
            // Containers without a project come last.
            (left, right) => right.is_some().cmp(&left.is_some()),
        },
    }
}

/// True if no process runs or is about to run.
const fn is_stopped(state: ContainerState) -> bool {
    matches!(state, ContainerState::Created | ContainerState::Exited | ContainerState::Dead)
}

fn place(state: ContainerState) -> Option<usize> {
    ContainerState::ALL.iter().position(|other| *other == state)
}

fn memory(scale: Scale<'_>, stats: Option<&ContainerStats>) -> Option<u64> {
    stats.and_then(|stats| scale.memory(stats))
}

fn pids(stats: Option<&ContainerStats>) -> Option<u64> {
    stats.and_then(|stats| stats.pids)
}

/// Two counters of one kind.
type Counters = fn(&ContainerStats) -> [Option<u64>; 2];

const fn network(stats: &ContainerStats) -> [Option<u64>; 2] {
    [stats.network_rx, stats.network_tx]
}

const fn block(stats: &ContainerStats) -> [Option<u64>; 2] {
    [stats.block_read, stats.block_write]
}

/// Sum of both counters; `None` if neither is known.
fn sum(stats: Option<&ContainerStats>, counters: Counters) -> Option<u64> {
    match stats.map(counters)? {
        [None, None] => None,
        [one, other] => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
    }
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

#[cfg(test)]
mod tests;
