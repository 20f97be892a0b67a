//! Detects the level of a log line.
//!
//! In: a line without escape sequences. Out: its [`Level`], or `None`. Loggers write the level in a
//! field ([`of_fields`], [`of_pair`]), in a notation of their own ([`marks`]), or as a word at the
//! start of the line ([`words`]). The same words within a sentence do not count.

mod marks;
mod words;

use super::json::{Value, fields};

/// Levels, from the least to the most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// Length in bytes of the start of a line that is searched for a level; later words belong to the
/// message.
const MAX_HEADER_BYTES: usize = 160;

/// Names of the level field. Those with words as values come before those with numbers.
const FIELD_NAMES: [&str; 17] = [
    "level_name",
    "levelname",
    "severity",
    "severity_text",
    "severityText",
    "log.level",
    "level",
    "lvl",
    "loglevel",
    "log_level",
    "@level",
    "@l",
    "levelno",
    "severity_number",
    "severityNumber",
    "priority",
    "s",
];

impl Level {
    /// Every level.
    pub const ALL: [Self; 6] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// Name in the URL and in class names.
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

    /// Label in the UI.
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

    /// Letter in the margin.
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

    /// Parses a logger's word, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        let known = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        Some(match () {
            () if known(&["trace", "trac", "trc", "trce", "verbose", "vrb", "finest", "finer"]) => Self::Trace,
            () if known(&["debug", "debu", "dbg", "debg", "dbug", "fine", "config"]) => Self::Debug,
            () if known(&["debug1", "debug2", "debug3", "debug4", "debug5"]) => Self::Debug,
            () if known(&[
                "info",
                "inf",
                "information",
                "informational",
                "notice",
                "note",
                "log",
                "default",
                "system",
            ]) =>
            {
                Self::Info
            }
            () if known(&["warn", "wrn", "warning"]) => Self::Warn,
            () if known(&["error", "err", "erro", "eror", "severe", "fail"]) => Self::Error,
            () if known(&["fatal", "fata", "ftl", "critical", "crit", "crt", "panic", "pani", "pnc", "dpanic"]) => {
                Self::Fatal
            }
            () if known(&["alert", "emerg", "emergency"]) => Self::Fatal,
            () => return None,
        })
    }

    /// Parses a letter, as in Ruby, klog and MongoDB.
    const fn of_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'T' => Self::Trace,
            b'D' => Self::Debug,
            b'I' => Self::Info,
            b'W' => Self::Warn,
            b'E' => Self::Error,
            b'F' => Self::Fatal,
            _ => return None,
        })
    }

    /// Level of a number in logs of pino and bunyan, and from 100 on of Monolog. Smaller numbers
    /// are ambiguous: with logr, 0 is the default level.
    const fn of_number(number: u64) -> Option<Self> {
        Some(match number {
            10..20 => Self::Trace,
            20..30 => Self::Debug,
            30..40 => Self::Info,
            40..50 => Self::Warn,
            50..60 => Self::Error,
            60..70 => Self::Fatal,
            100 => Self::Debug,
            200 | 250 => Self::Info,
            300 => Self::Warn,
            400 => Self::Error,
            500 | 550 | 600 => Self::Fatal,
            _ => return None,
        })
    }

    /// Level of a syslog severity.
    const fn of_syslog(number: u64) -> Option<Self> {
        Some(match number {
            0..=2 => Self::Fatal,
            3 => Self::Error,
            4 => Self::Warn,
            5 | 6 => Self::Info,
            7 => Self::Debug,
            _ => return None,
        })
    }
}

/// Level of a line without escape sequences; `None` if it has none. `is_json` is true if the line
/// is a JSON object.
pub fn level_of(text: &str, is_json: bool) -> Option<Level> {
    if is_json {
        return of_fields(&fields(text)?);
    }
    let mut end = text.len().min(MAX_HEADER_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    marks::level(head).or_else(|| of_pair(text)).or_else(|| of_embedded(text)).or_else(|| words::level(head))
}

/// True if a line continues the previous one: a frame of a stack trace, a cause, or a detail.
/// `after_trace` is true if the previous line did, too.
pub(super) fn continues(text: &str, after_trace: bool) -> bool {
    marks::continues(text, after_trace)
}

fn of_fields(fields: &[(&str, Value<'_>)]) -> Option<Level> {
    let named = |name: &str| {
        fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(name, value)| (*name, *value))
    };
    FIELD_NAMES
        .iter()
        .find_map(|name| {
            let (name, value) = named(name)?;
            match value {
                Value::Text(word) if name == "s" => of_mongo(word, fields),
                Value::Text(word) => Level::parse(word).or_else(|| of_numbered(name, word.parse().ok()?, fields)),
                Value::Word(number) => of_numbered(name, number.parse().ok()?, fields),
                Value::Nested(_) => None,
            }
        })
        // Elastic's {"log": {"level": …}}.
        .or_else(|| match named("log")?.1 {
            Value::Nested(text) => of_fields(&self::fields(text)?),
            Value::Text(_) | Value::Word(_) => None,
        })
}

fn of_mongo(word: &str, fields: &[(&str, Value<'_>)]) -> Option<Level> {
    let has = |name: &str| fields.iter().any(|(other, _)| *other == name);
    (has("c") && has("id")).then(|| Level::of_letter(*word.as_bytes().first()?)).flatten()
}

/// Level of a number, whose meaning depends on the logger.
fn of_numbered(name: &str, number: u64, fields: &[(&str, Value<'_>)]) -> Option<Level> {
    let has =
        |names: &[&str]| names.iter().any(|name| fields.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
    match name.to_ascii_lowercase().as_str() {
        // Python.
        "levelno" => match number {
            10 => Some(Level::Debug),
            20 => Some(Level::Info),
            30 => Some(Level::Warn),
            40 => Some(Level::Error),
            50 => Some(Level::Fatal),
            _ => None,
        },
        // OpenTelemetry.
        "severity_number" | "severitynumber" => {
            let step = usize::try_from(number.checked_sub(1)? / 4).ok()?;
            Level::ALL.get(step).copied()
        }
        // journald.
        "priority" => Level::of_syslog(number),
        "s" => None,
        // Nextcloud.
        _ if has(&["reqId"]) && has(&["app"]) => Level::ALL.get(usize::try_from(number).ok()?.checked_add(1)?).copied(),
        // GELF uses syslog's numbers. In logr and similar loggers, small numbers are a verbosity,
        // not a severity.
        _ if has(&["short_message", "facility"]) => Level::of_syslog(number),
        _ if number < 10 && (number == 0 || has(&["msg", "logger", "caller", "v"])) => None,
        _ => Level::of_number(number).or_else(|| Level::of_syslog(number)),
    }
}

/// Level of `level=warn` as in logfmt: at the start, or after a time, a name in brackets or another
/// pair. A sentence such as "compression level=3" does not count.
fn of_pair(text: &str) -> Option<Level> {
    ["level=", "lvl=", "severity=", "loglevel=", "log_level=", "level_name=", "levelname="].iter().find_map(|name| {
        text.match_indices(name).take(MAX_PAIRS).find_map(|(at, name)| {
            let value = &text[at + name.len()..];
            let word = value.trim_start_matches('"').split(|letter: char| !letter.is_ascii_alphanumeric()).next()?;
            if !is_a_pair(&text[..at], text) {
                return None;
            }
            Level::parse(word).or_else(|| Level::of_number(word.parse().ok().filter(|number| *number >= 10)?))
        })
    })
}

/// Maximum number of occurrences of a field's name that are checked.
const MAX_PAIRS: usize = 4;

fn is_a_pair(before: &str, text: &str) -> bool {
    let Some(word) = before.strip_suffix([' ', '\t', ',', '{', '[']).map(str::trim_end) else {
        return before.is_empty();
    };
    // Not within another pair's quoted text.
    if before.matches('"').count() % 2 == 1 {
        return false;
    }
    let last = word.rsplit([' ', '\t']).next().unwrap_or_default();
    // Plain words are a sentence; times, names in brackets and pairs are not. After a message there
    // must be another pair.
    let is_header = last.is_empty()
        || last.contains('=')
        || last.ends_with(['"', ']', ')', ':', '|', '-', ',', '}'])
        || last.bytes().any(|byte| byte.is_ascii_digit());
    is_header || (word.contains('=') && text.starts_with(|letter: char| letter.is_ascii_digit() || letter == '['))
}

/// Level of a JSON object at the end of a line: `2026-11-23 09:30:00 {"level":"error"}`.
fn of_embedded(text: &str) -> Option<Level> {
    if !text.ends_with('}') {
        return None;
    }
    of_fields(&fields(&text[text.find("{\"")?..])?)
}

#[cfg(test)]
mod tests;
