//! JSON lines, folded to one readable line. Opened they are a [`super::tree`].

use super::json::{Value, fields};

/// Where loggers put the sentence.
const MESSAGES: [&str; 8] = ["msg", "message", "@message", "@mt", "@m", "event", "error", "err"];

/// What the page shows in columns of its own, and what is the same in every line of a process.
const ELSEWHERE: [&str; 20] = [
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

/// A value takes no more of a folded line than this.
const VALUE_BYTES: usize = 160;

/// A folded line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// What it says; may be empty.
    pub message: String,
    /// The other fields that tell something, in their order.
    pub rest: Vec<(String, String)>,
}

/// Folds an object; `None` where a text is none, or an empty one.
pub fn folded(text: &str) -> Option<Folded> {
    let fields = fields(text)?;
    if fields.is_empty() {
        return None;
    }
    let message = MESSAGES.iter().find_map(|name| {
        fields.iter().position(|(other, value)| other.eq_ignore_ascii_case(name) && !matches!(value, Value::Nested(_)))
    });
    let is_elsewhere = |name: &str| ELSEWHERE.iter().any(|other| other.eq_ignore_ascii_case(name));
    let rest = fields.iter().enumerate().filter(|(place, (name, _))| Some(*place) != message && !is_elsewhere(name));
    let rest = rest.map(|(_, (name, value))| (Value::Text(name).readable().into_owned(), short(*value))).collect();
    let message = message.map(|place| one_line(&fields[place].1.readable())).unwrap_or_default();
    Some(Folded { message, rest })
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], "↵")
}

fn short(value: Value<'_>) -> String {
    let mut text = one_line(&value.readable());
    let needs_quotes = matches!(value, Value::Text(_)) && (text.is_empty() || text.contains([' ', '=', '"']));
    if text.len() > VALUE_BYTES {
        let mut end = VALUE_BYTES;
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
    fn a_folded_line_has_the_message_first_and_leaves_out_what_is_shown_elsewhere() {
        let line =
            r#"{"level":30,"time":1,"pid":7,"hostname":"h","msg":"served","status":200,"path":"/a b","deep":{"x":1}}"#;
        let Some(Folded { message, rest }) = folded(line) else { unreachable!("it is an object") };
        assert_eq!(message, "served");
        let rest: Vec<_> = rest.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(rest, ["status=200", "path=\"/a b\"", "deep={\"x\":1}"]);
    }

    #[test]
    fn lines_without_a_message_are_their_fields() {
        let Some(folded) = folded(r#"{"status":500,"error":{"code":1}}"#) else { unreachable!("it is an object") };
        assert_eq!((folded.message.as_str(), folded.rest.len()), ("", 2));
        assert_eq!(super::folded("{}"), None);
        assert_eq!(super::folded("[1]"), None);
        let long = format!(r#"{{"a":"{}"}}"#, "é".repeat(200));
        assert!(super::folded(&long).is_some_and(|folded| folded.rest[0].1.ends_with('…')));
    }
}
