//! Static sample data of each kind.

use crate::{
    client::{Connection, ConnectionState, PageData, PageSettings, UseRealtimeContainersReturn},
    model::{
        Container, ContainerState, ContainerStats, Engine, EngineLink, EngineProblem, Health, Port, SamplePoint,
        Timestamp,
    },
    protocol::Snapshot,
    samples::{MADE_AT, container, engine, snapshot, stats},
};
use std::time::Duration;

/// The time `secs` seconds before [`MADE_AT`].
pub(super) fn before(secs: u64) -> Timestamp {
    Timestamp::from_millis(MADE_AT.as_millis() - secs * 1_000)
}

/// Containers in all seven states, with health checks and exit codes, and one name that is cut off.
pub(super) fn sample_containers() -> Vec<Container> {
    let running = |number, name: &str, health| Container {
        health,
        started_at: Some(before(10_800)),
        project: Some("shop".to_owned()),
        service: Some("web".to_owned()),
        ..container(number, name, ContainerState::Running)
    };
    let ended = |number, name: &str, code, oom_killed| Container {
        exit_code: Some(code),
        oom_killed,
        finished_at: Some(before(130)),
        ..container(number, name, ContainerState::Exited)
    };
    vec![
        running(1, "web-1", Some(Health::Healthy)),
        Container {
            image: format!("sha256:{}", "3f1a2b4c".repeat(8)),
            image_id: format!("sha256:{}", "3f1a2b4c".repeat(8)),
            ..running(2, "web-2", Some(Health::Unhealthy))
        },
        Container { image_outdated: true, ports: sample_ports(), ..running(3, "web-3", Some(Health::Starting)) },
        running(4, "a-container-whose-name-is-much-longer-than-any-card-or-row-has-room-for-so-that-it-is-cut", None),
        Container { started_at: Some(before(40)), ..container(5, "paused", ContainerState::Paused) },
        Container {
            restart_count: 7,
            exit_code: Some(1),
            finished_at: Some(before(3)),
            ..container(6, "looping", ContainerState::Restarting)
        },
        container(7, "new", ContainerState::Created),
        ended(8, "done", 0, false),
        ended(9, "failed", 1, false),
        ended(10, "starved", 137, true),
        Container {
            error: Some("driver failed programming external connectivity: port is already allocated".to_owned()),
            ..ended(11, "refused", 125, false)
        },
        container(12, "leaving", ContainerState::Removing),
        container(13, "dead", ContainerState::Dead),
    ]
}

/// Ports bound to one address each, and a range.
fn sample_ports() -> Vec<Port> {
    let port = |ip: &str, public, private: u16, protocol: &str| Port {
        ip: Some(ip.to_owned()),
        private_port: private,
        public_port: Some(public),
        protocol: protocol.to_owned(),
        open: true,
    };
    let range = (0..101).map(|more| port("0.0.0.0", 20_000 + more, 10_000 + more, "udp"));
    range.chain([port("127.0.0.1", 15_432, 5_432, "tcp"), port("192.0.2.7", 15_432, 5_432, "tcp")]).collect()
}

/// CPU and memory at 0, half, near the limit and unknown.
pub(super) fn samples(containers: &[Container]) -> Vec<ContainerStats> {
    let numbers = [(Some(0.0), Some(0)), (Some(50.0), Some(512 << 20)), (Some(195.0), Some(1_000 << 20)), (None, None)];
    let all = containers.iter().zip(numbers.into_iter().cycle());
    all.filter(|(container, _)| container.state.has_processes())
        .map(|(container, (cpu, memory))| ContainerStats {
            network_rx: Some(123_456_789),
            network_tx: Some(1_234),
            block_read: Some(0),
            block_write: None,
            ..stats(container, cpu, memory)
        })
        .collect()
}

/// A connection that has been in this state for a minute.
pub(super) fn connection(state: ConnectionState) -> Connection {
    let is_healthy = matches!(state, ConnectionState::Live | ConnectionState::Connecting);
    Connection {
        state,
        since: before(60),
        problem: (!is_healthy).then(|| "The server cannot be reached.".to_owned()),
        retry_at: None,
        attempts: if is_healthy { 0 } else { 3 },
        paused: false,
        refreshing: false,
    }
}

/// A fixed state with this connection and these engines.
pub(super) fn store(state: ConnectionState, engines: Vec<Engine>) -> UseRealtimeContainersReturn {
    let containers = sample_containers();
    let numbers = samples(&containers);
    let snapshot = Snapshot { engines, ..snapshot(containers, numbers) };
    let settings = PageSettings { actions_allowed: true, ..PageSettings::default() };
    UseRealtimeContainersReturn::fixed(PageData { snapshot, settings }, connection(state))
}

/// A connected engine or, if `is_lost`, a lost one.
pub(super) fn engines(is_lost: bool) -> Vec<Engine> {
    let lost = Engine {
        link: EngineLink::Lost,
        since: before(90),
        error: Some(EngineProblem {
            code: "refused".to_owned(),
            message: "The Docker socket refuses connections.".to_owned(),
            hint: "Start the engine: sudo systemctl start docker".to_owned(),
        }),
        ..engine()
    };
    vec![if is_lost { lost } else { engine() }]
}

/// Five minutes of samples that rise and fall, with a gap.
pub(super) fn history() -> Vec<SamplePoint> {
    let point = |step: u64| {
        let wave = (step as f64 / 12.0).sin().abs();
        let is_known = !(70..80).contains(&step);
        SamplePoint {
            timestamp: before((150 - step) * 2),
            cpu_percent: is_known.then_some(wave * 80.0),
            memory_usage: is_known.then_some((wave * 4e8) as u64 + (100 << 20)),
            network_rx: Some(step * 20_000),
            network_tx: Some(step * step * 100),
            block_read: None,
            block_write: None,
            pids: Some(3),
        }
    };
    (0..150).map(point).collect()
}

/// Time span of the charts.
pub(super) const SPAN: Duration = Duration::from_secs(300);
