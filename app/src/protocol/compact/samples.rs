//! Samples, column by column: `[ids, cpu, memoryUsage, memoryLimit, networkRx, networkTx,
//! blockRead, blockWrite, pids, age, memoryCache, engines]`.
//!
//! A column of counts starts with their unit. `ids` is `null` in a snapshot with a sample for each
//! container that has processes, in order. In a delta, ids are cut to prefixes, which makes it two
//! thirds smaller. `cpu` is in hundredths of a percent, `age` in milliseconds before the frame's
//! time. Engines are omitted in a snapshot without ids. Names are left empty.

#[cfg(any(feature = "ssr", test))]
use super::writer::Writer;
use super::{
    Held, Scanner, engine_runs,
    id::{self, Prefix},
};
use crate::model::{Container, ContainerId, ContainerKey, ContainerStats, EngineName, Timestamp, memory_percent};
#[cfg(any(feature = "ssr", test))]
use std::collections::BTreeMap;
use std::sync::Arc;

/// Accessor of a count.
type Cell = fn(&mut ContainerStats) -> &mut Option<u64>;

/// Columns of counts, in order.
const COUNTS: [Cell; 7] = [
    |sample| &mut sample.memory_usage,
    |sample| &mut sample.memory_limit,
    |sample| &mut sample.network_rx,
    |sample| &mut sample.network_tx,
    |sample| &mut sample.block_read,
    |sample| &mut sample.block_write,
    |sample| &mut sample.pids,
];

/// Columns of counts, for writing.
#[cfg(any(feature = "ssr", test))]
const COUNTED: [fn(&ContainerStats) -> Option<u64>; 7] = [
    |sample| sample.memory_usage,
    |sample| sample.memory_limit,
    |sample| sample.network_rx,
    |sample| sample.network_tx,
    |sample| sample.block_read,
    |sample| sample.block_write,
    |sample| sample.pids,
];

/// Units of a column: kernels count memory in pages and block I/O in sectors.
#[cfg(any(feature = "ssr", test))]
const UNITS: [u64; 2] = [4096, 512];

/// Writes the samples of a snapshot, whose containers already have the ids.
#[cfg(any(feature = "ssr", test))]
pub(super) fn write_for(
    writer: &mut Writer,
    containers: &[&Container],
    samples: &[Arc<ContainerStats>],
    server_time: Timestamp,
) {
    let by_key: BTreeMap<_, _> = samples.iter().map(|sample| (sample.key(), sample)).collect();
    let with_processes = containers.iter().filter(|container| container.state.has_processes());
    let in_order: Option<Vec<_>> =
        with_processes.map(|container| by_key.get(&container.key()).map(|sample| Arc::clone(sample))).collect();
    match in_order {
        Some(in_order) if in_order.len() == samples.len() => {
            write_table(writer, Ids::Known, &in_order, server_time);
        }
        _ => write_table(writer, Ids::Whole, samples, server_time),
    }
}

#[cfg(any(feature = "ssr", test))]
pub(super) fn write(writer: &mut Writer, samples: &[Arc<ContainerStats>], server_time: Timestamp) {
    write_table(writer, Ids::Prefixes, samples, server_time);
}

/// The form of the first column.
#[cfg(any(feature = "ssr", test))]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    /// Omitted: they are the ids of the frame's containers.
    Known,
    Whole,
    Prefixes,
}

#[cfg(any(feature = "ssr", test))]
fn write_table(writer: &mut Writer, ids: Ids, samples: &[Arc<ContainerStats>], server_time: Timestamp) {
    writer.list(|writer| {
        let all = samples.iter().map(|sample| sample.container_id);
        match ids {
            Ids::Known => writer.null(),
            Ids::Whole => writer.ids(all),
            Ids::Prefixes => writer.prefixes(all),
        }
        // An empty table ends here.
        if samples.is_empty() {
            return;
        }
        writer.list(|writer| {
            for sample in samples {
                // The server rounds to hundredths, so nothing is lost.
                writer.maybe_natural(sample.cpu_percent.map(|percent| (percent * 100.0).round() as u64));
            }
        });
        for count in COUNTED {
            writer.list(|writer| write_counts(writer, samples.iter().map(|sample| count(sample))));
        }
        writer.list(|writer| {
            let now = server_time.as_millis() as i64;
            samples.iter().for_each(|sample| writer.integer(now - sample.timestamp.as_millis() as i64));
        });
        writer.list(|writer| write_counts(writer, samples.iter().map(|sample| sample.memory_cache)));
        if ids != Ids::Known {
            engine_runs::write(writer, samples.iter().map(|sample| sample.engine));
        }
    });
}

#[cfg(any(feature = "ssr", test))]
fn write_counts(writer: &mut Writer, counts: impl Iterator<Item = Option<u64>> + Clone) {
    let fits = |unit: &u64| counts.clone().flatten().all(|count| count % unit == 0);
    let unit = UNITS.into_iter().find(fits).unwrap_or(1);
    writer.natural(unit);
    counts.for_each(|count| writer.maybe_natural(count.map(|count| count / unit)));
}

/// Reads the samples of a snapshot; `containers` are the containers of the same frame.
pub(super) fn read(
    scanner: &mut Scanner<'_>,
    containers: &[Arc<Container>],
    server_time: Timestamp,
) -> Option<Vec<Arc<ContainerStats>>> {
    scanner.open()?;
    let ids = scanner.maybe_text()?.map(|text| id::read_all(&text));
    let samples = match ids {
        Some(ids) => {
            let ids = ids?;
            let mut samples = read_table(scanner, ids.len(), server_time)?;
            samples.iter_mut().zip(ids).for_each(|(sample, id)| sample.container_id = id);
            samples
        }
        None => {
            let with_processes = containers.iter().filter(|each| each.state.has_processes());
            let mut samples = read_table(scanner, with_processes.clone().count(), server_time)?;
            samples.iter_mut().zip(with_processes).for_each(|(sample, container)| set_key(sample, container.key()));
            samples
        }
    };
    Some(samples.into_iter().map(Arc::new).collect())
}

/// Reads the samples of a delta. A delta to an earlier revision may have samples of containers that
/// no longer exist, which are omitted.
pub(super) fn read_known(
    scanner: &mut Scanner<'_>,
    upserted: &[Arc<Container>],
    held: &Held,
    server_time: Timestamp,
) -> Option<Vec<Arc<ContainerStats>>> {
    scanner.open()?;
    let prefixes = id::read_prefixes(&scanner.text()?)?;
    let mut known = Vec::with_capacity(prefixes.len());
    for (mut sample, prefix) in read_table(scanner, prefixes.len(), server_time)?.into_iter().zip(prefixes) {
        if let Some(key) = find(sample.engine, prefix, upserted, held)? {
            set_key(&mut sample, key);
            known.push(Arc::new(sample));
        }
    }
    Some(known)
}

fn set_key(sample: &mut ContainerStats, ContainerKey { engine, id }: ContainerKey) {
    (sample.engine, sample.container_id) = (engine, id);
}

/// The container with this id prefix on this engine: `Some(None)` if there is none, `None` if there
/// are two.
fn find(engine: EngineName, prefix: Prefix, upserted: &[Arc<Container>], held: &Held) -> Option<Option<ContainerKey>> {
    let mut least = [0; 32];
    least[..prefix.len()].copy_from_slice(&prefix);
    let begins = |key: &ContainerKey| key.engine == engine && key.id.as_bytes().starts_with(&prefix);
    let least = ContainerKey::new(engine, ContainerId::from_bytes(least));
    let first = held.find_index(&least).unwrap_or_else(|place| place);
    let held = (first..).map_while(|place| held.get_indexed(place)).map(|(key, _)| *key).take_while(begins);
    let mut found = None;
    for key in held.chain(upserted.iter().map(|container| container.key()).filter(begins)) {
        if found.is_some_and(|found| found != key) {
            return None;
        }
        found = Some(key);
    }
    Some(found)
}

/// Reads the columns after the first, and the end of the table. The ids are not known yet.
fn read_table(scanner: &mut Scanner<'_>, count: usize, server_time: Timestamp) -> Option<Vec<ContainerStats>> {
    let nameless = ContainerKey::new(EngineName::LOCAL, ContainerId::from_bytes([0; 32]));
    let mut samples = vec![ContainerStats::unknown(nameless, String::new(), server_time); count];
    if samples.is_empty() {
        scanner.close()?;
        return Some(samples);
    }
    scanner.open()?;
    for sample in &mut samples {
        sample.cpu_percent = scanner.maybe_natural()?.map(|hundredths| hundredths as f64 / 100.0);
    }
    scanner.close()?;
    for cell in COUNTS {
        read_counts(scanner, &mut samples, cell)?;
    }
    scanner.open()?;
    for sample in &mut samples {
        sample.timestamp = Timestamp::from_millis((server_time.as_millis() as i64 - scanner.integer()?) as u64);
        sample.memory_percent = memory_percent(sample.memory_usage, sample.memory_limit);
    }
    scanner.close()?;
    read_counts(scanner, &mut samples, |sample| &mut sample.memory_cache)?;
    let engines = engine_runs::read(scanner, count)?;
    samples.iter_mut().zip(engines).for_each(|(sample, engine)| sample.engine = engine);
    scanner.close()?;
    Some(samples)
}

fn read_counts(scanner: &mut Scanner<'_>, samples: &mut [ContainerStats], cell: Cell) -> Option<()> {
    scanner.open()?;
    let unit = scanner.natural()?;
    for sample in samples {
        *cell(sample) = scanner.maybe_natural()?.map(|count| count.wrapping_mul(unit));
    }
    scanner.close()
}
