//! Query of a log: time range, number of lines, streams.
//!
//! In: query strings. Out: a [`LogQuery`], or a [`BadQuery`] with the expected format. Pure.

use super::{LogTime, TimeText};
use app::model::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Default number of lines of a stream: a screen or two to scroll back.
const DEFAULT_TAIL: u32 = 500;
/// Maximum number of lines of a stream; `all` is for downloads.
const MAX_TAIL: u32 = 1_000_000;

/// Maximum number of lines before an end time; all of them are held until the last one is known.
const MAX_TAIL_BEFORE_END: u32 = 10_000;

/// Query string of a log, before it is parsed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct LogQueryText {
    /// Number of most recent lines, at most 1,000,000, or `all`. With `until`, at most 10,000 are
    /// sent. If omitted, 500 in a stream and `all` in a file.
    #[param(pattern = "^(all|[0-9]{1,6}|1000000)$", example = "500")]
    pub tail: Option<String>,
    /// Earliest time: RFC 3339, seconds since 1970, or an age such as `10m`.
    #[param(value_type = Option<TimeText>)]
    pub since: Option<String>,
    /// Latest time, in the same formats; the whole day or millisecond is included. A stream ends
    /// there.
    #[param(value_type = Option<TimeText>)]
    pub until: Option<String>,
    /// Output stream; `all` if omitted.
    #[param(inline, value_type = Option<StreamChoice>)]
    pub stream: Option<String>,
    /// False to omit the times in a file; true if omitted. Ignored by a stream.
    #[param(value_type = Option<bool>)]
    pub timestamps: Option<String>,
    /// As the header `Last-Event-ID`, which takes precedence; for clients that cannot send it.
    /// Ignored for a file.
    pub last_event_id: Option<String>,
}

/// Values of [`LogQueryText::stream`].
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "for the OpenAPI document")]
enum StreamChoice {
    Stdout,
    Stderr,
    All,
}

/// Selection of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogQuery {
    /// Number of lines.
    pub tail: Tail,
    /// Earliest time.
    pub since: Option<LogTime>,
    /// Latest time.
    pub until: Option<LogTime>,
    /// Output streams.
    pub streams: Streams,
    /// True if a download includes timestamps.
    pub timestamps: bool,
}

/// Number of most recent lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// All lines.
    All,
    /// At most this many lines.
    Lines(u32),
}

/// Output streams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Streams {
    /// Both.
    #[default]
    All,
    /// Standard output only.
    Stdout,
    /// Standard error only.
    Stderr,
}

/// Error message about an invalid parameter and its expected format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadQuery(pub &'static str);

/// Message about an invalid time, with all formats of [`LogTime::read`].
pub const BAD_TIME: BadQuery = BadQuery(
    "since and until are times such as 14:30, 2026-11-23, 2026-11-23 09:30 or 2026-11-23T09:30:00Z (in UTC where they have no offset), \
     seconds since 1970, or ages such as 15m, 2h or 3d.",
);

impl LogQuery {
    /// Parses the query of a stream.
    ///
    /// # Errors
    /// For the first invalid parameter.
    pub fn for_stream(text: &LogQueryText, now: Timestamp) -> Result<Self, BadQuery> {
        Self::read(text, Tail::Lines(DEFAULT_TAIL), now)
    }

    /// Parses the query of a download.
    ///
    /// # Errors
    /// For the first invalid parameter.
    pub fn for_download(text: &LogQueryText, now: Timestamp) -> Result<Self, BadQuery> {
        Self::read(text, Tail::All, now)
    }

    fn read(text: &LogQueryText, default_tail: Tail, now: Timestamp) -> Result<Self, BadQuery> {
        let LogQueryText { tail, since, until, stream, timestamps, last_event_id: _ } = text;
        let time = |text: &String| LogTime::read(text, now).ok_or(BAD_TIME);
        let tail = match tail.as_deref() {
            None => default_tail,
            Some("all") => Tail::All,
            Some(number) => {
                let lines = number.parse().ok().filter(|lines| *lines <= MAX_TAIL);
                Tail::Lines(lines.ok_or(BadQuery("tail is a number of lines, at most 1000000, or all."))?)
            }
        };
        // Lines before a time are all held until the last one is known.
        let tail = match tail {
            Tail::Lines(lines) if until.is_some() => Tail::Lines(lines.min(MAX_TAIL_BEFORE_END)),
            tail => tail,
        };
        let streams = match stream.as_deref() {
            None | Some("all") => Streams::All,
            Some("stdout") => Streams::Stdout,
            Some("stderr") => Streams::Stderr,
            Some(_) => return Err(BadQuery("stream is stdout, stderr or all.")),
        };
        let timestamps = match timestamps.as_deref() {
            None | Some("true") => true,
            Some("false") => false,
            Some(_) => return Err(BadQuery("timestamps is true or false.")),
        };
        let since = since.as_ref().map(time).transpose()?;
        let end = |text: &String| LogTime::read_end(text, now).ok_or(BAD_TIME);
        let until = until.as_ref().map(end).transpose()?;
        Ok(Self { tail, since, until, streams, timestamps })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    fn read(set: impl FnOnce(&mut LogQueryText)) -> Result<LogQuery, BadQuery> {
        let mut text = LogQueryText::default();
        set(&mut text);
        LogQuery::for_stream(&text, Timestamp::from_millis(1_795_426_200_000))
    }

    #[test]
    fn streams_default_to_the_newest_lines_and_downloads_to_all() {
        let default_tail = read(|_| ()).unwrap();
        assert_eq!(
            (default_tail.tail, default_tail.streams, default_tail.since, default_tail.until),
            (Tail::Lines(500), Streams::All, None, None)
        );
        let download = LogQuery::for_download(&LogQueryText::default(), Timestamp::from_millis(0)).unwrap();
        assert_eq!((download.tail, download.timestamps), (Tail::All, true));
    }

    #[test]
    fn invalid_parameters_are_named() {
        assert_eq!(read(|text| text.tail = Some("0".into())).unwrap().tail, Tail::Lines(0));
        assert_eq!(read(|text| text.stream = Some("stderr".into())).unwrap().streams, Streams::Stderr);
        for wrong in ["", "-1", "1000001", "many", "1.5", "ALL"] {
            assert!(read(|text| text.tail = Some(wrong.into())).unwrap_err().0.starts_with("tail"), "{wrong}");
        }
        let with_end =
            |tail: &str| read(|text| (text.tail, text.until) = (Some(tail.to_owned()), Some("5".to_owned())));
        let tail = |text| with_end(text).unwrap().tail;
        assert_eq!([tail("9"), tail("all"), tail("10001")], [Tail::Lines(9), Tail::All, Tail::Lines(10_000)]);
        assert!(read(|text| text.since = Some("soon".into())).unwrap_err().0.starts_with("since"));
        assert!(read(|text| text.until = Some(String::new())).is_err());
        assert!(read(|text| text.stream = Some("both".into())).unwrap_err().0.starts_with("stream"));
        assert!(read(|text| text.timestamps = Some("1".into())).unwrap_err().0.starts_with("timestamps"));
    }

    #[test]
    fn until_includes_its_own_millisecond() {
        let until = read(|text| text.until = Some("2026-11-23T09:30:00.125Z".into())).unwrap().until;
        assert_eq!(until, Some(LogTime(1_795_426_200_125_999_999)));
    }
}
