//! Resource usage of processes from `/proc`: CPU time in nanoseconds from the scheduler's
//! statistics per thread; the usual counters have hundredths of a second.

use std::{fs, path::Path, time::Duration};

/// CPU time of these processes since their start. Ended threads are missing; the worker threads of
/// Go and tokio stay.
pub(crate) fn cpu_time(pids: &[u32]) -> Duration {
    pids.iter().map(|pid| cpu_of_threads(*pid)).sum()
}

fn cpu_of_threads(pid: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads.filter_map(|thread| on_processor(&thread.path())).sum()
}

/// The first field of `schedstat`: nanoseconds of CPU time.
fn on_processor(thread: &Path) -> Option<Duration> {
    let text = fs::read_to_string(thread.join("schedstat")).ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

/// All processes with `word` in their command line, with their names.
pub(crate) fn with_word(word: &str) -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let named = pids.filter_map(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        String::from_utf8_lossy(&line).contains(word).then(|| (pid, name(pid)))
    });
    named.collect()
}

fn name(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim_end().to_owned()
}

/// Proportional set size in bytes.
pub(crate) fn pss(pid: u32) -> Option<u64> {
    field(&format!("/proc/{pid}/smaps_rollup"), "Pss:")
}

/// Private memory in bytes, which changes with connections.
pub(crate) fn own_memory(pid: u32) -> Option<u64> {
    field(&format!("/proc/{pid}/status"), "RssAnon:")
}

fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().trim_end_matches("kB").trim_end().parse::<u64>().ok()? * 1024)
}

pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

/// `Linux 6.18.44 with cgroup v1`.
pub(crate) fn kernel() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let number = release.trim().split('-').next().unwrap_or_default().to_owned();
    let version = if fs::exists("/sys/fs/cgroup/cgroup.controllers").unwrap_or(false) { "v2" } else { "v1" };
    format!("Linux {number} with cgroup {version}")
}
