//! An event as engines send it.
//!
//! Read field by field, so that an unknown kind of event or a field of another type does not end
//! the stream. Read next: [`crate::watcher`].

use super::{EngineError, JsonRef};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::HashMap;

/// An engine event. Any field may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventMessage {
    /// Kind of the object: `container`, `network` and others.
    pub kind: Option<String>,
    /// Action, such as `start`.
    pub action: Option<String>,
    /// Object of the event.
    pub actor: Option<EventActor>,
    /// Seconds since 1970, on the engine's clock.
    pub time: Option<i64>,
    /// Nanoseconds since 1970, on the engine's clock.
    pub time_nano: Option<i64>,
}

/// The object of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventActor {
    /// Id of the object.
    pub id: Option<String>,
    /// Name and labels of the object, and further attributes of the event.
    pub attributes: Option<HashMap<String, String>>,
}

impl<'de> Deserialize<'de> for EventMessage {
    /// Accepts any JSON; fields that cannot be read are `None`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self::read(&value))
    }
}

impl EventMessage {
    /// Reads an event as far as possible.
    pub(crate) fn read(value: &Value) -> Self {
        let event = JsonRef(value);
        let attribute = |(name, value): (&str, JsonRef<'_>)| Some((name.to_owned(), value.scalar()?));
        let attributes = event.at("/Actor/Attributes").0.is_object();
        let attributes = attributes.then(|| event.fields("/Actor/Attributes").filter_map(attribute).collect());
        // Engines without actors send `id` and `status` instead.
        let id = event.owned("/Actor/ID").or_else(|| event.owned("/id"));
        let actor = id.is_some() || event.at("/Actor").0.is_object();
        Self {
            kind: event.owned("/Type"),
            action: event.owned("/Action").or_else(|| event.owned("/status")),
            actor: actor.then_some(EventActor { id, attributes }),
            time: event.at("/time").as_i64(),
            time_nano: event.at("/timeNano").as_i64(),
        }
    }

    /// Returns the event if it has a kind, an action and an actor.
    ///
    /// # Errors
    /// If one of them is missing, so that it is unknown what happened.
    pub(crate) fn require_complete(self) -> Result<Self, EngineError> {
        let is_complete =
            self.kind.is_some() && self.action.is_some() && self.actor.as_ref().is_some_and(|actor| actor.id.is_some());
        if is_complete {
            Ok(self)
        } else {
            Err(EngineError::InvalidResponse("an event without a type, an action or an actor".to_owned()))
        }
    }

    /// True for events of containers.
    pub fn is_container_event(&self) -> bool {
        self.kind.as_deref() == Some("container")
    }

    /// True for events of networks.
    pub fn is_network_event(&self) -> bool {
        self.kind.as_deref() == Some("network")
    }

    /// True for events of a swarm, which only its managers send.
    pub fn is_swarm_event(&self) -> bool {
        matches!(self.kind.as_deref(), Some("service" | "node"))
    }

    /// Time of the event in nanoseconds since 1970, on the engine's clock.
    pub fn nanos(&self) -> Option<i64> {
        self.time_nano.filter(|nanos| *nanos > 0).or_else(|| self.time.map(|secs| secs.saturating_mul(1_000_000_000)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_of_the_wrong_type_are_skipped_and_numbers_read_as_text() {
        let event = json!({
            "Type": "container", "Action": "die", "scope": 7, "time": "1795426609", "timeNano": null,
            "Actor": {"ID": "ab", "Attributes": {"exitCode": 137, "image": null, "name": "web", "labels": []}},
        });
        let event = EventMessage::read(&event).require_complete().unwrap();
        let attributes = event.actor.as_ref().unwrap().attributes.clone().unwrap();
        assert_eq!((attributes["exitCode"].as_str(), attributes["name"].as_str(), attributes.len()), ("137", "web", 2));
        assert_eq!(event.nanos(), Some(1_795_426_609_000_000_000));
    }

    #[test]
    fn an_event_without_type_action_or_actor_is_an_error() {
        for event in [
            json!(null),
            json!({}),
            json!({"Type": 7, "Action": "die", "Actor": {"ID": "ab"}}),
            json!({"Type": "container", "Action": [], "Actor": {"ID": "ab"}}),
            json!({"Type": "container", "Action": "die", "Actor": "me"}),
        ] {
            assert!(EventMessage::read(&event).require_complete().is_err(), "{event}");
        }
        let old = json!({"Type": "container", "status": "die", "id": "ab"});
        assert!(EventMessage::read(&old).require_complete().is_ok());
    }
}
