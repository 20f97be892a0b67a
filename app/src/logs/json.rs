//! The fields of a JSON object, as slices of its text: for thousands of lines of which only a few
//! values are needed.
//!
//! Numbers keep every digit, and only the list is allocated. Nested values are skipped without
//! validation.

use std::borrow::Cow;

/// A value as a slice of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text between the quotes, with escapes.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Word(&'a str),
    /// An object or array, with brackets.
    Nested(&'a str),
}

impl<'a> Value<'a> {
    /// The text of a string without escapes; other values unchanged.
    pub fn readable(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => unescaped(text),
            Self::Word(text) | Self::Nested(text) => Cow::Borrowed(text),
        }
    }
}

/// Names and values of an object, in order; `None` for other texts.
pub fn fields(text: &str) -> Option<Vec<(&str, Value<'_>)>> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.expect(b'{')?;
    let mut fields = Vec::new();
    if scanner.next_is(b'}') {
        return scanner.is_over().then_some(fields);
    }
    loop {
        scanner.expect(b'"')?;
        let name = scanner.rest_of_text()?;
        scanner.expect(b':')?;
        fields.push((name, scanner.value()?));
        if scanner.next_is(b'}') {
            return scanner.is_over().then_some(fields);
        }
        scanner.expect(b',')?;
    }
}

/// Values of an array, in order; `None` for other texts.
pub fn items(text: &str) -> Option<Vec<Value<'_>>> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.expect(b'[')?;
    let mut items = Vec::new();
    if scanner.next_is(b']') {
        return scanner.is_over().then_some(items);
    }
    loop {
        items.push(scanner.value()?);
        if scanner.next_is(b']') {
            return scanner.is_over().then_some(items);
        }
        scanner.expect(b',')?;
    }
}

/// Values of an array, in order; `None` for other texts.
pub fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let (letter, taken) = escape(after);
        plain.push(letter);
        rest = after.get(taken..).unwrap_or_default();
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Decodes the text after a backslash. Returns the character, and the number of bytes consumed.
fn escape(after: &str) -> (char, usize) {
    let letter = match after.as_bytes().first() {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        Some(b'u') => return unicode(after),
        _ => return (char::REPLACEMENT_CHARACTER, 0),
    };
    (letter, 1)
}

/// Decodes `u` and four digits, or a surrogate pair.
fn unicode(after: &str) -> (char, usize) {
    let unit = |at: usize| after.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(first) = unit(1) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if let Some(letter) = char::from_u32(first) {
        return (letter, 5);
    }
    let second = after.get(5..7).filter(|mark| *mark == "\\u").and_then(|_| unit(7));
    let pair = second.and_then(|second| char::decode_utf16([first as u16, second as u16]).next()?.ok());
    pair.map_or((char::REPLACEMENT_CHARACTER, 5), |letter| (letter, 11))
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn skip_whitespace(&mut self) {
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn next_is(&mut self, byte: u8) -> bool {
        self.skip_whitespace();
        let is_next = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.next_is(byte).then_some(())
    }

    fn is_over(&mut self) -> bool {
        self.skip_whitespace();
        self.at == self.text.len()
    }

    /// Reads the rest of a string, and skips the closing quote; the opening one is already
    /// consumed.
    fn rest_of_text(&mut self) -> Option<&'a str> {
        let from = self.at;
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.text.get(from..self.at - 1)
    }

    fn value(&mut self) -> Option<Value<'a>> {
        self.skip_whitespace();
        let from = self.at;
        match self.text.as_bytes().get(from)? {
            b'"' => {
                self.at += 1;
                Some(Value::Text(self.rest_of_text()?))
            }
            b'{' | b'[' => {
                self.nested()?;
                Some(Value::Nested(self.text.get(from..self.at)?))
            }
            _ => {
                let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                self.at += self.text.as_bytes()[from..].iter().take_while(|byte| is_word(byte)).count();
                let word = self.text.get(from..self.at)?;
                let is_value = matches!(word, "true" | "false" | "null") || is_number(word);
                is_value.then_some(Value::Word(word))
            }
        }
    }

    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => drop(self.rest_of_text()?),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// True for a JSON number. A check only, because parsing would add 10 kB of tables to the browser's
/// first module.
fn is_number(word: &str) -> bool {
    let (digits, rest) = leading_digits(word.strip_prefix('-').unwrap_or(word));
    let whole = digits == 1 || (digits > 1 && !word.trim_start_matches('-').starts_with('0'));
    let rest = match rest.strip_prefix('.').map(leading_digits) {
        Some((0, _)) => return false,
        Some((_, rest)) => rest,
        None => rest,
    };
    let exponent =
        rest.strip_prefix(['e', 'E']).map(|power| leading_digits(power.strip_prefix(['+', '-']).unwrap_or(power)));
    whole && exponent.map_or(rest.is_empty(), |(digits, rest)| digits > 0 && rest.is_empty())
}

fn leading_digits(text: &str) -> (usize, &str) {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    (count, &text[count..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_in_order_and_keep_every_digit() {
        let text = r#" { "msg" : "a \"b\"", "n": 12345678901234567890.0, "deep": {"x": [1, "}"]}, "no": null } "#;
        let fields = fields(text).unwrap_or_default();
        assert_eq!(
            fields,
            [
                ("msg", Value::Text(r#"a \"b\""#)),
                ("n", Value::Word("12345678901234567890.0")),
                ("deep", Value::Nested(r#"{"x": [1, "}"]}"#)),
                ("no", Value::Word("null")),
            ]
        );
        assert_eq!(fields[0].1.readable(), "a \"b\"");
    }

    #[test]
    fn other_texts_have_no_fields() {
        for text in [
            "",
            "{",
            "plain",
            "[1]",
            "{}x",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":maybe}"#,
            r#"{"a":"x}"#,
            "{a:1}",
            r#"{"a":"\"#,
        ] {
            assert_eq!(fields(text), None, "{text}");
        }
        assert_eq!(fields("{}"), Some(Vec::new()));
    }

    #[test]
    fn items_are_in_order() {
        assert_eq!(
            items(r#" [1, "a", {"b": 2} ] "#),
            Some(vec![Value::Word("1"), Value::Text("a"), Value::Nested(r#"{"b": 2}"#)])
        );
        assert_eq!(items("[]"), Some(Vec::new()));
        for text in ["", "{}", "[1", "[1,]", "[1]x"] {
            assert_eq!(items(text), None, "{text}");
        }
    }

    #[test]
    fn escapes_are_decoded_and_invalid_ones_are_marked() {
        for (text, plain) in [
            (r"tab\t \u001b[1m\/", "tab\t \u{1b}[1m/"),
            (r"\ud83d\udea2", "🚢"),
            (r"\ud83d!", "\u{fffd}!"),
            (r"\u12", "\u{fffd}12"),
            (r"\x", "\u{fffd}x"),
        ] {
            assert_eq!(unescaped(text), plain);
        }
    }

    proptest! {
        #[test]
        fn json_of_serde_round_trips(name in ".*", text in ".*", number: i64) {
            let written = serde_json::json!({ &name: &text, "n": number }).to_string();
            let fields = fields(&written).unwrap_or_default();
            let read: Vec<_> = fields.iter().map(|(name, value)| (unescaped(name), value.readable())).collect();
            prop_assert!(read.contains(&("n".into(), number.to_string().into())));
            prop_assert!(name == "n" || read.contains(&(name.into(), text.into())));
        }

        #[test]
        fn any_text_is_scanned_without_a_panic(text in r#"[{}\[\]":,\\ua0-9 é🚢]{0,40}"#) {
            let _ = fields(&text);
            let _ = items(&text);
            let _ = unescaped(&text);
        }
    }
}
