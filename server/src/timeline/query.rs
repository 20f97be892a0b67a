//! Which events are wanted.

use super::log::Recorded;
use crate::engine::{BAD_TIME, BadQuery, LogTime, TimeText};
use app::model::{ContainerId, OccurrenceKind, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

/// Told unless more are asked for.
const USUAL: usize = 500;
/// Told at most; what is kept is not much more.
const MOST: usize = 20_000;

/// The query as it comes.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct EventQueryText {
    /// Earliest time: RFC 3339, seconds since 1970, or an age such as `1h`. A stream starts there; otherwise with new events.
    #[param(value_type = Option<TimeText>)]
    pub since: Option<String>,
    /// Latest time, in the same forms. A stream ignores it.
    #[param(value_type = Option<TimeText>)]
    pub until: Option<String>,
    /// Ids of containers, joined by commas; all if left out.
    #[param(style = Form, explode = false, value_type = Option<Vec<ContainerId>>, min_items = 1)]
    pub container: Option<String>,
    /// Kinds of events, joined by commas; all if left out.
    #[param(style = Form, explode = false, value_type = Option<Vec<OccurrenceKind>>, min_items = 1)]
    pub kind: Option<String>,
    /// Maximum number of events, the newest; 500 if left out. A stream ignores it.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 20_000)]
    pub limit: Option<String>,
    /// Like the header `Last-Event-ID`, which takes precedence; for clients that cannot send it.
    pub last_event_id: Option<String>,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// None before this.
    pub since: Option<LogTime>,
    /// None after this.
    pub until: Option<LogTime>,
    /// Of these alone; empty: of all.
    pub containers: Vec<ContainerId>,
    /// Of these alone; empty: of all.
    pub kinds: Vec<OccurrenceKind>,
    /// At most so many, the newest.
    pub limit: usize,
}

impl EventQuery {
    /// Reads it.
    ///
    /// # Errors
    /// For the first part that cannot be read; `None` for an id that is none.
    pub fn read(text: &EventQueryText, now: Timestamp) -> Result<Self, Option<BadQuery>> {
        let time = |text: &String| LogTime::read(text, now).ok_or(BAD_TIME);
        let ids = text.container.iter().flat_map(|ids| ids.split(','));
        let kinds = text.kind.iter().flat_map(|kinds| kinds.split(',')).map(|word| {
            let kind = OccurrenceKind::ALL.into_iter().find(|kind| kind.as_str() == word);
            kind.ok_or(BadQuery("kind is one or more of created, started, died and the like, joined by commas."))
        });
        let limit = text.limit.as_ref().map(|limit| {
            let limit = limit.parse().ok().filter(|limit| (1..=MOST).contains(limit));
            limit.ok_or(BadQuery("limit is a number from 1 to 20000."))
        });
        Ok(Self {
            since: text.since.as_ref().map(time).transpose()?,
            until: text.until.as_ref().map(|text| LogTime::read_end(text, now).ok_or(BAD_TIME)).transpose()?,
            containers: ids.map(str::parse).collect::<Result<_, _>>().map_err(|_| None)?,
            kinds: kinds.collect::<Result<_, _>>()?,
            limit: limit.transpose()?.unwrap_or(USUAL),
        })
    }

    pub(super) fn wants(&self, recorded: &Recorded) -> bool {
        let time = LogTime(recorded.key.nanos);
        let occurrence = &recorded.occurrence;
        self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time <= until)
            && (self.containers.is_empty() || self.containers.contains(&occurrence.container_id))
            && (self.kinds.is_empty() || self.kinds.contains(&occurrence.kind))
    }
}
