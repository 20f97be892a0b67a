//! Reads one container's log as long as somebody looks, over stops, restarts and losses of the engine, without a gap.
//!
//! ```text
//! opening ──engine answers──▶ reading ──end, and it does not run──▶ stopped ──it starts──▶ opening
//!    ▲                           │
//!    └────── the engine is back ─┴─ the link is lost
//! ```
//! In: the engine's bytes, over one [`Reading`] after another. Out: [`Tailed`], one at a time, when it is asked. After each way back it goes on
//! behind the last line it gave out.

mod reading;
mod wakeups;

use super::{Line, LogQuery, LogReader, Place};
use crate::{
    engine::{EngineClient, EngineError, convert::time},
    feed::Feed,
};
use app::model::{ContainerId, EngineLink, LogEnd, LogEndReason, LogGap, LogGapReason};
use reading::{Cut, Read, Reading, Run, Start};
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Between two attempts where the engine gives neither lines nor a reason; doubles from attempt to attempt.
const PAUSE: Duration = Duration::from_millis(250);
/// Doublings of it at most: 8 s.
const MOST_DOUBLINGS: u32 = 5;

/// Readings of a log without a new line after which the engine is believed that it cannot read on. Whether dockerd sends a line that it
/// has read before its error is chance, about one to one.
const MAX_FRUITLESS: u32 = 5;

/// A connection that says no more for this long after an error of the engine brings no line that it had read before.
const INTERRUPTION_LIMIT: Duration = Duration::from_secs(1);

/// What a reader tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Tailed {
    /// A line, and the place behind it; none behind a line that is not finished yet.
    Line(Line, Option<Place>),
    /// Lines may be missing here.
    Gap(LogGap),
    /// Nothing more for now, or for ever.
    End(LogEnd),
    /// Lines follow again.
    Resume,
}

/// Where a follower asks.
#[derive(Debug, Clone)]
pub struct LogSources {
    /// The engine, while it is there.
    pub client: watch::Receiver<Option<EngineClient>>,
    /// Whether the container runs.
    pub feed: Feed,
}

/// Reads one log.
#[derive(Debug)]
pub struct Follower {
    id: ContainerId,
    query: LogQuery,
    sources: LogSources,
    /// Behind the last line that was given out.
    place: Option<Place>,
    standing: Standing,
    /// An end was told, so that going on is told, too.
    paused: bool,
    /// The run whose end was told last.
    ended: Option<Run>,
    /// Since the last line.
    attempts: u32,
    /// Why the engine could not read on, as it was told since the last line.
    unreadable: Option<LogGap>,
    /// The same, not told yet.
    interruption: Option<LogGap>,
    /// How often the log was read since then without a new line.
    fruitless: u32,
    /// Comes next.
    held: Option<Tailed>,
    _reader: LogReader,
}

#[derive(Debug)]
enum Standing {
    /// The engine is to be asked, if it is there.
    Opening,
    Reading(Box<Reading>),
    /// It does not run.
    Stopped,
    Over,
}

impl Follower {
    /// A reader that begins as the query says, or behind `place`. Nothing is asked before [`Self::next`], so that an engine that is
    /// lost is waited for.
    pub fn new(id: ContainerId, query: LogQuery, place: Option<Place>, sources: LogSources, reader: LogReader) -> Self {
        Self {
            id,
            query,
            sources,
            place,
            standing: Standing::Opening,
            paused: false,
            ended: None,
            attempts: 0,
            unreadable: None,
            interruption: None,
            fruitless: 0,
            held: None,
            _reader: reader,
        }
    }

    /// Opens the log, so that a refusal can be told before anything else is.
    ///
    /// # Errors
    /// The engine's refusal; anything else is waited out later.
    pub async fn open(&mut self) -> Result<(), EngineError> {
        let Some(client) = self.sources.client.borrow_and_update().clone() else { return Ok(()) };
        let start = self.start();
        let opened = async {
            client.can_read_logs(self.id).await?;
            Reading::open(&client, self.id, &self.query, start).await
        };
        match opened.await {
            Ok(reading) => self.standing = Standing::Reading(Box::new(reading)),
            Err(error @ EngineError::Refused { .. }) => return Err(error),
            Err(error) => tracing::debug!(container.id = %self.id, %error, "a log is opened later"),
        }
        Ok(())
    }

    /// What comes next; `None` when nothing ever does. Not to be dropped halfway.
    pub async fn next(&mut self) -> Option<Tailed> {
        loop {
            if let Some(held) = self.held.take() {
                return Some(held);
            }
            let tailed = match &mut self.standing {
                Standing::Over => return None,
                Standing::Opening => self.reopen().await,
                Standing::Stopped => self.wait_for_start().await,
                Standing::Reading(reading) => {
                    // As a rule the engine closes the connection.
                    let limit = if self.interruption.is_some() { INTERRUPTION_LIMIT } else { Duration::MAX };
                    match timeout(limit, reading.next(&mut self.sources.client)).await {
                        Ok(Ok(Read::Line(line, place))) => self.line(line, place),
                        Ok(Ok(Read::Gap(gap))) if gap.reason == LogGapReason::Unreadable => self.interrupted(gap),
                        Ok(Ok(Read::Gap(gap))) => Some(Tailed::Gap(gap)),
                        Ok(Err(cut)) => self.cut(cut).await,
                        Err(_) => self.interruption.take().map(|gap| self.told(gap)),
                    }
                }
            };
            if tailed.is_some() {
                return tailed;
            }
        }
    }

    /// Behind the last line; with those to come, where the engine cannot read what is there.
    fn start(&self) -> Start {
        match self.place {
            _ if self.unreadable.is_some() && self.query.until.is_none() => Start::Now(self.place),
            Some(place) => Start::Behind(place),
            None => Start::Query,
        }
    }

    fn line(&mut self, line: Line, place: Option<Place>) -> Option<Tailed> {
        (self.place, self.attempts, self.fruitless) = (place.or(self.place), 0, 0);
        self.unreadable = None;
        let line = Tailed::Line(line, place);
        // The engine read on all the same.
        match self.interruption.take() {
            Some(gap) => {
                self.held = Some(line);
                Some(Tailed::Gap(gap))
            }
            None => Some(line),
        }
    }

    /// The engine could not read on. dockerd says so on a road of its own, past lines that it had read before: these come when it is
    /// asked again, and only then it is known what is missing.
    fn interrupted(&mut self, gap: LogGap) -> Option<Tailed> {
        let is_told = self.unreadable.as_ref().is_some_and(|told| told.detail == gap.detail);
        if !is_told {
            self.interruption = Some(gap);
        }
        None
    }

    /// Asks again, or says what is missing where that brought nothing.
    async fn after_interruption(&mut self, gap: LogGap) -> Option<Tailed> {
        self.standing = Standing::Opening;
        self.fruitless += 1;
        if self.fruitless <= MAX_FRUITLESS {
            sleep(PAUSE).await;
            return None;
        }
        Some(self.told(gap))
    }

    /// What is missing is behind the last line.
    fn told(&mut self, gap: LogGap) -> Tailed {
        let from = self.place.map(|place| place.time.timestamp());
        let gap = LogGap { from, ..gap };
        (self.fruitless, self.unreadable) = (0, Some(gap.clone()));
        Tailed::Gap(gap)
    }

    async fn reopen(&mut self) -> Option<Tailed> {
        let Some(client) = self.sources.client.borrow_and_update().clone() else {
            if self.paused {
                // The sender lives as long as the server.
                let _ = self.sources.client.changed().await;
                return None;
            }
            return self.pause(end(LogEndReason::EngineLost));
        };
        let start = self.start();
        match Reading::open(&client, self.id, &self.query, start).await {
            // The feed was quicker than the engine's own word, or its start another than the one that is known.
            Ok(reading) if self.ended.as_ref() == Some(reading.run()) => {
                self.standing = Standing::Stopped;
                self.wait_a_little().await;
                None
            }
            Ok(reading) => {
                self.standing = Standing::Reading(Box::new(reading));
                std::mem::take(&mut self.paused).then_some(Tailed::Resume)
            }
            Err(error) => self.failed(error).await,
        }
    }

    async fn cut(&mut self, cut: Cut) -> Option<Tailed> {
        match cut {
            Cut::Link => self.standing = Standing::Opening,
            Cut::Failed(error) => return self.failed(error).await,
            Cut::Ended(_) if self.interruption.is_some() => {
                let gap = self.interruption.take()?;
                return self.after_interruption(gap).await;
            }
            Cut::Ended(_) if self.query.until.is_some() => return self.finish(end(LogEndReason::Until)),
            Cut::Ended(run) => return self.ended(&run).await,
        }
        None
    }

    /// The engine has no more of the log: because the container stopped, as a rule.
    async fn ended(&mut self, run: &Run) -> Option<Tailed> {
        self.standing = Standing::Opening;
        let client = self.sources.client.borrow().clone()?;
        let inspect = match client.inspect_document(self.id).await {
            Ok(inspect) => inspect,
            Err(error) => return self.failed(error).await,
        };
        let now = Run::of(&inspect);
        if now.running && now.started_at == run.started_at {
            // It runs on: a log that was rotated, or an engine that is ending.
            self.wait_a_little().await;
            return None;
        }
        let state = &inspect["State"];
        let known = (!now.running && now.finished_at.is_some()).then(|| state["ExitCode"].as_i64()).flatten();
        let at = state["FinishedAt"].as_str().and_then(time);
        if !now.running {
            self.standing = Standing::Stopped;
            self.ended = Some(now);
        }
        self.pause(LogEnd { exit_code: known, at, ..end(LogEndReason::Stopped) })
    }

    async fn wait_for_start(&mut self) -> Option<Tailed> {
        let id = self.id;
        let ended = self.ended.as_ref().and_then(Run::started);
        let mut removed = false;
        let started = self.sources.feed.wait_until(|state| {
            let up = state.engines().iter().all(|engine| engine.link == EngineLink::Up);
            match state.container(id) {
                None => removed = up,
                Some(container) => return container.state.has_processes() && container.started_at != ended,
            }
            removed
        });
        started.await;
        if removed {
            return self.finish(end(LogEndReason::Removed));
        }
        self.standing = Standing::Opening;
        None
    }

    async fn failed(&mut self, error: EngineError) -> Option<Tailed> {
        self.standing = Standing::Opening;
        match error {
            // Nobody has read for a while: it goes on behind the last line, and there is nothing to say.
            EngineError::NotRead => None,
            error if error.is_no_such_container() => self.finish(end(LogEndReason::Removed)),
            EngineError::Refused { message, .. } => {
                self.finish(LogEnd { detail: Some(message), ..end(LogEndReason::Refused) })
            }
            error => {
                tracing::debug!(container.id = %self.id, %error, "a log is opened again");
                let told = self.pause(end(LogEndReason::EngineLost));
                if told.is_none() {
                    self.wait_a_little().await;
                }
                told
            }
        }
    }

    async fn wait_a_little(&mut self) {
        sleep(PAUSE * 2_u32.pow(self.attempts)).await;
        self.attempts = (self.attempts + 1).min(MOST_DOUBLINGS);
    }

    /// Told once, until lines follow again.
    fn pause(&mut self, end: LogEnd) -> Option<Tailed> {
        (!std::mem::replace(&mut self.paused, true)).then_some(Tailed::End(end))
    }

    fn finish(&mut self, end: LogEnd) -> Option<Tailed> {
        self.standing = Standing::Over;
        Some(Tailed::End(LogEnd { last: true, ..end }))
    }
}

fn end(reason: LogEndReason) -> LogEnd {
    LogEnd { container_id: None, reason, last: false, exit_code: None, at: None, detail: None }
}
