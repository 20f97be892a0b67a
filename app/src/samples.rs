//! Sample containers, statistics and snapshots, for tests and for `/styleguide`.

use crate::{
    model::{
        Container, ContainerId, ContainerKey, ContainerState, ContainerStats, Engine, EngineKind, EngineLink,
        EngineName, Labels, Occurrence, OccurrenceKind, Port, StatsSource, Timestamp,
    },
    protocol::{Revision, Snapshot},
};
use std::sync::Arc;

/// Creation time of every example: 2026-11-23 09:30:00 UTC.
pub const MADE_AT: Timestamp = Timestamp::from_millis(1_795_426_200_000);

/// A container whose published port is 8000 plus its number.
pub fn container(number: u16, name: &str, state: ContainerState) -> Container {
    Container {
        name: name.to_owned(),
        image: "nginx:1.27".to_owned(),
        command: "nginx -g 'daemon off;'".to_owned(),
        state,
        created_at: Some(MADE_AT),
        ports: vec![Port {
            ip: Some("0.0.0.0".to_owned()),
            private_port: 80,
            public_port: Some(8_000 + number),
            protocol: "tcp".to_owned(),
            open: true,
        }],
        networks: vec!["bridge".to_owned()],
        ..Container::unknown(ContainerKey::new(EngineName::LOCAL, id(number)))
    }
}

/// A sample of a container.
pub fn stats(container: &Container, cpu_percent: Option<f64>, memory_usage: Option<u64>) -> ContainerStats {
    ContainerStats {
        cpu_percent,
        memory_usage,
        memory_limit: memory_usage.map(|_| 1 << 30),
        memory_percent: memory_usage.map(|usage| usage as f64 / (1u64 << 30) as f64 * 100.0),
        ..ContainerStats::unknown(container.key(), container.name.clone(), MADE_AT)
    }
}

/// An event of container `number`, `second` seconds after [`MADE_AT`].
pub fn occurrence(number: u16, kind: OccurrenceKind, second: u64) -> Occurrence {
    Occurrence {
        id: format!("{second}-{number}-{}", kind.as_str()),
        at: Timestamp::from_millis(MADE_AT.as_millis() + second * 1_000),
        engine: EngineName::LOCAL,
        container_id: id(number),
        container_name: format!("web-{number}"),
        kind,
        exit_code: None,
        signal: None,
        detail: None,
        cause: None,
        evidence: None,
    }
}

/// An engine that responds.
pub fn engine() -> Engine {
    Engine {
        id: EngineName::LOCAL,
        name: "harbour".to_owned(),
        kind: EngineKind::Docker,
        labels: Labels::new(),
        endpoint: "unix:///var/run/docker.sock".to_owned(),
        demo: false,
        link: EngineLink::Up,
        since: MADE_AT,
        error: None,
        hop: None,
        engine_link: None,
        notice: None,
        round_trip_millis: Some(1),
        clock_offset_millis: Some(0),
        clock_error_millis: Some(1),
        same_engine_as: Vec::new(),
        engine_id: None,
        version: Some("28.5.2".to_owned()),
        api_version: Some("1.51".to_owned()),
        os: Some("linux".to_owned()),
        arch: Some("amd64".to_owned()),
        cpus: Some(4),
        memory_total: Some(8 << 30),
        stats_source: Some(StatsSource::Files),
        stats_interval_millis: None,
    }
}

/// A snapshot of these containers and stats.
pub fn snapshot(containers: Vec<Container>, stats: Vec<ContainerStats>) -> Snapshot {
    Snapshot {
        epoch: "test".to_owned(),
        revision: Revision(1),
        server_time: MADE_AT,
        engines: vec![engine()],
        containers: containers.into_iter().map(Arc::new).collect(),
        stats: stats.into_iter().map(Arc::new).collect(),
        sampled_at: Some(MADE_AT),
    }
}

/// State of a page after a snapshot of these containers and stats.
pub fn picture(containers: Vec<Container>, stats: Vec<ContainerStats>) -> crate::protocol::Picture {
    let mut picture = crate::protocol::Picture::default();
    picture.apply(crate::protocol::Frame::Snapshot(snapshot(containers, stats)));
    picture
}

fn id(number: u16) -> ContainerId {
    format!("{number:064x}").parse().unwrap_or_else(|_| unreachable!("64 hex digits"))
}
