//! Which container has taken the place of one that is gone. Pure.
//!
//! Recreating makes a new container of the same name, or Compose's next one of the same service. Compose renames the old one while it makes
//! the new one, to its short id, `_` and the name, so the old one's last name need not be the one it had.

use crate::model::{Container, Timestamp};

/// What is known of the one that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its last name.
    pub name: String,
    /// Compose project and service.
    pub service: Option<(String, String)>,
    /// Which of the service's containers it was.
    pub number: Option<String>,
    /// A successor was made after it.
    pub created_at: Option<Timestamp>,
}

const NUMBER: &str = "com.docker.compose.container-number";
/// Letters of an id that Compose puts before a name.
const SHORT_ID: usize = 12;

impl Gone {
    /// Of a container as it was last seen.
    pub fn of(container: &Container) -> Self {
        Self {
            name: container.name.clone(),
            service: container.project.clone().zip(container.service.clone()),
            number: container.labels.get(NUMBER).cloned(),
            created_at: container.created_at,
        }
    }

    /// Of one of which only the name is known.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), service: None, number: None, created_at: None }
    }

    /// The best among those that are there: of the same name before another of the same service, newer ones first.
    pub fn successor<'a>(&self, there: impl Iterator<Item = &'a Container>) -> Option<&'a Container> {
        let rank = |container: &&Container| {
            let is_later = self.created_at.is_none_or(|at| container.created_at.is_none_or(|made| made > at));
            let named = container.name == self.name || container.name == self.former_name();
            let serves = self.service.is_some()
                && self.service == container.project.clone().zip(container.service.clone())
                && self.number == container.labels.get(NUMBER).cloned();
            let rank = if !is_later {
                0
            } else if named {
                2
            } else {
                u8::from(serves)
            };
            (rank, container.created_at)
        };
        there.filter(|container| rank(container).0 > 0).max_by_key(rank)
    }

    /// The name it had before Compose renamed it.
    fn former_name(&self) -> &str {
        match self.name.split_once('_') {
            Some((id, name)) if id.len() == SHORT_ID && id.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
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
            made.labels.insert(NUMBER.to_owned(), number.to_owned());
        }
        made
    }

    fn successor(gone: &Container, there: &[Container]) -> Option<String> {
        Gone::of(gone).successor(there.iter()).map(|found| found.name.clone())
    }

    #[test]
    fn the_same_name_made_later_is_the_successor() {
        let gone = made(1, "web", 10, None);
        let there = [made(2, "db", 20, None), made(3, "web", 20, None)];
        assert_eq!(successor(&gone, &there).as_deref(), Some("web"));
        assert_eq!(successor(&made(1, "web", 30, None), &there), None, "made before it");
        assert_eq!(Gone::named("web").successor(there.iter()).map(|found| found.id), Some(there[1].id));
    }

    #[test]
    fn compose_recreates_under_another_name() {
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
