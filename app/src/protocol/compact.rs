//! Compact encoding of the frames for Quaylight's own pages: a third of the bytes on the wire, and
//! a reader a tenth the size of a JSON library in the browser's module.
//!
//! In and out: [`Frame`]s, and JSON arrays without field names:
//!
//! - `snapshot`: `[epoch, revision, serverTime, sampledAt, engines, containers, samples]`
//! - `delta`: `[revision, serverTime, sampledAt, eventAt, engines, containers, samples, removed,
//!   enginesOfRemoved]`
//! - `heartbeat`: `[revision, serverTime]`
//!
//! Engine names of samples and of removed containers are written as runs ([`engine_runs`]), and
//! left out if all are `local`. Times are milliseconds since 1970, or before another time in the
//! frame. Containers and samples are written column by column, because similar values side by side
//! compress well. Ids are base64; those of a delta's samples are cut to a prefix. Readers skip
//! unknown elements at the end of an array, so new columns go there and a page keeps working with a
//! newer server.
//!
//! Requested with `?format=compact`. Not part of the public contract, which is JSON with field
//! names.
//!
//! Only the server writes it; the writer is not part of the browser's module. Three things are left
//! out: the name in a sample, which is its container's; the memory percentage, which is computed;
//! and Compose's bookkeeping labels, of which `com.docker.compose.config-hash` alone would be a
//! quarter of all bytes.

mod containers;
mod engine_runs;
mod engines;
mod id;
mod known;
mod samples;
mod scanner;
#[cfg(any(feature = "ssr", test))]
mod writer;

pub use known::fingerprint;
pub use scanner::Scanner;

use super::{ByKey, Delta, Frame, Heartbeat, InvalidFrame, RemovedContainer, Revision, Snapshot};
use crate::model::{Container, Timestamp};
use std::sync::Arc;
#[cfg(any(feature = "ssr", test))]
use writer::Writer;

/// Containers that the reader already has. A delta's samples refer to them by the prefixes of their
/// ids.
pub type Held = ByKey<Arc<Container>>;

/// Writes the data of a `snapshot` event.
#[cfg(any(feature = "ssr", test))]
pub fn write_snapshot(snapshot: &Snapshot) -> String {
    write_snapshot_for(snapshot, None)
}

/// Writes a snapshot for a reader with this [`fingerprint`]. If it matches the snapshot's, ids and
/// names are omitted.
#[cfg(any(feature = "ssr", test))]
pub fn write_snapshot_for(snapshot: &Snapshot, held: Option<u64>) -> String {
    let Snapshot { epoch, revision, server_time, engines, containers, stats, sampled_at } = snapshot;
    let order = known::in_order(containers.iter().map(|container| &**container));
    let held = held.filter(|held| known::fingerprint_in_order(&order) == Some(*held));
    let mut writer = Writer::default();
    writer.list(|writer| {
        writer.text(epoch);
        writer.natural(revision.0);
        writer.natural(server_time.as_millis());
        writer.maybe_natural(sampled_at.map(Timestamp::as_millis));
        writer.list(|writer| engines.iter().for_each(|engine| engines::write(writer, engine)));
        containers::write(writer, &order, held, *server_time);
        samples::write_for(writer, &order, stats, *server_time);
    });
    writer.into_text()
}

/// Writes the data of a `delta` event.
#[cfg(any(feature = "ssr", test))]
pub fn write_delta(delta: &Delta) -> String {
    let Delta { revision, server_time, engines, upserted, removed, stats, sampled_at, event_at } = delta;
    let upserted: Vec<_> = upserted.iter().map(|container| &**container).collect();
    let mut writer = Writer::default();
    writer.list(|writer| {
        writer.natural(revision.0);
        writer.natural(server_time.as_millis());
        writer.maybe_natural(sampled_at.map(Timestamp::as_millis));
        writer.maybe_natural(event_at.map(Timestamp::as_millis));
        match engines {
            Some(engines) => writer.list(|writer| engines.iter().for_each(|engine| engines::write(writer, engine))),
            None => writer.null(),
        }
        containers::write(writer, &upserted, None, *server_time);
        samples::write(writer, stats, *server_time);
        writer.ids(removed.iter().map(|gone| gone.id));
        engine_runs::write(writer, removed.iter().map(|gone| gone.engine));
    });
    writer.into_text()
}

/// Writes the data of a `heartbeat` event.
#[cfg(any(feature = "ssr", test))]
pub fn write_heartbeat(heartbeat: Heartbeat) -> String {
    format!("[{},{}]", heartbeat.revision.0, heartbeat.server_time.as_millis())
}

/// Reads an event by its name.
///
/// # Errors
/// [`InvalidFrame`] for an unknown name or malformed data.
pub fn read(event: &str, data: &str, held: &Held) -> Result<Frame, InvalidFrame> {
    let scanner = &mut Scanner::new(data);
    let frame = match event {
        "snapshot" => read_snapshot(scanner, held).map(Frame::Snapshot),
        "delta" => read_delta(scanner, held).map(Frame::Delta),
        "heartbeat" => read_heartbeat(scanner).map(Frame::Heartbeat),
        other => return Err(InvalidFrame::Event(other.to_owned())),
    };
    frame.ok_or_else(|| InvalidFrame::Malformed(event.to_owned()))
}

/// Reads the data of a `snapshot` event; `None` if it is malformed, or if it refers to containers
/// other than `held`.
pub fn read_snapshot(scanner: &mut Scanner<'_>, held: &Held) -> Option<Snapshot> {
    scanner.open()?;
    let epoch = scanner.text()?;
    let revision = Revision(scanner.natural()?);
    let server_time = Timestamp::from_millis(scanner.natural()?);
    let sampled_at = scanner.maybe_natural()?.map(Timestamp::from_millis);
    let engines = engines::read(scanner)?.unwrap_or_default();
    let containers = containers::read(scanner, held, server_time)?;
    let stats = samples::read(scanner, &containers, server_time)?;
    scanner.close()?;
    Some(Snapshot { epoch, revision, server_time, engines, containers, stats, sampled_at })
}

fn read_delta(scanner: &mut Scanner<'_>, held: &Held) -> Option<Delta> {
    scanner.open()?;
    let revision = Revision(scanner.natural()?);
    let server_time = Timestamp::from_millis(scanner.natural()?);
    let sampled_at = scanner.maybe_natural()?.map(Timestamp::from_millis);
    let event_at = scanner.maybe_natural()?.map(Timestamp::from_millis);
    let engines = engines::read(scanner)?;
    let upserted = containers::read(scanner, held, server_time)?;
    let stats = samples::read_known(scanner, &upserted, held, server_time)?;
    let removed = id::read_all(&scanner.text()?)?;
    let engines_of_removed = engine_runs::read(scanner, removed.len())?;
    scanner.close()?;
    let removed = engines_of_removed.into_iter().zip(removed);
    let removed = removed.map(|(engine, id)| RemovedContainer { engine, id }).collect();
    Some(Delta { revision, server_time, engines, upserted, removed, stats, sampled_at, event_at })
}

fn read_heartbeat(scanner: &mut Scanner<'_>) -> Option<Heartbeat> {
    scanner.open()?;
    let revision = Revision(scanner.natural()?);
    let server_time = Timestamp::from_millis(scanner.natural()?);
    scanner.close()?;
    Some(Heartbeat { revision, server_time })
}

#[cfg(test)]
mod tests;
