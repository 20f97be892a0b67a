//! The open files of one run of a container, and the counters in them.
//!
//! Contents are parsed in [`super::text`].

use super::{
    Unreadable,
    counter_file::{Buffer, CounterFile},
    membership::Membership,
    mounts::Mounts,
    text,
};
use crate::engine::{self, Counters, Run};
use app::model::ContainerId;
use std::{
    fs, io,
    path::Path,
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Maximum number of files per container.
pub(super) const FILES_PER_CONTAINER: usize = 8;

/// The files of a run. A controller that the host does not have is `None`, as in the engine's
/// response.
#[derive(Debug)]
pub(super) struct Reader {
    version: Version,
    cpu: Option<CounterFile>,
    memory: Option<Memory>,
    /// The first file that contains a device is used.
    blocks: Vec<CounterFile>,
    /// Bytes read and written if no file contains a device.
    without_devices: Option<(u64, u64)>,
    pids: Option<CounterFile>,
    network: Option<CounterFile>,
}

#[derive(Debug)]
struct Memory {
    usage: CounterFile,
    limit: CounterFile,
    stat: CounterFile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Reader {
    /// Checks that the process belongs to the container, and opens the files. With `keep`, they
    /// stay open.
    pub(super) fn open(
        mounts: &mut Mounts,
        id: ContainerId,
        run: &Run,
        with_network: bool,
        keep: bool,
    ) -> Result<Self, Unreadable> {
        let id = id.to_string();
        let seen = mounts.processes.iter().find_map(|processes| {
            let process = processes.join(run.pid.to_string());
            let groups = fs::read_to_string(process.join("cgroup")).ok()?;
            Membership::of(&groups, &id).is_some().then_some((process, groups))
        });
        let (process, groups) = seen.ok_or(Unreadable::Process(run.pid))?;
        let membership = Membership::of(&groups, &id).ok_or(Unreadable::Process(run.pid))?;
        let network = with_network.then(|| CounterFile::open(process.join("net/dev"), keep)).transpose()?;
        let reader = if membership.v1("memory").or(membership.v1("cpuacct")).is_some() {
            Self::open_v1(mounts, &membership, keep)?
        } else {
            Self::open_v2(mounts, &membership, keep)?
        };
        Ok(Self { network, ..reader })
    }

    fn open_v1(mounts: &mut Mounts, membership: &Membership<'_>, keep: bool) -> Result<Self, Unreadable> {
        // A disabled controller has no line for the process; one with a line must be mounted.
        let mut folder = |controller: &str| {
            let Some(group) = membership.v1(controller) else { return Ok(None) };
            mounts.folder(Some(controller), group).map(Some).ok_or_else(|| Unreadable::Group(group.to_owned()))
        };
        let cpu = folder("cpuacct")?.map(|folder| CounterFile::open(folder.join("cpuacct.usage"), keep)).transpose()?;
        let memory = folder("memory")?.map(|folder| Memory::open(&folder, V1_MEMORY, keep)).transpose()?.flatten();
        let pids =
            folder("pids")?.map(|folder| CounterFile::open_if_there(folder.join("pids.current"), keep)).transpose()?;
        let blkio = folder("blkio")?;
        // The files that Docker's and Podman's libraries read, in their order.
        let names: &[&str] = match membership.is_podman() {
            false => &["blkio.io_service_bytes_recursive", "blkio.throttle.io_service_bytes"],
            true => &["blkio.throttle.io_service_bytes_recursive"],
        };
        let mut blocks = Vec::with_capacity(names.len());
        for name in blkio.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))) {
            blocks.extend(CounterFile::open_if_there(name, keep)?);
        }
        let without_devices = blkio.map(|_| (0, 0));
        Ok(Self { version: Version::V1, cpu, memory, blocks, without_devices, pids: pids.flatten(), network: None })
    }

    fn open_v2(mounts: &mut Mounts, membership: &Membership<'_>, keep: bool) -> Result<Self, Unreadable> {
        let group = membership.v2().unwrap_or_default();
        let folder = mounts.folder(None, group).ok_or_else(|| Unreadable::Group(group.to_owned()))?;
        Ok(Self {
            version: Version::V2,
            cpu: Some(CounterFile::open(folder.join("cpu.stat"), keep)?),
            memory: Memory::open(&folder, V2_MEMORY, keep)?,
            blocks: CounterFile::open_if_there(folder.join("io.stat"), keep)?.into_iter().collect(),
            // Before the first byte, Docker reports nothing and Podman 0.
            without_devices: membership.is_podman().then_some((0, 0)),
            pids: CounterFile::open_if_there(folder.join("pids.current"), keep)?,
            network: None,
        })
    }

    /// Reads all files once. Values of unreadable files are unknown. The limit of an unlimited
    /// container is the host's memory.
    ///
    /// # Errors
    /// If no file can be read, because the run has ended.
    pub(super) fn read(&self, buffer: &mut Buffer, host_memory: Option<u64>) -> Result<Counters, Unreadable> {
        let read_nanos = steady_nanos();
        let mut reading = Reading { buffer, is_any: false, error: None };
        let cpu_nanos = reading.of(self.cpu.as_ref(), |text| match self.version {
            Version::V1 => text::number(text),
            Version::V2 => text::value(text, "usage_usec").map(|micros| micros.saturating_mul(1_000)),
        });
        let (memory, limit) = match &self.memory {
            Some(memory) => memory.read(self.version, &mut reading),
            None => (None, None),
        };
        let (network_rx, network_tx) = reading.of(self.network.as_ref(), text::net_dev).unzip();
        let (block_read, block_write) = self.blocks(&mut reading).unzip();
        let pids = reading.of(self.pids.as_ref(), text::number);
        if let Reading { is_any: false, error: Some(error), .. } = reading {
            return Err(error.into());
        }
        Ok(Counters {
            read_nanos,
            cpu_nanos: cpu_nanos.filter(|nanos| *nanos > 0),
            memory_usage: memory.map(|memory| memory.working_set),
            memory_cache: memory.and_then(|memory| memory.cache),
            memory_limit: limit
                .map(|limit| host_memory.map_or(limit, |host| limit.min(host)))
                .filter(|bytes| *bytes > 0),
            network_rx,
            network_tx,
            block_read,
            block_write,
            pids: pids.filter(|count| *count > 0),
        })
    }

    fn blocks(&self, reading: &mut Reading<'_>) -> Option<(u64, u64)> {
        let read = match self.version {
            Version::V1 => text::blkio,
            Version::V2 => text::io_stat,
        };
        let before = reading.error.is_some();
        let sums = self.blocks.iter().find_map(|counter_file| reading.of(Some(counter_file), read));
        // The value of an unreadable file is unknown, not 0.
        let is_readable = before || reading.error.is_none();
        sums.or(self.without_devices.filter(|_| is_readable))
    }
}

/// State while all files are read once.
struct Reading<'a> {
    buffer: &'a mut Buffer,
    /// True if at least one file could be read.
    is_any: bool,
    /// The first error.
    error: Option<io::Error>,
}

impl Reading<'_> {
    fn of<T>(&mut self, counter_file: Option<&CounterFile>, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        match counter_file?.read(self.buffer) {
            Ok(text) => {
                self.is_any = true;
                read(text)
            }
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }
}

/// Nanoseconds since 1970 at the first call, plus monotonic time since then, so that setting the
/// clock does not affect the time between readings.
fn steady_nanos() -> Option<u64> {
    static START: OnceLock<(Instant, Duration)> = OnceLock::new();
    let at_start = || (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    let (start, since_1970) = START.get_or_init(at_start);
    u64::try_from((*since_1970 + start.elapsed()).as_nanos()).ok()
}

/// File names of usage, limit and details.
type MemoryNames = [&'static str; 3];
const V1_MEMORY: MemoryNames = ["memory.usage_in_bytes", "memory.limit_in_bytes", "memory.stat"];
const V2_MEMORY: MemoryNames = ["memory.current", "memory.max", "memory.stat"];

impl Memory {
    /// Opens the memory files; `None` if the group has no memory accounting.
    fn open(folder: &Path, [usage, limit, stat]: MemoryNames, keep: bool) -> Result<Option<Self>, Unreadable> {
        let Some(usage) = CounterFile::open_if_there(folder.join(usage), keep)? else { return Ok(None) };
        let limit = CounterFile::open(folder.join(limit), keep)?;
        let stat = CounterFile::open(folder.join(stat), keep)?;
        Ok(Some(Self { usage, limit, stat }))
    }

    /// Reads usage and limit. Without the details, the usage is unknown, because the cache cannot
    /// be subtracted.
    fn read(&self, version: Version, reading: &mut Reading<'_>) -> (Option<engine::Memory>, Option<u64>) {
        let usage = reading.of(Some(&self.usage), text::number).filter(|bytes| *bytes > 0);
        let inactive = match version {
            Version::V1 => "total_inactive_file",
            Version::V2 => "inactive_file",
        };
        let details = reading.of(Some(&self.stat), |text| Some(text::value(text, inactive)));
        let limit = reading.of(Some(&self.limit), text::number);
        (usage.zip(details).map(|(usage, inactive)| engine::Memory::of(usage, inactive)), limit)
    }
}
