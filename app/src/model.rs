//! The data types that server and browser share: containers, samples, engines, swarms, logs and
//! events.
//!
//! Plain data; the public contract fixes its JSON (camelCase). Next: [`crate::protocol`].

mod container;
mod cost;
mod details;
mod engine;
mod history;
mod id;
mod image;
mod labels;
pub mod last_end;
mod log;
mod occurrence;
#[cfg(feature = "ssr")]
mod schema;
pub mod signals;
mod stats;
mod swarm;
mod timestamp;

pub use container::{ConcealedLabels, Container, ContainerState, Health, Mount, Port};
pub use cost::{EngineTraffic, MonitoringCost, ProcessCost};
pub use details::{
    ContainerReport, Details, EnvVariable, HealthFacts, HealthOutcome, HealthResult, Limits, MountFacts, NetworkPlace,
    Process, Processes, RestartPolicy, Ulimit,
};
pub use engine::{Engine, EngineHop, EngineKind, EngineLink, EngineProblem, StatsSource};
pub use history::{SampleHistory, SamplePoint};
pub use id::{ContainerId, ContainerKey, EngineName, InvalidContainerId, InvalidEngineName};
pub use image::is_image_id;
pub use labels::Labels;
pub use log::{LogEnd, LogEndReason, LogGap, LogGapReason, LogLine, LogResume, LogStream};
pub use occurrence::{Basis, Cause, Evidence, LastEnd, Occurrence, OccurrenceKind, Occurrences, SentSignal};
pub use stats::{ContainerStats, memory_percent};
pub use swarm::{
    SwarmCluster, SwarmNode, SwarmPolled, SwarmPort, SwarmReplicas, SwarmService, SwarmTask, Swarms, TaskContainer,
};
pub use timestamp::{InvalidTimestamp, Timestamp};
