//! What stands in a log: lines, and what happened between them.

use super::{
    Level, ansi,
    event::{Ended, Printed},
    json, level_of,
};
use crate::model::{LogEndReason, LogStream, Timestamp};

/// A line, or a divider. Its number says in which order it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 0 on, without a gap.
    pub number: u64,
    /// Whose: the place among the containers of the page.
    pub source: usize,
    /// When; of a divider, where it is known.
    pub at: Option<Timestamp>,
    /// As it was printed; of a divider, its words.
    pub text: Box<str>,
    /// Which of the two.
    pub kind: Kind,
}

/// Which of the two, and what only that one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Printed by a container.
    Printed {
        /// Where to.
        stream: LogStream,
        /// How serious, where it is known.
        level: Option<Level>,
        /// Whether it is a JSON object.
        is_json: bool,
        /// Whether its end was left out.
        truncated: bool,
    },
    /// Said by the page.
    Divider,
}

impl Line {
    /// A printed line; `before` is the one before it of the same container and stream, whose level an indented line shares.
    pub fn printed(number: u64, source: usize, printed: Printed, before: Option<Level>) -> Self {
        let Printed { container: _, stream, at, text, truncated } = printed;
        let is_json =
            text.trim_start().starts_with('{') && json::fields(&text).is_some_and(|fields| !fields.is_empty());
        let plain = ansi::plain(&text);
        let continues = plain.starts_with(['\t', ' ']) && !plain.trim_start().is_empty();
        let level = level_of(&plain, is_json).or_else(|| before.filter(|_| continues));
        Self { number, source, at: Some(at), text, kind: Kind::Printed { stream, level, is_json, truncated } }
    }

    /// What is said where a log ends for now or for ever.
    pub fn end(number: u64, source: usize, end: &Ended) -> Self {
        let mut words = match end.reason {
            LogEndReason::Stopped => "Stopped",
            LogEndReason::Removed => "Removed: nothing more follows",
            LogEndReason::Until => "End of the time asked for",
            LogEndReason::EngineLost => "The engine is not answering: what follows will be fetched when it is back",
            LogEndReason::Refused => "The engine does not tell this log",
        }
        .to_owned();
        if let Some(code) = end.exit_code {
            words.push_str(", exit code ");
            words.push_str(&code.to_string());
        }
        if let Some(detail) = &end.detail {
            words.push_str(": ");
            words.push_str(detail);
        }
        Self::divider(number, source, end.at, words)
    }

    /// What is said where lines follow again.
    pub fn resume(number: u64, source: usize, after: LogEndReason) -> Self {
        let words = match after {
            LogEndReason::EngineLost => "The engine is back: nothing was left out",
            _ => "Running again",
        };
        Self::divider(number, source, None, words.to_owned())
    }

    fn divider(number: u64, source: usize, at: Option<Timestamp>, words: String) -> Self {
        Self { number, source, at, text: words.into_boxed_str(), kind: Kind::Divider }
    }

    /// Its level, where it has one.
    pub const fn level(&self) -> Option<Level> {
        match self.kind {
            Kind::Printed { level, .. } => level,
            Kind::Divider => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str, before: Option<Level>) -> Kind {
        let stream = LogStream::Stderr;
        let printed =
            Printed { container: None, stream, at: Timestamp::from_millis(5), text: text.into(), truncated: false };
        Line::printed(0, 0, printed, before).kind
    }

    #[test]
    fn a_stack_trace_shares_the_level_of_what_it_explains() {
        let level = |text, before| match printed(text, before) {
            Kind::Printed { level, .. } => level,
            Kind::Divider => None,
        };
        assert_eq!(level("\u{1b}[31mERROR\u{1b}[0m boom", None), Some(Level::Error));
        assert_eq!(level("\tat Main.java:3", Some(Level::Error)), Some(Level::Error));
        assert_eq!(level("another", Some(Level::Error)), None);
        assert_eq!(level("   ", Some(Level::Error)), None);
    }

    #[test]
    fn objects_are_known() {
        for (text, known) in [(r#"{"a":1}"#, true), (r#" {"a":1} "#, true), ("{}", false), ("{a}", false), ("x", false)]
        {
            assert!(matches!(printed(text, None), Kind::Printed { is_json, .. } if is_json == known), "{text}");
        }
    }

    #[test]
    fn dividers_say_what_happened() {
        let end = Ended {
            container: None,
            reason: LogEndReason::Stopped,
            last: false,
            exit_code: Some(137),
            at: Some(Timestamp::from_millis(5)),
            detail: None,
        };
        assert_eq!(&*Line::end(1, 0, &end).text, "Stopped, exit code 137");
        assert_eq!(&*Line::resume(2, 0, LogEndReason::Stopped).text, "Running again");
    }
}
