//! One connection to the engine that a log comes over.

use super::super::{
    Counter, Decoder, Framing, LONGEST_LINE, Line, LogQuery, Place, Tail, last_words, pumped,
    seeker::{Seeker, Sought},
};
use crate::engine::{EngineClient, EngineError, convert::time};
use app::model::{ContainerId, Timestamp};
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

/// Why no further line comes over a connection.
#[derive(Debug)]
pub(super) enum Cut {
    /// The engine is done with this run's log.
    Ended(Run),
    /// The link was lost, or is another.
    Link,
    /// The newest lines do not reach back to the place; these do.
    TooShort(Box<Reading>),
    /// The call failed.
    Failed(EngineError),
}

/// A log that is being read.
pub(super) struct Reading {
    client: EngineClient,
    id: ContainerId,
    query: LogQuery,
    run: Run,
    pieces: BoxStream<'static, Result<Bytes, EngineError>>,
    decoder: Decoder,
    counter: Counter,
    seeker: Option<Seeker>,
    /// The place that the first line has to lie well before.
    unproven: Option<Place>,
    seek_until: Instant,
    found: VecDeque<(Line, Place)>,
    over: bool,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("run", &self.run).field("decoder", &self.decoder).finish_non_exhaustive()
    }
}

impl Reading {
    /// From where the query says, or behind `place`.
    pub(super) async fn open(
        client: &EngineClient,
        id: ContainerId,
        query: &LogQuery,
        place: Option<Place>,
    ) -> Result<Self, EngineError> {
        let inspect = client.inspect_document(id).await?;
        let terminal = inspect["Config"]["Tty"].as_bool().unwrap_or_default();
        let framing = if terminal { Framing::Terminal } else { Framing::Frames };
        let opened = Self::begin(client, id, query, Run::of(&inspect), framing);
        match place {
            // With an end in time the newest lines may all be later.
            Some(place) if query.until.is_some() => opened.seek_by_time(place),
            Some(place) => opened.seek_in_newest(place),
            None => match last_words(client, id, query, framing).await? {
                Some(lines) => Ok(opened.of(lines)),
                None => opened.asking(*query),
            },
        }
    }

    fn begin(client: &EngineClient, id: ContainerId, query: &LogQuery, run: Run, framing: Framing) -> Self {
        Self {
            client: client.clone(),
            id,
            query: *query,
            run,
            pieces: stream::empty().boxed(),
            decoder: Decoder::new(framing, LONGEST_LINE),
            counter: Counter::new(query.tail != Tail::All),
            seeker: None,
            unproven: None,
            seek_until: Instant::now() + SEEK_LIMIT,
            found: VecDeque::new(),
            over: false,
        }
    }

    /// These lines and no more.
    fn of(mut self, lines: Vec<Line>) -> Self {
        for line in lines {
            let place = self.counter.count(&line);
            self.found.push_back((line, place));
        }
        self
    }

    fn asking(self, asked: LogQuery) -> Result<Self, EngineError> {
        // With an end in time it is what there is; without one it goes on.
        let follow = asked.until.is_none();
        let pieces = self.client.logs(self.id, &asked, follow)?;
        let pieces = if follow { pumped(pieces).boxed() } else { pieces.boxed() };
        Ok(Self { pieces, counter: Counter::new(asked.tail != Tail::All), ..self })
    }

    /// From the newest lines on, which as a rule reach back to the place.
    fn seek_in_newest(self, place: Place) -> Result<Self, EngineError> {
        let asked = LogQuery { tail: Tail::Lines(READ_AGAIN), ..self.query };
        Ok(Self { seeker: Some(Seeker::new(place)), unproven: Some(place), ..self.asking(asked)? })
    }

    /// From well before the place on, however much that is.
    fn seek_by_time(self, place: Place) -> Result<Self, EngineError> {
        let since = Seeker::from(place).max(self.query.since.unwrap_or_default());
        let asked = LogQuery { tail: Tail::All, since: Some(since), ..self.query };
        Ok(Self { seeker: Some(Seeker::new(place)), unproven: None, ..self.asking(asked)? })
    }

    /// The next new line. Cancel safe.
    pub(super) async fn next(
        &mut self,
        link: &mut watch::Receiver<Option<EngineClient>>,
    ) -> Result<(Line, Place), Cut> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Ok(found);
            }
            if let Some(line) = self.decoder.line() {
                if let Some(new) = self.sift(line)? {
                    return Ok(new);
                }
                continue;
            }
            if self.over {
                if !self.stop_seeking() {
                    return Err(Cut::Ended(self.run.clone()));
                }
                continue;
            }
            tokio::select! {
                piece = self.pieces.next() => match piece {
                    Some(Ok(bytes)) => {
                        self.decoder.take(bytes);
                        self.seek_until = Instant::now() + SEEK_LIMIT;
                    }
                    Some(Err(error)) => return Err(Cut::Failed(error)),
                    None => {
                        self.over = true;
                        self.decoder.end();
                    }
                },
                _ = link.changed() => return Err(Cut::Link),
                () = sleep_until(self.seek_until), if self.seeker.as_ref().is_some_and(Seeker::holds) => {
                    self.stop_seeking();
                }
            }
        }
    }

    /// Whether a line is new; it is, once the place was found.
    fn sift(&mut self, line: Line) -> Result<Option<(Line, Place)>, Cut> {
        if let Some(place) = self.unproven.take()
            && line.time >= Seeker::from(place)
        {
            let again = Self::begin(&self.client, self.id, &self.query, self.run.clone(), self.decoder.framing());
            return Err(again.seek_by_time(place).map_or_else(Cut::Failed, |reading| Cut::TooShort(Box::new(reading))));
        }
        let place = self.counter.count(&line);
        let Some(seeker) = &mut self.seeker else { return Ok(Some((line, place))) };
        match seeker.take(line, place) {
            Sought::Further => {}
            Sought::Here => self.seeker = None,
            Sought::Gone(lines) => {
                self.seeker = None;
                self.found.extend(lines);
            }
        }
        Ok(None)
    }

    /// Whether it was seeking until now.
    fn stop_seeking(&mut self) -> bool {
        let seeker = self.seeker.take();
        let was_seeking = seeker.is_some();
        self.found.extend(seeker.into_iter().flat_map(|mut seeker| seeker.give_up()));
        was_seeking
    }

    pub(super) fn run(&self) -> &Run {
        &self.run
    }
}
