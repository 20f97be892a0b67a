//! Condenses JSON lines to one readable line. Expanded, they are a [`super::tree`].

use super::json::{Value, fields};

/// Field names of the message.
const MESSAGE_FIELDS: [&str; 8] = ["msg", "message", "@message", "@mt", "@m", "event", "error", "err"];

/// Fields that are omitted: shown in separate columns, or equal in every line of a process.
const OMITTED_FIELDS: [&str; 20] = [
    "time",
    "timestamp",
    "ts",
    "t",
    "@timestamp",
    "@t",
    "date",
    "datetime",
    "level",
    "severity",
    "lvl",
    "log.level",
    "loglevel",
    "levelname",
    "@level",
    "@l",
    "severity_text",
    "v",
    "pid",
    "hostname",
];

/// Maximum length of a value in a condensed line.
const MAX_VALUE_BYTES: usize = 160;

/// A condensed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condensed {
    /// The message; may be empty.
    pub(super) message: String,
    /// The other fields in their original order, with their values.
    pub(super) rest: Vec<(String, String)>,
}

/// Condenses a JSON object; `None` for other texts and for an empty object.
pub(super) fn condense(text: &str) -> Option<Condensed> {
    let fields = fields(text)?;
    if fields.is_empty() {
        return None;
    }
    let message = MESSAGE_FIELDS.iter().find_map(|name| {
        fields.iter().position(|(other, value)| other.eq_ignore_ascii_case(name) && !matches!(value, Value::Nested(_)))
    });
    let is_omitted = |name: &str| OMITTED_FIELDS.iter().any(|other| other.eq_ignore_ascii_case(name));
    let rest = fields.iter().enumerate().filter(|(place, (name, _))| Some(*place) != message && !is_omitted(name));
    let rest = rest.map(|(_, (name, value))| (Value::Text(name).readable().into_owned(), short(*value))).collect();
    let message = message.map(|place| one_line(&fields[place].1.readable())).unwrap_or_default();
    Some(Condensed { message, rest })
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], "↵")
}

fn short(value: Value<'_>) -> String {
    let mut text = one_line(&value.readable());
    let needs_quotes = matches!(value, Value::Text(_)) && (text.is_empty() || text.contains([' ', '=', '"']));
    if text.len() > MAX_VALUE_BYTES {
        let mut end = MAX_VALUE_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    if needs_quotes { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condensed_line_starts_with_the_message_and_omits_some_fields() {
        let line =
            r#"{"level":30,"time":1,"pid":7,"hostname":"h","msg":"served","status":200,"path":"/a b","deep":{"x":1}}"#;
        let Some(Condensed { message, rest }) = condense(line) else { unreachable!("it is an object") };
        assert_eq!(message, "served");
        let rest: Vec<_> = rest.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(rest, ["status=200", "path=\"/a b\"", "deep={\"x\":1}"]);
    }

    #[test]
    fn a_line_without_a_message_has_its_fields_only() {
        let Some(condensed) = condense(r#"{"status":500,"error":{"code":1}}"#) else { unreachable!("it is an object") };
        assert_eq!((condensed.message.as_str(), condensed.rest.len()), ("", 2));
        assert_eq!(condense("{}"), None);
        assert_eq!(condense("[1]"), None);
        let long = format!(r#"{{"a":"{}"}}"#, "é".repeat(200));
        assert!(condense(&long).is_some_and(|condensed| condensed.rest[0].1.ends_with('…')));
    }
}
