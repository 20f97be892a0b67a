//! Interprets engine events: the container they concern and the change they prove.
//!
//! In: [`EventMessage`]. Out: [`ContainerEvent`], applied in [`super::roster`]. Pure.

use crate::engine::EventMessage;
use app::model::{ContainerId, Health, Timestamp};
use std::collections::VecDeque;

/// An event that concerns one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContainerEvent {
    /// Id of the container.
    pub id: ContainerId,
    /// The change that the event reports.
    pub kind: EventKind,
    /// Nanoseconds since 1970, on the engine's clock.
    pub time_nanos: i64,
}

/// Change that an event reports. All but the last can be shown before inspect responds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EventKind {
    /// The main process runs.
    Started,
    /// The container was paused.
    Paused,
    /// The container was unpaused.
    Unpaused,
    /// The main process exited.
    Died { exit_code: Option<i64> },
    /// The container was renamed.
    Renamed(String),
    /// The health changed.
    Health(Health),
    /// The container was removed.
    Removed,
    /// The container was connected to or disconnected from a network.
    Network,
    /// Any other change; inspect is needed.
    Other,
}

impl ContainerEvent {
    /// Reads an event; `None` if it does not affect the list.
    pub(super) fn read(message: &EventMessage) -> Option<Self> {
        let actor = message.actor.as_ref()?;
        let attribute = |name: &str| actor.attributes.as_ref()?.get(name).map(String::as_str);
        let action = message.action.as_deref()?;
        let of_network = message.is_network_event();
        let id = if of_network { attribute("container")? } else { actor.id.as_deref()? };
        let kind = if of_network {
            matches!(action, "connect" | "disconnect").then_some(EventKind::Network)?
        } else {
            // Socket proxies and other engines may ignore the filter.
            message.is_container_event().then(|| kind(action, attribute)).flatten()?
        };
        let time_nanos = message.nanos().unwrap_or_default();
        Some(Self { id: id.parse().ok()?, kind, time_nanos })
    }

    /// Time of the event on the engine's clock.
    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_millis(u64::try_from(self.time_nanos / 1_000_000).unwrap_or_default())
    }
}

fn kind<'a>(action: &str, attribute: impl Fn(&str) -> Option<&'a str>) -> Option<EventKind> {
    Some(match action {
        "start" => EventKind::Started,
        "pause" => EventKind::Paused,
        "unpause" => EventKind::Unpaused,
        "die" => EventKind::Died { exit_code: attribute("exitCode").and_then(|code| code.parse().ok()) },
        "rename" => attribute("name")
            .map_or(EventKind::Other, |name| EventKind::Renamed(name.trim_start_matches('/').to_owned())),
        // Podman sends `remove`.
        "destroy" | "remove" => EventKind::Removed,
        "create" | "update" | "oom" | "init" | "restart" | "stop" => EventKind::Other,
        _ => match action.strip_prefix("health_status")?.trim_start_matches([':', ' ']) {
            "healthy" => EventKind::Health(Health::Healthy),
            "unhealthy" => EventKind::Health(Health::Unhealthy),
            _ => EventKind::Other,
        },
    })
}

/// Latest events, to drop duplicates: `since` is inclusive, so an event can be both replayed and
/// live.
#[derive(Debug, Default)]
pub(super) struct RecentEvents(VecDeque<ContainerEvent>);

/// Number of events kept: the engine replays at most 256.
const RECENT_EVENTS_CAPACITY: usize = 512;

impl RecentEvents {
    /// Records an event. Returns false for a duplicate.
    pub(super) fn is_new(&mut self, event: &ContainerEvent) -> bool {
        if self.0.contains(event) {
            return false;
        }
        if self.0.len() == RECENT_EVENTS_CAPACITY {
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

    fn read(typ: &str, action: &str, attributes: &serde_json::Value) -> Option<EventKind> {
        let id = "ab".repeat(32);
        let event =
            json!({"Type": typ, "Action": action, "Actor": {"ID": id, "Attributes": attributes}, "timeNano": 5});
        ContainerEvent::read(&serde_json::from_value(event).unwrap()).map(|event| event.kind)
    }

    #[test]
    fn conclusive_events_are_read_and_others_ignored() {
        assert_eq!(read("container", "start", &json!({})), Some(EventKind::Started));
        assert_eq!(
            read("container", "die", &json!({"exitCode": "137"})),
            Some(EventKind::Died { exit_code: Some(137) })
        );
        assert_eq!(
            read("container", "rename", &json!({"name": "/b", "oldName": "/a"})),
            Some(EventKind::Renamed("b".into()))
        );
        assert_eq!(read("container", "health_status: healthy", &json!({})), Some(EventKind::Health(Health::Healthy)));
        assert_eq!(read("container", "remove", &json!({})), Some(EventKind::Removed));
        for chatter in ["exec_create: sh", "exec_start: sh", "exec_die", "attach", "top", "resize", "kill"] {
            assert_eq!(read("container", chatter, &json!({})), None, "{chatter}");
        }
        assert_eq!(read("network", "connect", &json!({"container": "cd".repeat(32)})), Some(EventKind::Network));
    }

    #[test]
    fn an_event_is_handled_once() {
        let mut recent = RecentEvents::default();
        let event = ContainerEvent { id: "ab".repeat(32).parse().unwrap(), kind: EventKind::Started, time_nanos: 1 };
        assert!(recent.is_new(&event));
        assert!(!recent.is_new(&event));
    }
}
