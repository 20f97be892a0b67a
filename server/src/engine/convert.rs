//! Converts the engine's responses to the shared model.
//!
//! In: list, inspect, stats, version and info as JSON. Out: [`Container`], [`super::Counters`],
//! [`EngineFacts`]. A field that cannot be read is unknown and does not affect the others; a
//! container is dropped only if its id is missing. Read next: [`crate::watcher`].

use super::{
    ContainerList, EngineError, EngineFacts, JsonRef, LifecycleSettings, ListRow, Network, Run, SwarmMembership, json,
};
use crate::{
    secrets,
    text::plain::{plain, plain_line},
};
use app::model::signals;
use app::model::{
    ConcealedLabels, Container, ContainerId, ContainerKey, ContainerState, EngineName, Health, Labels, Mount, Port,
    Timestamp, is_image_id,
};
use bytes::Bytes;
use ports::{PortFacts, ports};
use serde_json::Value;
use std::time::Duration;

mod counters;
mod ports;

pub(crate) use counters::counters;

/// The kernel's default CPU period.
const DEFAULT_PERIOD_MICROS: u64 = 100_000;

/// Exit code of a process killed by SIGKILL: 128 + 9.
const SIGKILLED: i64 = 137;

/// A converted inspect response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// The container as the response describes it.
    pub container: Container,
    /// True if the state could be read. If not, `run` is unknown.
    pub knows_state: bool,
    /// True if nothing restarts the container after it exits, so that `die` means `exited`.
    pub never_restarts: bool,
    /// Stop signal and timeout, if set.
    pub stop: StopSettings,
    /// The current run, while it has processes.
    pub run: Option<Run>,
    /// Network namespace of the container, running or not.
    pub network: Network,
}

/// Stop settings of a container; `None` means the engine's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StopSettings {
    /// Signal number.
    pub signal: Option<u8>,
    /// Time between the stop signal and SIGKILL; `Duration::MAX` means unlimited.
    pub timeout: Option<Duration>,
}

impl StopSettings {
    fn of(signal: Option<&str>, timeout_secs: Option<i64>) -> Self {
        // A negative number means unlimited.
        let timeout = timeout_secs.map(|secs| u64::try_from(secs).map_or(Duration::MAX, Duration::from_secs));
        Self { signal: signal.and_then(signals::number), timeout }
    }
}

impl Inspected {
    /// Restart and stop settings, for the timeline.
    pub fn lifecycle_settings(&self) -> LifecycleSettings {
        let defaults = LifecycleSettings::default();
        LifecycleSettings {
            restarts: !self.never_restarts,
            stop_signal: self.stop.signal.unwrap_or(defaults.stop_signal),
            stop_timeout: self.stop.timeout,
        }
    }
}

/// Parses an engine timestamp; `None` for year 1, which means never.
pub fn time(text: &str) -> Option<Timestamp> {
    let millis = text.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    u64::try_from(millis).ok().filter(|millis| *millis > 0).map(Timestamp::from_millis)
}

/// A time that is given as a timestamp or as seconds since 1970.
fn time_at(json: JsonRef<'_>, pointer: &str) -> Option<Timestamp> {
    json.text(pointer).and_then(time).or_else(|| {
        let secs = json.count(pointer)?;
        secs.checked_mul(1_000).map(Timestamp::from_millis)
    })
}

pub(super) fn facts(version: JsonRef<'_>, info: JsonRef<'_>) -> EngineFacts {
    EngineFacts {
        name: info.owned("/Name"),
        version: version.owned("/Version").or_else(|| info.owned("/ServerVersion")),
        api_version: version.owned("/ApiVersion"),
        os: version.owned("/Os").or_else(|| info.owned("/OSType")),
        arch: version.owned("/Arch").or_else(|| info.owned("/Architecture")),
        cpus: info.count("/NCPU").and_then(|count| u32::try_from(count).ok()),
        memory_total: info.count("/MemTotal"),
        clock: info.text("/SystemTime").and_then(time),
        id: info.owned("/ID").filter(|id| !id.is_empty()),
        is_podman: version
            .list("/Components")
            .any(|part| part.text("/Name").is_some_and(|name| name.contains("Podman"))),
        swarm: info.0.is_object().then(|| SwarmMembership::of_info(info)),
        round_trip: None,
        clock_offset: None,
        complete: true,
    }
}

pub(super) fn container_list(engine: EngineName, rows: Vec<Bytes>) -> ContainerList {
    let count = rows.len();
    let rows: Vec<_> = rows.into_iter().filter_map(|row| list_row(engine, row)).collect();
    ContainerList { unreadable: count - rows.len(), rows }
}

fn list_row(engine: EngineName, row: Bytes) -> Option<ListRow> {
    let value = json::read_prefix(&row);
    let json = JsonRef(&value);
    let id = json.text("/Id")?.parse().ok()?;
    let names_image = json.text("/Image").zip(json.text("/ImageID")).map(|(image, id)| !is_image_id(image, id));
    Some(ListRow { engine, id, state: listed_state(json), name: listed_name(json), names_image, row })
}

fn listed_name(row: JsonRef<'_>) -> Option<String> {
    row.strings("/Names").into_iter().find(|name| !name.is_empty()).map(without_slash)
}

/// The state from `State`, or from the start of `Status`: `Up 5 minutes (Paused)`.
fn listed_state(row: JsonRef<'_>) -> Option<ContainerState> {
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

/// Creates a container from its row in the list.
pub(crate) fn from_row(listed: &ListRow) -> Container {
    let value = json::read_prefix(&listed.row);
    let row = JsonRef(&value);
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
        name: secrets::truncated(listed.name.as_deref().unwrap_or_default()),
        image: secrets::truncated(row.text("/Image").unwrap_or_default()),
        image_id: row.owned("/ImageID").unwrap_or_default(),
        command: plain(&secrets::message(row.text("/Command").unwrap_or_default())),
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
        ..Container::unknown(ContainerKey::new(listed.engine, listed.id))
    };
    container.place_in_compose();
    container
}

fn listed_ports(row: JsonRef<'_>, open: bool) -> Vec<Port> {
    let port = |port: JsonRef<'_>| {
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

/// Converts the inspect response of container `requested`.
pub(super) fn inspected(requested: ContainerKey, json: &Value) -> Result<Inspected, EngineError> {
    let invalid = |what: &str| Err(EngineError::InvalidResponse(format!("inspect {what}")));
    let json = JsonRef(json);
    if !json.0.is_object() {
        return invalid("is not an object");
    }
    if json.text("/Id").and_then(|id| id.parse().ok()).is_some_and(|id: ContainerId| id != requested.id) {
        return invalid("is of another container");
    }
    let (config, host) = (json.at("/Config"), json.at("/HostConfig"));
    let state = inspected_state(json.at("/State"));
    let (started_at, finished_at) = (time_at(json, "/State/StartedAt"), time_at(json, "/State/FinishedAt"));
    let mode = host.text("/NetworkMode").unwrap_or_default();
    let network = Network::from_mode(mode);
    let run = state.is_some_and(ContainerState::has_processes).then(|| Run {
        started_at,
        pid: json.number("/State/Pid").and_then(|pid| u32::try_from(pid).ok()).unwrap_or_default(),
        network: network.clone(),
    });
    let current = RunState::of(
        state.unwrap_or(ContainerState::Created),
        RunState {
            health: json.text("/State/Health/Status").and_then(health),
            exit_code: json.at("/State/ExitCode").as_i64().filter(|_| finished_at.is_some()),
            oom_killed: json.flag("/State/OOMKilled"),
            process_oom_killed: false,
            error: json.text("/State/Error").map(plain_line).filter(|error| !error.is_empty()),
        },
    );
    let (labels, concealed_labels) = labels(config.at("/Labels"));
    let mut container = Container {
        name: secrets::truncated(&json.text("/Name").map(without_slash).unwrap_or_default()),
        image: secrets::truncated(config.text("/Image").unwrap_or_default()),
        image_id: json.owned("/Image").unwrap_or_default(),
        command: command(json),
        state: state.unwrap_or(ContainerState::Created),
        health: current.health,
        exit_code: current.exit_code,
        oom_killed: current.oom_killed,
        process_oom_killed: current.process_oom_killed,
        restart_count: json.at("/RestartCount").as_i64().unwrap_or_default(),
        error: current.error.map(|error| secrets::message(&error)),
        created_at: time_at(json, "/Created"),
        started_at,
        finished_at,
        ports: ports(PortFacts {
            open: json.at("/NetworkSettings/Ports"),
            configured: host.at("/PortBindings"),
            exposed: config.fields("/ExposedPorts").map(|(key, _)| key.to_owned()).collect(),
            network_mode: mode,
            has_processes: state.is_some_and(ContainerState::has_processes),
        }),
        networks: networks(json),
        network_of: network_of(mode),
        nano_cpus: nano_cpus(host.number("/NanoCpus"), host.number("/CpuQuota"), host.number("/CpuPeriod")),
        mounts: mounts(json),
        labels,
        concealed_labels,
        ..Container::unknown(requested)
    };
    container.place_in_compose();
    let policy = host.text("/RestartPolicy/Name").unwrap_or_default();
    // Without readable settings, assume that it may restart.
    let never_restarts = host.0.is_object() && matches!(policy, "" | "no") && !host.flag("/AutoRemove");
    let stop = StopSettings::of(config.text("/StopSignal"), config.at("/StopTimeout").as_i64());
    Ok(Inspected { container, knows_state: state.is_some(), never_restarts, stop, run, network })
}

/// Parts of the inspected state that engines keep from an earlier run.
#[derive(Debug, PartialEq, Eq)]
struct RunState {
    health: Option<Health>,
    exit_code: Option<i64>,
    oom_killed: bool,
    process_oom_killed: bool,
    error: Option<String>,
}

impl RunState {
    /// Keeps the parts that are valid in `state`. A stopped container still reports the health of
    /// its last run, and a running one the exit code of the run before.
    fn of(state: ContainerState, reported: Self) -> Self {
        let runs = state.has_processes();
        // In engines up to 20.10, a running container has the flag of its previous run. Events
        // report OOM kills of this run.
        let flagged = reported.oom_killed && !runs;
        // The OOM killer uses SIGKILL, and the engine sets its flag for any process of the
        // container. If the main process exited in another way, another process was killed.
        let main_process_killed = matches!(reported.exit_code, None | Some(SIGKILLED));
        Self {
            // Paused containers have no health checks.
            health: reported.health.filter(|_| state == ContainerState::Running),
            exit_code: reported.exit_code.filter(|_| !runs),
            oom_killed: flagged && main_process_killed,
            process_oom_killed: flagged && !main_process_killed,
            error: reported.error.filter(|_| !runs),
        }
    }
}

/// The state from `Status`, or from the flags next to it if the status is unknown.
fn inspected_state(state: JsonRef<'_>) -> Option<ContainerState> {
    let flagged = |(pointer, state_then): (&str, ContainerState)| state.flag(pointer).then_some(state_then);
    state.text("/Status").and_then(container_state).or_else(|| {
        let flags = [
            ("/Restarting", ContainerState::Restarting),
            ("/Paused", ContainerState::Paused),
            ("/Running", ContainerState::Running),
            ("/Dead", ContainerState::Dead),
        ];
        flags.into_iter().find_map(flagged)
    })
}

fn network_of(mode: &str) -> Option<ContainerId> {
    mode.strip_prefix("container:")?.parse().ok()
}

/// The CPU limit in billionths of a core, from `--cpus` or the older quota and period in
/// microseconds. `None` means unlimited.
pub fn nano_cpus(nano_cpus: Option<u64>, quota: Option<u64>, period: Option<u64>) -> Option<u64> {
    let set = |value: Option<u64>| value.filter(|value| *value > 0);
    let shared = || {
        let share = u128::from(set(quota)?) * 1_000_000_000 / u128::from(set(period).unwrap_or(DEFAULT_PERIOD_MICROS));
        u64::try_from(share).ok()
    };
    set(set(nano_cpus).or_else(shared))
}

/// True if searching the labels of an inspect response for secrets takes milliseconds.
pub(super) fn has_many_labels(json: &Value) -> bool {
    const MANY_BYTES: usize = 64 << 10;
    let labels = JsonRef(json).at("/Config/Labels");
    labels.fields("").map(|(name, value)| name.len() + value.0.as_str().map_or(0, str::len)).sum::<usize>() > MANY_BYTES
}

/// Labels without secrets for viewers, and the concealed labels that scopes are compared with.
fn labels(labels: JsonRef<'_>) -> (Labels, ConcealedLabels) {
    let read: Vec<_> = labels.fields("").map(|(name, value)| (name, value.scalar().unwrap_or_default())).collect();
    let listed = secrets::labels(read.iter().map(|(name, value)| (*name, value.as_str())));
    (listed.shown.into_iter().collect(), ConcealedLabels::new(listed.concealed))
}

/// The command without secrets and terminal sequences.
fn command(json: JsonRef<'_>) -> String {
    let words: Vec<String> = json.owned("/Path").into_iter().chain(json.owned_strings("/Args")).collect();
    plain(&secrets::command(&words))
}

fn container_state(word: &str) -> Option<ContainerState> {
    match word.to_ascii_lowercase().as_str() {
        // Podman: `stopping` still has processes; `stopped` lasts until the cleanup is done.
        "stopping" => Some(ContainerState::Running),
        "stopped" => Some(ContainerState::Exited),
        "configured" | "initialized" => Some(ContainerState::Created),
        word => word.parse().ok(),
    }
}

fn health(word: &str) -> Option<Health> {
    Health::ALL.into_iter().find(|health| health.as_str() == word)
}

/// Network names, which are in the same place in list and inspect.
fn networks(json: JsonRef<'_>) -> Vec<String> {
    let mut names: Vec<_> = json.fields("/NetworkSettings/Networks").map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names
}

/// Mounts, which are in the same place in list and inspect.
fn mounts(json: JsonRef<'_>) -> Vec<Mount> {
    let mount = |point: JsonRef<'_>| Mount {
        kind: point.owned("/Type").unwrap_or_default(),
        source: point.owned("/Name").or_else(|| point.owned("/Source")).unwrap_or_default(),
        destination: point.owned("/Destination").unwrap_or_default(),
        read_only: point.boolean("/RW") == Some(false),
    };
    let mut mounts: Vec<_> = json.list("/Mounts").filter(|point| point.0.is_object()).map(mount).collect();
    mounts.sort_by(|a, b| a.destination.cmp(&b.destination));
    mounts
}

#[cfg(test)]
mod tests;
