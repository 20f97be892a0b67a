//! What stands in a log: lines, and what happened between them.

use super::{
    Level, ansi,
    event::{Ended, Gap, Printed},
    json, level,
};
use crate::model::{LogEndReason, LogGapReason, LogStream, Timestamp};

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
    /// Said by the page, where lines may be missing.
    Gap {
        /// Since when.
        from: Option<Timestamp>,
    },
}

/// What a line hands on to the next one of its container and stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Above {
    /// The level that lines share which go on with it.
    pub level: Option<Level>,
    /// Whether it is part of a stack trace or the like.
    pub is_trace: bool,
}

impl Line {
    /// A printed line. `above` is what the one before it of the same container and stream hands on, and becomes what this one does: stack
    /// traces and other details share the level of the line that they explain.
    pub fn printed(number: u64, source: usize, printed: Printed, above: &mut Above) -> Self {
        let Printed { container: _, stream, at, text, truncated } = printed;
        let is_json =
            text.trim_start().starts_with('{') && json::fields(&text).is_some_and(|fields| !fields.is_empty());
        let level = above.level_of(&ansi::plain(&text), is_json);
        Self { number, source, at: Some(at), text, kind: Kind::Printed { stream, level, is_json, truncated } }
    }

    /// What is said where lines may be missing.
    pub fn gap(number: u64, source: usize, gap: Gap) -> Self {
        let words = match (gap.reason, gap.detail) {
            (LogGapReason::Rotated, _) => {
                "The engine rotated this log before it was read: lines may be missing".to_owned()
            }
            (LogGapReason::Unreadable, Some(detail)) => {
                format!("The engine could not read on: {detail}. Lines may be missing")
            }
            (LogGapReason::Unreadable, None) => "The engine could not read on: lines may be missing".to_owned(),
        };
        Self { kind: Kind::Gap { from: gap.from }, ..Self::divider(number, source, gap.to, words) }
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
            Kind::Divider | Kind::Gap { .. } => None,
        }
    }

    /// Whether a container printed it.
    pub const fn is_printed(&self) -> bool {
        matches!(self.kind, Kind::Printed { .. })
    }
}

impl Above {
    /// The level of the next line.
    fn level_of(&mut self, plain: &str, is_json: bool) -> Option<Level> {
        // Go leaves lines empty within a trace.
        if plain.trim().is_empty() {
            return None;
        }
        let continues = !is_json && level::continues(plain, self.is_trace);
        let shared = self.level.filter(|_| continues);
        // What a trace quotes is no level; what begins like a line of its own may have one.
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

    fn printed(text: &str, above: &mut Above) -> Kind {
        let stream = LogStream::Stderr;
        let printed =
            Printed { container: None, stream, at: Timestamp::from_millis(5), text: text.into(), truncated: false };
        Line::printed(0, 0, printed, above).kind
    }

    fn levels(lines: &[&str]) -> Vec<Option<Level>> {
        let mut above = Above::default();
        let level = |text: &&str| match printed(text, &mut above) {
            Kind::Printed { level, .. } => level,
            Kind::Divider | Kind::Gap { .. } => None,
        };
        lines.iter().map(level).collect()
    }

    #[test]
    fn a_stack_trace_shares_the_level_of_what_it_explains() {
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
    fn objects_are_known() {
        for (text, known) in [(r#"{"a":1}"#, true), (r#" {"a":1} "#, true), ("{}", false), ("{a}", false), ("x", false)]
        {
            assert!(
                matches!(printed(text, &mut Above::default()), Kind::Printed { is_json, .. } if is_json == known),
                "{text}"
            );
        }
    }

    #[test]
    fn gaps_say_why() {
        let gap = |reason, detail: Option<&str>| Gap {
            container: None,
            reason,
            from: Some(Timestamp::from_millis(5)),
            to: None,
            detail: detail.map(str::to_owned),
        };
        let line = Line::gap(1, 0, gap(LogGapReason::Unreadable, Some("invalid character 'x'")));
        assert_eq!(&*line.text, "The engine could not read on: invalid character 'x'. Lines may be missing");
        assert_eq!(line.kind, Kind::Gap { from: Some(Timestamp::from_millis(5)) });
        assert!(Line::gap(1, 0, gap(LogGapReason::Rotated, None)).text.starts_with("The engine rotated this log"));
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
