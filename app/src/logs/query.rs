//! The choices of the log page, stored in its URL:
//! `/containers/{id}/logs?q=timeout&levels=warn,error&wrap=1`. Unknown words fall back to the
//! default; defaults are not written.

use super::{Level, time_text};
use crate::{
    model::{ContainerId, ContainerKey, Timestamp},
    query::{decode, encode},
};

/// Maximum number of logs that the server merges.
pub const MAX_MERGED_LOGS: usize = 32;

/// Path of the page that merges the logs of these containers.
pub fn merged_path(keys: &[ContainerKey], several_engines: bool) -> String {
    let keys = &keys[..keys.len().min(MAX_MERGED_LOGS)];
    if keys.is_empty() { "/logs".to_owned() } else { format!("/logs?ids={}", ids(keys, several_engines)) }
}

/// Containers in the format of the page's and the server's URL: `ID,ID`; with several engines,
/// `ENGINE/ID,ENGINE/ID`.
pub fn ids(keys: &[ContainerKey], several_engines: bool) -> String {
    let id = |key: &ContainerKey| if several_engines { key.to_string() } else { key.id.to_string() };
    keys.iter().map(id).collect::<Vec<_>>().join(",")
}

/// A container in the URL of a merged page. The engine is from a request, so it is not interned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRef {
    /// Name of the engine, if the URL has one.
    pub engine: Option<String>,
    /// The container.
    pub id: ContainerId,
}

impl LogRef {
    fn parse(text: &str) -> Option<Self> {
        let (engine, id) = match text.split_once('/') {
            Some((engine, id)) => (Some(engine.to_owned()), id),
            None => (None, text),
        };
        Some(Self { engine, id: id.parse().ok()? })
    }
}

/// Output streams to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StreamChoice {
    /// Both.
    #[default]
    All,
    /// Standard output only.
    Stdout,
    /// Standard error only.
    Stderr,
}

/// Time zone of the lines' times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Zone {
    /// The browser's time zone.
    #[default]
    Local,
    /// UTC.
    Utc,
    /// Times are hidden.
    None,
}

impl StreamChoice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::All, Self::Stdout, Self::Stderr];

    /// Word in the page's and the server's URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// Parses a word; both streams for an unknown one.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|choice| choice.as_str() == word).unwrap_or_default()
    }
}

impl Zone {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Local, Self::Utc, Self::None];

    /// Word in the URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Utc => "utc",
            Self::None => "none",
        }
    }

    /// Label in the UI.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Local => "Local time",
            Self::Utc => "UTC",
            Self::None => "None",
        }
    }

    /// Parses a word; the browser's zone for an unknown one.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|zone| zone.as_str() == word).unwrap_or_default()
    }
}

/// Choices for the number of newest lines to load.
pub const TAILS: [u32; 5] = [100, 500, 1_000, 10_000, 100_000];
const DEFAULT_TAIL: u32 = 500;
/// Maximum number of lines that the server sends for a request with an end time.
const MAX_TAIL_WITH_END: u32 = 10_000;

/// All choices except the containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsQuery {
    /// Search text.
    pub search: String,
    /// True if the search text is a regular expression.
    pub regex: bool,
    /// True if lines without a match are hidden.
    pub only_found: bool,
    /// Output streams to show.
    pub stream: StreamChoice,
    /// Hidden levels; `None` stands for lines without a level.
    pub hidden: Vec<Option<Level>>,
    /// Start of the time range, as typed.
    pub since: String,
    /// End of the time range, as typed.
    pub until: String,
    /// Number of newest lines to load.
    pub tail: u32,
    /// True if long lines wrap.
    pub wrap: bool,
    /// Time zone of the lines' times.
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
            tail: DEFAULT_TAIL,
            wrap: false,
            zone: Zone::Local,
        }
    }
}

/// Word in the URL for lines without a level.
const NO_LEVEL: &str = "other";

/// Every level that can be hidden.
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
    /// Parses the part of a URL after `?`. Also returns the containers of a merged page.
    pub fn parse(search: &str) -> (Self, Vec<LogRef>) {
        let mut query = Self::default();
        let mut ids: Vec<LogRef> = Vec::new();
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
                "tail" => query.tail = value.parse().ok().filter(|tail| TAILS.contains(tail)).unwrap_or(DEFAULT_TAIL),
                "wrap" => query.wrap = value == "1",
                "time" => query.zone = Zone::parse(&value),
                "ids" => {
                    for id in value.split(',').filter_map(LogRef::parse) {
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

    /// URL of a page with these choices; `path` may already have a query.
    pub fn href(&self, path: &str) -> String {
        let Self { search, regex, only_found, stream, hidden, since, until, tail, wrap, zone } = self;
        let mut href = path.to_owned();
        let mut put = |name: &str, value: &str, is_default: bool| {
            if !is_default {
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
        let visible =
            LEVELS.iter().filter(|level| !hidden.contains(level)).map(|level| level.map_or(NO_LEVEL, Level::as_str));
        put("levels", &visible.collect::<Vec<_>>().join(","), hidden.is_empty());
        put("since", &encode(since), since.is_empty());
        put("until", &encode(until), until.is_empty());
        put("tail", &tail.to_string(), *tail == DEFAULT_TAIL);
        put("wrap", "1", !wrap);
        put("time", zone.as_str(), *zone == Zone::Local);
        href
    }

    /// Number of newest lines to request from the server.
    pub fn stream_tail(&self) -> u32 {
        if self.until.is_empty() { self.tail } else { self.tail.min(MAX_TAIL_WITH_END) }
    }

    /// The next larger number of lines; `None` if there is none.
    pub fn longer_tail(&self) -> Option<u32> {
        let max = if self.until.is_empty() { u32::MAX } else { MAX_TAIL_WITH_END };
        TAILS.into_iter().find(|tail| *tail > self.tail && *tail <= max)
    }

    /// The stream's query for the server. `offset_minutes` returns the offset of the shown zone, at
    /// a given time or now.
    pub fn for_stream(&self, offset_minutes: &dyn Fn(Option<Timestamp>) -> i32) -> String {
        format!("tail={}{}", self.stream_tail(), self.span(offset_minutes))
    }

    /// The query of a download, which includes all lines of the time range.
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

/// Converts the list of visible levels to the hidden ones.
fn hidden(visible: &str) -> Vec<Option<Level>> {
    let visible: Vec<&str> = visible.split(',').collect();
    let is_visible = |level: &Option<Level>| visible.contains(&level.map_or(NO_LEVEL, Level::as_str));
    LEVELS.into_iter().filter(|level| !is_visible(level)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EngineName;

    #[test]
    fn with_several_engines_the_path_names_each_containers_engine() {
        let id: ContainerId = "ab".repeat(32).parse().unwrap_or_else(|_| unreachable!("64 digits"));
        let keys = ["a", "b"].map(|name| ContainerKey::new(EngineName::new(name).unwrap_or_default(), id));
        assert_eq!(merged_path(&keys[..1], false), format!("/logs?ids={id}"));
        let path = merged_path(&keys, true);
        assert_eq!(path, format!("/logs?ids=a/{id},b/{id}"));
        let named = |name: &str| LogRef { engine: Some(name.to_owned()), id };
        assert_eq!(LogsQuery::parse(&path["/logs?".len()..]).1, [named("a"), named("b")]);
    }

    #[test]
    fn every_choice_round_trips() {
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
        assert_eq!(LogsQuery::parse(search), (query, vec![LogRef { engine: None, id }]));
        assert!(href.contains("&levels=debug,info,warn,error,fatal&"), "{href}");
    }

    #[test]
    fn defaults_are_not_written_and_unknown_words_are_defaults() {
        assert_eq!(LogsQuery::default().href("/logs"), "/logs");
        let (query, ids) = LogsQuery::parse("tail=7&stream=both&time=moon&wrap=yes&ids=abc,,&q&x=1");
        assert_eq!((query, ids.len()), (LogsQuery::default(), 0));
        let id = "ab".repeat(32);
        assert_eq!(LogsQuery::parse(&format!("ids={id},{id}")).1.len(), 1);
    }

    #[test]
    fn the_stream_is_limited_and_the_download_is_not() {
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
