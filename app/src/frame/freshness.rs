//! Age of the displayed data, and its problems as text. Keeps apart the link between
//! browser and server, the link between server and engine, and the age of the stats. Pure.

use crate::{
    client::{Connection, ConnectionState},
    format::{age, duration_millis},
    model::{Engine, EngineLink, Timestamp},
};

/// Stats up to this age are called current, because samples are taken every 2 s.
const MAX_CURRENT_SECS: u64 = 5;

/// Older stats are hidden, unless the sampling interval is longer.
const MAX_SHOWN_MILLIS: u64 = 30_000;

/// Tolerance for transmission delay before stats are called old.
const TOLERANCE_MILLIS: u64 = 1_500;

/// Age of the stats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NumbersAge {
    /// From one of the last two sampling rounds, or not yet available.
    #[default]
    Current,
    /// Older, shown dimmed.
    Old,
    /// Too old to be shown.
    Gone,
}

/// State of both links and of the stats at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The link between browser and server.
    pub connection: &'a Connection,
    /// The engines and the server's links to them.
    pub engines: &'a [Engine],
    /// Sampling interval in milliseconds.
    pub stats_interval_millis: u64,
    /// Time of the newest sample.
    pub sampled_at: Option<Timestamp>,
    /// Time of the newest frame.
    pub last_update: Option<Timestamp>,
    /// The server's clock.
    pub now: Timestamp,
}

/// A problem with a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The engine that is not responding; `None` for the page's own link to the server.
    pub engine: Option<String>,
    /// Short description.
    pub summary: String,
    /// Error message.
    pub message: String,
    /// Suggested action.
    pub hint: String,
    /// Start of the problem.
    pub since: Timestamp,
    /// Consequence for the list; empty if the indicator shows it.
    pub outcome: &'static str,
}

impl Moment<'_> {
    /// Time since which the data may be out of date; `None` if it is current.
    pub fn stale_since(&self) -> Option<Timestamp> {
        let link = match self.connection.state {
            ConnectionState::Connecting | ConnectionState::Live => None,
            ConnectionState::Reconnecting | ConnectionState::Static => self.last_update,
        };
        let engine = self.engines.iter().filter(|engine| engine.link == EngineLink::Lost).map(|engine| engine.since);
        link.into_iter().chain(engine).min()
    }

    /// `as of 12:03:22 UTC, 40 s ago`, while the data may be out of date. `clock` formats the time
    /// of day.
    pub fn dated(&self, clock: impl Fn(Timestamp) -> String) -> Option<String> {
        self.stale_since().map(|then| format!("as of {}, {} ago", clock(then), age(self.now.since(then))))
    }

    /// Age of the newest stats, and the sampling interval if it is extended.
    pub fn numbers(&self) -> String {
        let mut words = match self.sampled_at.map(|then| self.now.since(then)) {
            None => "no stats yet".to_owned(),
            Some(old) if old.as_secs() < MAX_CURRENT_SECS => "stats current".to_owned(),
            Some(old) => format!("stats {} old", age(old)),
        };
        if let Some(millis) = self.engines.iter().find_map(|engine| engine.stats_interval_millis) {
            words.push_str(", every ");
            words.push_str(&duration_millis(millis));
        }
        words
    }

    /// Visibility of the stats: shown, dimmed or hidden.
    pub fn numbers_age(&self) -> NumbersAge {
        let Some(age) = self.sampled_at.map(|then| self.now.since(then).as_millis() as u64) else {
            return NumbersAge::Current;
        };
        let extended = self.engines.iter().filter_map(|engine| engine.stats_interval_millis).max().unwrap_or_default();
        let interval = extended.max(self.stats_interval_millis);
        match age {
            _ if age > MAX_SHOWN_MILLIS.max(interval * 3) => NumbersAge::Gone,
            _ if age > interval * 2 + TOLERANCE_MILLIS => NumbersAge::Old,
            _ => NumbersAge::Current,
        }
    }

    /// The problem with this page's link to the server, if any.
    pub fn link_trouble(&self) -> Option<Trouble> {
        let Connection { state, since, problem, retry_at, attempts: _, paused, refreshing: _ } = self.connection;
        let summary = match state {
            ConnectionState::Connecting | ConnectionState::Live => return None,
            ConnectionState::Reconnecting => "the stream from the server is interrupted",
            ConnectionState::Static => "no stream from the server; the list is polled",
        };
        let hint = match retry_at {
            _ if *paused => String::new(),
            Some(retry_at) => format!("Retrying in {}.", age(retry_at.since(self.now))),
            None => "Retrying now.".to_owned(),
        };
        let message = problem.clone().unwrap_or_default();
        Some(Trouble { engine: None, summary: summary.to_owned(), message, hint, since: *since, outcome: "" })
    }

    /// Problems with the server's links to its engines. The first connection attempt does not
    /// count.
    pub fn engine_troubles(&self) -> Vec<Trouble> {
        let is_troubled = |engine: &&Engine| engine.link == EngineLink::Lost || engine.error.is_some();
        self.engines.iter().filter(is_troubled).map(engine_trouble).collect()
    }
}

fn engine_trouble(engine: &Engine) -> Trouble {
    let (message, hint) =
        engine.error.as_ref().map(|error| (error.message.clone(), error.hint.clone())).unwrap_or_default();
    Trouble {
        engine: Some(engine.name.clone()),
        summary: format!("engine {} is not responding", engine.name),
        message,
        hint,
        since: engine.since,
        // The version is the first thing read from an engine.
        outcome: match engine.version {
            Some(_) => "The list shows the last known state.",
            None => "Its containers appear as soon as it responds.",
        },
    }
}

#[cfg(test)]
mod tests;
