//! From the engine's responses, read field by field, to the shared vocabulary.
//!
//! A field that cannot be read is unknown and costs no other; a container is only lost with its id. Next: [`crate::watcher`].

use super::{Answer, Counters, EngineError, EngineFacts, Listed, Listing, Memory, Network, Run, Terms, json};
use crate::{
    plain::{plain, plain_line},
    secrets,
};
use app::model::{
    ConcealedLabels, Container, ContainerId, ContainerState, Health, Labels, Mount, Port, Timestamp, is_image_id,
};
use app::signals;
use bytes::Bytes;
use ports::{PortFacts, ports};
use serde_json::Value;
use std::time::Duration;

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
    /// Whether its state could be read. If not, nothing is known of its run.
    pub knows_state: bool,
    /// Whether nothing starts it again after it ends, so that `die` means `exited`.
    pub stays_ended: bool,
    /// The signal that asks it to stop, and how long the engine waits then, where inspect says.
    pub stop: Stop,
    /// Its processes, while it has any.
    pub run: Option<Run>,
    /// Whose network it uses, running or not.
    pub network: Network,
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

/// A time as text, or in seconds since 1970.
fn time_at(answer: Answer<'_>, pointer: &str) -> Option<Timestamp> {
    answer.text(pointer).and_then(time).or_else(|| {
        let secs = answer.count(pointer)?;
        secs.checked_mul(1_000).map(Timestamp::from_millis)
    })
}

pub(super) fn facts(version: Answer<'_>, info: Answer<'_>) -> EngineFacts {
    EngineFacts {
        name: info.owned("/Name"),
        version: version.owned("/Version").or_else(|| info.owned("/ServerVersion")),
        api_version: version.owned("/ApiVersion"),
        os: version.owned("/Os").or_else(|| info.owned("/OSType")),
        arch: version.owned("/Arch").or_else(|| info.owned("/Architecture")),
        cpus: info.count("/NCPU").and_then(|count| u32::try_from(count).ok()),
        memory_total: info.count("/MemTotal"),
        clock: info.text("/SystemTime").and_then(time),
        complete: true,
    }
}

pub(super) fn listing(rows: Vec<Bytes>) -> Listing {
    let count = rows.len();
    let rows: Vec<_> = rows.into_iter().filter_map(listed).collect();
    Listing { unreadable: count - rows.len(), rows }
}

fn listed(row: Bytes) -> Option<Listed> {
    let value = json::read_prefix(&row);
    let answer = Answer(&value);
    let id = answer.text("/Id")?.parse().ok()?;
    let names_image = answer.text("/Image").zip(answer.text("/ImageID")).map(|(image, id)| !is_image_id(image, id));
    Some(Listed { id, state: listed_state(answer), name: listed_name(answer), names_image, row })
}

fn listed_name(row: Answer<'_>) -> Option<String> {
    row.words("/Names").into_iter().find(|name| !name.is_empty()).map(without_slash)
}

/// The word for it, or what its status begins with: `Up 5 minutes (Paused)`.
fn listed_state(row: Answer<'_>) -> Option<ContainerState> {
    row.text("/State").and_then(container_state).or_else(|| {
        let status = row.text("/Status")?;
        let begins = [
            ("Up", ContainerState::Running),
            ("Exited", ContainerState::Exited),
            ("Created", ContainerState::Created),
            ("Restarting", ContainerState::Restarting),
            ("Removal", ContainerState::Removing),
            ("Dead", ContainerState::Dead),
        ];
        let (_, state) = begins.into_iter().find(|(word, _)| status.starts_with(word))?;
        Some(if status.ends_with("(Paused)") { ContainerState::Paused } else { state })
    })
}

/// The container as far as its row in the list describes it.
pub(crate) fn from_row(listed: &Listed) -> Container {
    let value = json::read_prefix(&listed.row);
    let row = Answer(&value);
    let state = listed.state.unwrap_or(ContainerState::Created);
    let status = row.text("/Status").unwrap_or_default();
    let word = |word: &str| (state == ContainerState::Running && status.contains(word)).then_some(());
    let health = word("(unhealthy)")
        .map(|()| Health::Unhealthy)
        .or_else(|| word("(healthy)").map(|()| Health::Healthy))
        .or_else(|| word("(health: starting)").map(|()| Health::Starting));
    let exit_code = status.strip_prefix("Exited (").and_then(|rest| rest.split_once(')')?.0.parse().ok());
    let mode = row.text("/HostConfig/NetworkMode").unwrap_or_default();
    let (labels, concealed_labels) = labels(row.at("/Labels"));
    let mut container = Container {
        name: secrets::short(listed.name.as_deref().unwrap_or_default()),
        image: secrets::short(row.text("/Image").unwrap_or_default()),
        image_id: row.owned("/ImageID").unwrap_or_default(),
        command: plain(&secrets::sentence(row.text("/Command").unwrap_or_default())),
        state,
        health,
        exit_code: exit_code.filter(|_| state == ContainerState::Exited),
        created_at: time_at(row, "/Created"),
        ports: listed_ports(row, state.has_processes()),
        networks: networks(row),
        network_of: network_of(mode),
        mounts: mounts(row),
        labels,
        concealed_labels,
        ..Container::unknown(listed.id)
    };
    container.place_in_compose();
    container
}

fn listed_ports(row: Answer<'_>, open: bool) -> Vec<Port> {
    let port = |port: Answer<'_>| {
        Some(Port {
            ip: port.owned("/IP"),
            private_port: u16::try_from(port.count("/PrivatePort")?).ok()?,
            public_port: port.count("/PublicPort").and_then(|port| u16::try_from(port).ok()),
            protocol: port.owned("/Type").unwrap_or_else(|| "tcp".to_owned()),
            open,
        })
    };
    ports::ordered(row.list("/Ports").filter_map(port).collect())
}

fn without_slash(name: &str) -> String {
    name.strip_prefix('/').unwrap_or(name).to_owned()
}

/// Reads what inspect says of the container that was asked for.
pub(super) fn inspected(asked: ContainerId, answer: &Value) -> Result<Inspected, EngineError> {
    let nonsense = |what: &str| Err(EngineError::Nonsense(format!("inspect {what}")));
    let answer = Answer(answer);
    if !answer.0.is_object() {
        return nonsense("is no object");
    }
    if answer.text("/Id").and_then(|id| id.parse().ok()).is_some_and(|id: ContainerId| id != asked) {
        return nonsense("is of another container");
    }
    let (config, host) = (answer.at("/Config"), answer.at("/HostConfig"));
    let state = inspected_state(answer.at("/State"));
    let (started_at, finished_at) = (time_at(answer, "/State/StartedAt"), time_at(answer, "/State/FinishedAt"));
    let mode = host.text("/NetworkMode").unwrap_or_default();
    let network = Network::from_mode(mode);
    let run = state.is_some_and(ContainerState::has_processes).then(|| Run {
        started_at,
        pid: answer.number("/State/Pid").and_then(|pid| u32::try_from(pid).ok()).unwrap_or_default(),
        network: network.clone(),
    });
    let current = Current::of(
        state.unwrap_or(ContainerState::Created),
        Current {
            health: answer.text("/State/Health/Status").and_then(health),
            exit_code: answer.at("/State/ExitCode").whole().filter(|_| finished_at.is_some()),
            oom_killed: answer.flag("/State/OOMKilled"),
            process_oom_killed: false,
            error: answer.text("/State/Error").map(plain_line).filter(|error| !error.is_empty()),
        },
    );
    let (labels, concealed_labels) = labels(config.at("/Labels"));
    let mut container = Container {
        name: secrets::short(&answer.text("/Name").map(without_slash).unwrap_or_default()),
        image: secrets::short(config.text("/Image").unwrap_or_default()),
        image_id: answer.owned("/Image").unwrap_or_default(),
        command: command(answer),
        state: state.unwrap_or(ContainerState::Created),
        health: current.health,
        exit_code: current.exit_code,
        oom_killed: current.oom_killed,
        process_oom_killed: current.process_oom_killed,
        restart_count: answer.at("/RestartCount").whole().unwrap_or_default(),
        error: current.error.map(|error| secrets::sentence(&error)),
        created_at: time_at(answer, "/Created"),
        started_at,
        finished_at,
        ports: ports(PortFacts {
            open: answer.at("/NetworkSettings/Ports"),
            configured: host.at("/PortBindings"),
            exposed: config.fields("/ExposedPorts").map(|(key, _)| key.to_owned()).collect(),
            network_mode: mode,
            has_processes: state.is_some_and(ContainerState::has_processes),
        }),
        networks: networks(answer),
        network_of: network_of(mode),
        nano_cpus: nano_cpus(host.number("/NanoCpus"), host.number("/CpuQuota"), host.number("/CpuPeriod")),
        mounts: mounts(answer),
        labels,
        concealed_labels,
        ..Container::unknown(asked)
    };
    container.place_in_compose();
    let policy = host.text("/RestartPolicy/Name").unwrap_or_default();
    // Nothing is certain about a container whose settings cannot be read.
    let stays_ended = host.0.is_object() && matches!(policy, "" | "no") && !host.flag("/AutoRemove");
    let stop = Stop::of(config.text("/StopSignal"), config.at("/StopTimeout").whole());
    Ok(Inspected { container, knows_state: state.is_some(), stays_ended, stop, run, network })
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

/// The word for it; with a word that nobody knows, what the engine says beside it.
fn inspected_state(state: Answer<'_>) -> Option<ContainerState> {
    let says = |(pointer, state_then): (&str, ContainerState)| state.flag(pointer).then_some(state_then);
    state.text("/Status").and_then(container_state).or_else(|| {
        let flags = [
            ("/Restarting", ContainerState::Restarting),
            ("/Paused", ContainerState::Paused),
            ("/Running", ContainerState::Running),
            ("/Dead", ContainerState::Dead),
        ];
        flags.into_iter().find_map(says)
    })
}

fn network_of(mode: &str) -> Option<ContainerId> {
    mode.strip_prefix("container:")?.parse().ok()
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

/// Whether the labels of an inspect answer take milliseconds to be searched for secrets.
pub(super) fn has_many_labels(answer: &Value) -> bool {
    const MANY_BYTES: usize = 64 << 10;
    let labels = Answer(answer).at("/Config/Labels");
    labels.fields("").map(|(name, value)| name.len() + value.0.as_str().map_or(0, str::len)).sum::<usize>() > MANY_BYTES
}

/// Labels for every viewer, without secrets; and those that scopes are compared with.
fn labels(labels: Answer<'_>) -> (Labels, ConcealedLabels) {
    let read: Vec<_> = labels.fields("").map(|(name, value)| (name, value.scalar().unwrap_or_default())).collect();
    let listed = secrets::labels(read.iter().map(|(name, value)| (*name, value.as_str())));
    (listed.shown.into_iter().collect(), ConcealedLabels::new(listed.concealed))
}

/// Without secrets, and without what a terminal would act on.
fn command(answer: Answer<'_>) -> String {
    let words: Vec<String> = answer.owned("/Path").into_iter().chain(answer.owned_words("/Args")).collect();
    plain(&secrets::command(&words))
}

fn container_state(word: &str) -> Option<ContainerState> {
    match word.to_ascii_lowercase().as_str() {
        // Podman's `stopping` still has its processes; `stopped` is said until it has cleaned up.
        "stopping" => Some(ContainerState::Running),
        "stopped" => Some(ContainerState::Exited),
        "configured" | "initialized" => Some(ContainerState::Created),
        word => word.parse().ok(),
    }
}

fn health(word: &str) -> Option<Health> {
    Health::ALL.into_iter().find(|health| health.as_str() == word)
}

/// The same place in list and inspect.
fn networks(answer: Answer<'_>) -> Vec<String> {
    let mut names: Vec<_> = answer.fields("/NetworkSettings/Networks").map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names
}

/// The same place in list and inspect.
fn mounts(answer: Answer<'_>) -> Vec<Mount> {
    let mount = |point: Answer<'_>| Mount {
        kind: point.owned("/Type").unwrap_or_default(),
        source: point.owned("/Name").or_else(|| point.owned("/Source")).unwrap_or_default(),
        destination: point.owned("/Destination").unwrap_or_default(),
        read_only: point.boolean("/RW") == Some(false),
    };
    let mut mounts: Vec<_> = answer.list("/Mounts").filter(|point| point.0.is_object()).map(mount).collect();
    mounts.sort_by(|a, b| a.destination.cmp(&b.destination));
    mounts
}

pub(crate) fn counters(answer: &Value) -> Counters {
    let answer = Answer(answer);
    let read_nanos = answer.text("/read").and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let memory = memory(answer.at("/memory_stats"));
    let network = |bytes: &str| sum(answer.fields("/networks").map(|(_, interface)| interface.field(bytes)));
    Counters {
        // Year 1 is the zero object of a container that does not run.
        read_nanos: read_nanos.map(jiff::Timestamp::as_nanosecond).and_then(|nanos| u64::try_from(nanos).ok()),
        // A container that runs has used some processor time: 0 is a host that does not count.
        cpu_nanos: answer.count("/cpu_stats/cpu_usage/total_usage"),
        memory_usage: memory.map(|memory| memory.working_set),
        memory_cache: memory.and_then(|memory| memory.cache),
        memory_limit: answer.count("/memory_stats/limit"),
        network_rx: network("rx_bytes"),
        network_tx: network("tx_bytes"),
        block_read: block_io(answer, 'r'),
        block_write: block_io(answer, 'w'),
        pids: answer.number("/pids_stats/current"),
    }
}

/// The sum of those that are numbers; `None` if none is.
fn sum<'a>(values: impl Iterator<Item = Answer<'a>>) -> Option<u64> {
    values.filter_map(Answer::natural).reduce(u64::saturating_add)
}

/// Inactive file cache goes by another name in either cgroup version.
fn memory(memory: Answer<'_>) -> Option<Memory> {
    let usage = memory.count("/usage")?;
    let cache = memory.number("/stats/total_inactive_file").or_else(|| memory.number("/stats/inactive_file"));
    Some(Memory::of(usage, cache))
}

/// Bytes, by the first letter of the operation, as `docker stats` sums them.
fn block_io(answer: Answer<'_>, letter: char) -> Option<u64> {
    const ENTRIES: &str = "/blkio_stats/io_service_bytes_recursive";
    if !answer.at(ENTRIES).0.is_array() {
        return None;
    }
    let starts = |op: &str| op.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(&letter));
    let matching = answer.list(ENTRIES).filter(|entry| entry.text("/op").is_some_and(starts));
    Some(sum(matching.map(|entry| entry.field("value"))).unwrap_or_default())
}

#[cfg(test)]
mod tests;
