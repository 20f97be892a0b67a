//! The open files of one run of one container, and the counters in them.

use super::{
    Unreadable,
    gauge::{Buffer, Gauge},
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

/// Files of one container at most; how many fit is reckoned with it.
pub(super) const FILES: usize = 8;

/// What is read each time; a controller that the host does not have is `None`, as in the engine's answer.
#[derive(Debug)]
pub(super) struct Reader {
    version: Version,
    cpu: Option<Gauge>,
    memory: Option<Memory>,
    /// The first that names a device counts.
    blocks: Vec<Gauge>,
    /// What blocks are while none names a device.
    without_devices: Option<(u64, u64)>,
    pids: Option<Gauge>,
    network: Option<Gauge>,
}

#[derive(Debug)]
struct Memory {
    usage: Gauge,
    limit: Gauge,
    stat: Gauge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Reader {
    /// Opens the files, after making sure that the process is the container's. `keep` is whether they stay open.
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
        let network = with_network.then(|| Gauge::open(process.join("net/dev"), keep)).transpose()?;
        let reader = if membership.v1("memory").or(membership.v1("cpuacct")).is_some() {
            Self::open_v1(mounts, &membership, keep)?
        } else {
            Self::open_v2(mounts, &membership, keep)?
        };
        Ok(Self { network, ..reader })
    }

    fn open_v1(mounts: &mut Mounts, membership: &Membership<'_>, keep: bool) -> Result<Self, Unreadable> {
        // A controller the host does not count by has no line for the process; one that has a line has to be found.
        let mut folder = |controller: &str| {
            let Some(group) = membership.v1(controller) else { return Ok(None) };
            mounts.folder(Some(controller), group).map(Some).ok_or_else(|| Unreadable::Group(group.to_owned()))
        };
        let cpu = folder("cpuacct")?.map(|folder| Gauge::open(folder.join("cpuacct.usage"), keep)).transpose()?;
        let memory = folder("memory")?.map(|folder| Memory::open(&folder, V1_MEMORY, keep)).transpose()?.flatten();
        let pids = folder("pids")?.map(|folder| Gauge::open_if_there(folder.join("pids.current"), keep)).transpose()?;
        let blkio = folder("blkio")?;
        // The files that each engine's library asks, in its order.
        let names: &[&str] = match membership.is_podmans() {
            false => &["blkio.io_service_bytes_recursive", "blkio.throttle.io_service_bytes"],
            true => &["blkio.throttle.io_service_bytes_recursive"],
        };
        let mut blocks = Vec::with_capacity(names.len());
        for name in blkio.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))) {
            blocks.extend(Gauge::open_if_there(name, keep)?);
        }
        let without_devices = blkio.map(|_| (0, 0));
        Ok(Self { version: Version::V1, cpu, memory, blocks, without_devices, pids: pids.flatten(), network: None })
    }

    fn open_v2(mounts: &mut Mounts, membership: &Membership<'_>, keep: bool) -> Result<Self, Unreadable> {
        let group = membership.v2().unwrap_or_default();
        let folder = mounts.folder(None, group).ok_or_else(|| Unreadable::Group(group.to_owned()))?;
        Ok(Self {
            version: Version::V2,
            cpu: Some(Gauge::open(folder.join("cpu.stat"), keep)?),
            memory: Memory::open(&folder, V2_MEMORY, keep)?,
            blocks: Gauge::open_if_there(folder.join("io.stat"), keep)?.into_iter().collect(),
            // Docker tells nothing before the first byte, Podman tells 0.
            without_devices: membership.is_podmans().then_some((0, 0)),
            pids: Gauge::open_if_there(folder.join("pids.current"), keep)?,
            network: None,
        })
    }

    /// Reads every file once; one that cannot be read is unknown. An unlimited container's limit is the host's memory.
    ///
    /// # Errors
    /// When not one of them can be read: the run is over.
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
        let sums = self.blocks.iter().find_map(|gauge| reading.of(Some(gauge), read));
        // A file that cannot be read says nothing, which is not 0.
        let is_readable = before || reading.error.is_none();
        sums.or(self.without_devices.filter(|_| is_readable))
    }
}

/// One reading of all files.
struct Reading<'a> {
    buffer: &'a mut Buffer,
    /// One could be read.
    is_any: bool,
    /// Why the first one could not that could not.
    error: Option<io::Error>,
}

impl Reading<'_> {
    fn of<T>(&mut self, gauge: Option<&Gauge>, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        match gauge?.read(self.buffer) {
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

/// Nanoseconds since 1970 as the clock had it when this was first called, and steadily on from there: where a clock is set meanwhile,
/// the time between two readings must not become an hour.
fn steady_nanos() -> Option<u64> {
    static START: OnceLock<(Instant, Duration)> = OnceLock::new();
    let at_start = || (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    let (start, since_1970) = START.get_or_init(at_start);
    u64::try_from((*since_1970 + start.elapsed()).as_nanos()).ok()
}

/// Usage, limit and details.
type MemoryNames = [&'static str; 3];
const V1_MEMORY: MemoryNames = ["memory.usage_in_bytes", "memory.limit_in_bytes", "memory.stat"];
const V2_MEMORY: MemoryNames = ["memory.current", "memory.max", "memory.stat"];

impl Memory {
    /// `None` where the group does not count memory.
    fn open(folder: &Path, [usage, limit, stat]: MemoryNames, keep: bool) -> Result<Option<Self>, Unreadable> {
        let Some(usage) = Gauge::open_if_there(folder.join(usage), keep)? else { return Ok(None) };
        let limit = Gauge::open(folder.join(limit), keep)?;
        let stat = Gauge::open(folder.join(stat), keep)?;
        Ok(Some(Self { usage, limit, stat }))
    }

    /// What is charged, and the limit. Without the details nothing is known of the cache, which is not working set.
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
