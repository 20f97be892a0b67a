//! Samples, column by column: `[ids, cpu, memoryUsage, memoryLimit, networkRx, networkTx, blockRead, blockWrite, pids, age, memoryCache]`.
//!
//! A column of counts begins with their unit. In a snapshot where each container that has processes has its sample, in order, `ids` is `null`. In a
//! delta, whose reader holds the containers, ids are cut to their beginnings, which is two thirds of a tick less. `cpu` counts hundredths of a percent, `age` milliseconds before the frame's time. The names are left empty.

#[cfg(any(feature = "ssr", test))]
use super::writer::Writer;
use super::{
    Held, Scanner,
    id::{self, Beginning},
};
use crate::model::{Container, ContainerId, ContainerStats, Timestamp, memory_percent};
#[cfg(any(feature = "ssr", test))]
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a count is kept.
type Cell = fn(&mut ContainerStats) -> &mut Option<u64>;

/// The columns that are counts, in order.
const COUNTS: [Cell; 7] = [
    |sample| &mut sample.memory_usage,
    |sample| &mut sample.memory_limit,
    |sample| &mut sample.network_rx,
    |sample| &mut sample.network_tx,
    |sample| &mut sample.block_read,
    |sample| &mut sample.block_write,
    |sample| &mut sample.pids,
];

/// The same, to be written.
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

/// Kernels count memory in pages and block I/O in sectors: a column of such numbers is written in these, after its unit.
#[cfg(any(feature = "ssr", test))]
const UNITS: [u64; 2] = [4096, 512];

/// Of a snapshot, whose containers name them already.
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
    write_table(writer, |writer| writer.beginnings(ids(samples)), samples, server_time);
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
        // A frame without samples ends here.
        if samples.is_empty() {
            return;
        }
        writer.list(|writer| {
            for sample in samples {
                // The server rounds to hundredths itself, so nothing is lost.
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

/// Of a snapshot. `containers`: those of the same frame.
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

/// Of a delta. A frame that leads back may tell of containers that are no longer held: those are left out.
pub(super) fn read_known(
    scanner: &mut Scanner<'_>,
    upserted: &[Arc<Container>],
    held: &Held,
    server_time: Timestamp,
) -> Option<Vec<Arc<ContainerStats>>> {
    scanner.open()?;
    let beginnings = id::read_beginnings(&scanner.text()?)?;
    let found = beginnings.iter().map(|beginning| find(*beginning, upserted, held)).collect::<Option<Vec<_>>>()?;
    let ids = found.iter().map(|id| id.unwrap_or(ContainerId::from_bytes([0; 32]))).collect();
    let samples = read_table(scanner, ids, server_time)?;
    Some(samples.into_iter().zip(found).filter_map(|(sample, id)| id.map(|_| sample)).collect())
}

/// The container whose id begins so, if it is there; `None` when there are two.
fn find(beginning: Beginning, upserted: &[Arc<Container>], held: &Held) -> Option<Option<ContainerId>> {
    let mut least = [0; 32];
    least[..beginning.len()].copy_from_slice(&beginning);
    let begins = |id: &ContainerId| id.as_bytes().starts_with(&beginning);
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
