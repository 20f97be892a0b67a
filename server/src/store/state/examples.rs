//! Containers and samples for tests.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use app::model::ContainerState;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000);

/// Key of a container. Odd and even numbers are on two engines, with the same ids.
pub(crate) fn key(number: u8) -> ContainerKey {
    let engine = if number.is_multiple_of(2) { EngineName::LOCAL } else { EngineName::new("far").unwrap() };
    ContainerKey::new(engine, format!("{:02x}{:062}", number / 2, 0).parse().unwrap())
}

pub(crate) fn container(number: u8, state: ContainerState, run: u64) -> Container {
    let started_at = Some(Timestamp::from_millis(run));
    Container { name: format!("c{number}"), state, started_at, ..Container::unknown(key(number)) }
}

pub(crate) fn sample(number: u8, run: u64, pids: u64) -> Sample {
    let stats = ContainerStats { pids: Some(pids), ..ContainerStats::unknown(key(number), format!("c{number}"), NOW) };
    Sample { started_at: Some(Timestamp::from_millis(run)), stats, cpu_nanos: None }
}

pub(crate) fn upsert(container: Container) -> Observation {
    Observation::Containers { upserted: vec![Arc::new(container)], removed: vec![], event_at: None }
}
