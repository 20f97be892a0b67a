//! Samples, column by column: `[ids, cpu, memoryUsage, memoryLimit, networkRx, networkTx,
//! blockRead, blockWrite, pids, age, memoryCache]`.
//!
//! A column of counts starts with their unit. `ids` is `null` in a snapshot with a sample for each
//! container that has processes, in order. In a delta, ids are cut to prefixes, which makes it two
//! thirds smaller. `cpu` is in hundredths of a percent, `age` in milliseconds before the frame's
//! time. Names are left empty.

#[cfg(any(feature = "ssr", test))]
use super::writer::Writer;
use super::{
    Held, Scanner,
    id::{self, Prefix},
};
use crate::model::{Container, ContainerId, ContainerStats, Timestamp, memory_percent};
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

/// The same columns, for writing.
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

/// Writes the samples of a snapshot, whose containers already give the ids.
#[cfg(any(feature = "ssr", test))]
pub(super) fn write_for(
    writer: &mut Writer,
    containers: &[&Container],
    samples: &[Arc<ContainerStats>],
    server_time: Timestamp,
) {
    let by_id: BTreeMap<_, _> = samples.iter().map(|sample| (sample.container_id, sample)).collect();
    let with_processes = containers.iter().filter(|container| container.state.has_processes());
    let in_order: Option<Vec<_>> =
        with_processes.map(|container| by_id.get(&container.id).map(|sample| Arc::clone(sample))).collect();
    match in_order {
        Some(in_order) if in_order.len() == samples.len() => {
            write_table(writer, Writer::null, &in_order, server_time);
        }
        _ => write_table(writer, |writer| writer.ids(ids(samples)), samples, server_time),
    }
}

#[cfg(any(feature = "ssr", test))]
pub(super) fn write(writer: &mut Writer, samples: &[Arc<ContainerStats>], server_time: Timestamp) {
    write_table(writer, |writer| writer.prefixes(ids(samples)), samples, server_time);
}

#[cfg(any(feature = "ssr", test))]
fn ids(samples: &[Arc<ContainerStats>]) -> impl Iterator<Item = ContainerId> {
    samples.iter().map(|sample| sample.container_id)
}

#[cfg(any(feature = "ssr", test))]
fn write_table(
    writer: &mut Writer,
    write_ids: impl FnOnce(&mut Writer),
    samples: &[Arc<ContainerStats>],
    server_time: Timestamp,
) {
    writer.list(|writer| {
        write_ids(writer);
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
    });
}

#[cfg(any(feature = "ssr", test))]
fn write_counts(writer: &mut Writer, counts: impl Iterator<Item = Option<u64>> + Clone) {
    let fits = |unit: &u64| counts.clone().flatten().all(|count| count % unit == 0);
    let unit = UNITS.into_iter().find(fits).unwrap_or(1);
    writer.natural(unit);
    counts.for_each(|count| writer.maybe_natural(count.map(|count| count / unit)));
}

/// Reads the samples of a snapshot; `containers` are those of the same frame.
pub(super) fn read(
    scanner: &mut Scanner<'_>,
    containers: &[Arc<Container>],
    server_time: Timestamp,
) -> Option<Vec<Arc<ContainerStats>>> {
    scanner.open()?;
    let ids = match scanner.maybe_text()? {
        Some(text) => id::read_all(&text)?,
        None => containers.iter().filter(|each| each.state.has_processes()).map(|each| each.id).collect(),
    };
    read_table(scanner, ids, server_time)
}

/// Reads the samples of a delta. A delta to an earlier revision may have samples of containers that
/// are gone: those are left out.
pub(super) fn read_known(
    scanner: &mut Scanner<'_>,
    upserted: &[Arc<Container>],
    held: &Held,
    server_time: Timestamp,
) -> Option<Vec<Arc<ContainerStats>>> {
    scanner.open()?;
    let prefixes = id::read_prefixes(&scanner.text()?)?;
    let found = prefixes.iter().map(|prefix| find(*prefix, upserted, held)).collect::<Option<Vec<_>>>()?;
    let ids = found.iter().map(|id| id.unwrap_or(ContainerId::from_bytes([0; 32]))).collect();
    let samples = read_table(scanner, ids, server_time)?;
    Some(samples.into_iter().zip(found).filter_map(|(sample, id)| id.map(|_| sample)).collect())
}

/// The container with this id prefix: `Some(None)` if there is none, `None` if there are two.
fn find(prefix: Prefix, upserted: &[Arc<Container>], held: &Held) -> Option<Option<ContainerId>> {
    let mut least = [0; 32];
    least[..prefix.len()].copy_from_slice(&prefix);
    let begins = |id: &ContainerId| id.as_bytes().starts_with(&prefix);
    let first = held.find_index(&ContainerId::from_bytes(least)).unwrap_or_else(|place| place);
    let held = (first..).map_while(|place| held.get_indexed(place)).map(|(id, _)| *id).take_while(begins);
    let mut found = None;
    for id in held.chain(upserted.iter().map(|container| container.id).filter(begins)) {
        if found.is_some_and(|found| found != id) {
            return None;
        }
        found = Some(id);
    }
    Some(found)
}

fn read_table(
    scanner: &mut Scanner<'_>,
    ids: Vec<ContainerId>,
    server_time: Timestamp,
) -> Option<Vec<Arc<ContainerStats>>> {
    let unknown = |id| ContainerStats::unknown(id, String::new(), server_time);
    let mut samples: Vec<_> = ids.into_iter().map(unknown).collect();
    if samples.is_empty() {
        scanner.close()?;
        return Some(Vec::new());
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
    scanner.close()?;
    Some(samples.into_iter().map(Arc::new).collect())
}

fn read_counts(scanner: &mut Scanner<'_>, samples: &mut [ContainerStats], cell: Cell) -> Option<()> {
    scanner.open()?;
    let unit = scanner.natural()?;
    for sample in samples {
        *cell(sample) = scanner.maybe_natural()?.map(|count| count.wrapping_mul(unit));
    }
    scanner.close()
}
