//! Resource usage of processes from Linux's `/proc` (unknown on other systems), and this process's
//! limit on open files.

use rlimit::Resource;
use std::{fs, time::Duration};

/// Unit of CPU time in `/proc`: 1/100 s on all architectures.
const TICK: Duration = Duration::from_millis(10);
/// Index of the parent's PID in `/proc/PID/stat`, counted after the closing parenthesis of the
/// name.
const PARENT: usize = 1;
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// PID of this process.
pub fn own_id() -> u32 {
    std::process::id()
}

/// CPU time of a process since its start, without its children.
pub fn cpu_time(pid: u32) -> Option<Duration> {
    let ticks = |index| field(pid, index)?.parse::<u32>().ok();
    Some(TICK * (ticks(USER_TICKS)? + ticks(SYSTEM_TICKS)?))
}

/// Memory of a process in bytes, including its part of shared memory (PSS).
pub fn memory(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Number of open files and sockets of a process.
pub fn open_files(pid: u32) -> Option<u64> {
    fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count().try_into().ok()
}

/// Limit on open files and sockets to which this process can raise its own: the hard limit.
pub fn max_open_files() -> Option<u64> {
    Some(Resource::NOFILE.get().ok()?.1)
}

/// Raises the limit on open files as far as possible: each viewer is a socket, and the usual 1,024
/// are too few.
pub fn raise_open_files_limit() {
    // Limited to the hard limit.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::info!(limit, "limit on open files and sockets"),
        Err(error) => {
            tracing::warn!(%error, limit = max_open_files(), "cannot raise the limit on open files and sockets");
        }
    }
}

/// Name of a process, at most 15 characters.
pub fn name(pid: u32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned())
}

/// PIDs of the children of a process that have this name.
pub fn children(parent: u32, named: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = parent.to_string();
    pids.filter(|pid| name(*pid).as_deref() == Some(named) && field(*pid, PARENT) == Some(parent.clone())).collect()
}

/// A field of `/proc/PID/stat`, counted after the name, which may contain spaces and parentheses.
fn field(pid: u32, index: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(index).map(str::to_owned)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn usage_of_this_process_is_read() {
        let own = own_id();
        let burning = std::time::Instant::now();
        while cpu_time(own) < Some(3 * TICK) {
            assert!(burning.elapsed() < Duration::from_secs(10), "{:?}", cpu_time(own));
        }
        assert!(memory(own) > Some(100_000));
        assert!(open_files(own) >= Some(3));
        assert!(
            field(own, PARENT)
                .and_then(|parent| parent.parse().ok())
                .is_some_and(|parent: u32| { name(own).is_some_and(|name| children(parent, &name).contains(&own)) })
        );
        assert_eq!(name(u32::MAX), None);
    }
}
