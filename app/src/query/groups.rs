//! What stands together under a heading, and what the heading says of it.

use super::{Grouping, ListQuery, Scale, arrange::Candidate, natural::natural_order};
use crate::model::{Container, ContainerState};
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
    /// Their CPU together, in tenths of a percent of one core, or of the host where that is chosen; `None` while none is known.
    pub cpu_tenths: Option<u64>,
    /// Their memory together, as it is counted, in bytes.
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
    pub(super) fn of(query: &ListQuery, scale: Scale, members: &[Candidate<'_>]) -> Self {
        let stats = || members.iter().filter_map(|(_, stats)| *stats);
        Self {
            name: members.first().and_then(|(first, _)| name(query, first)).map(str::to_owned),
            running: members.iter().filter(|(container, _)| container.state == ContainerState::Running).count(),
            total: members.len(),
            cpu_tenths: stats()
                .filter_map(|stats| stats.cpu_percent)
                .reduce(|one, other| one + other)
                .map(|used| scale.cpu_together(used)),
            memory: stats().filter_map(|stats| scale.memory(stats)).reduce(|one, other| one + other),
        }
    }
}
