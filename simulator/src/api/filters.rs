//! The `filters` parameter: `{"name": ["web"], "status": ["running"]}`, also in the old format
//! `{"name": {"web": true}}`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::params::Params;
use super::refusal::Refusal;
use crate::engine::Event;
use crate::engine::container::Container;

/// Values by key; a key matches if one of its values does, and all keys must match.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters(BTreeMap<String, Vec<String>>);

/// Supported keys of the list.
const LIST_KEYS: [&str; 10] =
    ["id", "name", "status", "label", "health", "exited", "ancestor", "network", "volume", "is-task"];
/// Values of `status`.
const STATES: [&str; 7] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
/// Values of `event` that match by prefix, as in dockerd.
const PREFIXING: [&str; 3] = ["health_status", "exec_create", "exec_start"];

impl Filters {
    /// Parses the parameter.
    ///
    /// # Errors
    /// 500 for text that is not JSON, as in dockerd; 400 for other JSON.
    pub(crate) fn read(params: &Params) -> Result<Self, Refusal> {
        let Some(text) = params.text("filters") else { return Ok(Self::default()) };
        let value: Value = serde_json::from_str(text).map_err(|error| Refusal::internal(error.to_string()))?;
        let Value::Object(keys) = value else { return Err(Refusal::invalid("invalid filter")) };
        Ok(Self(keys.into_iter().map(|(key, values)| (key, values_of(values))).collect()))
    }

    /// Rejects unknown keys and values of the list.
    ///
    /// # Errors
    /// 400 with dockerd's message.
    pub(crate) fn check_for_list(&self) -> Result<(), Refusal> {
        if let Some(key) = self.0.keys().find(|key| !LIST_KEYS.contains(&key.as_str())) {
            return Err(Refusal::invalid(format!("Invalid filter '{key}'")));
        }
        let unknown = self.values("status").iter().find(|state| !STATES.contains(&state.as_str()));
        unknown.map_or(Ok(()), |state| Err(Refusal::invalid(format!("Invalid filter 'status={state}'"))))
    }

    /// True if the list is filtered by state, which includes stopped containers without `all`.
    pub(crate) fn mention_state(&self) -> bool {
        self.0.contains_key("status") || self.0.contains_key("exited")
    }

    /// True if a container of the list matches.
    pub(crate) fn match_container(&self, container: &Container, listed_state: &str) -> bool {
        let spec = &container.spec;
        let health = container.health.as_ref().map_or("none", |health| health.status.as_str());
        self.any("id", |value| container.id.as_str().starts_with(value))
            && self.any("name", |value| name_matches(value, &container.name))
            && self.any("status", |value| value == listed_state)
            && self.any("health", |value| value == health)
            && self.any("exited", |value| listed_state == "exited" && value == container.exit_code.to_string())
            && self.any("ancestor", |value| spec.image == value || spec.image.starts_with(&format!("{value}:")))
            && self.any("network", |value| spec.attachments.iter().any(|place| place.network == value))
            && self.any("volume", |value| {
                spec.mounts.iter().any(|mount| mount.source == value || mount.destination == value)
            })
            && self.all("label", |value| label_matches(value, &spec.labels))
    }

    /// True if an event matches.
    pub(crate) fn match_event(&self, event: &Event) -> bool {
        let attributes = &event.actor.attributes;
        let attribute = |name: &str| attributes.get(name).map_or("", String::as_str);
        let by_prefix = self.values("event").iter().any(|value| PREFIXING.contains(&value.as_str()));
        let named = |kind: &str, value: &str| {
            event.kind == kind
                && (event.actor.id.starts_with(value) || attribute("name") == value.trim_start_matches('/'))
        };
        self.any("event", |value| if by_prefix { event.action.starts_with(value) } else { event.action == value })
            && self.any("type", |value| event.kind == value)
            && self.any("scope", |value| event.scope == value)
            && self.any("container", |value| named("container", value))
            && self.any("network", |value| named("network", value))
            && self.any("image", |value| attribute("image") == value || named("image", value))
            && self.all("label", |value| label_matches(value, attributes))
    }

    fn values(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    fn any(&self, key: &str, matches: impl FnMut(&str) -> bool) -> bool {
        let values = self.values(key);
        values.is_empty() || values.iter().map(String::as_str).any(matches)
    }

    fn all(&self, key: &str, matches: impl FnMut(&str) -> bool) -> bool {
        self.values(key).iter().map(String::as_str).all(matches)
    }
}

fn values_of(value: Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.into_iter().filter_map(|value| value.as_str().map(str::to_owned)).collect(),
        Value::Object(values) => values.into_iter().map(|(value, _)| value).collect(),
        _ => Vec::new(),
    }
}

/// True if a name matches a pattern. dockerd takes a regular expression; supported here are plain
/// text and the anchors `^` (with or without slash) and `$`.
fn name_matches(pattern: &str, name: &str) -> bool {
    let from_start = pattern.strip_prefix('^');
    let body = from_start.unwrap_or(pattern);
    let to_end = body.strip_suffix('$');
    let body = to_end.unwrap_or(body);
    let body = body.strip_prefix('/').unwrap_or(body);
    match (from_start.is_some() || pattern.starts_with('/'), to_end.is_some()) {
        (true, true) => name == body,
        (true, false) => name.starts_with(body),
        (false, true) => name.ends_with(body),
        (false, false) => name.contains(body),
    }
}

/// True if labels match `key` or `key=value`.
fn label_matches(wanted: &str, labels: &BTreeMap<String, String>) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => labels.get(key).is_some_and(|label| label == value),
        None => labels.contains_key(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_anywhere_unless_anchored() {
        assert!(
            name_matches("web", "shop-web-1")
                && name_matches("^/shop", "shop-web-1")
                && name_matches("1$", "shop-web-1")
        );
        assert!(!name_matches("^web", "shop-web-1") && !name_matches("^/shop$", "shop-web-1"));
        assert!(name_matches("^/shop-web-1$", "shop-web-1"));
    }
}
