//! Events in the engine's wire format.

use std::collections::BTreeMap;

use serde::Serialize;

use super::container::Container;
use crate::clock::Moment;

/// One event of `GET /events`. `status`, `id` and `from` are deprecated fields, which engines up to
/// API 1.51 still send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Deprecated field for the action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Deprecated field for the actor's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Deprecated field for the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// `container`, `network`, `image`, `service` or `node`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// The action: `start`, `die`, `health_status: healthy` …
    #[serde(rename = "Action")]
    pub action: String,
    /// The object of the event.
    #[serde(rename = "Actor")]
    pub actor: Actor,
    /// `local`, or `swarm`.
    pub scope: &'static str,
    /// Seconds since the Unix epoch.
    pub time: i64,
    /// Nanoseconds since the Unix epoch.
    #[serde(rename = "timeNano")]
    pub time_nano: i64,
}

/// The object of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// The full id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Labels, `image`, `name`, and attributes of the action.
    #[serde(rename = "Attributes")]
    pub attributes: BTreeMap<String, String>,
}

impl Event {
    /// An event about `container`, with `extra` attributes.
    #[must_use]
    pub fn for_container(container: &Container, action: &str, extra: &[(&str, &str)], now: Moment) -> Self {
        let mut attributes = container.spec.labels.clone();
        attributes.insert("image".to_owned(), container.spec.image.clone());
        attributes.insert("name".to_owned(), container.name.clone());
        attributes.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let id = container.id.as_str().to_owned();
        Self {
            status: Some(action.to_owned()),
            id: Some(id.clone()),
            from: Some(container.spec.image.clone()),
            ..Self::of("container", action, id, attributes, now)
        }
    }

    /// An event about a container that is connected to a network, or disconnected from it.
    #[must_use]
    pub fn for_network(container: &Container, network: &str, network_id: &str, action: &str, now: Moment) -> Self {
        let driver = match network {
            "none" => "null",
            "host" => "host",
            _ => "bridge",
        };
        let attributes = [("container", container.id.as_str()), ("name", network), ("type", driver)];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        Self::of("network", action, network_id.to_owned(), attributes, now)
    }

    /// An event about an image that was added or tagged.
    #[must_use]
    pub fn for_image(image_id: &str, name: &str, action: &str, now: Moment) -> Self {
        let attributes = BTreeMap::from([("name".to_owned(), name.to_owned())]);
        Self {
            status: Some(action.to_owned()),
            id: Some(image_id.to_owned()),
            ..Self::of("image", action, image_id.to_owned(), attributes, now)
        }
    }

    /// A service or a node of a swarm has changed.
    #[must_use]
    pub fn for_swarm(kind: &'static str, action: &str, id: &str, name: &str, now: Moment) -> Self {
        let attributes = BTreeMap::from([("name".to_owned(), name.to_owned())]);
        Self { scope: "swarm", ..Self::of(kind, action, id.to_owned(), attributes, now) }
    }

    fn of(kind: &'static str, action: &str, id: String, attributes: BTreeMap<String, String>, now: Moment) -> Self {
        Self {
            status: None,
            id: None,
            from: None,
            kind,
            action: action.to_owned(),
            actor: Actor { id, attributes },
            scope: "local",
            time: now.as_secs(),
            time_nano: now.as_nanos(),
        }
    }
}
