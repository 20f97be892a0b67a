//! Follows a log of an engine that another Quaylight watches.
//!
//! In: the events of the other server's stream of that log. Out: [`LogEvent`]s. While the other
//! server does not respond, the log pauses; afterwards it continues after the last line. Like a
//! follower of this server's own engines, it is owned by a viewer's stream.

use crate::{
    engine::LogTime,
    far::link::{EventStream, FarError, FarEvent, FarServer, shortened},
    logs::{Line, LogEvent, LogPosition, LogReader, MAX_LINE_BYTES, Place},
};
use app::model::{ContainerId, LogEnd, LogEndReason, LogGap, LogGapReason, LogStream, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Timeout for silence. The stream has an event at least every 3 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);
/// Delay before a retry.
const RETRY_DELAY: Duration = Duration::from_millis(500);
/// Parameters that are not part of the query of one log.
const OTHER_PARAMETERS: [&str; 2] = ["ids", "lastEventId"];

/// Follows one log.
#[derive(Debug)]
pub(super) struct FarLog {
    server: FarServer,
    id: ContainerId,
    query: String,
    /// Place at which the other server continues; `None` before its first event.
    place: Option<Place>,
    /// Time at which this log began, on the engine's clock.
    began_at: LogTime,
    state: State,
    _reader: LogReader,
}

/// Fields of an event with a line that are read. The names of engines are not: they would never be
/// freed.
#[derive(Debug, Deserialize)]
struct SentLine {
    stream: LogStream,
    timestamp: Timestamp,
    text: String,
    #[serde(default)]
    truncated: bool,
}

/// The same of a gap.
#[derive(Debug, Deserialize)]
struct SentGap {
    reason: LogGapReason,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    detail: Option<String>,
}

/// The same of an end.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentEnd {
    reason: LogEndReason,
    last: bool,
    exit_code: Option<i64>,
    at: Option<Timestamp>,
    detail: Option<String>,
}

#[derive(Debug)]
enum State {
    Opening,
    Reading(Box<EventStream>),
    /// The end was reported, and the log waits.
    Paused,
    Over,
}

impl FarLog {
    /// Creates the log without sending a request. The query is that of the client's request.
    /// Without a place, the log begins at `began_at`.
    pub(super) fn new(
        (server, id): (FarServer, ContainerId),
        query: Option<&str>,
        (place, began_at): (Option<Place>, LogTime),
        reader: LogReader,
    ) -> Self {
        let is_of_one = |pair: &&str| !OTHER_PARAMETERS.contains(&pair.split('=').next().unwrap_or_default());
        let query: Vec<_> = query.unwrap_or_default().split('&').filter(is_of_one).collect();
        Self { server, id, query: query.join("&"), place, began_at, state: State::Opening, _reader: reader }
    }

    /// Place at which another stream would continue.
    pub(super) fn place(&self) -> Place {
        self.place.unwrap_or(Place::Opened(self.began_at))
    }

    /// Opens the stream.
    ///
    /// # Errors
    /// When the other server does not respond, or refuses.
    pub(super) async fn open(&mut self) -> Result<(), FarError> {
        let theirs = self.server.engine().map_err(|_| FarError::Closed)?;
        let target = format!("/api/engines/{theirs}/containers/{}/logs/stream?{}", self.id, self.query);
        let place = self.place.map(|place| place.to_string());
        self.state = State::Reading(Box::new(self.server.events(&target, place.as_deref()).await?));
        Ok(())
    }

    /// The next event; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<LogEvent> {
        let server = self.server.clone();
        tokio::select! {
            event = self.step() => event,
            // The engine was removed from the settings.
            () = server.closed() => {
                let is_over = matches!(self.state, State::Over);
                self.state = State::Over;
                (!is_over).then(|| end_for(LogEndReason::EngineLost, true, None))
            }
        }
    }

    async fn step(&mut self) -> Option<LogEvent> {
        loop {
            match &mut self.state {
                State::Over => return None,
                State::Opening => {
                    if let Err(error) = self.open().await {
                        return Some(self.end(&error));
                    }
                }
                State::Paused => {
                    sleep(RETRY_DELAY).await;
                    match self.open().await {
                        Ok(()) => return Some(LogEvent::Resume),
                        Err(error @ FarError::Refused { .. }) => return Some(self.end(&error)),
                        Err(_) => {}
                    }
                }
                State::Reading(stream) => match timeout(SILENCE_TIMEOUT, stream.next()).await {
                    Ok(Ok(event)) => {
                        if let Some(event) = self.read(&event) {
                            return Some(event);
                        }
                    }
                    // An interrupted stream is continued at once; the viewer only sees a longer one.
                    Ok(Err(_)) | Err(_) => self.state = State::Opening,
                },
            }
        }
    }

    /// The end of the log: until the other server responds or, if it refuses, for good.
    fn end(&mut self, error: &FarError) -> LogEvent {
        let (reason, last) = match error {
            FarError::Refused { code, .. } if code == "no_such_container" => (LogEndReason::Removed, true),
            FarError::Refused { status: 400 | 402..500, .. } => (LogEndReason::Refused, true),
            _ => (LogEndReason::EngineLost, false),
        };
        self.state = if last { State::Over } else { State::Paused };
        let detail = (reason == LogEndReason::Refused).then(|| error.to_string());
        end_for(reason, last, detail)
    }

    /// An end for a reason that is unknown here.
    fn unknown_end(&mut self, event: &FarEvent) -> Option<LogEvent> {
        let fields: serde_json::Value = data(event)?;
        let last = fields["last"].as_bool()?;
        if last {
            self.state = State::Over;
        }
        let reason = fields["reason"].as_str().unwrap_or_default();
        Some(end_for(
            LogEndReason::Refused,
            last,
            Some(format!("The other Quaylight has ended the log: {:?}.", shortened(reason))),
        ))
    }

    fn read(&mut self, event: &FarEvent) -> Option<LogEvent> {
        match event.name.as_str() {
            "log" => {
                let SentLine { stream, timestamp, mut text, mut truncated } = data(event)?;
                if text.len() > MAX_LINE_BYTES {
                    text.truncate(text.floor_char_boundary(MAX_LINE_BYTES));
                    truncated = true;
                }
                // An unfinished line has the place before it.
                let place = place(event).filter(|place| Some(*place) != self.place);
                self.place = place.or(self.place);
                let position: Option<LogPosition> = match place {
                    Some(Place::Behind(position)) => Some(position),
                    Some(Place::Opened(_)) | None => None,
                };
                let time = position.map_or_else(|| LogTime::from(timestamp), |position| position.time);
                Some(LogEvent::Line(Line { stream, time, text: text.into_bytes(), truncated }, position))
            }
            "gap" => data(event).map(|SentGap { reason, from, to, detail }| {
                let detail = detail.as_deref().map(shortened);
                LogEvent::Gap(LogGap { container_id: None, engine: None, reason, from, to, detail })
            }),
            "end" => {
                // A newer server may have reasons that are unknown here.
                let Some(end) = data::<SentEnd>(event) else { return self.unknown_end(event) };
                let SentEnd { reason, last, exit_code, at, detail } = end;
                if last {
                    self.state = State::Over;
                }
                let detail = detail.as_deref().map(shortened);
                Some(LogEvent::End(LogEnd { container_id: None, engine: None, reason, last, exit_code, at, detail }))
            }
            "resume" => Some(LogEvent::Resume),
            // A heartbeat.
            _ => {
                self.place = place(event).or(self.place);
                None
            }
        }
    }
}

fn end_for(reason: LogEndReason, last: bool, detail: Option<String>) -> LogEvent {
    LogEvent::End(LogEnd { container_id: None, engine: None, reason, last, exit_code: None, at: None, detail })
}

fn place(event: &FarEvent) -> Option<Place> {
    event.id.as_deref().and_then(|id| id.parse().ok())
}

fn data<T: DeserializeOwned>(event: &FarEvent) -> Option<T> {
    serde_json::from_str(&event.data).ok()
}
