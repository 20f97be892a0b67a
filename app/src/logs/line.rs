//! Log lines, and dividers between them.

use super::{
    Level, ansi,
    event::{Ended, Gap, Printed},
    json, level,
};
use crate::model::{LogEndReason, LogGapReason, LogStream, Timestamp};

/// A line or a divider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Consecutive number from 0, in order of arrival.
    pub number: u64,
    /// Index of the container on the page.
    pub source: usize,
    /// Time of the line; for a divider, if known.
    pub at: Option<Timestamp>,
    /// Text as printed; for a divider, its message.
    pub text: Box<str>,
    /// Kind of the line.
    pub kind: Kind,
}

/// Kind of a line, with its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line that a container printed.
    Printed {
        /// Output stream.
        stream: LogStream,
        /// Level, if known.
        level: Option<Level>,
        /// True if the text is a JSON object.
        is_json: bool,
        /// True if the end of the line is missing.
        truncated: bool,
    },
    /// A message from the page.
    Divider,
    /// A message from the page about missing lines.
    Gap {
        /// Time of the last line before the gap.
        from: Option<Timestamp>,
    },
}

/// State passed from a line to the next one of the same container and stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineContext {
    /// Level shared by lines that continue this one.
    pub level: Option<Level>,
    /// True if the line is part of a stack trace or similar.
    pub is_trace: bool,
}

impl Line {
    /// A printed line. `context` is the state after the previous line of the same container and
    /// stream, and is updated: stack traces and other details share the level of the line to which
    /// they belong.
    pub fn printed(number: u64, source: usize, printed: Printed, context: &mut LineContext) -> Self {
        let Printed { container: _, stream, at, text, truncated } = printed;
        let is_json =
            text.trim_start().starts_with('{') && json::fields(&text).is_some_and(|fields| !fields.is_empty());
        let level = context.level_of(&ansi::plain(&text), is_json);
        Self { number, source, at: Some(at), text, kind: Kind::Printed { stream, level, is_json, truncated } }
    }

    /// The divider at a gap.
    pub fn gap(number: u64, source: usize, gap: Gap) -> Self {
        let words = match (gap.reason, gap.detail) {
            (LogGapReason::Rotated, _) => {
                "The engine rotated this log before it was read: lines may be missing".to_owned()
            }
            (LogGapReason::Unreadable, Some(detail)) => {
                format!("The engine could not read the whole log: {detail}. Lines may be missing")
            }
            (LogGapReason::Unreadable, None) => {
                "The engine could not read the whole log: lines may be missing".to_owned()
            }
        };
        Self { kind: Kind::Gap { from: gap.from }, ..Self::divider(number, source, gap.to, words) }
    }

    /// The divider at the end of a log, final or not.
    pub fn end(number: u64, source: usize, end: &Ended) -> Self {
        let mut words = match end.reason {
            LogEndReason::Stopped => "Stopped",
            LogEndReason::Removed => "Container removed: end of log",
            LogEndReason::Until => "End of range",
            LogEndReason::EngineLost => "Engine not responding; the log continues when it is back",
            LogEndReason::Refused => "The engine cannot read this log (log driver)",
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

    /// The divider where a log resumes.
    pub fn resume(number: u64, source: usize, after: LogEndReason) -> Self {
        let words = match after {
            LogEndReason::EngineLost => "The engine is back. No lines were lost",
            _ => "Running again",
        };
        Self::divider(number, source, None, words.to_owned())
    }

    fn divider(number: u64, source: usize, at: Option<Timestamp>, words: String) -> Self {
        Self { number, source, at, text: words.into_boxed_str(), kind: Kind::Divider }
    }

    /// Level of the line, if known.
    pub const fn level(&self) -> Option<Level> {
        match self.kind {
            Kind::Printed { level, .. } => level,
            Kind::Divider | Kind::Gap { .. } => None,
        }
    }

    /// True if a container printed the line.
    pub const fn is_printed(&self) -> bool {
        matches!(self.kind, Kind::Printed { .. })
    }
}

impl LineContext {
    /// Level of the next line, whose text is `plain`.
    fn level_of(&mut self, plain: &str, is_json: bool) -> Option<Level> {
        // Go prints empty lines within a trace.
        if plain.trim().is_empty() {
            return None;
        }
        let continues = !is_json && level::continues(plain, self.is_trace);
        let shared = self.level.filter(|_| continues);
        // Levels quoted within a trace do not count, unless the line looks like a new entry.
        let is_own =
            shared.is_none() || plain.trim_start().starts_with(|first: char| first.is_ascii_digit() || first == '[');
        let own = if is_own { level::level_of(plain, is_json) } else { None };
        *self = Self { level: own.or(shared), is_trace: continues };
        self.level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str, context: &mut LineContext) -> Kind {
        let stream = LogStream::Stderr;
        let printed =
            Printed { container: None, stream, at: Timestamp::from_millis(5), text: text.into(), truncated: false };
        Line::printed(0, 0, printed, context).kind
    }

    fn levels(lines: &[&str]) -> Vec<Option<Level>> {
        let mut context = LineContext::default();
        let level = |text: &&str| match printed(text, &mut context) {
            Kind::Printed { level, .. } => level,
            Kind::Divider | Kind::Gap { .. } => None,
        };
        lines.iter().map(level).collect()
    }

    #[test]
    fn a_stack_trace_shares_the_level_of_its_first_line() {
        use Level::{Error, Fatal, Info};
        let traces: [(&[&str], Option<Level>); 6] = [
            (
                &[
                    "\u{1b}[31mERROR\u{1b}[0m boom",
                    "java.io.IOException: gone",
                    "\tat Main.java:3",
                    "Caused by: x",
                    "\t... 12 more",
                ],
                Some(Error),
            ),
            (
                &[
                    "ERROR:root:boom",
                    "Traceback (most recent call last):",
                    "  File \"x.py\", line 3",
                    "    log(\"INFO: x\")",
                    "app.errors.Gone: x",
                ],
                Some(Error),
            ),
            (
                &["panic: boom", "goroutine 1 [running]:", "main.main()", "\t/app/main.go:3 +0x1d", "exit status 2"],
                Some(Fatal),
            ),
            (
                &[
                    "fail: X[1]",
                    "      An error",
                    "      System.Exception: x",
                    "         at X.Y()",
                    "      --- End of inner",
                ],
                Some(Error),
            ),
            (
                &[
                    "2026-11-23 09:30:00 UTC [1] ERROR:  relation \"x\" does not exist",
                    "2026-11-23 09:30:00 UTC [1] DETAIL:  x",
                    "2026-11-23 09:30:00 UTC [1] STATEMENT:  select 'WARN'",
                    "\tfrom x",
                ],
                Some(Error),
            ),
            (&["info: X[1]", "      Now listening"], Some(Info)),
        ];
        for (lines, level) in traces {
            assert_eq!(levels(lines), vec![level; lines.len()], "{lines:?}");
        }
        assert_eq!(levels(&["ERROR boom", "another", "\tat x"]), [Some(Error), None, None]);
        assert_eq!(levels(&["panic: x", "", "goroutine 1 [running]:"]), [Some(Fatal), None, Some(Fatal)]);
        assert_eq!(
            levels(&["ERROR boom", "  2026-11-23 09:30:00 INFO up", "  x"]),
            [Some(Error), Some(Info), Some(Info)]
        );
        assert_eq!(levels(&["\tat x", "   "]), [None, None]);
    }

    #[test]
    fn json_objects_are_recognized() {
        for (text, known) in [(r#"{"a":1}"#, true), (r#" {"a":1} "#, true), ("{}", false), ("{a}", false), ("x", false)]
        {
            assert!(
                matches!(printed(text, &mut LineContext::default()), Kind::Printed { is_json, .. } if is_json == known),
                "{text}"
            );
        }
    }

    #[test]
    fn gaps_have_a_reason() {
        let gap = |reason, detail: Option<&str>| Gap {
            container: None,
            reason,
            from: Some(Timestamp::from_millis(5)),
            to: None,
            detail: detail.map(str::to_owned),
        };
        let line = Line::gap(1, 0, gap(LogGapReason::Unreadable, Some("invalid character 'x'")));
        assert_eq!(&*line.text, "The engine could not read the whole log: invalid character 'x'. Lines may be missing");
        assert_eq!(line.kind, Kind::Gap { from: Some(Timestamp::from_millis(5)) });
        assert!(Line::gap(1, 0, gap(LogGapReason::Rotated, None)).text.starts_with("The engine rotated this log"));
    }

    #[test]
    fn dividers_describe_ends_and_resumes() {
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
