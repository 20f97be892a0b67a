//! One run of a container's log, as it comes over connections to the engine.
//!
//! In: the engine's bytes. Out: [`Read`], one at a time. As a rule one connection is followed. A log that is rotated is read in another
//! way, because engines lose and repeat lines there: what is followed only says that something was printed (see [`Wakeups`]), and the
//! lines are read from the files, again and again, behind the last one that was read. So they come in the order of the log and once
//! each, and where the last one is no longer in the log, a gap is told.

use super::super::{
    Counter, Decoder, Entry, Framing, LONGEST_LINE, Line, LogQuery, LogTime, Place, Streams, Tail, last_words, pumped,
    seeker::{Seeker, Sought},
};
use super::wakeups::Wakeups;
use crate::engine::{EngineClient, EngineError, JsonRef, convert::time};
use app::model::{ContainerId, LogGap, LogGapReason, LogStream, Timestamp};
use bytes::Bytes;
use futures::{StreamExt as _, stream, stream::BoxStream};
use serde_json::Value;
use std::{collections::VecDeque, fmt, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Lines that are read again after a cut, to find the place among them. The newest are cheap to come by, whereas an engine
/// looks for a time by reading its file from the beginning.
const READ_AGAIN: u32 = 1_000;
/// A log comes without pauses up to the present: lines that are later than the place are not held longer than this for it to come.
const SEEK_LIMIT: Duration = Duration::from_secs(2);
/// An unfinished line is shown as far as it came when nothing more came of it for this long.
const PREVIEW_AFTER: Duration = Duration::from_secs(1);
/// Lines read beside the new ones, to find the place among them.
const OVERLAP: u32 = 100;

/// A run of the container, by the engine's own words for its times.
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

/// What comes of a log.
#[derive(Debug)]
pub(super) enum Read {
    /// A line, and the place behind it; none behind one that is not finished.
    Line(Line, Option<Place>),
    /// Lines may be missing here.
    Gap(LogGap),
}

/// Why nothing further comes over a connection.
#[derive(Debug)]
pub(super) enum Cut {
    /// The engine is done with this run's log.
    Ended(Run),
    /// The link was lost, or is another.
    Link,
    /// The call failed.
    Failed(EngineError),
}

/// Where reading begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// As the query says.
    Query,
    /// Behind this line.
    Behind(Place),
    /// With the lines to come, later than this one: what is there cannot be read.
    Now(Option<Place>),
}

/// A log that is being read.
pub(super) struct Reading {
    client: EngineClient,
    id: ContainerId,
    query: LogQuery,
    run: Run,
    /// No line is older.
    created: LogTime,
    pieces: BoxStream<'static, Result<Bytes, EngineError>>,
    decoder: Decoder,
    counter: Counter,
    /// Behind the last line that was read, shown or not.
    place: Option<Place>,
    seeker: Option<Seeker>,
    window: Window,
    seek_until: Instant,
    found: VecDeque<Read>,
    over: bool,
    /// The place was looked for and is not there; nothing has been read since.
    lost: bool,
    /// The engine could not read on.
    broken: bool,
    /// Lines up to here were read before, whatever the engine sends.
    later_than: Option<LogTime>,
    /// For a log that is rotated.
    wakeups: Option<Wakeups>,
    heard_at: Instant,
    /// An unfinished line as it was shown.
    shown: Option<Line>,
}

/// How far back the lines reach in which a place is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Window {
    /// Newest lines of which none has come yet.
    Newest,
    /// Newest lines that begin less than [`Seeker`]'s disorder before the place.
    Doubtful,
    /// Far enough: a place that is not found is not in the log.
    Whole,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("run", &self.run).field("decoder", &self.decoder).finish_non_exhaustive()
    }
}

impl Reading {
    pub(super) async fn open(
        client: &EngineClient,
        id: ContainerId,
        query: &LogQuery,
        start: Start,
    ) -> Result<Self, EngineError> {
        let (inspect, framing) = match client.inspect_document(id).await {
            Ok(inspect) => {
                let terminal = JsonRef(&inspect).flag("/Config/Tty");
                (inspect, if terminal { Framing::Terminal } else { Framing::Frames })
            }
            // The engine may read the log of a container that it does not describe.
            Err(error) if error.may_concern_one_container() && client.lists(id).await? => {
                (Value::Null, client.log_framing(id).await.map_err(|_| error)?)
            }
            Err(error) => return Err(error),
        };
        let mut opened = Self::begin(client, id, query, &inspect, framing);
        if query.until.is_none() && is_rotated(&inspect) && !matches!(start, Start::Now(_)) {
            opened.wakeups = Some(Wakeups::open(client, id, framing)?);
        }
        if matches!(start, Start::Behind(_)) {
            // Whatever comes behind a line that was wanted is wanted; an age counts from another time by now.
            opened.query.since = None;
        }
        match start {
            // With an end in time the newest lines may all be later.
            Start::Behind(place) if query.until.is_some() => {
                opened.place = Some(place);
                opened.seek_by_time(place)?;
            }
            Start::Behind(place) => {
                opened.place = Some(place);
                opened.seek_in_newest(place, READ_AGAIN)?;
            }
            Start::Now(place) => {
                (opened.place, opened.later_than) = (place, place.map(|place| place.time));
                opened.ask(LogQuery { tail: Tail::Lines(0), since: None, ..*query })?;
            }
            Start::Query => match last_words(client, id, query, framing).await? {
                Some(entries) => opened.hold(entries),
                None => opened.ask_first()?,
            },
        }
        Ok(opened)
    }

    fn begin(client: &EngineClient, id: ContainerId, query: &LogQuery, inspect: &Value, framing: Framing) -> Self {
        let created = inspect["Created"].as_str().and_then(time).map(LogTime::from).unwrap_or_default();
        let now = Instant::now();
        Self {
            client: client.clone(),
            id,
            query: *query,
            run: Run::of(inspect),
            created,
            pieces: stream::empty().boxed(),
            decoder: Decoder::new(framing, LONGEST_LINE),
            counter: Counter::new(query.tail != Tail::All),
            place: None,
            seeker: None,
            window: Window::Whole,
            seek_until: now + SEEK_LIMIT,
            found: VecDeque::new(),
            over: false,
            lost: false,
            broken: false,
            later_than: None,
            wakeups: None,
            heard_at: now,
            shown: None,
        }
    }

    /// These entries and no more.
    fn hold(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.take(entry);
        }
    }

    /// The lines that the query names, from now on looked at by this reader alone where the log is rotated.
    fn ask_first(&mut self) -> Result<(), EngineError> {
        if self.wakeups.is_none() {
            return self.ask(self.query);
        }
        // One line has to be known for the others to come behind it.
        let tail = if self.query.tail == Tail::Lines(0) { Tail::Lines(1) } else { self.query.tail };
        self.ask(LogQuery { tail, streams: Streams::All, ..self.query })
    }

    fn ask(&mut self, asked: LogQuery) -> Result<(), EngineError> {
        // With an end in time it is what there is; a log that is rotated is read as often as needed.
        let follow = asked.until.is_none() && self.wakeups.is_none();
        let pieces = self.client.logs(self.id, &asked, follow)?;
        self.pieces = if follow { pumped(pieces).boxed() } else { pieces.boxed() };
        self.decoder = Decoder::new(self.decoder.framing(), LONGEST_LINE);
        self.counter = Counter::new(asked.tail != Tail::All);
        self.seek_until = Instant::now() + SEEK_LIMIT;
        self.over = false;
        Ok(())
    }

    /// From the newest lines on, which as a rule reach back to the place.
    fn seek_in_newest(&mut self, place: Place, lines: u32) -> Result<(), EngineError> {
        (self.seeker, self.window) = (Some(Seeker::new(place)), Window::Newest);
        self.ask(LogQuery { tail: Tail::Lines(lines), ..self.sought() })
    }

    /// From well before the place on, however much that is.
    fn seek_by_time(&mut self, place: Place) -> Result<(), EngineError> {
        (self.seeker, self.window) = (Some(Seeker::new(place)), Window::Whole);
        let since = Seeker::from(place).max(self.query.since.unwrap_or_default());
        self.ask(LogQuery { tail: Tail::All, since: Some(since), ..self.sought() })
    }

    /// The query with which a place is looked for. A log that is rotated is read whole, and sorted out here.
    fn sought(&self) -> LogQuery {
        match self.wakeups {
            Some(_) => LogQuery { since: None, streams: Streams::All, ..self.query },
            None => self.query,
        }
    }

    /// What comes next. Cancel safe.
    pub(super) async fn next(&mut self, link: &mut watch::Receiver<Option<EngineClient>>) -> Result<Read, Cut> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Ok(found);
            }
            if let Some(entry) = self.decoder.entry() {
                self.sift(entry)?;
                continue;
            }
            if self.over && !self.stop_seeking()? && !self.read_again()? {
                // Nothing more is in the log for now: wait for something to be printed.
                let preview_at = self.preview_at();
                let Some(wakeups) = self.wakeups.as_mut().filter(|_| !self.broken) else {
                    return Err(Cut::Ended(self.run.clone()));
                };
                if wakeups.is_over() {
                    return Err(Cut::Ended(self.run.clone()));
                }
                tokio::select! {
                    heard = wakeups.wait() => heard.map_err(Cut::Failed)?,
                    _ = link.changed() => return Err(Cut::Link),
                    () = sleep_until(preview_at.unwrap_or_else(Instant::now)), if preview_at.is_some() => self.preview(),
                }
                continue;
            }
            if self.over {
                continue;
            }
            let preview_at = self.preview_at();
            tokio::select! {
                piece = self.pieces.next() => match piece {
                    Some(Ok(bytes)) => {
                        self.decoder.take(bytes);
                        self.heard_at = Instant::now();
                        self.seek_until = self.heard_at + SEEK_LIMIT;
                    }
                    Some(Err(error)) => return Err(Cut::Failed(error)),
                    None => self.end(),
                },
                _ = link.changed() => return Err(Cut::Link),
                () = sleep_until(self.seek_until), if self.seeker.as_ref().is_some_and(Seeker::holds) => {
                    self.stop_seeking()?;
                }
                () = sleep_until(preview_at.unwrap_or_else(Instant::now)), if preview_at.is_some() => self.preview(),
            }
        }
    }

    /// The connection has no more.
    fn end(&mut self) {
        self.over = true;
        // Of a log that is read again, an unfinished line comes again, too, and may be finished then.
        if self.wakeups.as_ref().is_none_or(Wakeups::is_last_reading) {
            self.decoder.end();
        }
    }

    /// Takes an entry of the log: looked at for the place as long as that is sought, and given out afterwards.
    fn sift(&mut self, entry: Entry) -> Result<(), Cut> {
        let Some(seeker) = self.seeker.as_mut() else {
            self.take(entry);
            return Ok(());
        };
        let Entry::Line(line) = entry else {
            self.take(entry);
            return Ok(());
        };
        if self.window == Window::Newest {
            let wanted = seeker.wanted();
            if line.time >= wanted.time {
                return self.seek_by_time(wanted).map_err(Cut::Failed);
            }
            self.window = if line.time < Seeker::from(wanted) { Window::Whole } else { Window::Doubtful };
        }
        let place = self.counter.count(&line);
        match seeker.take(line, place) {
            Sought::Further => {}
            Sought::Here => self.seeker = None,
            Sought::Gone(_) if self.window != Window::Whole => {
                let wanted = seeker.wanted();
                return self.seek_by_time(wanted).map_err(Cut::Failed);
            }
            Sought::Gone(lines) => {
                self.seeker = None;
                self.gone(lines);
            }
        }
        Ok(())
    }

    /// Whether it was seeking until now.
    fn stop_seeking(&mut self) -> Result<bool, Cut> {
        let Some(mut seeker) = self.seeker.take() else { return Ok(false) };
        if self.window != Window::Whole && !self.broken {
            self.seek_by_time(seeker.wanted()).map_err(Cut::Failed)?;
            return Ok(true);
        }
        self.gone(seeker.give_up());
        Ok(true)
    }

    /// The place is not in the log: these lines are new by their time.
    fn gone(&mut self, lines: Vec<(Line, Place)>) {
        self.lost = true;
        for (line, place) in lines {
            self.give(line, place);
        }
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Line(line) => {
                let place = self.counter.count(&line);
                if self.later_than.is_none_or(|time| line.time > time) {
                    self.give(line, place);
                }
            }
            Entry::Error(sentence) => {
                self.broken = true;
                self.found.push_back(Read::Gap(LogGap {
                    container_id: None,
                    reason: LogGapReason::Unreadable,
                    from: self.place.map(|place| place.time.timestamp()),
                    to: None,
                    detail: Some(sentence),
                }));
            }
        }
    }

    /// A new line.
    fn give(&mut self, line: Line, place: Place) {
        if std::mem::take(&mut self.lost) {
            self.tell_gap(line.time);
        }
        let is_first = self.place.is_none();
        self.place = Some(place);
        // It was asked for to know where the log stands.
        if is_first && self.wakeups.is_some() && self.query.tail == Tail::Lines(0) && !self.is_read_again() {
            return;
        }
        self.show(line, Some(place));
    }

    /// What was between the last line that was read and this one is not in the log any more. What was followed of it is shown.
    fn tell_gap(&mut self, to: LogTime) {
        // An older place is none of this log's.
        let Some(last) = self.place.filter(|place| place.time >= self.created) else { return };
        let mut from = last.time;
        let followed = self.wakeups.as_mut().map(|wakeups| wakeups.between(from, to)).unwrap_or_default();
        for line in followed {
            from = line.time;
            self.show(line, None);
        }
        self.found.push_back(Read::Gap(LogGap {
            container_id: None,
            reason: LogGapReason::Rotated,
            from: Some(from.timestamp()),
            to: Some(to.timestamp()),
            detail: None,
        }));
    }

    /// Gives a line out, if it is one of those that are wanted.
    fn show(&mut self, mut line: Line, place: Option<Place>) {
        if !self.is_wanted(&line) {
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
        self.found.push_back(Read::Line(line, place));
    }

    /// The engine has sorted out what it was asked to; a log that is rotated was asked for as a whole.
    fn is_wanted(&self, line: &Line) -> bool {
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

    /// Whether the log is read again now, because something was printed.
    fn read_again(&mut self) -> Result<bool, Cut> {
        let broken = self.broken;
        let Some(wakeups) = self.wakeups.as_mut().filter(|_| !broken) else { return Ok(false) };
        if let Some(place) = self.place {
            wakeups.forget_up_to(place.time);
        }
        let Some(new) = wakeups.begin_reading(self.place.map(|place| place.time)).map_err(Cut::Failed)? else {
            return Ok(false);
        };
        let again = match self.place {
            Some(place) => self.seek_in_newest(place, new.saturating_mul(2).saturating_add(OVERLAP)),
            // Nothing was in it: everything is new.
            None => self.ask(LogQuery { tail: Tail::All, ..self.sought() }),
        };
        again.map_err(Cut::Failed)?;
        Ok(true)
    }

    /// When an unfinished line is shown as it is.
    fn preview_at(&self) -> Option<Instant> {
        let line = self.decoder.unfinished().filter(|_| self.seeker.is_none())?;
        let is_shown = self.shown.as_ref().is_some_and(|shown| *shown == line);
        (!is_shown && self.is_wanted(&line)).then_some(self.heard_at + PREVIEW_AFTER)
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
}

/// Whether the engine begins another file when the log has reached a size.
fn is_rotated(inspect: &Value) -> bool {
    let log = &inspect["HostConfig"]["LogConfig"];
    match log["Type"].as_str() {
        Some("local") => true,
        Some("json-file") => log["Config"]["max-size"].as_str().is_some_and(|size| size != "-1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rotated_logs_are_known_by_driver_and_size() {
        for (driver, config, expected) in [
            ("local", json!({}), true),
            ("json-file", json!({ "max-size": "10m" }), true),
            ("json-file", json!({ "max-size": "-1" }), false),
            ("json-file", json!({ "max-file": "3" }), false),
            ("json-file", json!(null), false),
            ("journald", json!({ "max-size": "10m" }), false),
        ] {
            let inspect = json!({ "HostConfig": { "LogConfig": { "Type": driver, "Config": config } } });
            assert_eq!(is_rotated(&inspect), expected, "{inspect}");
        }
        assert!(!is_rotated(&json!({})));
    }
}
