//! Parses the events of log streams. Equivalent to deserializing [`crate::model::LogLine`] and
//! [`crate::model::LogEnd`], but without serde: thousands of lines per second arrive when a log is
//! opened.

use super::json::{Value, fields};
use crate::model::{ContainerKey, EngineName, LogEndReason, LogGapReason, LogStream, Timestamp};

/// Data of `event: log`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The container; `None` in the stream of one container.
    pub container: Option<ContainerKey>,
    /// Output stream.
    pub stream: LogStream,
    /// Time of the line.
    pub at: Timestamp,
    /// Text of the line.
    pub text: Box<str>,
    /// True if the end of the line is missing.
    pub truncated: bool,
}

/// Data of `event: end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The container; `None` in the stream of one container.
    pub container: Option<ContainerKey>,
    /// Reason for the end.
    pub reason: LogEndReason,
    /// True if no events follow for this log.
    pub last: bool,
    /// Exit code of the run that ended.
    pub exit_code: Option<i64>,
    /// Time at which the run ended.
    pub at: Option<Timestamp>,
    /// Data of `event: gap`.
    pub detail: Option<String>,
}

/// `event: gap`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The container; `None` in the stream of one container.
    pub container: Option<ContainerKey>,
    /// Reason for the gap.
    pub reason: LogGapReason,
    /// Time of the last line before the gap.
    pub from: Option<Timestamp>,
    /// Time of the first line after the gap.
    pub to: Option<Timestamp>,
    /// Message from the engine.
    pub detail: Option<String>,
}

/// Parses `event: log`.
pub fn printed(data: &str) -> Option<Printed> {
    let fields = fields(data)?;
    let text = text(&fields, "text")?;
    Some(Printed {
        container: container_of(&fields),
        stream: match text_of(&fields, "stream")? {
            "stderr" => LogStream::Stderr,
            _ => LogStream::Stdout,
        },
        at: text_of(&fields, "timestamp")?.parse().ok()?,
        text: text.into_boxed_str(),
        truncated: word(&fields, "truncated") == Some("true"),
    })
}

/// Parses `event: end`.
pub fn ended(data: &str) -> Option<Ended> {
    let fields = fields(data)?;
    Some(Ended {
        container: container_of(&fields),
        reason: match text_of(&fields, "reason")? {
            "stopped" => LogEndReason::Stopped,
            "removed" => LogEndReason::Removed,
            "until" => LogEndReason::Until,
            "engineLost" => LogEndReason::EngineLost,
            _ => LogEndReason::Refused,
        },
        last: word(&fields, "last") == Some("true"),
        exit_code: word(&fields, "exitCode").and_then(|code| code.parse().ok()),
        at: text_of(&fields, "at").and_then(|at| at.parse().ok()),
        detail: text(&fields, "detail"),
    })
}

/// Parses `event: gap`.
pub fn gap(data: &str) -> Option<Gap> {
    let fields = fields(data)?;
    let time = |name| text_of(&fields, name).and_then(|time| time.parse().ok());
    Some(Gap {
        container: container_of(&fields),
        reason: match text_of(&fields, "reason")? {
            "rotated" => LogGapReason::Rotated,
            _ => LogGapReason::Unreadable,
        },
        from: time("from"),
        to: time("to"),
        detail: text(&fields, "detail"),
    })
}

/// The server's time in `event: heartbeat`.
pub fn server_time(data: &str) -> Option<Timestamp> {
    text_of(&fields(data)?, "serverTime")?.parse().ok()
}

/// Container of an `event: resume`; `None` in the stream of one container.
pub fn container(data: &str) -> Option<ContainerKey> {
    container_of(&fields(data)?)
}

type Fields<'a> = [(&'a str, Value<'a>)];

fn container_of(fields: &Fields<'_>) -> Option<ContainerKey> {
    let id = text_of(fields, "containerId")?.parse().ok()?;
    let engine = text_of(fields, "engine").and_then(|name| EngineName::new(name).ok()).unwrap_or_default();
    Some(ContainerKey::new(engine, id))
}

fn value<'a>(fields: &Fields<'a>, name: &str) -> Option<Value<'a>> {
    fields.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

/// The raw text of a field, for values without escapes.
fn text_of<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a str> {
    match value(fields, name)? {
        Value::Text(text) => Some(text),
        Value::Word(_) | Value::Nested(_) => None,
    }
}

fn text(fields: &Fields<'_>, name: &str) -> Option<String> {
    match value(fields, name)? {
        text @ Value::Text(_) => Some(text.readable().into_owned()),
        Value::Word(_) | Value::Nested(_) => None,
    }
}

fn word<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a str> {
    match value(fields, name)? {
        Value::Word(word) => Some(word),
        Value::Text(_) | Value::Nested(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContainerId, LogEnd, LogGap, LogLine, LogResume};

    fn key() -> Option<ContainerKey> {
        Some(ContainerKey::new(engine()?, id()?))
    }

    fn engine() -> Option<EngineName> {
        EngineName::new("web-3").ok()
    }

    fn id() -> Option<ContainerId> {
        "ab".repeat(32).parse().ok()
    }

    fn written(value: &impl serde::Serialize) -> String {
        serde_json::to_string(value).unwrap_or_default()
    }

    #[test]
    fn a_line_is_parsed_as_the_server_writes_it() {
        for (container, stream, truncated) in [(None, LogStream::Stdout, false), (key(), LogStream::Stderr, true)] {
            let line = LogLine {
                engine: container.map(|key| key.engine),
                container_id: container.map(|key| key.id),
                stream,
                timestamp: Timestamp::from_millis(1_795_426_200_125),
                text: "\u{1b}[31mé \"q\" \\ \t🚢".to_owned(),
                truncated,
            };
            let LogLine { timestamp: at, text, .. } = line.clone();
            let read = Printed { container, stream, at, text: text.into(), truncated };
            assert_eq!(printed(&written(&line)), Some(read));
        }
    }

    #[test]
    fn an_end_is_parsed_as_the_server_writes_it() {
        for (reason, last) in [
            (LogEndReason::Stopped, false),
            (LogEndReason::Removed, true),
            (LogEndReason::Until, true),
            (LogEndReason::EngineLost, false),
            (LogEndReason::Refused, true),
        ] {
            let exit_code = (reason == LogEndReason::Stopped).then_some(-1);
            let detail = (reason == LogEndReason::Refused).then(|| "no \"logs\"".to_owned());
            let at = exit_code.map(|_| Timestamp::from_millis(1_795_426_200_000));
            let end =
                LogEnd { engine: engine(), container_id: id(), reason, last, exit_code, at, detail: detail.clone() };
            assert_eq!(ended(&written(&end)), Some(Ended { container: key(), reason, last, exit_code, at, detail }));
        }
        assert_eq!(container(&written(&LogResume { engine: engine(), container_id: id() })), key());
        assert_eq!(container(&written(&LogResume { engine: None, container_id: None })), None);
    }

    #[test]
    fn a_gap_is_parsed_as_the_server_writes_it() {
        for (reason, detail) in
            [(LogGapReason::Rotated, None), (LogGapReason::Unreadable, Some("no \"log\"".to_owned()))]
        {
            let from = Some(Timestamp::from_millis(1_795_426_200_000));
            let written = written(&LogGap {
                engine: engine(),
                container_id: id(),
                reason,
                from,
                to: None,
                detail: detail.clone(),
            });
            assert_eq!(gap(&written), Some(Gap { container: key(), reason, from, to: None, detail }));
        }
        let at = Timestamp::from_millis(1_795_426_200_125);
        assert_eq!(server_time(r#"{"serverTime":"2026-11-23T09:30:00.125Z"}"#), Some(at));
    }

    #[test]
    fn other_data_is_rejected() {
        for data in ["", "{}", r#"{"text":"x"}"#, r#"{"text":1,"stream":"stdout","timestamp":"2026-11-23T09:30:00Z"}"#]
        {
            assert_eq!(printed(data), None, "{data}");
        }
        assert_eq!(ended("{}"), None);
        assert_eq!(gap("{}"), None);
    }
}
