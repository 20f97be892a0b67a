//! Query of events: time range, containers, kinds, number. Pure.

use super::log::Recorded;
use crate::engine::{BAD_TIME, BadQuery, LogTime, TimeText};
use app::model::{ContainerId, EngineName, OccurrenceKind, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

/// Default number of events.
const DEFAULT_LIMIT: usize = 500;
/// Maximum value of `limit`; no more events are recorded.
const MAX_LIMIT: usize = 20_000;

/// Query string of events, before it is parsed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct EventQueryText {
    /// Earliest time: RFC 3339, seconds since 1970, or an age such as `1h`. A stream starts there;
    /// otherwise with new events.
    #[param(value_type = Option<TimeText>)]
    pub since: Option<String>,
    /// Latest time, in the same formats. Ignored by a stream.
    #[param(value_type = Option<TimeText>)]
    pub until: Option<String>,
    /// Ids of containers, separated by commas; all if omitted.
    #[param(style = Form, explode = false, value_type = Option<Vec<ContainerId>>, min_items = 1)]
    pub container: Option<String>,
    /// Names of engines, separated by commas; all if omitted.
    #[param(style = Form, explode = false, value_type = Option<Vec<EngineName>>, min_items = 1)]
    pub engine: Option<String>,
    /// Kinds of events, separated by commas; all if omitted.
    #[param(style = Form, explode = false, value_type = Option<Vec<OccurrenceKind>>, min_items = 1)]
    pub kind: Option<String>,
    /// Maximum number of events, the newest; 500 if omitted. Ignored by a stream.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 20_000)]
    pub limit: Option<String>,
    /// As the header `Last-Event-ID`, which takes precedence; for clients that cannot send it.
    pub last_event_id: Option<String>,
}

/// Selection of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// Earliest time.
    pub since: Option<LogTime>,
    /// Latest time.
    pub until: Option<LogTime>,
    /// Containers; empty means all.
    pub containers: Vec<ContainerId>,
    /// Names of engines; empty means all.
    pub engines: Vec<String>,
    /// Kinds of events; empty means all.
    pub kinds: Vec<OccurrenceKind>,
    /// Maximum number of events, the newest.
    pub limit: usize,
}

impl EventQuery {
    /// Parses the query string; `None` for an invalid container id.
    ///
    /// # Errors
    /// For the first invalid parameter.
    pub fn read(text: &EventQueryText, now: Timestamp) -> Result<Self, Option<BadQuery>> {
        let time = |text: &String| LogTime::read(text, now).ok_or(BAD_TIME);
        let ids = text.container.iter().flat_map(|ids| ids.split(','));
        let kinds = text.kind.iter().flat_map(|kinds| kinds.split(',')).map(|word| {
            let kind = OccurrenceKind::ALL.into_iter().find(|kind| kind.as_str() == word);
            kind.ok_or(BadQuery("kind must be one or more event kinds separated by commas, such as created,died."))
        });
        let limit = text.limit.as_ref().map(|limit| {
            let limit = limit.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
            limit.ok_or(BadQuery("limit must be a number from 1 to 20000."))
        });
        Ok(Self {
            since: text.since.as_ref().map(time).transpose()?,
            until: text.until.as_ref().map(|text| LogTime::read_end(text, now).ok_or(BAD_TIME)).transpose()?,
            containers: ids.map(str::parse).collect::<Result<_, _>>().map_err(|_| None)?,
            engines: text.engine.iter().flat_map(|names| names.split(',')).map(str::to_owned).collect(),
            kinds: kinds.collect::<Result<_, _>>()?,
            limit: limit.transpose()?.unwrap_or(DEFAULT_LIMIT),
        })
    }

    pub(super) fn matches(&self, recorded: &Recorded) -> bool {
        let time = LogTime(recorded.key.nanos);
        let occurrence = &recorded.occurrence;
        self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time <= until)
            && (self.containers.is_empty() || self.containers.contains(&occurrence.container_id))
            && (self.engines.is_empty() || self.engines.iter().any(|name| name == occurrence.engine.as_str()))
            && (self.kinds.is_empty() || self.kinds.contains(&occurrence.kind))
    }
}
