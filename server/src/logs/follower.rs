//! Follows one container's log without gaps, across stops, restarts and engine outages.
//!
//! ```text
//! opening ──engine responds─▶ reading ──end, and not running──────▶ stopped ──it starts──▶ opening
//!    ▲                           │
//!    └────── the engine is back ─┴─ the link is lost
//! ```
//! In: the engine's bytes, in one [`Reading`] after another. Out: [`LogEvent`] events on demand.
//! Owned by a viewer's stream. After each interruption, it continues after the last line.

mod reading;
mod unreadable;
mod wakeups;

use super::{Line, LogPosition, LogReader, Place};
use crate::{
    engine::{EngineClient, EngineError, LogQuery, LogTime, convert::time},
    feed::Feed,
    now,
};
use app::model::{
    ContainerId, ContainerKey, EngineLink, EngineName, LogEnd, LogEndReason, LogGap, LogGapReason, Timestamp,
};
use reading::{Read, ReadEnd, Reading, Run, Start};
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Delay before a retry if the engine sends neither lines nor an error; doubles with each attempt.
const MIN_RETRY_DELAY: Duration = Duration::from_millis(250);
/// Maximum number of doublings, up to 8 s.
const MAX_DOUBLINGS: u32 = 5;

/// Reads without a new line after which the log counts as unreadable. dockerd sends a line that
/// precedes its error only in about half of the reads.
const MAX_FAILED_READS: u32 = 5;

/// Duration below which the end of a followed log is premature if the container is running. Proxies
/// that close idle connections wait longer.
const PREMATURE_END_LIMIT: Duration = Duration::from_secs(10);

/// Numbers of newest lines to read, in the order of attempts, if the engine ends the log where it
/// cannot read on: that place may be among the last lines.
const NEWEST_TAILS: [u32; 3] = [100, 10, 1];

/// Detail of the gap for an engine that stops reading without an error: dockerd 28.5 and 29 do.
const PREMATURE_ENDS: &str = "it keeps ending the log although the container is running";

/// Wait after an engine error for lines that precede it.
const INTERRUPTION_TIMEOUT: Duration = Duration::from_secs(1);

/// An event of a log.
#[derive(Debug, PartialEq, Eq)]
pub enum LogEvent {
    /// A line with the position after it; `None` for an unfinished line.
    Line(Line, Option<LogPosition>),
    /// Lines may be missing at this point.
    Gap(LogGap),
    /// No more lines for now or at all.
    End(LogEnd),
    /// Lines follow after an end.
    Resume,
}

/// Inputs of a follower.
#[derive(Debug, Clone)]
pub struct LogSources {
    /// Name of the container's engine.
    pub engine: EngineName,
    /// Client of the engine; `None` while it is lost.
    pub client: watch::Receiver<Option<EngineClient>>,
    /// State of the container.
    pub feed: Feed,
}

/// The current time of an engine; this server's, if the difference is unknown.
pub fn engine_time(feed: &Feed, engine: EngineName) -> LogTime {
    let offset = feed.state().engine(engine).and_then(|engine| engine.clock_offset_millis);
    let distance = Duration::from_millis(offset.unwrap_or_default().unsigned_abs());
    let time = LogTime::from(now());
    if offset.is_some_and(i64::is_negative) { time.before(distance) } else { time.after(distance) }
}

/// Follows one log.
#[derive(Debug)]
pub struct Follower {
    id: ContainerId,
    query: LogQuery,
    sources: LogSources,
    /// Position after the last line that was sent.
    position: Option<LogPosition>,
    /// Time at which the follower began, on the engine's clock. Without a position, all later lines
    /// are sent.
    began_at: LogTime,
    /// True if no log has been opened yet, so that the query alone decides where to begin.
    is_new: bool,
    state: FollowerState,
    /// True if an end was reported, so that resuming must be reported, too.
    paused: bool,
    /// The last run whose end was reported.
    ended: Option<Run>,
    /// Number of attempts since the last line.
    attempts: u32,
    /// Read error of the engine that was reported since the last line.
    unreadable: Option<LogGap>,
    /// Start of the skipped lines that were reported since the last line.
    skipped: Option<Option<Timestamp>>,
    /// Read error of the engine that was not reported yet.
    interruption: Option<LogGap>,
    /// Number of failed reads since the last line or reported gap.
    failed_reads: u32,
    /// Number of premature ends since the last line.
    premature_ends: u32,
    /// True if the engine ends the log where it cannot read on, with or without following it.
    is_stuck: bool,
    /// An event that was determined early, and is returned next.
    queued: Option<LogEvent>,
    _reader: LogReader,
}

#[derive(Debug)]
enum FollowerState {
    /// The log is requested as soon as the engine is available.
    Opening,
    Reading(Box<Reading>),
    /// The container is not running.
    Stopped,
    Over,
}

impl Follower {
    /// Creates a follower that starts with the query, or at `place`. Sends no request before
    /// [`Self::next`], which waits for a lost engine.
    pub fn new(id: ContainerId, query: LogQuery, place: Option<Place>, sources: LogSources, reader: LogReader) -> Self {
        let (position, began_at) = match place {
            Some(Place::Behind(position)) => (Some(position), position.time),
            Some(Place::Opened(began_at)) => (None, began_at),
            None => (None, engine_time(&sources.feed, sources.engine)),
        };
        Self {
            id,
            query,
            sources,
            position,
            began_at,
            is_new: place.is_none(),
            state: FollowerState::Opening,
            paused: false,
            ended: None,
            attempts: 0,
            unreadable: None,
            skipped: None,
            interruption: None,
            failed_reads: 0,
            premature_ends: 0,
            is_stuck: false,
            queued: None,
            _reader: reader,
        }
    }

    /// Place at which another follower would continue.
    pub fn place(&self) -> Place {
        self.position.map_or(Place::Opened(self.began_at), Place::Behind)
    }

    /// Opens the log, so that a refusal can be reported first.
    ///
    /// # Errors
    /// The engine's refusal. Other errors are retried later.
    pub async fn open(&mut self) -> Result<(), EngineError> {
        let Some(client) = self.sources.client.borrow_and_update().clone() else { return Ok(()) };
        let start = self.start();
        let opened = async {
            client.can_read_logs(self.id).await?;
            Reading::open(&client, self.id, &self.query, start).await
        };
        match opened.await {
            Ok(reading) => self.read(reading),
            Err(error @ EngineError::Refused { .. }) => return Err(error),
            Err(error) => tracing::debug!(container.id = %self.id, %error, "cannot open a log; retrying later"),
        }
        Ok(())
    }

    fn read(&mut self, reading: Reading) {
        self.is_new = false;
        self.state = FollowerState::Reading(Box::new(reading));
    }

    /// Returns the next event; `None` after the last one. Not cancel safe.
    pub async fn next(&mut self) -> Option<LogEvent> {
        loop {
            if let Some(queued) = self.queued.take() {
                return Some(queued);
            }
            let event = match &mut self.state {
                FollowerState::Over => return None,
                FollowerState::Opening => self.reopen().await,
                FollowerState::Stopped => self.wait_for_start().await,
                FollowerState::Reading(reading) => {
                    // Usually the engine closes the connection.
                    let limit = if self.interruption.is_some() { INTERRUPTION_TIMEOUT } else { Duration::MAX };
                    match timeout(limit, reading.next(&mut self.sources.client)).await {
                        Ok(Ok(Read::Line(line, position))) => self.line(line, position),
                        Ok(Ok(Read::Gap(gap))) if gap.reason == LogGapReason::Unreadable => self.interrupted(gap),
                        Ok(Ok(Read::Gap(gap))) => Some(LogEvent::Gap(gap)),
                        Ok(Ok(Read::Skipped(gap))) => self.skipped(gap),
                        Ok(Err(cut)) => self.cut(cut).await,
                        Err(_) => self.interruption.take().map(|gap| self.report_gap(gap)),
                    }
                }
            };
            if event.is_some() {
                return event;
            }
        }
    }

    /// Start of the next read: after the last line or, without one, since the follower began; with
    /// future lines only if the existing ones cannot be read.
    fn start(&self) -> Start {
        match self.position {
            _ if self.is_stuck && self.query.until.is_none() => {
                let tail = NEWEST_TAILS[NEWEST_TAILS.len().min(self.attempts as usize + 1) - 1];
                Start::Newest(self.position, tail)
            }
            _ if self.unreadable.is_some() && self.query.until.is_none() => Start::Newest(self.position, 0),
            Some(position) => Start::Behind(position),
            None if self.is_new => Start::Query,
            None => Start::Opened(self.began_at),
        }
    }

    fn line(&mut self, line: Line, position: Option<LogPosition>) -> Option<LogEvent> {
        (self.position, self.attempts, self.failed_reads) = (position.or(self.position), 0, 0);
        (self.unreadable, self.skipped, self.premature_ends) = (None, None, 0);
        let line = LogEvent::Line(line, position);
        // The engine continued after its error.
        match self.interruption.take() {
            Some(gap) => {
                self.queued = Some(line);
                Some(LogEvent::Gap(gap))
            }
            None => Some(line),
        }
    }

    async fn reopen(&mut self) -> Option<LogEvent> {
        let Some(client) = self.sources.client.borrow_and_update().clone() else {
            if self.paused {
                let is_watched = self.sources.client.changed().await.is_ok();
                return if is_watched { None } else { self.finish(end(LogEndReason::Removed)) };
            }
            return self.pause(end(LogEndReason::EngineLost));
        };
        let start = self.start();
        match Reading::open(&client, self.id, &self.query, start).await {
            // The feed was ahead of the engine's inspect, or has another start time.
            Ok(reading) if self.ended.as_ref() == Some(reading.run()) => {
                self.state = FollowerState::Stopped;
                self.backoff().await;
                None
            }
            Ok(reading) => {
                self.read(reading);
                std::mem::take(&mut self.paused).then_some(LogEvent::Resume)
            }
            Err(error) => self.failed(error).await,
        }
    }

    async fn cut(&mut self, cut: ReadEnd) -> Option<LogEvent> {
        match cut {
            ReadEnd::Link => self.state = FollowerState::Opening,
            ReadEnd::Failed(error) => return self.failed(error).await,
            ReadEnd::Ended(_) if self.interruption.is_some() => {
                let gap = self.interruption.take()?;
                return self.after_interruption(gap).await;
            }
            ReadEnd::Ended(_) if self.query.until.is_some() => return self.finish(end(LogEndReason::Until)),
            ReadEnd::Ended(run) => return self.ended(&run).await,
        }
        None
    }

    /// Handles the end of the log, usually because the container stopped.
    async fn ended(&mut self, run: &Run) -> Option<LogEvent> {
        let previous = std::mem::replace(&mut self.state, FollowerState::Opening);
        let client = self.sources.client.borrow().clone()?;
        let inspect = match client.inspect_document(self.id).await {
            Ok(inspect) => inspect,
            Err(error) => return self.failed(error).await,
        };
        let now = Run::of(&inspect);
        if now.running && now.started_at == run.started_at {
            // It is still running: the log was rotated, the engine is shutting down, or it cannot
            // read on.
            let reported = self.premature_end(&previous);
            if reported.is_none() {
                self.backoff().await;
            }
            return reported;
        }
        let state = &inspect["State"];
        let known = (!now.running && now.finished_at.is_some()).then(|| state["ExitCode"].as_i64()).flatten();
        let at = state["FinishedAt"].as_str().and_then(time);
        if !now.running {
            self.state = FollowerState::Stopped;
            self.ended = Some(now);
        }
        self.pause(LogEnd { exit_code: known, at, ..end(LogEndReason::Stopped) })
    }

    async fn wait_for_start(&mut self) -> Option<LogEvent> {
        let engine = self.sources.engine;
        let key = ContainerKey::new(engine, self.id);
        let ended = self.ended.as_ref().and_then(Run::started);
        let mut removed = false;
        let started = self.sources.feed.wait_until(|state| {
            let up = state.engine(engine).is_none_or(|engine| engine.link == EngineLink::Up);
            match state.container(key) {
                None => removed = up,
                Some(container) => return container.state.has_processes() && container.started_at != ended,
            }
            removed
        });
        started.await;
        if removed {
            return self.finish(end(LogEndReason::Removed));
        }
        self.state = FollowerState::Opening;
        None
    }

    async fn failed(&mut self, error: EngineError) -> Option<LogEvent> {
        self.state = FollowerState::Opening;
        match error {
            // The reader was idle. It continues after the last line without an event.
            EngineError::NotRead => None,
            error if error.is_no_such_container() => self.finish(end(LogEndReason::Removed)),
            EngineError::Refused { message, .. } => {
                self.finish(LogEnd { detail: Some(message), ..end(LogEndReason::Refused) })
            }
            error => {
                tracing::debug!(container.id = %self.id, %error, "reopening a log");
                let reported = self.pause(end(LogEndReason::EngineLost));
                if reported.is_none() {
                    self.backoff().await;
                }
                reported
            }
        }
    }

    async fn backoff(&mut self) {
        sleep(MIN_RETRY_DELAY * 2_u32.pow(self.attempts)).await;
        self.attempts = (self.attempts + 1).min(MAX_DOUBLINGS);
    }

    /// Reports an end once, until lines follow again.
    fn pause(&mut self, end: LogEnd) -> Option<LogEvent> {
        (!std::mem::replace(&mut self.paused, true)).then_some(LogEvent::End(end))
    }

    fn finish(&mut self, end: LogEnd) -> Option<LogEvent> {
        self.state = FollowerState::Over;
        Some(LogEvent::End(LogEnd { last: true, ..end }))
    }
}

fn end(reason: LogEndReason) -> LogEnd {
    LogEnd { container_id: None, engine: None, reason, last: false, exit_code: None, at: None, detail: None }
}
