//! The open files of one run of one container, and the counters in them.

use super::{
    Unreadable,
    gauge::{Buffer, Gauge},
    membership::Membership,
    mounts::Mounts,
    text,
};
use crate::sampler::{Counters, Run, formula};
use app::model::ContainerId;
use std::{
    fs,
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

    /// Reads every file once. An unlimited container's limit is the host's memory.
    pub(super) fn read(&self, buffer: &mut Buffer, host_memory: Option<u64>) -> Result<Counters, Unreadable> {
        let read_nanos = steady_nanos();
        let cpu = self.cpu.as_ref().map(|cpu| cpu.read(buffer)).transpose()?;
        let cpu_nanos = cpu.and_then(|text| match self.version {
            Version::V1 => text::number(text),
            Version::V2 => text::value(text, "usage_usec").map(|micros| micros.saturating_mul(1_000)),
        });
        let memory = self.memory.as_ref().map(|memory| memory.read(self.version, buffer)).transpose()?;
        let (memory, limit) = memory.unwrap_or_default();
        let (network_rx, network_tx) = match &self.network {
            Some(network) => text::net_dev(network.read(buffer)?).unzip(),
            None => (None, None),
        };
        let (block_read, block_write) = self.blocks(buffer)?.unzip();
        let pids = self.pids.as_ref().map(|pids| pids.read(buffer).map(text::number)).transpose()?;
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
            pids: pids.flatten().filter(|count| *count > 0),
        })
    }

    fn blocks(&self, buffer: &mut Buffer) -> Result<Option<(u64, u64)>, Unreadable> {
        let read = match self.version {
            Version::V1 => text::blkio,
            Version::V2 => text::io_stat,
        };
        for gauge in &self.blocks {
            if let Some(sums) = read(gauge.read(buffer)?) {
                return Ok(Some(sums));
            }
        }
        Ok(self.without_devices)
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

    /// What is charged, and the limit.
    fn read(
        &self,
        version: Version,
        buffer: &mut Buffer,
    ) -> Result<(Option<formula::Memory>, Option<u64>), Unreadable> {
        let usage = text::number(self.usage.read(buffer)?).filter(|bytes| *bytes > 0);
        let inactive = match version {
            Version::V1 => "total_inactive_file",
            Version::V2 => "inactive_file",
        };
        let inactive = text::value(self.stat.read(buffer)?, inactive);
        let limit = text::number(self.limit.read(buffer)?);
        Ok((usage.map(|usage| formula::Memory::of(usage, inactive)), limit))
    }
}
