//! How far what is on the screen can be trusted, and what is wrong, in words: browser and server, server and engine, and the age
//! of the numbers told apart. Pure.

use crate::{
    client::{Connection, ConnectionState},
    format::{age, duration_millis},
    model::{Engine, EngineLink, Timestamp},
};

/// A sample is taken every 2 s, so numbers up to this old are simply current, and their age is not counted out loud.
const CURRENT_SECS: u64 = 5;

/// Numbers this old are no longer shown, unless they are asked for still more seldom.
const SHOWN_MILLIS: u64 = 30_000;

/// Frames are a moment on their way; and no number is called old for less.
const SLACK_MILLIS: u64 = 1_500;

/// How far the numbers can be trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NumbersAge {
    /// Of one of the last two rounds of samples, or there are none yet.
    #[default]
    Current,
    /// Older: shown dimmed.
    Old,
    /// So old that they say nothing any more.
    Gone,
}

/// The three truths at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Browser and server.
    pub connection: &'a Connection,
    /// Server and engines.
    pub engines: &'a [Engine],
    /// How often samples are asked for, in milliseconds.
    pub stats_interval_millis: u64,
    /// The newest sample.
    pub sampled_at: Option<Timestamp>,
    /// The newest frame.
    pub last_update: Option<Timestamp>,
    /// The server's clock.
    pub now: Timestamp,
}

/// Something is wrong with a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The engine that does not answer; `None` when it is this page's own link.
    pub engine: Option<String>,
    /// What is wrong, in a few words.
    pub summary: String,
    /// What exactly.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Since when.
    pub since: Timestamp,
    /// What it means for the list; empty where the indicator tells.
    pub outcome: &'static str,
}

impl Moment<'_> {
    /// Since when what is shown may be out of date; `None` while it is not.
    pub fn stale_since(&self) -> Option<Timestamp> {
        let link = match self.connection.state {
            ConnectionState::Connecting | ConnectionState::Live => None,
            ConnectionState::Reconnecting | ConnectionState::Static => self.last_update,
        };
        let engine = self.engines.iter().filter(|engine| engine.link == EngineLink::Lost).map(|engine| engine.since);
        link.into_iter().chain(engine).min()
    }

    /// `as of 12:03:22 UTC, 40 s ago`, while what is shown may be out of date; `clock` writes the time of day.
    pub fn dated(&self, clock: impl Fn(Timestamp) -> String) -> Option<String> {
        self.stale_since().map(|then| format!("as of {}, {} ago", clock(then), age(self.now.since(then))))
    }

    /// How old the newest numbers are, and how often new ones come while that is seldom.
    pub fn numbers(&self) -> String {
        let mut words = match self.sampled_at.map(|then| self.now.since(then)) {
            None => "no numbers yet".to_owned(),
            Some(old) if old.as_secs() < CURRENT_SECS => "numbers current".to_owned(),
            Some(old) => format!("numbers {} old", age(old)),
        };
        if let Some(millis) = self.engines.iter().find_map(|engine| engine.stats_interval_millis) {
            words.push_str(", every ");
            words.push_str(&duration_millis(millis));
        }
        words
    }

    /// Whether the numbers should be dimmed, or left out.
    pub fn numbers_age(&self) -> NumbersAge {
        let Some(age) = self.sampled_at.map(|then| self.now.since(then).as_millis() as u64) else {
            return NumbersAge::Current;
        };
        let widened = self.engines.iter().filter_map(|engine| engine.stats_interval_millis).max().unwrap_or_default();
        let interval = widened.max(self.stats_interval_millis);
        match age {
            _ if age > SHOWN_MILLIS.max(interval * 3) => NumbersAge::Gone,
            _ if age > interval * 2 + SLACK_MILLIS => NumbersAge::Old,
            _ => NumbersAge::Current,
        }
    }

    /// What is wrong with this page's own link.
    pub fn link_trouble(&self) -> Option<Trouble> {
        let Connection { state, since, problem, retry_at, attempts: _, cut, refreshing: _ } = self.connection;
        let summary = match state {
            ConnectionState::Connecting | ConnectionState::Live => return None,
            ConnectionState::Reconnecting => "the stream from the server is interrupted",
            ConnectionState::Static => "no stream from the server; the list is fetched now and then",
        };
        let hint = match retry_at {
            _ if *cut => String::new(),
            Some(retry_at) => format!("Next try in {}.", age(retry_at.since(self.now))),
            None => "Trying now.".to_owned(),
        };
        let message = problem.clone().unwrap_or_default();
        Some(Trouble { engine: None, summary: summary.to_owned(), message, hint, since: *since, outcome: "" })
    }

    /// What is wrong with the server's links to its engines; a first connection on its way is none.
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
        summary: format!("engine {} is not answering", engine.name),
        message,
        hint,
        since: engine.since,
        // The version is the first thing an engine tells.
        outcome: match engine.version {
            Some(_) => "The list stays as it was.",
            None => "Its containers appear as soon as it answers.",
        },
    }
}

#[cfg(test)]
mod tests;
