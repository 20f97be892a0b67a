//! A container: its specification, its state, and its pending actions.
//!
//! Owned by [`super::Engine`], the only writer; the API reads it through the public fields and
//! methods here.

use std::collections::VecDeque;
use std::time::Duration;

use super::health::Health;
use super::ident::ContainerId;
use super::load::Usage;
use super::program::Ending;
use super::spec::ContainerSpec;
use crate::clock::Moment;

/// The seven states of the Engine API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Never started, or the start failed.
    Created,
    /// Running.
    Running,
    /// Paused: its processes are frozen.
    Paused,
    /// Between two runs, because of the restart policy.
    Restarting,
    /// Being removed.
    Removing,
    /// The main process has ended.
    Exited,
    /// Removal failed.
    Dead,
}

impl State {
    /// Name in the Engine API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }

    /// True if the engine's `Running` flag is set: a paused or restarting container counts.
    #[must_use]
    pub fn counts_as_running(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }

    /// True if there is a process.
    #[must_use]
    pub fn has_process(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// One run of a container, from start to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Number of the run, from 1.
    pub number: u32,
    /// Time of the start.
    pub started_at: Moment,
    /// Time of the end.
    pub ended_at: Option<Moment>,
    /// Start of the current pause.
    pub paused_at: Option<Moment>,
    /// Total duration of earlier pauses.
    pub paused_for: Duration,
}

impl Run {
    pub(super) fn new(number: u32, started_at: Moment) -> Self {
        Self { number, started_at, ended_at: None, paused_at: None, paused_for: Duration::ZERO }
    }

    /// Running time until `now`, without pauses.
    #[must_use]
    pub fn active(&self, now: Moment) -> Duration {
        let end = [Some(now), self.ended_at, self.paused_at].into_iter().flatten().min().unwrap_or(now);
        end.since(self.started_at).saturating_sub(self.paused_for)
    }
}

/// Requested actions after the end of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Then {
    /// The action of the restart policy.
    #[default]
    Policy,
    /// A `stop` event.
    Stop,
    /// A `stop` event, a start, a `restart` event.
    Restart,
}

/// A pending action and its time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) exit: Option<(Moment, Ending)>,
    pub(super) force_kill: Option<Moment>,
    pub(super) restart: Option<Moment>,
    pub(super) probe: Option<Moment>,
    pub(super) then: Then,
}

impl Due {
    /// Time of the earliest pending action.
    pub(super) fn next(&self) -> Option<Moment> {
        [self.exit.map(|(at, _)| at), self.force_kill, self.restart, self.probe].into_iter().flatten().min()
    }
}

/// Number of runs whose log lines are kept; older ones are rotated away.
const MAX_RUNS: usize = 16;

/// One container.
#[derive(Clone, Debug)]
pub struct Container {
    /// Id of the container.
    pub id: ContainerId,
    /// Name of the container, without the slash.
    pub name: String,
    /// Specification of the container.
    pub spec: ContainerSpec,
    /// Digest of the container's image.
    pub image_id: String,
    /// Time of creation.
    pub created_at: Moment,
    /// State of the container.
    pub state: State,
    /// Process id on the host; 0 if there is no process.
    pub pid: u32,
    /// Exit code of the last run that ended.
    pub exit_code: i64,
    /// The engine's message about a failed start.
    pub error: String,
    /// True if the last run ended because memory ran out.
    pub oom_killed: bool,
    /// Number of restarts by the restart policy since the last manual start.
    pub restart_count: u32,
    /// End of the last run.
    pub finished_at: Option<Moment>,
    /// Health, if there is a check and the container was started.
    pub health: Option<Health>,
    /// The latest runs, newest last.
    pub runs: VecDeque<Run>,
    pub(super) manually_stopped: bool,
    pub(super) backoff: Duration,
    pub(super) due: Due,
    /// The outdated state that the list shows until this time, because engine 20.10 updates its
    /// list late.
    pub(super) listed_as: Option<(State, Moment)>,
}

impl Container {
    pub(super) fn new(
        id: ContainerId,
        name: String,
        image_id: String,
        spec: ContainerSpec,
        created_at: Moment,
    ) -> Self {
        Self {
            id,
            name,
            spec,
            image_id,
            created_at,
            state: State::Created,
            pid: 0,
            exit_code: 0,
            error: String::new(),
            oom_killed: false,
            restart_count: 0,
            finished_at: None,
            health: None,
            runs: VecDeque::new(),
            manually_stopped: false,
            backoff: Duration::ZERO,
            due: Due::default(),
            listed_as: None,
        }
    }

    /// The current run, or the last one.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        self.runs.back()
    }

    /// Time of the last start.
    #[must_use]
    pub fn started_at(&self) -> Option<Moment> {
        self.run().map(|run| run.started_at)
    }

    /// The state in the list, which may lag behind.
    #[must_use]
    pub fn listed_state(&self, now: Moment) -> State {
        match self.listed_as {
            Some((state, until)) if now < until => state,
            _ => self.state,
        }
    }

    /// Current usage; `None` without a process.
    #[must_use]
    pub fn usage(&self, now: Moment) -> Option<Usage> {
        let run = self.run().filter(|_| self.state.has_process())?;
        Some(self.spec.load.usage(run.active(now), self.spec.memory_bytes))
    }

    /// The networks to which the container is connected, with their ids.
    pub(super) fn networks(&self) -> Vec<(String, String)> {
        self.spec.attachments.iter().map(|place| (place.network.clone(), place.network_id())).collect()
    }

    pub(super) fn begin_run(&mut self, now: Moment) {
        let number = self.run().map_or(1, |run| run.number + 1);
        self.runs.push_back(Run::new(number, now));
        if self.runs.len() > MAX_RUNS {
            self.runs.pop_front();
        }
        self.due = Due::default();
        self.plan_end(now);
    }

    /// Schedules the program's own end, counting the time it has already run.
    pub(super) fn plan_end(&mut self, now: Moment) {
        let Some(run) = self.run() else { return };
        let active = run.active(now);
        self.due.exit = self.spec.program.ending().map(|end| (now.plus(end.after.saturating_sub(active)), end));
    }
}
