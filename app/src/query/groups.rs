//! Groups of the list, and the numbers in their headings.

use super::{Grouping, ListQuery, Scale, arrange::Candidate, natural::natural_order};
use crate::{
    format::{CrashLoop, crash_loop, has_failed, image_name},
    model::{Container, ContainerState, EngineName, Health, Labels, is_image_id},
    protocol::Picture,
};
use std::cmp::Ordering;

/// Containers under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The shared value; `None` for containers that have none.
    pub name: Option<String>,
    /// Number of running containers.
    pub running: usize,
    /// Number of containers.
    pub total: usize,
    /// Number of containers with a failing health check.
    pub unhealthy: usize,
    /// Possible crash loops, by engine. Whether they are still loops depends on its time.
    pub loops: Vec<(EngineName, CrashLoop)>,
    /// Number of stopped containers that failed.
    pub failed: usize,
    /// Number of paused containers.
    pub paused: usize,
    /// Total CPU usage in tenths of a percent of one core, or of the host if chosen; `None` if
    /// unknown.
    pub cpu_tenths: Option<u64>,
    /// Total memory usage in bytes; `None` if unknown.
    pub memory: Option<u64>,
}

/// Names of images by id, each with its rank as first letter: one image has one heading, whatever
/// name its containers use. Empty for other groupings.
#[derive(Debug, Default)]
pub(super) struct ImageNames(Labels);

impl ImageNames {
    /// Selects the names. Prefers a name that still refers to the image, then an outdated name,
    /// then the id; among equals, the first in the order of names.
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

/// Name of a container's group; `None` if it has no value.
pub(super) fn name<'a>(query: &ListQuery, images: &'a ImageNames, container: &'a Container) -> Option<&'a str> {
    match query.group {
        Grouping::None => None,
        Grouping::Project => container.project.as_deref(),
        Grouping::State => Some(container.state.label()),
        // Without an image id, the name is used.
        Grouping::Image if container.image_id.is_empty() => Some(&container.image),
        Grouping::Image => images.get(&container.image_id),
        Grouping::Engine => Some(container.engine.as_str()),
        Grouping::Label => container.labels.get(&query.label).map(String::as_str),
    }
}

/// Orders groups: states as in the filter, others by name; containers without a value come last.
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
    pub(super) fn of(query: &ListQuery, images: &ImageNames, scale: Scale<'_>, members: &[Candidate<'_>]) -> Self {
        let count = |is_one: fn(&Container) -> bool| members.iter().filter(|(container, _)| is_one(container)).count();
        // The last samples of a lost engine say nothing about the present.
        let counted = || members.iter().filter(|(container, _)| scale.is_up_to_date(container.engine));
        let stats = || counted().filter_map(|(_, stats)| *stats);
        let engines = || counted().map(|(container, _)| container.engine);
        Self {
            name: members.first().and_then(|(first, _)| name(query, images, first)).map(str::to_owned),
            running: count(|container| container.state == ContainerState::Running),
            total: members.len(),
            unhealthy: count(|container| {
                container.state.has_processes() && container.health == Some(Health::Unhealthy)
            }),
            loops: members
                .iter()
                .filter_map(|(container, _)| Some((container.engine, crash_loop(container)?)))
                .collect(),
            failed: count(has_failed),
            paused: count(|container| container.state == ContainerState::Paused),
            cpu_tenths: stats()
                .filter_map(|stats| stats.cpu_percent)
                .reduce(|one, other| one + other)
                .map(|used| scale.cpu_together(used, engines())),
            memory: stats().filter_map(|stats| scale.memory(stats)).reduce(|one, other| one + other),
        }
    }
}
