//! From everything the page holds to what it shows, in order.

use super::{
    Grouping, ListQuery, Scale, Sort, SortKey,
    groups::{self, Group, ImageNames},
    natural::natural_order,
    terms,
};
use crate::{
    format::image_reference,
    model::{Container, ContainerId, ContainerState, ContainerStats, EngineLink},
    protocol::Picture,
};
use std::cmp::Ordering;

/// One thing in the list. Equal entries are the same element on the page, wherever it moves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Stands above the containers of the [`Group`] of this name.
    Heading(Option<String>),
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

/// What a query shows, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// Headings and containers; of a folded group the heading only.
    pub entries: Vec<Entry>,
    /// A group for each heading.
    pub groups: Vec<Group>,
    /// How many containers were found, folded or not.
    pub found: usize,
    /// How many of them are stopped, and could be folded or are.
    pub stopped: usize,
}

/// Searches, filters, sorts and groups.
pub fn arrange(picture: &Picture, query: &ListQuery) -> Arrangement {
    arrange_after(&[], picture, query)
}

/// The same, from how it was arranged before: most changes leave the order as it is, and to see that is far cheaper than to find it.
pub fn arrange_after(former: &[Entry], picture: &Picture, query: &ListQuery) -> Arrangement {
    let terms = terms::parse(&query.search);
    let scale = Scale::of(query.scales(), picture);
    // Each is looked for among all of them: only where somebody asks.
    let asks = query.asks_for_numbers();
    let stats_of = |id| asks.then(|| picture.stats.get(id)).flatten().map(|stats| &**stats);
    let mut found: Vec<Candidate<'_>> = picture
        .containers
        .values()
        .filter(|container| query.state.is_none_or(|state| container.state == state))
        .map(|container| (&**container, stats_of(&container.id)))
        .filter(|(container, stats)| terms.iter().all(|term| term.holds(container, *stats, scale)))
        .collect();
    let (mut stopped, leaves_out) = (0, query.leaves_out_stopped());
    if query.can_fold_stopped() {
        found.retain(|(container, _)| {
            let is_stopped = is_stopped(container.state);
            stopped += usize::from(is_stopped);
            !(is_stopped && leaves_out)
        });
    }
    let images = ImageNames::of(query, picture);
    let order = |left: &Candidate<'_>, right: &Candidate<'_>| {
        groups::order(query, &images, left.0, right.0)
            .then_with(|| by_sort(query.sort, scale, *left, *right))
            .then_with(|| natural_order(&left.0.name, &right.0.name))
            .then_with(|| left.0.id.cmp(&right.0.id))
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
    /// Those that are pinned first.
    fn list(&mut self, members: &[Candidate<'_>], query: &ListQuery) {
        for is_pinned in [true, false] {
            for (container, _) in members {
                if query.is_pinned(container) == is_pinned {
                    self.entries.push(Entry::Container(container.id));
                }
            }
        }
    }
}

/// The same entries in the order they stood before, as far as they did; new ones at the end. Each stays under its heading.
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

/// Candidates, which come by id, in the order in which they stood before; new ones at the end.
fn as_before<'a>(former: &[Entry], found: Vec<Candidate<'a>>) -> Vec<Candidate<'a>> {
    let mut by_id = found.into_iter().map(Some).collect::<Vec<_>>();
    let ids = by_id.iter().flatten().map(|(container, _)| container.id).collect::<Vec<_>>();
    let mut ordered = Vec::with_capacity(by_id.len());
    for entry in former {
        if let Entry::Container(id) = entry
            && let Ok(place) = ids.binary_search(id)
        {
            ordered.extend(by_id.get_mut(place).and_then(Option::take));
        }
    }
    ordered.extend(by_id.into_iter().flatten());
    ordered
}

/// A container and its newest sample.
pub(super) type Candidate<'a> = (&'a Container, Option<&'a ContainerStats>);

/// What is not known comes last, whichever way round.
fn by_sort(sort: Sort, scale: Scale, left: Candidate<'_>, right: Candidate<'_>) -> Ordering {
    match sort.key {
        SortKey::Name => turn(sort, natural_order(&left.0.name, &right.0.name)),
        SortKey::Image => turn(sort, natural_order(&image_reference(left.0), &image_reference(right.0))),
        SortKey::State => turn(sort, place(left.0.state).cmp(&place(right.0.state))),
        // By what is shown, so that containers that look alike do not change places.
        SortKey::Cpu => most_first(sort, scale.cpu_tenths(left.0, left.1), scale.cpu_tenths(right.0, right.1)),
        SortKey::Memory => most_first(sort, memory(scale, left.1), memory(scale, right.1)),
        SortKey::Network => most_first(sort, sum(left.1, network), sum(right.1, network)),
        SortKey::Block => most_first(sort, sum(left.1, block), sum(right.1, block)),
        SortKey::Pids => most_first(sort, pids(left.1), pids(right.1)),
        SortKey::Started => most_first(sort, left.0.started_at, right.0.started_at),
        SortKey::Project => match (&left.0.project, &right.0.project) {
            (Some(left), Some(right)) => turn(sort, natural_order(left, right)),
            // Those without one last.
            (left, right) => right.is_some().cmp(&left.is_some()),
        },
    }
}

/// Nothing of it runs, nor is about to.
const fn is_stopped(state: ContainerState) -> bool {
    matches!(state, ContainerState::Created | ContainerState::Exited | ContainerState::Dead)
}

fn place(state: ContainerState) -> Option<usize> {
    ContainerState::ALL.iter().position(|other| *other == state)
}

fn memory(scale: Scale, stats: Option<&ContainerStats>) -> Option<u64> {
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

/// Both together; `None` while neither is known.
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
