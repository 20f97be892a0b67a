//! How serious a line is, from what it says of itself.

use super::json::{Value, fields};

/// From the least to the most serious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// A level stands at a line's beginning; further on, words mean what they say.
const SEARCHED_BYTES: usize = 120;

/// What loggers call the field.
const NAMES: [&str; 9] =
    ["level", "severity", "lvl", "log.level", "loglevel", "levelname", "@level", "@l", "severity_text"];

impl Level {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// The word in the address and in class names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// The word on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Trace => "Trace",
            Self::Debug => "Debug",
            Self::Info => "Info",
            Self::Warn => "Warn",
            Self::Error => "Error",
            Self::Fatal => "Fatal",
        }
    }

    /// One letter, for the margin.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Trace => "T",
            Self::Debug => "D",
            Self::Info => "I",
            Self::Warn => "W",
            Self::Error => "E",
            Self::Fatal => "F",
        }
    }

    /// From a logger's word, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        let known = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        Some(match () {
            () if known(&["trace", "trc", "verbose", "finest", "finer"]) => Self::Trace,
            () if known(&["debug", "dbg", "debg", "fine"]) => Self::Debug,
            () if known(&["info", "inf", "information", "notice", "log", "default"]) => Self::Info,
            () if known(&["warn", "wrn", "warning"]) => Self::Warn,
            () if known(&["error", "err", "eror", "severe"]) => Self::Error,
            () if known(&["fatal", "ftl", "critical", "crit", "panic", "alert", "emerg", "emergency"]) => Self::Fatal,
            () => return None,
        })
    }

    /// As pino and bunyan number them; syslog's numbers go up to 7 only, from the most serious on.
    const fn of_number(number: u64) -> Option<Self> {
        Some(match number {
            0..=2 => Self::Fatal,
            3 => Self::Error,
            4 => Self::Warn,
            5 | 6 => Self::Info,
            7 => Self::Debug,
            10..20 => Self::Trace,
            20..30 => Self::Debug,
            30..40 => Self::Info,
            40..50 => Self::Warn,
            50..60 => Self::Error,
            60..70 => Self::Fatal,
            _ => return None,
        })
    }
}

/// The level of a line without escapes; `None` where it does not say. `is_json`: whether it is a JSON object.
pub fn level_of(text: &str, is_json: bool) -> Option<Level> {
    if is_json {
        return of_fields(&fields(text)?);
    }
    let mut end = text.len().min(SEARCHED_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    of_pair(text).or_else(|| of_klog(head)).or_else(|| of_word(head))
}

fn of_fields(fields: &[(&str, Value<'_>)]) -> Option<Level> {
    let field = NAMES.iter().find_map(|name| fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)))?;
    match field.1 {
        Value::Text(word) => Level::parse(word).or_else(|| Level::of_number(word.parse().ok()?)),
        Value::Word(number) => Level::of_number(number.parse().ok()?),
        // Elastic's {"log": {"level": …}} has another name; {"level": {…}} nobody writes.
        Value::Nested(_) => None,
    }
}

/// `level=warn`, anywhere: nothing else looks like it.
fn of_pair(text: &str) -> Option<Level> {
    ["level=", "lvl=", "severity="].iter().find_map(|name| {
        let (before, after) = text.split_once(name)?;
        let begins = before.is_empty() || before.ends_with([' ', '\t', ',', '{', '.']);
        let value = after.trim_start_matches('"');
        let word = value.split(|letter: char| !letter.is_ascii_alphanumeric()).next()?;
        begins.then(|| Level::parse(word).or_else(|| Level::of_number(word.parse().ok()?))).flatten()
    })
}

/// `E1123 09:30:00.125000`.
fn of_klog(text: &str) -> Option<Level> {
    let head = text.as_bytes().first_chunk::<6>()?;
    let is_klog = head[1..5].iter().all(u8::is_ascii_digit) && head[5] == b' ';
    match head[0] {
        b'I' if is_klog => Some(Level::Info),
        b'W' if is_klog => Some(Level::Warn),
        b'E' if is_klog => Some(Level::Error),
        b'F' if is_klog => Some(Level::Fatal),
        _ => None,
    }
}

/// The first word that is one: in capitals, in brackets, or before a colon.
fn of_word(text: &str) -> Option<Level> {
    let bytes = text.as_bytes();
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let mut at = 0;
    while at < bytes.len() {
        if !is_letter(at) {
            at += 1;
            continue;
        }
        let from = at;
        while is_letter(at) {
            at += 1;
        }
        let before = from.checked_sub(1).map(|before| bytes[before]);
        let after = bytes.get(at).copied();
        if let Some(level) = level_of_token(&text[from..at], before, after) {
            return Some(level);
        }
        // The rest of a path, a name or a number is no word.
        while at < bytes.len() && !is_gap(bytes[at]) {
            at += 1;
        }
    }
    None
}

const fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'[' | b'(' | b'<' | b'|' | b'"' | b':' | b',')
}

fn level_of_token(token: &str, before: Option<u8>, after: Option<u8>) -> Option<Level> {
    let opens = before.is_none_or(is_gap);
    let closes = matches!(after, None | Some(b' ' | b'\t' | b']' | b')' | b'>' | b'|' | b'"' | b':' | b'!' | b','));
    if !opens || !closes {
        return None;
    }
    let in_brackets =
        matches!((before, after), (Some(b'['), Some(b']')) | (Some(b'<'), Some(b'>')) | (Some(b'('), Some(b')')));
    if token.len() == 1 {
        return Level::ALL.into_iter().find(|level| in_brackets && level.letter() == token);
    }
    let is_loud = token.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_marked = in_brackets || after == Some(b':');
    // "Log: …" and "default: …" are sentences; Postgres writes LOG:.
    let is_plain_word = ["log", "default", "fine", "alert"].iter().any(|word| word.eq_ignore_ascii_case(token));
    let counts = if is_plain_word { is_loud && is_marked } else { is_loud || is_marked };
    counts.then(|| Level::parse(token)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Debug, Error, Fatal, Info, Trace, Warn};

    #[test]
    fn plain_lines_say_it_in_capitals_in_brackets_or_before_a_colon() {
        for (text, level) in [
            ("2026-11-23 09:30:00,125 ERROR main: boom", Some(Error)),
            ("INFO  started", Some(Info)),
            ("[error] upstream closed", Some(Error)),
            ("2026/11/23 09:30:00 [warn] 31#31: slow", Some(Warn)),
            ("LOG:  checkpoint complete", Some(Info)),
            ("FATAL:  password authentication failed", Some(Fatal)),
            ("error: no such file", Some(Error)),
            ("npm ERR! code 1", Some(Error)),
            ("09:30:00 DBG cache miss", Some(Debug)),
            ("[T] deep", Some(Trace)),
            ("E1123 09:30:00.125000       1 reflector.go:1] failed", Some(Error)),
            ("WARNING: deprecated", Some(Warn)),
            ("CRITICAL|disk full", Some(Fatal)),
            ("time=2026 level=warn msg=\"slow\"", Some(Warn)),
            ("ts=1 caller=x.go lvl=dbug", None),
            ("level=\"error\" x=1", Some(Error)),
            ("GET /api/ERROR/1 200", None),
            ("there was an error in the machine", None),
            ("10.0.0.1 - \"GET / HTTP/1.1\" 200 12", None),
            ("sublevel=error", None),
            ("Default: yes", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(level_of(text, false), level, "{text}");
        }
    }

    #[test]
    fn json_lines_say_it_in_a_field_by_word_or_number() {
        for (text, level) in [
            (r#"{"level":"warn","msg":"x"}"#, Some(Warn)),
            (r#"{"level":50,"msg":"x"}"#, Some(Error)),
            (r#"{"level":10}"#, Some(Trace)),
            (r#"{"severity":"CRITICAL"}"#, Some(Fatal)),
            (r#"{"Level":"Information"}"#, Some(Info)),
            (r#"{"log.level":"error"}"#, Some(Error)),
            (r#"{"level":3}"#, Some(Error)),
            (r#"{"level":"20"}"#, Some(Debug)),
            (r#"{"msg":"ERROR"}"#, None),
            (r#"{"level":99}"#, None),
        ] {
            assert_eq!(level_of(text, true), level, "{text}");
        }
    }

    #[test]
    fn words_of_the_address_are_read_back() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.as_str()), Some(level));
        }
    }
}
