//! A JSON object as a tree of names and values, each as printed.

use super::json::{Value, fields, items};

/// Maximum depth. Deeper or malformed values stay text, because they would not be readable as a
/// tree and each level uses stack.
const MAX_DEPTH: usize = 32;

/// A name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Name as printed, without quotes; empty in an array and at the root.
    pub name: String,
    /// The value.
    pub content: Content,
}

/// The value of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text with quotes and escapes.
    Text(String),
    /// A number.
    Number(String),
    /// `true`, `false` or `null`; or text that cannot be shown as a tree.
    Word(String),
    /// Fields of an object.
    Object(Vec<Node>),
    /// Items of an array.
    Array(Vec<Node>),
}

/// Fields of an object; `None` for other texts.
pub fn tree(text: &str) -> Option<Vec<Node>> {
    match nested(text, 0) {
        Content::Object(fields) => Some(fields),
        _ => None,
    }
}

fn nested(text: &str, depth: usize) -> Content {
    let node = |name: &str, value| Node { name: name.to_owned(), content: content(value, depth + 1) };
    if depth < MAX_DEPTH {
        if let Some(fields) = fields(text) {
            return Content::Object(fields.into_iter().map(|(name, value)| node(name, value)).collect());
        }
        if let Some(items) = items(text) {
            return Content::Array(items.into_iter().map(|value| node("", value)).collect());
        }
    }
    Content::Word(text.to_owned())
}

fn content(value: Value<'_>, depth: usize) -> Content {
    match value {
        Value::Text(text) => Content::Text(format!("\"{text}\"")),
        Value::Word(word @ ("true" | "false" | "null")) => Content::Word(word.to_owned()),
        Value::Word(number) => Content::Number(number.to_owned()),
        Value::Nested(text) => nested(text, depth),
    }
}

impl Content {
    /// Summary of a collapsed object or array: `{ 3 fields }`.
    pub fn summary(&self) -> Option<String> {
        let (open, close, count, what) = match self {
            Self::Object(fields) => ('{', '}', fields.len(), "field"),
            Self::Array(items) => ('[', ']', items.len(), "item"),
            Self::Text(_) | Self::Number(_) | Self::Word(_) => return None,
        };
        let plural = if count == 1 { "" } else { "s" };
        Some(format!("{open} {count} {what}{plural} {close}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, content: Content) -> Node {
        Node { name: name.to_owned(), content }
    }

    #[test]
    fn values_are_as_printed() {
        let word = |word: &str| Content::Word(word.to_owned());
        let number = |number: &str| Content::Number(number.to_owned());
        let deep =
            Content::Object(vec![node("x", Content::Array(vec![node("", number("1.50")), node("", word("null"))]))]);
        assert_eq!(
            tree(r#"{"a": "x \"y\"", "b": true, "deep": {"x": [1.50, null]}}"#),
            Some(vec![
                node("a", Content::Text(r#""x \"y\"""#.to_owned())),
                node("b", word("true")),
                node("deep", deep)
            ])
        );
        assert_eq!(tree("[1]"), None);
        assert_eq!(tree("plain"), None);
    }

    #[test]
    fn collapsed_values_are_counted() {
        let summary = |text: &str| nested(text, 0).summary();
        assert_eq!(summary(r#"{"a":1}"#).as_deref(), Some("{ 1 field }"));
        assert_eq!(summary("[]").as_deref(), Some("[ 0 items ]"));
        assert_eq!(summary("[1,"), None);
    }

    #[test]
    fn deep_nesting_stays_text() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(tree(&deep).is_some());
    }
}
