//! Containers and samples for tests.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use app::model::{ContainerState, EngineId, Labels};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000);

pub(crate) fn id(number: u8) -> ContainerId {
    format!("{number:02x}{:062}", 0).parse().unwrap()
}

pub(crate) fn container(number: u8, state: ContainerState, run: u64) -> Container {
    Container {
        id: id(number),
        engine: EngineId::local(),
        name: format!("c{number}"),
        image: String::new(),
        image_id: String::new(),
        image_outdated: false,
        command: String::new(),
        state,
        health: None,
        exit_code: None,
        oom_killed: false,
        process_oom_killed: false,
        end_cause: None,
        restart_count: 0,
        error: None,
        created_at: None,
        started_at: Some(Timestamp::from_millis(run)),
        finished_at: None,
        ports: Vec::new(),
        networks: Vec::new(),
        mounts: Vec::new(),
        labels: Labels::new(),
        project: None,
        service: None,
        inspect_error: None,
        network_of: None,
        nano_cpus: None,
        concealed_labels: Default::default(),
    }
}

pub(crate) fn sample(number: u8, run: u64, pids: u64) -> Sample {
    let stats = ContainerStats { pids: Some(pids), ..ContainerStats::unknown(id(number), format!("c{number}"), NOW) };
    Sample { started_at: Some(Timestamp::from_millis(run)), stats, cpu_nanos: None }
}

pub(crate) fn upsert(container: Container) -> Observation {
    Observation::Containers { upserted: vec![Arc::new(container)], removed: vec![], event_at: None }
}
