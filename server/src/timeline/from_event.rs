//! Converts an engine event to an [`Occurrence`]. Pure.

use crate::engine::EventMessage;
use app::model::{EngineName, Occurrence, OccurrenceKind as Kind, Timestamp, signals};

/// Returns the event of an engine with its time in nanoseconds; `None` if it is not part of a container's life
/// cycle, such as the run of a health check.
pub(super) fn read(engine: EngineName, message: &EventMessage) -> Option<(u64, Occurrence)> {
    if !message.is_container_event() {
        return None;
    }
    let actor = message.actor.as_ref()?;
    let attribute = |name: &str| actor.attributes.as_ref()?.get(name).filter(|value| !value.is_empty()).cloned();
    let (kind, verdict) = kind(message.action.as_deref()?)?;
    let nanos = u64::try_from(message.nanos()?).ok()?;
    let exit_code = attribute("exitCode").and_then(|code| code.parse().ok()).filter(|_| kind == Kind::Died);
    let occurrence = Occurrence {
        id: String::new(),
        at: Timestamp::from_millis(nanos / 1_000_000),
        engine,
        container_id: actor.id.as_deref()?.parse().ok()?,
        container_name: attribute("name").map(|name| name.trim_start_matches('/').to_owned()).unwrap_or_default(),
        kind,
        exit_code,
        signal: match kind {
            Kind::Killed => attribute("signal").map(|number| signals::name(&number)),
            Kind::Died => exit_code.and_then(signals::of_exit).map(str::to_owned),
            _ => None,
        },
        detail: match kind {
            Kind::Created => attribute("image"),
            Kind::Renamed => attribute("oldName").map(|name| name.trim_start_matches('/').to_owned()),
            _ => verdict,
        },
        cause: None,
        evidence: None,
    };
    Some((nanos, occurrence))
}

/// Kind of an event, and the result of a health check.
fn kind(action: &str) -> Option<(Kind, Option<String>)> {
    let kind = match action {
        "create" => Kind::Created,
        "start" => Kind::Started,
        "stop" => Kind::Stopped,
        // Podman sends `die` on its Docker-compatible socket, and `died` on its own.
        "die" | "died" => Kind::Died,
        "oom" => Kind::Oom,
        "kill" => Kind::Killed,
        "pause" => Kind::Paused,
        "unpause" => Kind::Unpaused,
        "restart" => Kind::Restarted,
        "rename" => Kind::Renamed,
        "update" => Kind::Updated,
        "destroy" | "remove" => Kind::Destroyed,
        _ => {
            let verdict = action.strip_prefix("health_status")?.trim_start_matches([':', ' ']);
            return Some((Kind::Health, (!verdict.is_empty()).then(|| verdict.to_owned())));
        }
    };
    Some((kind, None))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use serde_json::{Value, json};

    fn convert(action: &str, attributes: &Value) -> Option<(u64, Occurrence)> {
        let actor = json!({"ID": "ab".repeat(32), "Attributes": attributes});
        let message =
            json!({"Type": "container", "Action": action, "Actor": actor, "timeNano": 1_795_426_609_387_842_386_u64});
        read(EngineName::LOCAL, &serde_json::from_value(message).unwrap())
    }

    #[test]
    fn lifecycle_events_are_read_with_their_attributes() {
        for (action, attributes, kind, more) in [
            ("create", json!({"image": "nginx:1"}), Kind::Created, (None, None, Some("nginx:1"))),
            ("start", json!({}), Kind::Started, (None, None, None)),
            ("die", json!({"exitCode": "137"}), Kind::Died, (Some(137), Some("SIGKILL"), None)),
            ("die", json!({"exitCode": "3"}), Kind::Died, (Some(3), None, None)),
            ("kill", json!({"signal": "15"}), Kind::Killed, (None, Some("SIGTERM"), None)),
            ("oom", json!({}), Kind::Oom, (None, None, None)),
            ("rename", json!({"name": "new", "oldName": "/old"}), Kind::Renamed, (None, None, Some("old"))),
            ("health_status: unhealthy", json!({}), Kind::Health, (None, None, Some("unhealthy"))),
            ("health_status", json!({}), Kind::Health, (None, None, None)),
            ("remove", json!({}), Kind::Destroyed, (None, None, None)),
        ] {
            let (nanos, read) = convert(action, &attributes).unwrap();
            assert_eq!((nanos, read.kind), (1_795_426_609_387_842_386, kind), "{action}");
            assert_eq!((read.exit_code, read.signal.as_deref(), read.detail.as_deref()), more, "{action}");
        }
        assert_eq!(convert("start", &json!({"name": "/boat"})).unwrap().1.container_name, "boat");
    }

    #[test]
    fn other_events_are_ignored() {
        for chatter in [
            "exec_create: sh",
            "exec_start: sh",
            "exec_die",
            "attach",
            "top",
            "resize",
            "export",
            "init",
            "cleanup",
            "",
        ] {
            assert!(convert(chatter, &json!({})).is_none(), "{chatter}");
        }
        let network =
            json!({"Type": "network", "Action": "connect", "Actor": {"ID": "1", "Attributes": {}}, "timeNano": 1});
        assert!(read(EngineName::LOCAL, &serde_json::from_value(network).unwrap()).is_none());
    }
}
