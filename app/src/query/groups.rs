//! What stands together under a heading, and what the heading says of it.

use super::{Grouping, ListQuery, arrange::Candidate, natural::natural_order};
use crate::{
    format::to_tenths,
    model::{Container, ContainerState},
};
use std::cmp::Ordering;

/// The containers listed under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they share; `None`: nothing.
    pub name: Option<String>,
    /// How many of them run.
    pub running: usize,
    /// How many there are.
    pub total: usize,
    /// Their CPU together, in tenths of a percent of one core; `None` while none is known.
    pub cpu_tenths: Option<u64>,
    /// Their working sets together, in bytes.
    pub memory: Option<u64>,
}

/// What a container's heading says; `None` for those that have nothing of the kind.
pub(super) fn name<'a>(query: &ListQuery, container: &'a Container) -> Option<&'a str> {
    match query.group {
        Grouping::None => None,
        Grouping::Project => container.project.as_deref(),
        Grouping::State => Some(container.state.label()),
        Grouping::Image => Some(&container.image),
        Grouping::Host => Some(container.engine.as_str()),
        Grouping::Label => container.labels.get(&query.label).map(String::as_str),
    }
}

/// States as the filter lists them, all else by name; what shares nothing comes last.
pub(super) fn order(query: &ListQuery, left: &Container, right: &Container) -> Ordering {
    if query.group == Grouping::State {
        let place = |state| ContainerState::ALL.iter().position(|other| *other == state);
        return place(left.state).cmp(&place(right.state));
    }
    match (name(query, left), name(query, right)) {
        (None, None) => Ordering::Equal,
        (Some(left), Some(right)) => natural_order(left, right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    }
}

impl Group {
    pub(super) fn of(query: &ListQuery, members: &[Candidate<'_>]) -> Self {
        let stats = || members.iter().filter_map(|(_, stats)| *stats);
        let sum = |figures: &mut dyn Iterator<Item = u64>| {
            figures.fold(None, |sum: Option<u64>, figure| Some(sum.unwrap_or(0) + figure))
        };
        Self {
            name: members.first().and_then(|(first, _)| name(query, first)).map(str::to_owned),
            running: members.iter().filter(|(container, _)| container.state == ContainerState::Running).count(),
            total: members.len(),
            cpu_tenths: sum(&mut stats().filter_map(|stats| stats.cpu_percent).map(to_tenths)),
            memory: sum(&mut stats().filter_map(|stats| stats.memory_usage)),
        }
    }
}
