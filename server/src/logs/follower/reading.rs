//! Reads one run of a container's log.
//!
//! In: the engine's bytes. Out: [`Read`] events. Owned by the [`super::Follower`].
//!
//! Usually one connection is followed. For rotated logs, engines lose and repeat lines, so the
//! followed connection is only a notification (see [`Wakeups`]), and the lines are read from the
//! files again, after the last known one. This keeps their order and avoids duplicates. If the last
//! line is no longer in the log, a gap is reported.

mod gaps;
mod opening;

use super::super::{
    Decoder, Entry, Line, LogPosition, NewestLine, PositionCounter,
    seeker::{SeekResult, Seeker},
};
use super::wakeups::Wakeups;
use crate::engine::{EngineClient, EngineError, LogQuery, LogTime, Streams, Tail, convert::time};
use app::model::{ContainerId, LogGap, LogGapReason, LogStream, Timestamp};
use bytes::Bytes;
use futures::{StreamExt as _, stream::BoxStream};
use serde_json::Value;
use std::{collections::VecDeque, fmt, time::Duration};
use tokio::{
    sync::watch,
    task::consume_budget,
    time::{Instant, sleep_until},
};

/// Number of newest lines that are read to find the position after an interruption. This is cheap,
/// whereas an engine finds a time by reading its file from the start.
const RESUME_TAIL: u32 = 1_000;
/// Maximum time to hold lines while searching for the position. A log arrives without pauses up to
/// its end.
const SEEK_TIMEOUT: Duration = Duration::from_secs(2);
/// Delay after which an unfinished line is shown.
const PREVIEW_DELAY: Duration = Duration::from_secs(1);
/// Number of lines read in addition to the new ones, to find the position.
const OVERLAP: u32 = 100;

/// A run of the container, with its times as the engine's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) running: bool,
    pub(super) started_at: Option<String>,
    pub(super) finished_at: Option<String>,
}

impl Run {
    pub(super) fn of(inspect: &Value) -> Self {
        let state = &inspect["State"];
        let time = |field: &str| state[field].as_str().filter(|text| time(text).is_some()).map(str::to_owned);
        let running = matches!(state["Status"].as_str(), Some("running" | "paused"));
        Self { running, started_at: time("StartedAt"), finished_at: time("FinishedAt") }
    }

    pub(super) fn started(&self) -> Option<Timestamp> {
        self.started_at.as_deref().and_then(time)
    }
}

/// An event of one run's log.
#[derive(Debug)]
pub(super) enum Read {
    /// A line with the position after it; `None` for an unfinished one.
    Line(Line, Option<LogPosition>),
    /// Lines may be missing at this point.
    Gap(LogGap),
    /// The engine skipped lines at this point, without an error.
    Skipped(LogGap),
}

/// Reason for the end of a connection.
#[derive(Debug)]
pub(super) enum ReadEnd {
    /// The end of this run's log.
    Ended(Run),
    /// The link was lost or replaced.
    Link,
    /// The call failed.
    Failed(EngineError),
}

/// Start of reading.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// As in the query.
    Query,
    /// As in the query, and with all lines later than this time.
    Opened(LogTime),
    /// After this position.
    Behind(LogPosition),
    /// Those of the newest lines that are after this position, and future lines, because other
    /// lines cannot be read.
    Newest(Option<LogPosition>, u32),
}

/// An open log.
pub(super) struct Reading {
    client: EngineClient,
    id: ContainerId,
    query: LogQuery,
    run: Run,
    /// Time at which the container was created; no line is older.
    created: LogTime,
    chunks: BoxStream<'static, Result<Bytes, EngineError>>,
    decoder: Decoder,
    counter: PositionCounter,
    /// Position after the last line that was read, shown or not.
    position: Option<LogPosition>,
    seeker: Option<Seeker>,
    window: Window,
    seek_until: Instant,
    found: VecDeque<Read>,
    over: bool,
    /// True if the position was not found, and no line has been read since.
    position_missing: bool,
    /// True if the engine could not read the log.
    unreadable: bool,
    /// The newest line when the log was opened, until it is read.
    newest: Option<NewestLine>,
    /// True for a new log. Later reads begin before lines that were read already.
    counts_records: bool,
    /// The newest line and the number of records up to it, once it is read.
    reached: Option<(NewestLine, u32)>,
    /// Lines up to this time are skipped: they were read before, or are older than requested.
    later_than: Option<LogTime>,
    /// Until the first line arrives: time from which all lines are wanted, although only the newest
    /// were requested.
    wanted_since: Option<LogTime>,
    /// Followed connection of a rotated log.
    wakeups: Option<Wakeups>,
    opened_at: Instant,
    received_at: Instant,
    /// An unfinished line that was shown already.
    shown: Option<Line>,
}

/// Range of the lines in which a position is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Window {
    /// The newest lines, none of which has been received yet.
    Newest,
    /// The newest lines, the first of which is less than [`Seeker`]'s disorder older than the
    /// position.
    Uncertain,
    /// Sufficient lines: a position that is not found is not in the log.
    Complete,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("run", &self.run).field("decoder", &self.decoder).finish_non_exhaustive()
    }
}

impl Reading {
    /// Returns the next event. Cancel safe.
    pub(super) async fn next(&mut self, link: &mut watch::Receiver<Option<EngineClient>>) -> Result<Read, ReadEnd> {
        loop {
            // Other tasks run between the entries, however fast they arrive.
            consume_budget().await;
            if let Some(found) = self.found.pop_front() {
                return Ok(found);
            }
            if let Some((newest, records)) = self.reached.take() {
                self.report_skipped_between(newest, records).await;
                continue;
            }
            if let Some(entry) = self.decoder.entry() {
                self.handle_entry(entry)?;
                continue;
            }
            if self.over && self.report_skipped(None) {
                continue;
            }
            if self.over && !self.stop_seeking()? && !self.read_again()? {
                // End of the log for now; wait for new output.
                let preview_at = self.preview_at();
                let Some(wakeups) = self.wakeups.as_mut().filter(|_| !self.unreadable) else {
                    return Err(ReadEnd::Ended(self.run.clone()));
                };
                if wakeups.is_over() {
                    return Err(ReadEnd::Ended(self.run.clone()));
                }
                tokio::select! {
                    woken = wakeups.wait() => woken.map_err(ReadEnd::Failed)?,
                    _ = link.changed() => return Err(ReadEnd::Link),
                    () = sleep_until(preview_at.unwrap_or_else(Instant::now)), if preview_at.is_some() => self.preview(),
                }
                continue;
            }
            if self.over {
                continue;
            }
            let preview_at = self.preview_at();
            tokio::select! {
                chunk = self.chunks.next() => match chunk {
                    Some(Ok(bytes)) => {
                        self.decoder.take(bytes);
                        self.received_at = Instant::now();
                        self.seek_until = self.received_at + SEEK_TIMEOUT;
                    }
                    Some(Err(error)) => return Err(ReadEnd::Failed(error)),
                    None => self.end(),
                },
                _ = link.changed() => return Err(ReadEnd::Link),
                () = sleep_until(self.seek_until), if self.is_waiting_for_line() => {
                    if !self.report_skipped(None) {
                        self.stop_seeking()?;
                    }
                }
                () = sleep_until(preview_at.unwrap_or_else(Instant::now)), if preview_at.is_some() => self.preview(),
            }
        }
    }

    /// Handles the end of a connection.
    fn end(&mut self) {
        self.over = true;
        // If the log is read again, an unfinished line is read again and may be finished then.
        if self.wakeups.as_ref().is_none_or(Wakeups::is_last_reading) {
            self.decoder.end();
        }
    }

    /// Handles an entry: skips lines during a search, and emits them afterwards.
    fn handle_entry(&mut self, entry: Entry) -> Result<(), ReadEnd> {
        if let Entry::Line(line) = &entry
            && let Some(since) = self.wanted_since.take_if(|since| line.time > *since)
        {
            return self.request_since(since).map_err(ReadEnd::Failed);
        }
        if let Entry::Line(line) = &entry {
            self.look_for_newest(line);
        }
        let Some(seeker) = self.seeker.as_mut() else {
            self.take(entry);
            return Ok(());
        };
        let Entry::Line(line) = entry else {
            self.take(entry);
            return Ok(());
        };
        if self.window == Window::Newest {
            let wanted = seeker.target();
            if line.time >= wanted.time {
                return self.seek_by_time(wanted).map_err(ReadEnd::Failed);
            }
            self.window = if line.time < Seeker::from(wanted) { Window::Complete } else { Window::Uncertain };
        }
        let position = self.counter.count(&line);
        match seeker.take(line, position) {
            SeekResult::NotReached => {}
            SeekResult::Found => self.seeker = None,
            SeekResult::Missing(_) if self.window != Window::Complete => {
                let wanted = seeker.target();
                return self.seek_by_time(wanted).map_err(ReadEnd::Failed);
            }
            SeekResult::Missing(lines) => {
                self.seeker = None;
                self.gone(lines);
            }
        }
        Ok(())
    }

    /// Ends a search. Returns true if there was one.
    fn stop_seeking(&mut self) -> Result<bool, ReadEnd> {
        let Some(mut seeker) = self.seeker.take() else { return Ok(false) };
        if self.window != Window::Complete && !self.unreadable {
            self.seek_by_time(seeker.target()).map_err(ReadEnd::Failed)?;
            return Ok(true);
        }
        self.gone(seeker.give_up());
        Ok(true)
    }

    /// Handles a position that is not in the log; `lines` are new by their time.
    fn gone(&mut self, lines: Vec<(Line, LogPosition)>) {
        self.position_missing = true;
        for (line, position) in lines {
            self.emit(line, position);
        }
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Line(line) => {
                let position = self.counter.count(&line);
                if self.later_than.is_none_or(|time| line.time > time) {
                    self.emit(line, position);
                }
            }
            Entry::Error(message) => {
                self.unreadable = true;
                self.found.push_back(Read::Gap(LogGap {
                    container_id: None,
                    engine: None,
                    reason: LogGapReason::Unreadable,
                    from: self.position.map(|position| position.time.timestamp()),
                    to: None,
                    detail: Some(message),
                }));
            }
        }
    }

    /// Handles a new line.
    fn emit(&mut self, line: Line, position: LogPosition) {
        if std::mem::take(&mut self.position_missing) {
            self.report_gap(line.time);
        }
        let is_first = self.position.is_none();
        self.position = Some(position);
        // It was only requested for its position.
        let is_extra = self.wakeups.is_some() && self.query.tail == Tail::Lines(0) && self.later_than.is_none();
        if is_first && is_extra && !self.is_read_again() {
            return;
        }
        self.show(line, Some(position));
    }

    /// Emits a line if it matches the query.
    fn show(&mut self, mut line: Line, position: Option<LogPosition>) {
        if !self.matches_query(&line) {
            return;
        }
        if let Some(shown) = self.shown.take_if(|shown| (shown.stream, shown.time) == (line.stream, line.time)) {
            if line.text == shown.text {
                return;
            }
            if line.text.starts_with(&shown.text) {
                line.text.drain(..shown.text.len());
            }
        }
        self.found.push_back(Read::Line(line, position));
    }

    /// True if a line matches the query. The engine filters as well, but rotated logs are requested
    /// as a whole.
    fn matches_query(&self, line: &Line) -> bool {
        let is_of_stream = match self.query.streams {
            Streams::All => true,
            Streams::Stdout => line.stream == LogStream::Stdout,
            Streams::Stderr => line.stream == LogStream::Stderr,
        };
        is_of_stream && self.query.since.is_none_or(|since| line.time >= since)
    }

    fn is_read_again(&self) -> bool {
        self.wakeups.as_ref().is_some_and(Wakeups::has_read)
    }

    /// Reads a rotated log again if there is new output. Returns true if so.
    fn read_again(&mut self) -> Result<bool, ReadEnd> {
        let unreadable = self.unreadable;
        let Some(wakeups) = self.wakeups.as_mut().filter(|_| !unreadable) else { return Ok(false) };
        if let Some(position) = self.position {
            wakeups.forget_up_to(position.time);
        }
        let Some(new) = wakeups.begin_reading(self.position.map(|position| position.time)).map_err(ReadEnd::Failed)?
        else {
            return Ok(false);
        };
        let again = match self.position {
            Some(position) => self.seek_in_newest(position, new.saturating_mul(2).saturating_add(OVERLAP)),
            // It was empty, so all lines are new.
            None => self.request(LogQuery { tail: Tail::All, ..self.search_query() }),
        };
        again.map_err(ReadEnd::Failed)?;
        Ok(true)
    }

    /// Time at which an unfinished line is shown.
    fn preview_at(&self) -> Option<Instant> {
        let line = self.decoder.unfinished().filter(|_| self.seeker.is_none())?;
        let is_shown = self.shown.as_ref().is_some_and(|shown| *shown == line);
        (!is_shown && self.matches_query(&line)).then_some(self.received_at + PREVIEW_DELAY)
    }

    fn preview(&mut self) {
        if let Some(line) = self.decoder.unfinished() {
            self.show(line.clone(), None);
            self.shown = Some(line);
        }
    }

    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    pub(super) fn opened_at(&self) -> Instant {
        self.opened_at
    }
}
