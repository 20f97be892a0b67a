//! A stats object: counters and gauges in the format of the engine's control groups.

use serde_json::{Map, Value, json};

use crate::clock::Moment;
use crate::engine::container::Container;
use crate::engine::ident::hash_number;
use crate::engine::load::Usage;
use crate::engine::spec::Attachment;
use crate::engine::{CgroupVersion, Settings};

/// The engine's value for a time that is not set.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// A sample of `container` at `now`; `before` is the time of the previous sample, if there was one.
///
/// Without a process, the sample is the engine's zero object.
pub(crate) fn sample(container: &Container, settings: &Settings, now: Moment, before: Option<Moment>) -> Value {
    let Some(usage) = container.usage(now) else { return zero(container) };
    let started = container.started_at().unwrap_or(now);
    let before =
        before.filter(|before| *before > started).map(|before| (before, container.usage(before).unwrap_or_default()));
    let mut object = json!({
        "read": now.to_string(),
        "preread": before.map_or_else(|| NEVER.to_owned(), |(at, _)| at.to_string()),
        "pids_stats": {"current": usage.pids, "limit": 18_446_744_073_709_551_615_u64},
        "blkio_stats": block_io(&usage, settings.cgroup),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": cpu(&usage, settings, now),
        "precpu_stats": before.map_or_else(no_cpu, |(at, usage)| cpu(&usage, settings, at)),
        "memory_stats": memory(&usage, container, settings),
        "name": format!("/{}", container.name),
        "id": container.id,
    });
    let networks = networks(container, &usage);
    if let Some(object) = object.as_object_mut().filter(|_| !networks.is_empty()) {
        object.insert("networks".to_owned(), Value::Object(networks));
    }
    object
}

/// The engine's sample for a container without a process: year 1, no counters.
fn zero(container: &Container) -> Value {
    json!({
        "read": NEVER, "preread": NEVER, "pids_stats": {}, "num_procs": 0, "storage_stats": {}, "memory_stats": {},
        "blkio_stats": {
            "io_service_bytes_recursive": null, "io_serviced_recursive": null, "io_queue_recursive": null,
            "io_service_time_recursive": null, "io_wait_time_recursive": null, "io_merged_recursive": null,
            "io_time_recursive": null, "sectors_recursive": null,
        },
        "cpu_stats": no_cpu(), "precpu_stats": no_cpu(),
        "name": format!("/{}", container.name), "id": container.id,
    })
}

fn no_cpu() -> Value {
    json!({
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    })
}

fn cpu(usage: &Usage, settings: &Settings, at: Moment) -> Value {
    let total = usage.cpu_nanos;
    let mut times =
        json!({"total_usage": total, "usage_in_kernelmode": total / 4, "usage_in_usermode": total - total / 4});
    if settings.cgroup == CgroupVersion::V1 {
        let cores = u64::from(settings.cpus.max(1));
        let mut shares = vec![total / cores; usize::try_from(cores).unwrap_or(1)];
        // The remainder goes to the first core, so that the sum is exact.
        if let Some(first) = shares.first_mut() {
            *first += total % cores;
        }
        times["percpu_usage"] = json!(shares);
    }
    json!({
        "cpu_usage": times, "system_cpu_usage": settings.system_cpu_nanos(at), "online_cpus": settings.cpus,
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    })
}

fn memory(usage: &Usage, container: &Container, settings: &Settings) -> Value {
    let limit = match container.spec.memory_bytes {
        0 => settings.memory_bytes,
        limit => limit.min(settings.memory_bytes),
    };
    let Usage { memory_bytes, cache_bytes, .. } = *usage;
    let (anonymous, active) = (memory_bytes - cache_bytes, memory_bytes / 50);
    let inactive_anonymous = anonymous.saturating_sub(active);
    match settings.cgroup {
        CgroupVersion::V1 => json!({
            "usage": memory_bytes, "max_usage": memory_bytes + memory_bytes / 16, "limit": limit,
            "stats": {
                "active_anon": active, "active_file": 0, "cache": cache_bytes, "dirty": 0,
                "hierarchical_memory_limit": limit, "hierarchical_memsw_limit": limit * 2,
                "inactive_anon": inactive_anonymous, "inactive_file": cache_bytes, "mapped_file": 0,
                "pgfault": anonymous / 4_096, "pgmajfault": 0, "pgpgin": memory_bytes / 4_096, "pgpgout": 0,
                "rss": anonymous, "rss_huge": 0, "total_active_anon": active, "total_active_file": 0,
                "total_cache": cache_bytes, "total_dirty": 0, "total_inactive_anon": inactive_anonymous,
                "total_inactive_file": cache_bytes, "total_mapped_file": 0, "total_pgfault": anonymous / 4_096,
                "total_pgmajfault": 0, "total_pgpgin": memory_bytes / 4_096, "total_pgpgout": 0, "total_rss": anonymous,
                "total_rss_huge": 0, "total_unevictable": 0, "total_writeback": 0, "unevictable": 0, "writeback": 0,
            },
        }),
        CgroupVersion::V2 => json!({
            "usage": memory_bytes, "limit": limit,
            "stats": {
                "active_anon": active, "active_file": 0, "anon": anonymous, "anon_thp": 0, "file": cache_bytes,
                "file_dirty": 0, "file_mapped": 0, "file_writeback": 0, "inactive_anon": inactive_anonymous,
                "inactive_file": cache_bytes, "kernel_stack": 65_536, "pgfault": anonymous / 4_096, "pgmajfault": 0,
                "shmem": 0, "slab": 262_144, "slab_reclaimable": 131_072, "slab_unreclaimable": 131_072, "sock": 0,
                "unevictable": 0,
            },
        }),
    }
}

fn block_io(usage: &Usage, cgroup: CgroupVersion) -> Value {
    let entry = |op: &str, value: u64| json!({"major": 254, "minor": 0, "op": op, "value": value});
    let Usage { read_bytes, write_bytes, .. } = *usage;
    match cgroup {
        CgroupVersion::V1 => {
            let all = read_bytes + write_bytes;
            let of = |read: u64, write: u64, sum: u64| {
                json!([
                    entry("Read", read),
                    entry("Write", write),
                    entry("Sync", sum),
                    entry("Async", 0),
                    entry("Total", sum)
                ])
            };
            json!({
                "io_service_bytes_recursive": of(read_bytes, write_bytes, all),
                "io_serviced_recursive": of(read_bytes / 4_096, write_bytes / 4_096, all / 4_096),
                "io_queue_recursive": [], "io_service_time_recursive": [], "io_wait_time_recursive": [],
                "io_merged_recursive": [], "io_time_recursive": [], "sectors_recursive": [],
            })
        }
        CgroupVersion::V2 => json!({
            "io_service_bytes_recursive": [entry("read", read_bytes), entry("write", write_bytes)],
            "io_serviced_recursive": null, "io_queue_recursive": null, "io_service_time_recursive": null,
            "io_wait_time_recursive": null, "io_merged_recursive": null, "io_time_recursive": null,
            "sectors_recursive": null,
        }),
    }
}

/// Network counters: one interface per network, the first of which has most of the traffic. Host
/// networking and `none` have no interface.
fn networks(container: &Container, usage: &Usage) -> Map<String, Value> {
    let places: Vec<&Attachment> = container.spec.attachments.iter().filter(|place| !place.ip.is_empty()).collect();
    let count = u64::try_from(places.len()).unwrap_or(1).max(1);
    let share = |bytes: u64, index: u64| if index == 0 { bytes - bytes / 8 * (count - 1) } else { bytes / 8 };
    (0..count)
        .zip(places)
        .map(|(index, place)| {
            let (rx, tx) = (share(usage.rx_bytes, index), share(usage.tx_bytes, index));
            let dropped = hash_number(&place.network) % 3;
            let interface = json!({
                "rx_bytes": rx, "rx_packets": rx / 900, "rx_errors": 0, "rx_dropped": dropped,
                "tx_bytes": tx, "tx_packets": tx / 900, "tx_errors": 0, "tx_dropped": 0,
            });
            (format!("eth{index}"), interface)
        })
        .collect()
}
