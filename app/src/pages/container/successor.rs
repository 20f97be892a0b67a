//! Finds the container that replaces a removed one. Pure.
//!
//! Recreating makes a new container with the same name, or with Compose the next container of the
//! same service. Meanwhile Compose renames the old one to its short id, `_` and the name, so the
//! last known name is not always the original one.

use crate::model::{Container, EngineName, Timestamp};

/// Last known properties of a removed container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedContainer {
    /// Name of the container's engine; a successor is on the same engine.
    pub engine: EngineName,
    /// Last known name.
    pub name: String,
    /// Compose project and service.
    pub service: Option<(String, String)>,
    /// Compose container number within the service.
    pub number: Option<String>,
    /// Creation time; a successor must be newer.
    pub created_at: Option<Timestamp>,
}

const NUMBER_LABEL: &str = "com.docker.compose.container-number";
/// Number of hexadecimal digits that Compose puts in front of the name.
const SHORT_ID_LENGTH: usize = 12;

impl RemovedContainer {
    /// Captures the properties of a container.
    pub fn of(container: &Container) -> Self {
        Self {
            engine: container.engine,
            name: container.name.clone(),
            service: container.project.clone().zip(container.service.clone()),
            number: container.labels.get(NUMBER_LABEL).cloned(),
            created_at: container.created_at,
        }
    }

    /// A removed container of which only the name is known.
    pub fn named(engine: EngineName, name: &str) -> Self {
        Self { engine, name: name.to_owned(), service: None, number: None, created_at: None }
    }

    /// The best match among the existing containers: same name before same service, then the
    /// newest.
    pub fn successor<'a>(&self, existing: impl Iterator<Item = &'a Container>) -> Option<&'a Container> {
        let rank = |container: &&Container| {
            let is_later = self.created_at.is_none_or(|at| container.created_at.is_none_or(|made| made > at));
            let named = container.name == self.name || container.name == self.original_name();
            let serves = self.service.is_some()
                && self.service == container.project.clone().zip(container.service.clone())
                && self.number == container.labels.get(NUMBER_LABEL).cloned();
            let rank = if !is_later || container.engine != self.engine {
                0
            } else if named {
                2
            } else {
                u8::from(serves)
            };
            (rank, container.created_at)
        };
        existing.filter(|container| rank(container).0 > 0).max_by_key(rank)
    }

    /// The name without the prefix that Compose added.
    fn original_name(&self) -> &str {
        match self.name.split_once('_') {
            Some((id, name)) if id.len() == SHORT_ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
            _ => &self.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::ContainerState::Running,
        samples::{MADE_AT, container},
    };

    fn made(number: u16, name: &str, second: u64, service: Option<(&str, &str, &str)>) -> Container {
        let mut made = Container {
            created_at: Some(Timestamp::from_millis(MADE_AT.as_millis() + second * 1_000)),
            project: service.map(|(project, _, _)| project.to_owned()),
            service: service.map(|(_, service, _)| service.to_owned()),
            ..container(number, name, Running)
        };
        if let Some((_, _, number)) = service {
            made.labels.insert(NUMBER_LABEL.to_owned(), number.to_owned());
        }
        made
    }

    fn successor(gone: &Container, there: &[Container]) -> Option<String> {
        RemovedContainer::of(gone).successor(there.iter()).map(|found| found.name.clone())
    }

    #[test]
    fn a_newer_container_with_the_same_name_is_the_successor() {
        let gone = made(1, "web", 10, None);
        let there = [made(2, "db", 20, None), made(3, "web", 20, None)];
        assert_eq!(successor(&gone, &there).as_deref(), Some("web"));
        assert_eq!(successor(&made(1, "web", 30, None), &there), None, "created earlier");
        let elsewhere = EngineName::new("web-3").unwrap_or_default();
        assert_eq!(successor(&Container { engine: elsewhere, ..gone }, &there), None, "on another engine");
        assert_eq!(
            RemovedContainer::named(EngineName::LOCAL, "web").successor(there.iter()).map(|found| found.id),
            Some(there[1].id)
        );
    }

    #[test]
    fn a_container_renamed_by_compose_has_a_successor() {
        let gone = made(1, "0123456789ab_shop-web-1", 10, Some(("shop", "web", "1")));
        let there = [
            made(2, "shop-web-2", 20, Some(("shop", "web", "2"))),
            made(3, "shop-web-1", 20, Some(("shop", "web", "1"))),
        ];
        assert_eq!(successor(&gone, &there).as_deref(), Some("shop-web-1"));
        let renamed = [made(4, "shop_web_1", 30, Some(("shop", "web", "1")))];
        assert_eq!(successor(&gone, &renamed).as_deref(), Some("shop_web_1"));
        let others = [made(5, "shop-db-1", 30, Some(("shop", "db", "1"))), made(6, "web-1", 30, None)];
        assert_eq!(successor(&gone, &others), None);
    }
}
