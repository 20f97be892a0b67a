//! Converts a stats response.

use crate::engine::{Counters, JsonRef, Memory};
use serde_json::Value;

pub(crate) fn counters(json: &Value) -> Counters {
    let json = JsonRef(json);
    let read_nanos = json.text("/read").and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let memory = memory(json.at("/memory_stats"));
    let network = |bytes: &str| sum(json.fields("/networks").map(|(_, interface)| interface.field(bytes)));
    Counters {
        // Year 1 is in the empty response for a container that is not running.
        read_nanos: read_nanos.map(jiff::Timestamp::as_nanosecond).and_then(|nanos| u64::try_from(nanos).ok()),
        // A running container has used some CPU time; 0 means that the host does not count it.
        cpu_nanos: json.count("/cpu_stats/cpu_usage/total_usage"),
        memory_usage: memory.map(|memory| memory.working_set),
        memory_cache: memory.and_then(|memory| memory.cache),
        memory_limit: json.count("/memory_stats/limit"),
        network_rx: network("rx_bytes"),
        network_tx: network("tx_bytes"),
        block_read: block_io(json, 'r'),
        block_write: block_io(json, 'w'),
        pids: json.number("/pids_stats/current"),
    }
}

/// Sum of the numeric values; `None` if there are none.
fn sum<'a>(values: impl Iterator<Item = JsonRef<'a>>) -> Option<u64> {
    values.filter_map(JsonRef::as_u64).reduce(u64::saturating_add)
}

/// Memory usage; the inactive file cache has a different name in each cgroup version.
fn memory(memory: JsonRef<'_>) -> Option<Memory> {
    let usage = memory.count("/usage")?;
    let cache = memory.number("/stats/total_inactive_file").or_else(|| memory.number("/stats/inactive_file"));
    Some(Memory::of(usage, cache))
}

/// Bytes of the operations whose names start with `letter`, summed as in `docker stats`.
fn block_io(json: JsonRef<'_>, letter: char) -> Option<u64> {
    const ENTRIES: &str = "/blkio_stats/io_service_bytes_recursive";
    if !json.at(ENTRIES).0.is_array() {
        return None;
    }
    let starts = |op: &str| op.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(&letter));
    let matching = json.list(ENTRIES).filter(|entry| entry.text("/op").is_some_and(starts));
    Some(sum(matching.map(|entry| entry.field("value"))).unwrap_or_default())
}
