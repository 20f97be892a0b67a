//! Scenarios: the initial containers of the engine, and the actions that happen automatically.
//!
//! In: `SCENARIO[:COUNT]` and a seed. Out: containers with a past, and an [`ActionScheduler`] that
//! triggers actions. Equal seeds give equal runs. Read next: `scenario/catalogue.rs`.

mod catalogue;
mod loops;
mod population;
mod scheduler;

use std::fmt;
use std::str::FromStr;

pub use scheduler::ActionScheduler;

use crate::clock::Moment;
use crate::engine::{Engine, EngineError};

/// A kind of scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScenarioKind {
    /// Nothing happens automatically.
    #[default]
    Quiet,
    /// Active Compose projects: load changes, and every few seconds a container starts, stops,
    /// pauses or becomes unhealthy.
    Busy,
    /// Some containers keep crashing and restarting.
    CrashLoop,
    /// A thousand active containers.
    Thousand,
    /// A manager of a swarm of three nodes; the number is that of the replicas of one service.
    Swarm,
}

impl ScenarioKind {
    const ALL: [Self; 5] = [Self::Quiet, Self::Busy, Self::CrashLoop, Self::Thousand, Self::Swarm];

    /// Name of the kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Busy => "busy",
            Self::CrashLoop => "crash-loop",
            Self::Thousand => "thousand",
            Self::Swarm => "swarm",
        }
    }

    /// Default number of containers.
    #[must_use]
    pub fn default_count(self) -> usize {
        match self {
            Self::Quiet => 8,
            Self::Busy => 24,
            Self::CrashLoop => 6,
            Self::Thousand => 1_000,
            Self::Swarm => 4,
        }
    }
}

/// A scenario with its number of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Kind of scenario.
    pub kind: ScenarioKind,
    /// Number of containers, 0 to [`Scenario::MAX_CONTAINERS`].
    pub count: usize,
}

impl Scenario {
    /// Maximum number of containers. With more, a list takes longer than clients wait.
    pub const MAX_CONTAINERS: usize = 20_000;

    /// A scenario with its default number of containers.
    #[must_use]
    pub fn new(kind: ScenarioKind) -> Self {
        Self { kind, count: kind.default_count() }
    }

    /// True if anything happens automatically, including health probes.
    #[must_use]
    pub fn is_active(self) -> bool {
        self.kind != ScenarioKind::Quiet
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self::new(ScenarioKind::default())
    }
}

/// An invalid scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseScenarioError {
    /// Unknown name.
    #[error(
        "unknown scenario {0:?}: expected quiet, busy, crash-loop, thousand or swarm, optionally with a count, such as busy:50"
    )]
    UnknownKind(String),
    /// The part after the colon is not a number in range.
    #[error("{0:?} is not a valid number of containers: expected 0 to {max}, as in busy:50", max = Scenario::MAX_CONTAINERS)]
    BadCount(String),
}

impl FromStr for Scenario {
    type Err = ParseScenarioError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (word, count) = text.split_once(':').map_or((text, None), |(word, count)| (word, Some(count)));
        let kind = ScenarioKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        let kind = kind.ok_or_else(|| ParseScenarioError::UnknownKind(word.to_owned()))?;
        let Some(count) = count else { return Ok(Self::new(kind)) };
        let parsed = count.parse().ok().filter(|count| *count <= Self::MAX_CONTAINERS);
        parsed.map(|count| Self { kind, count }).ok_or_else(|| ParseScenarioError::BadCount(count.to_owned()))
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.count)
    }
}

/// Creates the containers of `scenario`, and the scheduler for its actions.
///
/// # Errors
/// If the engine refuses a container, for example because of a duplicate name.
pub(crate) fn populate(
    engine: &mut Engine,
    scenario: Scenario,
    seed: u64,
    now: Moment,
) -> Result<ActionScheduler, EngineError> {
    let containers = match scenario.kind {
        ScenarioKind::CrashLoop => loops::create(scenario.count, seed),
        ScenarioKind::Quiet => population::quiet(scenario.count, seed),
        // Its containers are tasks.
        ScenarioKind::Swarm => Vec::new(),
        ScenarioKind::Busy | ScenarioKind::Thousand => population::active(scenario.count, seed),
    };
    let mut names = Vec::with_capacity(containers.len());
    for (spec, past) in containers {
        names.extend(spec.name.clone());
        engine.seed(spec, past, now)?;
    }
    engine.take_events();
    Ok(match scenario.kind {
        ScenarioKind::Busy | ScenarioKind::Thousand => ActionScheduler::new(names, seed, now),
        ScenarioKind::Quiet | ScenarioKind::CrashLoop | ScenarioKind::Swarm => ActionScheduler::idle(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn scenarios_round_trip() {
        for text in ["quiet:8", "busy:50", "crash-loop:6", "thousand:1000", "swarm:4"] {
            assert_eq!(text.parse::<Scenario>().unwrap().to_string(), text);
        }
        assert_eq!("busy".parse::<Scenario>().unwrap(), Scenario { kind: ScenarioKind::Busy, count: 24 });
    }

    #[test]
    fn an_invalid_scenario_is_reported_with_the_valid_names() {
        let unknown = "buzy".parse::<Scenario>().unwrap_err().to_string();
        for kind in ScenarioKind::ALL {
            assert!(unknown.contains(kind.as_str()), "{unknown}");
        }
        assert!("busy:many".parse::<Scenario>().unwrap_err().to_string().contains("many"));
        assert!("busy:999999".parse::<Scenario>().is_err());
    }
}
