//! What is chosen on the page for logs, as its address holds it: `/containers/{id}/logs?q=timeout&levels=warn,error&wrap=1`. Unknown words
//! fall back to the default; defaults are not written.

use super::{Level, time_text};
use crate::{
    model::{ContainerId, Timestamp},
    query::{decode, encode},
};

/// As many logs as the server merges.
pub const MOST_MERGED: usize = 32;

/// The page on which the logs of these are merged.
pub fn merged_path(ids: &[ContainerId]) -> String {
    let ids: Vec<String> = ids.iter().take(MOST_MERGED).map(ToString::to_string).collect();
    if ids.is_empty() { "/logs".to_owned() } else { format!("/logs?ids={}", ids.join(",")) }
}

/// Where lines were printed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StreamChoice {
    /// Both.
    #[default]
    All,
    /// Standard output alone.
    Stdout,
    /// Standard error alone.
    Stderr,
}

/// In which zone times are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Zone {
    /// The browser's.
    #[default]
    Local,
    /// UTC.
    Utc,
    /// Not at all.
    None,
}

impl StreamChoice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::All, Self::Stdout, Self::Stderr];

    /// The word in the address, and in the server's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// Of a word; both for an unknown one.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|choice| choice.as_str() == word).unwrap_or_default()
    }
}

impl Zone {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Local, Self::Utc, Self::None];

    /// The word in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Utc => "utc",
            Self::None => "none",
        }
    }

    /// The words on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Local => "Local time",
            Self::Utc => "UTC",
            Self::None => "No time",
        }
    }

    /// Of a word; the browser's for an unknown one.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|zone| zone.as_str() == word).unwrap_or_default()
    }
}

/// How many of the newest lines a log may begin with.
pub const TAILS: [u32; 5] = [100, 500, 1_000, 10_000, 100_000];
const USUAL_TAIL: u32 = 500;
/// With an end in time, the server tells no more.
const MOST_UNTIL: u32 = 10_000;

/// Everything chosen but the containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsQuery {
    /// What is searched for.
    pub search: String,
    /// Whether that is a regular expression.
    pub regex: bool,
    /// Whether other lines are left out.
    pub only_found: bool,
    /// Printed to where.
    pub stream: StreamChoice,
    /// The levels that are hidden: `None` stands for lines that do not say theirs.
    pub hidden: Vec<Option<Level>>,
    /// None before this, as it was typed.
    pub since: String,
    /// None after this, as it was typed.
    pub until: String,
    /// How many of the newest lines.
    pub tail: u32,
    /// Whether long lines go on below.
    pub wrap: bool,
    /// How times are told.
    pub zone: Zone,
}

impl Default for LogsQuery {
    fn default() -> Self {
        Self {
            search: String::new(),
            regex: false,
            only_found: false,
            stream: StreamChoice::All,
            hidden: Vec::new(),
            since: String::new(),
            until: String::new(),
            tail: USUAL_TAIL,
            wrap: false,
            zone: Zone::Local,
        }
    }
}

/// Lines that do not say their level.
const OTHER: &str = "other";

/// All that may be hidden.
pub const LEVELS: [Option<Level>; 7] = [
    Some(Level::Trace),
    Some(Level::Debug),
    Some(Level::Info),
    Some(Level::Warn),
    Some(Level::Error),
    Some(Level::Fatal),
    None,
];

impl LogsQuery {
    /// Reads the part of an address after `?`; the containers of a merged page beside it.
    pub fn parse(search: &str) -> (Self, Vec<ContainerId>) {
        let mut query = Self::default();
        let mut ids: Vec<ContainerId> = Vec::new();
        for (name, value) in search.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = decode(value);
            match name {
                "q" => query.search = value,
                "regex" => query.regex = value == "1",
                "only" => query.only_found = value == "1",
                "stream" => query.stream = StreamChoice::parse(&value),
                "levels" => query.hidden = hidden(&value),
                "since" => query.since = value,
                "until" => query.until = value,
                "tail" => query.tail = value.parse().ok().filter(|tail| TAILS.contains(tail)).unwrap_or(USUAL_TAIL),
                "wrap" => query.wrap = value == "1",
                "time" => query.zone = Zone::parse(&value),
                "ids" => {
                    for id in value.split(',').filter_map(|id| id.parse().ok()) {
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    }
                }
                _ => {}
            }
        }
        (query, ids)
    }

    /// The address of a page seen this way; `path` may have a query already.
    pub fn href(&self, path: &str) -> String {
        let Self { search, regex, only_found, stream, hidden, since, until, tail, wrap, zone } = self;
        let mut href = path.to_owned();
        let mut put = |name: &str, value: &str, is_usual: bool| {
            if !is_usual {
                href.push(if href.contains('?') { '&' } else { '?' });
                href.push_str(name);
                href.push('=');
                href.push_str(value);
            }
        };
        put("q", &encode(search), search.is_empty());
        put("regex", "1", !regex);
        put("only", "1", !only_found);
        put("stream", stream.as_str(), *stream == StreamChoice::All);
        let seen =
            LEVELS.iter().filter(|level| !hidden.contains(level)).map(|level| level.map_or(OTHER, Level::as_str));
        put("levels", &seen.collect::<Vec<_>>().join(","), hidden.is_empty());
        put("since", &encode(since), since.is_empty());
        put("until", &encode(until), until.is_empty());
        put("tail", &tail.to_string(), *tail == USUAL_TAIL);
        put("wrap", "1", !wrap);
        put("time", zone.as_str(), *zone == Zone::Local);
        href
    }

    /// How many of the newest lines the server is asked for.
    pub fn stream_tail(&self) -> u32 {
        if self.until.is_empty() { self.tail } else { self.tail.min(MOST_UNTIL) }
    }

    /// The next larger number of lines; `None` where there are no more to be had.
    pub fn longer_tail(&self) -> Option<u32> {
        let most = if self.until.is_empty() { u32::MAX } else { MOST_UNTIL };
        TAILS.into_iter().find(|tail| *tail > self.tail && *tail <= most)
    }

    /// The query of the stream: what the server has to know. `offset_minutes`: of the zone that is shown, at a time or now.
    pub fn for_stream(&self, offset_minutes: &dyn Fn(Option<Timestamp>) -> i32) -> String {
        format!("tail={}{}", self.stream_tail(), self.span(offset_minutes))
    }

    /// The query of a download: everything in the same span of time.
    pub fn for_download(&self, offset_minutes: &dyn Fn(Option<Timestamp>) -> i32) -> String {
        let mut query = self.span(offset_minutes);
        if self.stream != StreamChoice::All {
            query.push_str("&stream=");
            query.push_str(self.stream.as_str());
        }
        query.trim_start_matches('&').to_owned()
    }

    fn span(&self, offset_minutes: &dyn Fn(Option<Timestamp>) -> i32) -> String {
        let mut span = String::new();
        for (name, typed) in [("&since=", &self.since), ("&until=", &self.until)] {
            if !typed.is_empty() {
                span.push_str(name);
                span.push_str(&encode(&time_text::for_server(typed, offset_minutes)));
            }
        }
        span
    }
}

/// The levels that a list of those that are seen leaves out.
fn hidden(seen: &str) -> Vec<Option<Level>> {
    let seen: Vec<&str> = seen.split(',').collect();
    let is_seen = |level: &Option<Level>| seen.contains(&level.map_or(OTHER, Level::as_str));
    LEVELS.into_iter().filter(|level| !is_seen(level)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_survives_the_address() {
        let query = LogsQuery {
            search: "a+b 100% <ü>&=".to_owned(),
            regex: true,
            only_found: true,
            stream: StreamChoice::Stderr,
            hidden: vec![Some(Level::Trace), None],
            since: "2026-11-23 09:30".to_owned(),
            until: "10m".to_owned(),
            tail: 10_000,
            wrap: true,
            zone: Zone::Utc,
        };
        let id: ContainerId = "ab".repeat(32).parse().unwrap_or_else(|_| unreachable!("64 digits"));
        let href = query.href(&format!("/logs?ids={id}"));
        let search = href.split_once('?').map(|(_, search)| search).unwrap_or_default();
        assert_eq!(LogsQuery::parse(search), (query, vec![id]));
        assert!(href.contains("&levels=debug,info,warn,error,fatal&"), "{href}");
    }

    #[test]
    fn defaults_are_not_written_and_nonsense_is_one() {
        assert_eq!(LogsQuery::default().href("/logs"), "/logs");
        let (query, ids) = LogsQuery::parse("tail=7&stream=both&time=moon&wrap=yes&ids=abc,,&q&x=1");
        assert_eq!((query, ids.len()), (LogsQuery::default(), 0));
        let id = "ab".repeat(32);
        assert_eq!(LogsQuery::parse(&format!("ids={id},{id}")).1.len(), 1);
    }

    #[test]
    fn the_server_is_asked_for_a_span_and_the_download_for_all_of_it() {
        let query = LogsQuery {
            since: "2026-11-23 09:30".to_owned(),
            until: "5m".to_owned(),
            tail: 100_000,
            stream: StreamChoice::Stdout,
            ..LogsQuery::default()
        };
        assert_eq!(query.for_stream(&|_| 60), "tail=10000&since=2026-11-23T09:30:00%2B01:00&until=5m");
        assert_eq!(query.for_download(&|_| 0), "since=2026-11-23T09:30:00Z&until=5m&stream=stdout");
        assert_eq!(query.longer_tail(), None);
        assert_eq!(LogsQuery { tail: 1_000, ..query }.longer_tail(), Some(10_000));
        assert_eq!(LogsQuery::default().longer_tail(), Some(1_000));
        assert_eq!(LogsQuery::default().for_stream(&|_| 0), "tail=500");
        assert_eq!(LogsQuery::default().for_download(&|_| 0), "");
    }
}
