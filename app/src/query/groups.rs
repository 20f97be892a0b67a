//! What stands together under a heading, and what the heading says of it.

use super::{Grouping, ListQuery, Scale, arrange::Candidate, natural::natural_order};
use crate::{
    format::{CrashLoop, crash_loop, has_failed, image_name},
    model::{Container, ContainerState, Health, Labels, is_image_id},
    protocol::Picture,
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
    /// How many of them fail their health check.
    pub unhealthy: usize,
    /// Those that may be in a crash loop, which the clock decides.
    pub loops: Vec<CrashLoop>,
    /// How many are stopped and failed.
    pub failed: usize,
    /// How many are paused.
    pub paused: usize,
    /// Their CPU together, in tenths of a percent of one core, or of the host where that is chosen; `None` while none is known.
    pub cpu_tenths: Option<u64>,
    /// Their memory together, as it is counted, in bytes.
    pub memory: Option<u64>,
}

/// Names of images by their ids, each behind its rank: one image has one heading, whatever its containers call it. Empty where images are
/// not the groups.
#[derive(Debug, Default)]
pub(super) struct ImageNames(Labels);

impl ImageNames {
    /// A name that means the image now goes before one that no longer does, and any name before an id; then by name.
    pub(super) fn of(query: &ListQuery, picture: &Picture) -> Self {
        let mut names = Labels::new();
        let containers = picture.containers.values().filter(|_| query.group == Grouping::Image);
        for container in containers {
            let Container { image, image_id, image_outdated, .. } = &**container;
            let mut name = if is_image_id(image, image_id) {
                "c"
            } else if *image_outdated {
                "b"
            } else {
                "a"
            }
            .to_owned();
            name.push_str(&image_name(container));
            if names.get(image_id).is_none_or(|former| natural_order(&name, former).is_lt()) {
                names.insert(image_id.clone(), name);
            }
        }
        Self(names)
    }

    fn get(&self, image_id: &str) -> Option<&str> {
        self.0.get(image_id)?.get(1..)
    }
}

/// What a container's heading says; `None` for those that have nothing of the kind.
pub(super) fn name<'a>(query: &ListQuery, images: &'a ImageNames, container: &'a Container) -> Option<&'a str> {
    match query.group {
        Grouping::None => None,
        Grouping::Project => container.project.as_deref(),
        Grouping::State => Some(container.state.label()),
        // An engine that knows no ids is believed by name.
        Grouping::Image if container.image_id.is_empty() => Some(&container.image),
        Grouping::Image => images.get(&container.image_id),
        Grouping::Host => Some(container.engine.as_str()),
        Grouping::Label => container.labels.get(&query.label).map(String::as_str),
    }
}

/// States as the filter lists them, all else by name; what shares nothing comes last.
pub(super) fn order(query: &ListQuery, images: &ImageNames, left: &Container, right: &Container) -> Ordering {
    if query.group == Grouping::State {
        let place = |state| ContainerState::ALL.iter().position(|other| *other == state);
        return place(left.state).cmp(&place(right.state));
    }
    match (name(query, images, left), name(query, images, right)) {
        (None, None) => Ordering::Equal,
        (Some(left), Some(right)) => natural_order(left, right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    }
}

impl Group {
    pub(super) fn of(query: &ListQuery, images: &ImageNames, scale: Scale, members: &[Candidate<'_>]) -> Self {
        let count = |is_one: fn(&Container) -> bool| members.iter().filter(|(container, _)| is_one(container)).count();
        let stats = || members.iter().filter_map(|(_, stats)| *stats);
        Self {
            name: members.first().and_then(|(first, _)| name(query, images, first)).map(str::to_owned),
            running: count(|container| container.state == ContainerState::Running),
            total: members.len(),
            unhealthy: count(|container| {
                container.state.has_processes() && container.health == Some(Health::Unhealthy)
            }),
            loops: members.iter().filter_map(|(container, _)| crash_loop(container)).collect(),
            failed: count(has_failed),
            paused: count(|container| container.state == ContainerState::Paused),
            cpu_tenths: stats()
                .filter_map(|stats| stats.cpu_percent)
                .reduce(|one, other| one + other)
                .map(|used| scale.cpu_together(used)),
            memory: stats().filter_map(|stats| scale.memory(stats)).reduce(|one, other| one + other),
        }
    }
}
