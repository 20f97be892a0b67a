//! From bollard's models to the shared vocabulary. The only file that names bollard's models.

use super::{EngineError, EngineFacts, Listed};
use crate::sampler::{Counters, Memory, Network, Run};
use crate::{
    plain::{plain, plain_line},
    secrets,
    timeline::Terms,
};
use app::model::{
    ConcealedLabels, Container, ContainerId, ContainerState, EngineId, Health, Labels, Mount, Timestamp, is_image_id,
};
use app::signals;
use bollard::models::{
    ContainerBlkioStats, ContainerInspectResponse, ContainerMemoryStats, ContainerStateStatusEnum as Status,
    ContainerStatsResponse, ContainerSummary, HealthStatusEnum, MountPoint, RestartPolicyNameEnum, SystemInfo,
    SystemVersion,
};
use ports::{PortFacts, ports};
use std::{collections::HashMap, time::Duration};

mod ports;

/// What the kernel takes where no period is set.
const DEFAULT_PERIOD_MICROS: u64 = 100_000;

/// Exit code of a process that was ended by SIGKILL: 128 + 9.
const SIGKILLED: i64 = 137;

/// What inspect says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// The container.
    pub container: Container,
    /// Whether nothing starts it again after it ends, so that `die` means `exited`.
    pub stays_ended: bool,
    /// The signal that asks it to stop, and how long the engine waits then, where inspect says.
    pub stop: Stop,
    /// Its processes, while it has any.
    pub run: Option<Run>,
}

/// How a container is stopped; what is not known is the engine's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stop {
    /// By number.
    pub signal: Option<u8>,
    /// Between asking and killing; `Duration::MAX`: without end.
    pub timeout: Option<Duration>,
}

impl Stop {
    fn of(signal: Option<&str>, timeout_secs: Option<i64>) -> Self {
        // A negative number is no limit.
        let timeout = timeout_secs.map(|secs| u64::try_from(secs).map_or(Duration::MAX, Duration::from_secs));
        Self { signal: signal.and_then(signals::number), timeout }
    }
}

impl Inspected {
    /// How it stops and is started again.
    pub fn terms(&self) -> Terms {
        let usual = Terms::default();
        Terms {
            restarts: !self.stays_ended,
            stop_signal: self.stop.signal.unwrap_or(usual.stop_signal),
            stop_timeout: self.stop.timeout,
        }
    }
}

/// A time as engines write it; `None` for year 1, which means never.
pub fn time(text: &str) -> Option<Timestamp> {
    let millis = text.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    u64::try_from(millis).ok().filter(|millis| *millis > 0).map(Timestamp::from_millis)
}

pub(super) fn facts(version: SystemVersion, info: Option<SystemInfo>) -> EngineFacts {
    let info = info.unwrap_or_default();
    EngineFacts {
        name: info.name,
        version: version.version,
        api_version: version.api_version,
        os: version.os.or(info.os_type),
        arch: version.arch.or(info.architecture),
        cpus: info.ncpu.and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0),
        memory_total: info.mem_total.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0),
        clock: info.system_time.as_deref().and_then(time),
    }
}

pub(super) fn listed(row: ContainerSummary) -> Option<Listed> {
    let id = row.id.as_deref()?.parse().ok()?;
    let name = row.names.and_then(|names| names.into_iter().next()).map(|name| without_slash(&name));
    let names_image = row.image.zip(row.image_id).map(|(image, id)| !is_image_id(&image, &id));
    Some(Listed { id, state: row.state.and_then(|state| state.as_ref().parse().ok()), name, names_image })
}

fn without_slash(name: &str) -> String {
    name.strip_prefix('/').unwrap_or(name).to_owned()
}

pub(super) fn inspected(answer: ContainerInspectResponse) -> Result<Inspected, EngineError> {
    let missing = |what: &str| EngineError::Nonsense(format!("inspect without {what}"));
    let id: ContainerId = answer.id.as_deref().and_then(|id| id.parse().ok()).ok_or_else(|| missing("an id"))?;
    let state = answer.state.ok_or_else(|| missing("a state"))?;
    let config = answer.config.unwrap_or_default();
    let host = answer.host_config.unwrap_or_default();
    let settings = answer.network_settings.unwrap_or_default();
    let stop = Stop::of(config.stop_signal.as_deref(), config.stop_timeout);
    let (labels, concealed_labels) = labels(&config.labels.unwrap_or_default());
    let status = state.status.and_then(container_state).ok_or_else(|| missing("a known state"))?;
    let started_at = state.started_at.as_deref().and_then(time);
    let finished_at = state.finished_at.as_deref().and_then(time);
    let run = status.has_processes().then(|| Run {
        started_at,
        pid: state.pid.and_then(|pid| u32::try_from(pid).ok()).unwrap_or_default(),
        network: Network::from_mode(host.network_mode.as_deref().unwrap_or_default()),
    });
    let current = Current::of(
        status,
        Current {
            health: state.health.and_then(|health| health.status).and_then(health),
            exit_code: state.exit_code.filter(|_| finished_at.is_some()),
            oom_killed: state.oom_killed.unwrap_or_default(),
            process_oom_killed: false,
            error: state.error.map(|error| plain_line(&error)).filter(|error| !error.is_empty()),
        },
    );
    let network_of = host.network_mode.as_deref().and_then(|mode| mode.strip_prefix("container:")?.parse().ok());
    let ports = ports(PortFacts {
        open: settings.ports.unwrap_or_default(),
        configured: host.port_bindings.unwrap_or_default(),
        exposed: config.exposed_ports.unwrap_or_default(),
        network_mode: host.network_mode.as_deref().unwrap_or_default(),
        has_processes: status.has_processes(),
    });
    let set = |field: Option<i64>| field.and_then(|value| u64::try_from(value).ok());
    let nano_cpus = nano_cpus(set(host.nano_cpus), set(host.cpu_quota), set(host.cpu_period));
    let policy = host.restart_policy.and_then(|policy| policy.name).unwrap_or(RestartPolicyNameEnum::EMPTY);
    let mut container = Container {
        id,
        engine: EngineId::local(),
        name: secrets::short(&answer.name.as_deref().map(without_slash).unwrap_or_default()),
        image: secrets::short(&config.image.unwrap_or_default()),
        image_id: answer.image.unwrap_or_default(),
        // The list says so.
        image_outdated: false,
        command: command(answer.path, answer.args),
        state: status,
        health: current.health,
        exit_code: current.exit_code,
        oom_killed: current.oom_killed,
        restart_count: answer.restart_count.unwrap_or_default(),
        error: current.error.map(|error| secrets::sentence(&error)),
        created_at: answer.created.as_deref().and_then(time),
        started_at,
        finished_at,
        ports,
        networks: networks(settings.networks.unwrap_or_default().into_keys()),
        network_of,
        nano_cpus,
        process_oom_killed: current.process_oom_killed,
        end_cause: None,
        mounts: mounts(answer.mounts.unwrap_or_default()),
        labels,
        project: None,
        service: None,
        concealed_labels,
    };
    container.place_in_compose();
    let stays_ended = matches!(policy, RestartPolicyNameEnum::EMPTY | RestartPolicyNameEnum::NO)
        && !host.auto_remove.unwrap_or_default();
    Ok(Inspected { container, stays_ended, stop, run })
}

/// The parts of inspect's state that engines leave as an earlier run made them.
#[derive(Debug, PartialEq, Eq)]
struct Current {
    health: Option<Health>,
    exit_code: Option<i64>,
    oom_killed: bool,
    process_oom_killed: bool,
    error: Option<String>,
}

impl Current {
    /// The part of it that is true in this state. The one place where leftovers are dropped: a stopped container keeps the health
    /// of its last run, a running one the exit code of the run before.
    fn of(state: ContainerState, told: Self) -> Self {
        let runs = state.has_processes();
        // The flag of a container that runs is the one of the run before, in engines up to 20.10; of this run, events tell.
        let flagged = told.oom_killed && !runs;
        // SIGKILL is how the kernel ends a process for lack of memory. The engine sets its flag for any process of the container:
        // where the first one ended otherwise, it was another one.
        let ended_by_it = matches!(told.exit_code, None | Some(SIGKILLED));
        Self {
            // Frozen processes are not checked.
            health: told.health.filter(|_| state == ContainerState::Running),
            exit_code: told.exit_code.filter(|_| !runs),
            oom_killed: flagged && ended_by_it,
            process_oom_killed: flagged && !ended_by_it,
            error: told.error.filter(|_| !runs),
        }
    }
}

/// The most processor time a container may use, in billionths of a core: `--cpus`, or the older pair of quota and period in microseconds.
/// `None` without a limit.
pub fn nano_cpus(nano_cpus: Option<u64>, quota: Option<u64>, period: Option<u64>) -> Option<u64> {
    let set = |value: Option<u64>| value.filter(|value| *value > 0);
    let shared = || {
        let share = u128::from(set(quota)?) * 1_000_000_000 / u128::from(set(period).unwrap_or(DEFAULT_PERIOD_MICROS));
        u64::try_from(share).ok()
    };
    set(set(nano_cpus).or_else(shared))
}

/// Without secrets, as all that goes to every viewer; and those that scopes are compared with.
fn labels(labels: &HashMap<String, String>) -> (Labels, ConcealedLabels) {
    let told = secrets::labels(labels.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let (shown, concealed) = (told.shown.into_iter().collect(), ConcealedLabels::new(told.concealed));
    (shown, concealed)
}

/// Without secrets, and without what a terminal would act on.
fn command(path: Option<String>, args: Option<Vec<String>>) -> String {
    let words: Vec<String> = path.into_iter().chain(args.unwrap_or_default()).collect();
    plain(&secrets::command(&words))
}

fn container_state(status: Status) -> Option<ContainerState> {
    match status {
        Status::CREATED => Some(ContainerState::Created),
        // Podman's `stopping` still has its processes.
        Status::RUNNING | Status::STOPPING => Some(ContainerState::Running),
        Status::PAUSED => Some(ContainerState::Paused),
        Status::RESTARTING => Some(ContainerState::Restarting),
        Status::REMOVING => Some(ContainerState::Removing),
        Status::EXITED => Some(ContainerState::Exited),
        Status::DEAD => Some(ContainerState::Dead),
        Status::EMPTY => None,
    }
}

fn health(status: HealthStatusEnum) -> Option<Health> {
    match status {
        HealthStatusEnum::STARTING => Some(Health::Starting),
        HealthStatusEnum::HEALTHY => Some(Health::Healthy),
        HealthStatusEnum::UNHEALTHY => Some(Health::Unhealthy),
        HealthStatusEnum::EMPTY | HealthStatusEnum::NONE => None,
    }
}

fn networks(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn mounts(points: Vec<MountPoint>) -> Vec<Mount> {
    let mut mounts: Vec<_> = points
        .into_iter()
        .map(|point| Mount {
            kind: point.typ.map(|kind| kind.to_string()).unwrap_or_default(),
            source: point.name.filter(|name| !name.is_empty()).or(point.source).unwrap_or_default(),
            destination: point.destination.unwrap_or_default(),
            read_only: !point.rw.unwrap_or(true),
        })
        .collect();
    mounts.sort_by(|a, b| a.destination.cmp(&b.destination));
    mounts
}

pub(crate) fn counters(answer: &ContainerStatsResponse) -> Counters {
    let cpu = answer.cpu_stats.as_ref();
    let usage = cpu.and_then(|cpu| cpu.cpu_usage.as_ref());
    let read_nanos = answer.read.as_deref().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let (block_read, block_write) = answer.blkio_stats.as_ref().map(block_io).unwrap_or_default();
    let memory = answer.memory_stats.as_ref().and_then(memory);
    let network = |bytes: fn(&bollard::models::ContainerNetworkStats) -> Option<u64>| {
        let interfaces = answer.networks.as_ref().filter(|interfaces| !interfaces.is_empty())?;
        Some(interfaces.values().filter_map(bytes).fold(0, u64::saturating_add))
    };
    Counters {
        // Year 1 is the zero object of a container that does not run.
        read_nanos: read_nanos.map(jiff::Timestamp::as_nanosecond).and_then(|nanos| u64::try_from(nanos).ok()),
        // A container that runs has used some processor time: 0 is a host that does not count.
        cpu_nanos: usage.and_then(|usage| usage.total_usage).filter(|nanos| *nanos > 0),
        memory_usage: memory.map(|memory| memory.working_set),
        memory_cache: memory.and_then(|memory| memory.cache),
        memory_limit: answer.memory_stats.as_ref().and_then(|memory| memory.limit).filter(|bytes| *bytes > 0),
        network_rx: network(|interface| interface.rx_bytes),
        network_tx: network(|interface| interface.tx_bytes),
        block_read,
        block_write,
        pids: answer.pids_stats.as_ref().and_then(|pids| pids.current),
    }
}

/// Inactive file cache goes by another name in either cgroup version.
fn memory(memory: &ContainerMemoryStats) -> Option<Memory> {
    let usage = memory.usage.filter(|bytes| *bytes > 0)?;
    let cache =
        |stats: &HashMap<String, u64>| stats.get("total_inactive_file").or_else(|| stats.get("inactive_file")).copied();
    Some(Memory::of(usage, memory.stats.as_ref().and_then(cache)))
}

/// Bytes read and written, by the first letter of the operation, as `docker stats` sums them.
fn block_io(stats: &ContainerBlkioStats) -> (Option<u64>, Option<u64>) {
    let Some(entries) = &stats.io_service_bytes_recursive else { return (None, None) };
    let sum = |letter: char| {
        let starts = |op: &str| op.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(&letter));
        let matching = entries.iter().filter(|entry| entry.op.as_deref().is_some_and(starts));
        Some(matching.filter_map(|entry| entry.value).fold(0, u64::saturating_add))
    };
    (sum('r'), sum('w'))
}

#[cfg(test)]
mod tests;
