//! What an event of the engine says for certain, and whom it makes dirty.

use crate::engine::EventMessage;
use app::model::{ContainerId, Health, Timestamp};
use std::collections::VecDeque;

/// An event that concerns one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContainerEvent {
    /// Which.
    pub id: ContainerId,
    /// What is certain already.
    pub news: News,
    /// The engine's clock, nanoseconds since 1970.
    pub time_nanos: i64,
}

/// What can be painted before inspect has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// Its process runs.
    Started,
    /// Frozen.
    Paused,
    /// Thawed.
    Unpaused,
    /// Its process ended.
    Died { exit_code: Option<i64> },
    /// It has another name.
    Renamed(String),
    /// Its health check has another verdict.
    Health(Health),
    /// It is gone.
    Removed,
    /// A network of it was connected or disconnected.
    Network,
    /// Something else changed: only inspect knows.
    Other,
}

impl ContainerEvent {
    /// `None` for events that change nothing a list shows.
    pub(super) fn read(message: &EventMessage) -> Option<Self> {
        let actor = message.actor.as_ref()?;
        let attribute = |name: &str| actor.attributes.as_ref()?.get(name).map(String::as_str);
        let action = message.action.as_deref()?;
        let of_network = message.is_network_event();
        let id = if of_network { attribute("container")? } else { actor.id.as_deref()? };
        let news = if of_network {
            matches!(action, "connect" | "disconnect").then_some(News::Network)?
        } else {
            // Socket proxies and other engines may send more than what was asked for.
            message.is_container_event().then(|| news(action, attribute)).flatten()?
        };
        let time_nanos = message.nanos().unwrap_or_default();
        Some(Self { id: id.parse().ok()?, news, time_nanos })
    }

    /// When it happened, on the engine's clock.
    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_millis(u64::try_from(self.time_nanos / 1_000_000).unwrap_or_default())
    }
}

fn news<'a>(action: &str, attribute: impl Fn(&str) -> Option<&'a str>) -> Option<News> {
    Some(match action {
        "start" => News::Started,
        "pause" => News::Paused,
        "unpause" => News::Unpaused,
        "die" => News::Died { exit_code: attribute("exitCode").and_then(|code| code.parse().ok()) },
        "rename" => {
            attribute("name").map_or(News::Other, |name| News::Renamed(name.trim_start_matches('/').to_owned()))
        }
        // Podman says `remove`.
        "destroy" | "remove" => News::Removed,
        "create" | "update" | "oom" | "init" | "restart" | "stop" => News::Other,
        _ => match action.strip_prefix("health_status")?.trim_start_matches([':', ' ']) {
            "healthy" => News::Health(Health::Healthy),
            "unhealthy" => News::Health(Health::Unhealthy),
            _ => News::Other,
        },
    })
}

/// Remembers the newest events, because `since` is inclusive and an event can come in the replay and live.
#[derive(Debug, Default)]
pub(super) struct Seen(VecDeque<ContainerEvent>);

/// The engine replays 256 events at most.
const SEEN_KEPT: usize = 512;

impl Seen {
    /// False when it was seen before.
    pub(super) fn is_new(&mut self, event: &ContainerEvent) -> bool {
        if self.0.contains(event) {
            return false;
        }
        if self.0.len() == SEEN_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(event.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use serde_json::json;

    fn read(typ: &str, action: &str, attributes: &serde_json::Value) -> Option<News> {
        let id = "ab".repeat(32);
        let event =
            json!({"Type": typ, "Action": action, "Actor": {"ID": id, "Attributes": attributes}, "timeNano": 5});
        ContainerEvent::read(&serde_json::from_value(event).unwrap()).map(|event| event.news)
    }

    #[test]
    fn what_is_certain_is_read_and_chatter_is_not() {
        assert_eq!(read("container", "start", &json!({})), Some(News::Started));
        assert_eq!(read("container", "die", &json!({"exitCode": "137"})), Some(News::Died { exit_code: Some(137) }));
        assert_eq!(
            read("container", "rename", &json!({"name": "/b", "oldName": "/a"})),
            Some(News::Renamed("b".into()))
        );
        assert_eq!(read("container", "health_status: healthy", &json!({})), Some(News::Health(Health::Healthy)));
        assert_eq!(read("container", "remove", &json!({})), Some(News::Removed));
        for chatter in ["exec_create: sh", "exec_start: sh", "exec_die", "attach", "top", "resize", "kill"] {
            assert_eq!(read("container", chatter, &json!({})), None, "{chatter}");
        }
        assert_eq!(read("network", "connect", &json!({"container": "cd".repeat(32)})), Some(News::Network));
    }

    #[test]
    fn an_event_counts_once() {
        let mut seen = Seen::default();
        let event = ContainerEvent { id: "ab".repeat(32).parse().unwrap(), news: News::Started, time_nanos: 1 };
        assert!(seen.is_new(&event));
        assert!(!seen.is_new(&event));
    }
}
