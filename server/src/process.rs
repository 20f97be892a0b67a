//! What a process has used, from Linux' `/proc`, elsewhere nothing is known; and what this one may use.

use rlimit::Resource;
use std::{fs, time::Duration};

/// Linux tells processor time to programs in hundredths of a second, on every architecture.
const TICK: Duration = Duration::from_millis(10);
/// Fields of `/proc/PID/stat` behind the closing parenthesis of the name.
const PARENT: usize = 1;
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// This process, for the functions below.
pub fn own_id() -> u32 {
    std::process::id()
}

/// Processor time it has used since its start, without its children's.
pub fn cpu_time(pid: u32) -> Option<Duration> {
    let ticks = |index| field(pid, index)?.parse::<u32>().ok();
    Some(TICK * (ticks(USER_TICKS)? + ticks(SYSTEM_TICKS)?))
}

/// Its memory in bytes, with its share of what it shares (PSS).
pub fn memory(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim_end().parse().ok()?;
    Some(kibibytes * 1024)
}

/// How many files and sockets it has open.
pub fn open_files(pid: u32) -> Option<u64> {
    fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count().try_into().ok()
}

/// How many files and sockets this process may have open.
pub fn most_open_files() -> Option<u64> {
    Some(Resource::NOFILE.get().ok()?.0)
}

/// Raises that as far as the system lets it: a viewer is a socket, and a shell's usual 1,024 are few.
pub fn allow_open_files() {
    // What is asked for is brought down to the hard limit.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::info!(limit, "files and sockets that may be open"),
        Err(error) => tracing::warn!(%error, limit = most_open_files(), "no more files and sockets than these"),
    }
}

/// Its name, 15 characters at most.
pub fn name(pid: u32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned())
}

/// Its children of that name.
pub fn children(parent: u32, named: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = parent.to_string();
    pids.filter(|pid| name(*pid).as_deref() == Some(named) && field(*pid, PARENT) == Some(parent.clone())).collect()
}

/// A field of `/proc/PID/stat`, counted from behind the name, which may hold blanks and parentheses.
fn field(pid: u32, index: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(index).map(str::to_owned)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_known() {
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
