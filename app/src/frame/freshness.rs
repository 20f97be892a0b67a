//! Age of the displayed data, and its problems as text. Keeps apart the link between
//! browser and server, the link between server and engine, and the age of the stats. Pure.

use crate::{
    client::{Connection, ConnectionState},
    format::{age, duration_millis},
    model::{Engine, EngineLink, EngineName, Timestamp},
};

/// Maximum age in seconds at which stats are called current; samples are taken every 2 s.
const MAX_CURRENT_SECS: u64 = 5;

/// Maximum age in milliseconds at which stats are shown, unless the sampling interval is longer.
const MAX_SHOWN_MILLIS: u64 = 30_000;

/// Maximum number of engines whose problems are listed one by one.
const MAX_TROUBLES: usize = 3;

/// Consequence of one lost engine among several.
const LAST_KNOWN: &str = "Its containers show their last known state.";
/// The same of several, of which some may never have responded.
const LISTED_LAST_KNOWN: &str = "Listed containers show their last known state.";

/// Tolerance for transmission delay before stats are called old, in milliseconds.
const TOLERANCE_MILLIS: u64 = 1_500;

/// Age of the stats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumbersAge {
    /// From one of the last two sampling rounds, or not yet available.
    #[default]
    Current,
    /// Older than that; shown dimmed.
    Old,
    /// Too old to be shown.
    Gone,
}

/// Age of the stats of each engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumbersAges {
    /// Age of the newest stats of all engines.
    pub newest: NumbersAge,
    /// Age of the stats of lost engines, if there are several engines.
    lost: Vec<(EngineName, NumbersAge)>,
}

impl NumbersAges {
    /// Age of one engine's stats.
    pub fn of(&self, engine: EngineName) -> NumbersAge {
        self.lost.iter().find(|(lost, _)| *lost == engine).map_or(self.newest, |(_, age)| self.newest.max(*age))
    }
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
    /// The engine that is not responding, or several; `None` for the page's own link to the server.
    pub engine: Option<String>,
    /// True if it stands for several engines.
    pub is_sum: bool,
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
    /// Time since which the whole list may be out of date; `None` if some of it is current. With
    /// several engines, the rows of a lost engine show this themselves.
    pub fn stale_since(&self) -> Option<Timestamp> {
        let lost = self.engines.iter().map(lost_since).collect::<Option<Vec<_>>>().unwrap_or_default();
        self.link_stale_since().into_iter().chain(lost).min()
    }

    /// Time since which the containers of one engine may be out of date.
    pub fn stale_since_of(&self, name: EngineName) -> Option<Timestamp> {
        let engine = self.engines.iter().find(|engine| engine.id == name).and_then(lost_since);
        self.link_stale_since().into_iter().chain(engine).min()
    }

    fn link_stale_since(&self) -> Option<Timestamp> {
        match self.connection.state {
            ConnectionState::Connecting | ConnectionState::Live => None,
            ConnectionState::Reconnecting | ConnectionState::Static => self.last_update,
        }
    }

    /// Age of data that has been out of date since a time: `as of 12:03:22 UTC, 40 s ago`. `clock`
    /// formats the time of day.
    pub fn dated(&self, since: Option<Timestamp>, clock: impl Fn(Timestamp) -> String) -> Option<String> {
        since.map(|then| format!("as of {}, {} ago", clock(then), age(self.now.since(then))))
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

    /// Visibility of the stats of each engine.
    pub fn numbers_ages(&self) -> NumbersAges {
        let age = |since: Timestamp| match self.now.since(since).as_millis() as u64 {
            0..=MAX_SHOWN_MILLIS => NumbersAge::Old,
            _ => NumbersAge::Gone,
        };
        let lost = self.engines.iter().filter(|_| self.engines.len() > 1);
        let lost = lost.filter_map(|engine| Some((engine.id, age(lost_since(engine)?))));
        NumbersAges { newest: self.numbers_age(), lost: lost.collect() }
    }

    /// The problem with this page's link to the server, if there is one.
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
        Some(Trouble {
            engine: None,
            is_sum: false,
            summary: summary.to_owned(),
            message,
            hint,
            since: *since,
            outcome: "",
        })
    }

    /// Problems with the server's links to its engines. The first connection attempt does not
    /// count. Many problems are combined into one.
    pub fn engine_troubles(&self) -> Vec<Trouble> {
        let is_troubled = |engine: &&Engine| engine.link == EngineLink::Lost || engine.error.is_some();
        let several = self.engines.len() > 1;
        let troubled: Vec<_> = self.engines.iter().filter(is_troubled).collect();
        match troubled.split_first() {
            Some((first, others)) if others.len() >= MAX_TROUBLES => vec![summed_up(first, others)],
            _ => troubled.into_iter().map(|engine| engine_trouble(engine, several)).collect(),
        }
    }

    /// The scope of "Live" while engines are lost: `(2 of 3 engines)`; empty if all or none are
    /// lost.
    pub fn engines_reached(&self) -> String {
        let (all, lost) = (self.engines.len(), self.engines.iter().filter_map(lost_since).count());
        if lost == 0 || lost == all { String::new() } else { format!("({} of {all} engines)", all - lost) }
    }
}

fn lost_since(engine: &Engine) -> Option<Timestamp> {
    (engine.link == EngineLink::Lost).then_some(engine.since)
}

/// A single problem in place of many; the page of the engines has the details.
fn summed_up(first: &Engine, others: &[&Engine]) -> Trouble {
    let names = std::iter::once(first.name.as_str()).chain(others.iter().map(|engine| engine.name.as_str()));
    let mut names = names.take(MAX_TROUBLES).collect::<Vec<_>>().join(", ");
    let (count, rest) = (others.len() + 1, others.len() + 1 - MAX_TROUBLES);
    names.push_str(&format!(" and {rest} more"));
    let were_listed = first.version.is_some() || others.iter().any(|engine| engine.version.is_some());
    Trouble {
        summary: format!("{count} engines are not responding: {names}"),
        engine: Some(names),
        is_sum: true,
        message: String::new(),
        hint: String::new(),
        since: others.iter().map(|engine| engine.since).fold(first.since, Timestamp::min),
        outcome: if were_listed { LISTED_LAST_KNOWN } else { "Their containers appear as soon as they respond." },
    }
}

fn engine_trouble(engine: &Engine, several: bool) -> Trouble {
    let (message, hint) =
        engine.error.as_ref().map(|error| (error.message.clone(), error.hint.clone())).unwrap_or_default();
    Trouble {
        engine: Some(engine.name.clone()),
        is_sum: false,
        summary: format!("engine {} is not responding", engine.name),
        message,
        hint,
        since: engine.since,
        // The version is the first thing read from an engine.
        outcome: match engine.version {
            Some(_) if several => LAST_KNOWN,
            Some(_) => "The list shows the last known state.",
            None => "Its containers appear as soon as it responds.",
        },
    }
}

#[cfg(test)]
mod tests;
