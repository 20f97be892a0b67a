//! One connection to another server: both streams, until one ends or is silent.

use super::{
    FarWatcher,
    clock::Clock,
    link::{EventStream, FarError, FarEvent},
    rows, tolerant,
};
use crate::{now, timeline::MAX_AGE, watcher::Observation};
use app::{
    model::{Container, ContainerKey, Engine, EngineName, Occurrence, Timestamp},
    protocol::{Frame, FrameId},
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Timeout for silence. The streams have an event at least every 3 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);

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
}

/// Fields of the response of `/api/engines` that are read.
#[derive(Debug, Deserialize)]
struct EngineNames {
    engines: Vec<NamedEngine>,
}

#[derive(Debug, Deserialize)]
struct NamedEngine {
    id: EngineName,
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
        let Health { version } = server.get_json("/healthz").await?;
        watcher.compare(&version);
        let requested_at = Instant::now();
        let EngineNames { engines } = server.get_json("/api/engines").await?;
        let round_trip = requested_at.elapsed();
        let names: Vec<_> = engines.into_iter().map(|engine| engine.id).collect();
        let theirs = choose(&names, server.wanted_engine())?;
        if watcher.position.engine.replace(theirs) != Some(theirs) {
            tracing::info!(engine.name = %watcher.name, version, engine = %theirs, "another Quaylight responds");
            (watcher.position.frame, watcher.position.event) = (None, None);
        }
        let filter = if names.len() > 1 { format!("&engine={theirs}") } else { String::new() };
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
        let last_event_at = [Instant::now(); 2];
        let mut session = Self { watcher, theirs, filter, clock, rows, has_samples, events, last_event_at };
        session.apply(first).await?;
        session.show_engine().await?;
        session.watcher.server.set_reach(Ok(theirs));
        Ok(session)
    }

    async fn step(&mut self) -> Result<(), FarError> {
        if self.has_samples && !self.watcher.demand.has_lasting_viewers() {
            self.reopen(false).await?;
        }
        let silent_at = self.last_event_at[0].min(self.last_event_at[1]) + SILENCE_TIMEOUT;
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
            () = sleep_until(silent_at) => {
                return Err(FarError::Timeout(SILENCE_TIMEOUT, self.watcher.server.hop_of_silence().await));
            }
        }
        Ok(())
    }

    /// Replaces the stream of containers with one that has samples, or has none.
    async fn reopen(&mut self, has_samples: bool) -> Result<(), FarError> {
        self.rows = open_rows(self.watcher, &self.filter, has_samples).await?;
        self.has_samples = has_samples;
        self.last_event_at[0] = Instant::now();
        Ok(())
    }

    async fn apply(&mut self, event: FarEvent) -> Result<(), FarError> {
        let (name, containers) = (self.watcher.name, &self.watcher.picture.containers);
        let last = |id| containers.get(&ContainerKey::new(name, id)).map(|row| self.as_sent(row));
        let frame = tolerant::frame(&event.name, &event.data, &last).map_err(|error| invalid(&error.to_string()))?;
        // A newer server may have events that are unknown here.
        let Some(frame) = frame else { return Ok(()) };
        let (sampled_at, event_at) = match &frame {
            Frame::Snapshot(snapshot) => (snapshot.sampled_at, None),
            Frame::Delta(delta) => (delta.sampled_at, delta.event_at),
            Frame::Heartbeat(_) => return Ok(()),
        };
        let watcher = &mut *self.watcher;
        let applied = watcher.picture.apply(rows::of_engine(frame, self.theirs, watcher.name));
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
        if let Some(id) = event.id {
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
        if let Some(occurrence) = tolerant::occurrence(&event.data)
            && occurrence.engine == self.theirs
        {
            self.watcher.timeline.adopt(Occurrence { engine: self.watcher.name, ..occurrence });
        }
        self.watcher.position.event.clone_from(&event.id);
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

/// The engine that the address names, or the only one.
fn choose(names: &[EngineName], named: Option<&str>) -> Result<EngineName, FarError> {
    let listed = || names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    match (names, named) {
        (names, Some(named)) => {
            names.iter().find(|name| name.as_str() == named).copied().ok_or_else(|| {
                FarError::Engine(format!("the other Quaylight has no engine {named:?}, but {}", listed()))
            })
        }
        ([name], None) => Ok(*name),
        ([], None) => Err(FarError::Engine("the token shows no engine of the other Quaylight".to_owned())),
        (_, None) => Err(FarError::Engine(format!("the other Quaylight watches several engines: {}", listed()))),
    }
}

fn invalid(reason: &str) -> FarError {
    FarError::InvalidResponse(format!("the stream of the other Quaylight cannot be read: {reason}"))
}

fn read<'e, T: Deserialize<'e>>(event: &'e FarEvent) -> Result<T, FarError> {
    serde_json::from_str(&event.data).map_err(|error| invalid(&error.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn the_engine_is_the_named_or_the_only_one() {
        let names = |names: &[&str]| names.iter().map(|name| EngineName::new(name).unwrap()).collect::<Vec<_>>();
        let chosen = |all: &[&str], named| choose(&names(all), named).map(|name| name.to_string());
        assert_eq!(chosen(&["web"], None).unwrap(), "web");
        assert_eq!(chosen(&["web", "db"], Some("db")).unwrap(), "db");
        for (all, named, words) in [
            (&["web", "db"][..], None, "several engines: web, db"),
            (&["web"], Some("db"), "no engine \"db\", but web"),
            (&[], None, "no engine"),
        ] {
            let error = chosen(all, named).unwrap_err();
            assert!(matches!(&error, FarError::Engine(message) if message.contains(words)), "{error}");
        }
    }
}
