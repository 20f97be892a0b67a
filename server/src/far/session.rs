//! One connection to another server: both streams, until one ends or is silent.

use super::{
    FarWatcher, clean,
    clock::Clock,
    link::{EventStream, FarError, FarEvent, FarServer, shortened},
    names::EngineNames,
    rows, tolerant,
};
use crate::{now, timeline::MAX_AGE, watcher::Observation};
use app::{
    model::{Container, ContainerKey, Engine, EngineHop, EngineName, Occurrence, Timestamp},
    protocol::{Frame, FrameId},
};
use serde::Deserialize;
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

/// Timeout for silence of a server that responds to other requests.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time after which a silent server is asked whether it responds; a stream has an event at least
/// every 3 s. With the second that the server then has, it is found to be silent within 5 s.
const QUIET_TIME: Duration = Duration::from_millis(3_200);
/// Timeout for the first two responses, which cost little.
const GREETING_TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout for the first events of both streams; a snapshot may be long, and the network slow.
const OPENING_TIMEOUT: Duration = Duration::from_secs(60);
/// Maximum length of an id.
const MAX_ID_BYTES: usize = 128;

/// One connection to the other server.
#[derive(Debug)]
pub(super) struct Session<'w> {
    watcher: &'w mut FarWatcher,
    /// Name of the engine on the other server.
    theirs: EngineName,
    /// Query parameter that selects the engine, if there are several.
    filter: String,
    clock: Clock,
    rows: EventStream,
    has_samples: bool,
    events: EventStream,
    /// Times at which the last events of both streams arrived.
    last_event_at: [Instant; 2],
    /// Time at which the server last responded although a stream was silent.
    responded_at: Instant,
}

/// Fields of the response of `/healthz` that are read.
#[derive(Debug, Deserialize)]
struct Health {
    version: String,
}

/// A heartbeat in the stream of events.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Beat {
    server_time: Timestamp,
}

impl<'w> Session<'w> {
    /// Runs until the connection is lost, and returns the reason.
    pub(super) async fn run(watcher: &'w mut FarWatcher) -> FarError {
        let mut session = match Self::open(watcher).await {
            Ok(session) => session,
            Err(error) => return error,
        };
        loop {
            if let Err(error) = session.step().await {
                return error;
            }
        }
    }

    async fn open(watcher: &'w mut FarWatcher) -> Result<Self, FarError> {
        let server = watcher.server.clone();
        let greeting = async {
            let Health { mut version } = server.get_json("/healthz").await?;
            clean::word(&mut version);
            let requested_at = Instant::now();
            let engines = server.get_text("/api/engines").await?;
            Ok::<_, FarError>((version, engines, requested_at.elapsed()))
        };
        let (version, engines, round_trip) = match timeout(GREETING_TIMEOUT, greeting).await {
            Ok(greeted) => greeted?,
            Err(_) => return Err(FarError::Timeout(GREETING_TIMEOUT, server.hop_of_silence().await)),
        };
        watcher.compare(&version);
        let (theirs, is_one_of_several) = {
            let names: EngineNames<'_> = serde_json::from_str(&engines).map_err(|error| invalid(&error.to_string()))?;
            (names.choose(server.wanted_engine())?, names.are_several())
        };
        if watcher.position.engine.replace(theirs) != Some(theirs) {
            tracing::info!(engine.name = %watcher.name, version, engine = %theirs, "another Quaylight responds");
            (watcher.position.frame, watcher.position.event) = (None, None);
        }
        let filter = if is_one_of_several { format!("&engine={theirs}") } else { String::new() };
        while_responding(&server, Self::open_streams(watcher, theirs, filter, round_trip)).await
    }

    /// Opens both streams, and reads the first event of each.
    async fn open_streams(
        watcher: &'w mut FarWatcher,
        theirs: EngineName,
        filter: String,
        round_trip: Duration,
    ) -> Result<Self, FarError> {
        let server = watcher.server.clone();
        let has_samples = watcher.demand.has_lasting_viewers();
        let mut rows = open_rows(watcher, &filter, has_samples).await?;
        let first = rows.next().await?;
        // Events of the same run are continued; after a restart, all are read again.
        let run = first.id.as_deref().and_then(|id| id.parse::<FrameId>().ok()).map(|id| id.epoch);
        let run = run.ok_or_else(|| invalid("the first event has no id"))?;
        if run != watcher.position.epoch {
            (watcher.position.epoch, watcher.position.event) = (run, None);
        }
        let requested_at = Instant::now();
        let since = MAX_AGE.as_secs() / 3600;
        let target = format!("/api/events/stream?since={since}h{filter}");
        let mut events = server.events(&target, watcher.position.event.as_deref()).await?;
        let beat: Beat = read(&events.next().await?)?;
        let clock = Clock::measured(beat.server_time, now(), requested_at.elapsed(), round_trip);
        let now = Instant::now();
        let (last_event_at, responded_at) = ([now; 2], now);
        let mut session =
            Self { watcher, theirs, filter, clock, rows, has_samples, events, last_event_at, responded_at };
        session.apply(first).await?;
        session.show_engine().await?;
        session.watcher.server.set_reach(Ok(theirs));
        Ok(session)
    }

    async fn step(&mut self) -> Result<(), FarError> {
        if self.has_samples && !self.watcher.demand.has_lasting_viewers() {
            self.reopen(false).await?;
        }
        let last = self.last_event_at[0].min(self.last_event_at[1]);
        let quiet_at = last.max(self.responded_at) + QUIET_TIME;
        tokio::select! {
            event = self.rows.next() => {
                self.last_event_at[0] = Instant::now();
                self.apply(event?).await?;
            }
            event = self.events.next() => {
                self.last_event_at[1] = Instant::now();
                self.record(&event?)?;
            }
            () = self.watcher.demand.wait_for_lasting_viewers(), if !self.has_samples => self.reopen(true).await?,
            () = sleep_until(quiet_at.min(last + SILENCE_TIMEOUT)) => {
                self.watcher.server.check(last.elapsed()).await?;
                if last.elapsed() >= SILENCE_TIMEOUT {
                    return Err(FarError::Timeout(SILENCE_TIMEOUT, EngineHop::Http));
                }
                self.responded_at = Instant::now();
            }
        }
        Ok(())
    }

    /// Replaces the stream of containers with one that has samples, or has none.
    async fn reopen(&mut self, has_samples: bool) -> Result<(), FarError> {
        let server = self.watcher.server.clone();
        self.rows = while_responding(&server, open_rows(self.watcher, &self.filter, has_samples)).await?;
        self.has_samples = has_samples;
        self.last_event_at[0] = Instant::now();
        Ok(())
    }

    async fn apply(&mut self, event: FarEvent) -> Result<(), FarError> {
        let (name, containers) = (self.watcher.name, &self.watcher.picture.containers);
        let last = |id| containers.get(&ContainerKey::new(name, id)).map(|row| self.as_sent(row));
        let frame = tolerant::frame(&event.name, &event.data, self.theirs, &last);
        let frame = frame.map_err(|error| invalid(&error.to_string()))?;
        // A newer server may have events that are unknown here.
        let Some(frame) = frame else { return Ok(()) };
        let (sampled_at, event_at) = match &frame {
            Frame::Snapshot(snapshot) => (snapshot.sampled_at, None),
            Frame::Delta(delta) => (delta.sampled_at, delta.event_at),
            Frame::Heartbeat(_) => return Ok(()),
        };
        let watcher = &mut *self.watcher;
        let frame = rows::of_engine(frame, self.theirs, watcher.name);
        if rows::are_too_many(&frame, &watcher.picture) {
            return Err(FarError::TooManyRows(rows::MAX_ROWS));
        }
        let applied = watcher.picture.apply(frame);
        let upserted: Vec<_> =
            applied.containers.iter().filter_map(|key| watcher.picture.containers.get(key)).map(Arc::clone).collect();
        if !upserted.is_empty() || !applied.removed.is_empty() {
            let event_at = event_at.map(|at| self.clock.here(at));
            let removed = applied.removed;
            watcher.store.send(Observation::Containers { upserted, removed, event_at }).await;
        }
        if let Some(sampled_at) = sampled_at.filter(|_| self.has_samples) {
            let taken_at = self.clock.here(sampled_at);
            let samples = rows::samples(&watcher.picture, taken_at);
            let present = watcher.picture.containers.keys().map(|key| key.id).collect();
            watcher.history.record(watcher.name, &samples, taken_at, &present);
            watcher.store.send(Observation::Samples { engine: watcher.name, samples, taken_at }).await;
        }
        if let Some(id) = event.id.filter(|id| is_usable(id)) {
            watcher.position.frame = Some((id, self.has_samples));
        }
        if applied.engines { self.show_engine().await } else { Ok(()) }
    }

    /// A row as the other server sends it, under the name of the engine there.
    fn as_sent(&self, row: &Container) -> Container {
        Container { engine: self.theirs, ..row.clone() }
    }

    async fn show_engine(&mut self) -> Result<(), FarError> {
        let engine = self.watcher.picture.engines.iter().find(|engine| engine.id == self.theirs).cloned();
        let gone = || FarError::Engine(format!("the other Quaylight no longer watches the engine {}", self.theirs));
        let engine: Engine = engine.ok_or_else(gone)?;
        self.watcher.update(&engine, self.clock).await;
        Ok(())
    }

    /// Records an event of the engine.
    fn record(&mut self, event: &FarEvent) -> Result<(), FarError> {
        if event.name != "event" {
            return Ok(());
        }
        // A newer server may have kinds of events that are unknown here.
        if let Some(occurrence) = tolerant::occurrence(&event.data, self.theirs) {
            self.watcher.timeline.adopt(Occurrence { engine: self.watcher.name, ..occurrence });
        }
        self.watcher.position.event = event.id.clone().filter(|id| is_usable(id));
        Ok(())
    }
}

/// Opens the stream of containers. It continues after the last frame, if that frame's stream had
/// samples or this one needs none.
async fn open_rows(watcher: &FarWatcher, filter: &str, has_samples: bool) -> Result<EventStream, FarError> {
    let form = if has_samples { "stats=true" } else { "stats=false&passive=true" };
    let after = watcher.position.frame.as_ref().filter(|(_, had_samples)| *had_samples || !has_samples);
    let after = after.map(|(id, _)| id.as_str());
    watcher.server.events(&format!("/api/containers/stream?{form}{filter}"), after).await
}

/// Waits for a result while the server responds to other requests.
async fn while_responding<T>(
    server: &FarServer,
    result: impl Future<Output = Result<T, FarError>>,
) -> Result<T, FarError> {
    let (mut result, started_at) = (pin!(result), Instant::now());
    loop {
        match timeout(QUIET_TIME, &mut result).await {
            Ok(result) => return result,
            Err(_) if started_at.elapsed() >= OPENING_TIMEOUT => {
                return Err(FarError::Timeout(OPENING_TIMEOUT, EngineHop::Http));
            }
            Err(_) => {
                // The result may arrive meanwhile.
                tokio::select! {
                    result = &mut result => return result,
                    checked = server.check(started_at.elapsed()) => checked?,
                }
            }
        }
    }
}

/// True if a stream can be continued after an event with this id.
fn is_usable(id: &str) -> bool {
    id.len() <= MAX_ID_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn invalid(reason: &str) -> FarError {
    FarError::InvalidResponse(format!("the stream of the other Quaylight cannot be read: {}", shortened(reason)))
}

fn read<'e, T: Deserialize<'e>>(event: &'e FarEvent) -> Result<T, FarError> {
    serde_json::from_str(&event.data).map_err(|error| invalid(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_a_header_can_have_are_used() {
        for (id, expected) in [("abc.5", true), ("a\nb", false), ("\u{1b}", false), (&"a".repeat(1_000), false)] {
            assert_eq!(is_usable(id), expected, "{id:?}");
        }
    }
}
