//! An event, as engines write it.
//!
//! Read field by field: an event of a kind that a later engine sends, or one field of another type, must not end the stream.

use super::{Answer, EngineError};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::HashMap;

/// What happened to something. All may be missing: what is needed, its reader says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventMessage {
    /// Of what kind it is: `container`, `network` and others.
    pub kind: Option<String>,
    /// What happened.
    pub action: Option<String>,
    /// To what.
    pub actor: Option<EventActor>,
    /// Seconds since 1970, on the engine's clock.
    pub time: Option<i64>,
    /// The same in nanoseconds.
    pub time_nano: Option<i64>,
}

/// What it happened to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventActor {
    /// Its id.
    pub id: Option<String>,
    /// Its name, its labels and what the event says beside.
    pub attributes: Option<HashMap<String, String>>,
}

impl<'de> Deserialize<'de> for EventMessage {
    /// Any JSON is an event, of which nothing may be known.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self::read(&value))
    }
}

impl EventMessage {
    /// From a line of the engine's, as far as it can be read.
    pub(crate) fn read(value: &Value) -> Self {
        let event = Answer(value);
        let attribute = |(name, value): (&str, Answer<'_>)| Some((name.to_owned(), value.scalar()?));
        let attributes = event.at("/Actor/Attributes").0.is_object();
        let attributes = attributes.then(|| event.fields("/Actor/Attributes").filter_map(attribute).collect());
        // `id` and `status` are what engines said before they had actors, and some still do.
        let id = event.owned("/Actor/ID").or_else(|| event.owned("/id"));
        let actor = id.is_some() || event.at("/Actor").0.is_object();
        Self {
            kind: event.owned("/Type"),
            action: event.owned("/Action").or_else(|| event.owned("/status")),
            actor: actor.then_some(EventActor { id, attributes }),
            time: event.at("/time").whole(),
            time_nano: event.at("/timeNano").whole(),
        }
    }

    /// The event, if it says what happened to what.
    ///
    /// # Errors
    /// When its kind, its action or its actor cannot be read: something happened that it does not tell.
    pub(crate) fn whole(self) -> Result<Self, EngineError> {
        let is_whole =
            self.kind.is_some() && self.action.is_some() && self.actor.as_ref().is_some_and(|actor| actor.id.is_some());
        if is_whole {
            Ok(self)
        } else {
            Err(EngineError::Nonsense("an event without a type, an action or an actor".to_owned()))
        }
    }

    /// Whether it is about a container.
    pub fn is_of_container(&self) -> bool {
        self.kind.as_deref() == Some("container")
    }

    /// Whether it is about a network.
    pub fn is_of_network(&self) -> bool {
        self.kind.as_deref() == Some("network")
    }

    /// When it happened, in nanoseconds since 1970 on the engine's clock.
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
    fn fields_of_another_kind_cost_themselves_and_numbers_are_read_as_text() {
        let event = json!({
            "Type": "container", "Action": "die", "scope": 7, "time": "1795426609", "timeNano": null,
            "Actor": {"ID": "ab", "Attributes": {"exitCode": 137, "image": null, "name": "web", "labels": []}},
        });
        let event = EventMessage::read(&event).whole().unwrap();
        let attributes = event.actor.as_ref().unwrap().attributes.clone().unwrap();
        assert_eq!((attributes["exitCode"].as_str(), attributes["name"].as_str(), attributes.len()), ("137", "web", 2));
        assert_eq!(event.nanos(), Some(1_795_426_609_000_000_000));
    }

    #[test]
    fn an_event_that_does_not_say_what_happened_to_what_is_no_event() {
        for event in [
            json!(null),
            json!({}),
            json!({"Type": 7, "Action": "die", "Actor": {"ID": "ab"}}),
            json!({"Type": "container", "Action": [], "Actor": {"ID": "ab"}}),
            json!({"Type": "container", "Action": "die", "Actor": "me"}),
        ] {
            assert!(EventMessage::read(&event).whole().is_err(), "{event}");
        }
        let old = json!({"Type": "container", "status": "die", "id": "ab"});
        assert!(EventMessage::read(&old).whole().is_ok());
    }
}
