//! Starts and stops a simulator, and gives Rust code access to it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::calls::Calls;
use crate::clock::{Clock, Moment};
use crate::control;
use crate::daemon::Daemon;
use crate::engine::{Engine, EngineError, Settings};
use crate::fault::Faults;
use crate::listener::{self, Bound};
use crate::options::{Listen, Options};
use crate::scenario::{self, ParseScenarioError, ScenarioKind};
use crate::swarm;

/// Failure to start a simulator or to act on it.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The name of the scenario is invalid.
    #[error(transparent)]
    Scenario(#[from] ParseScenarioError),
    /// The engine refused.
    #[error("the simulated engine refused: {0}")]
    Engine(#[from] EngineError),
    /// The Engine API could not listen.
    #[error("could not listen on {listen}")]
    Listen {
        /// Address on which to listen.
        listen: Listen,
        /// Cause of the failure.
        source: io::Error,
    },
    /// The control API could not listen.
    #[error("could not listen on {address} for control")]
    Control {
        /// Address on which to listen.
        address: SocketAddr,
        /// Cause of the failure.
        source: io::Error,
    },
}

/// Starts simulators.
#[derive(Debug)]
pub struct Simulator;

impl Simulator {
    /// Starts a simulator in the current tokio runtime, and returns when it is ready.
    ///
    /// # Errors
    /// If a socket cannot be bound.
    pub async fn start(options: Options) -> Result<SimulatorHandle, SimulatorError> {
        let Options { scenario, seed, listen, control, clock, release, cgroup } = options;
        let now = clock.now();
        let mut settings = Settings::new(release, cgroup, now);
        if clock.is_manual() {
            settings = settings.without_waits();
        }
        settings.probes_residents = scenario.is_active();
        let mut engine = Engine::new(settings, seed);
        let scheduler = scenario::populate(&mut engine, scenario, seed, now)?;
        let daemon = Arc::new(Daemon::new(engine, scheduler, clock));
        if scenario.kind == ScenarioKind::Swarm {
            swarm::demo(&daemon, scenario.count as u64);
        }

        let (folder, listen) =
            with_path(listen).map_err(|source| SimulatorError::Listen { listen: Listen::Temporary, source })?;
        let bound = Bound::bind(&listen).await;
        let (bound, listen) = bound.map_err(|source| SimulatorError::Listen { listen, source })?;
        let ended = CancellationToken::new();
        let mut tasks = vec![tokio::spawn(driven(Arc::clone(&daemon), ended.clone()))];
        let control = match control {
            Some(address) => {
                let bound = listener::bind_control(address).await;
                let (socket, address) = bound.map_err(|source| SimulatorError::Control { address, source })?;
                let router = control::router(Arc::clone(&daemon));
                tasks.push(tokio::spawn(listener::serve_control(router, socket, ended.clone())));
                Some(address)
            }
            None => None,
        };
        tasks.push(tokio::spawn(listener::serve(Arc::clone(&daemon), bound, listen.clone(), ended.clone())));
        Ok(SimulatorHandle { daemon, listen, control, folder, ended, tasks })
    }
}

/// A running simulator. Dropping it stops it and removes its socket.
#[derive(Debug)]
pub struct SimulatorHandle {
    daemon: Arc<Daemon>,
    listen: Listen,
    control: Option<SocketAddr>,
    folder: Option<PathBuf>,
    ended: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl SimulatorHandle {
    /// Address of the simulator in the format of `DOCKER_HOST`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.listen.to_string()
    }

    /// Address of the control API, if enabled.
    #[must_use]
    pub fn control(&self) -> Option<SocketAddr> {
        self.control
    }

    /// Acts on the engine or reads it. Its events are sent before this returns.
    ///
    /// The second argument of `action` is the current time. A `stop` does not wait for a process
    /// that ignores SIGTERM.
    pub fn act<T>(&self, action: impl FnOnce(&mut Engine, Moment) -> T) -> T {
        self.daemon.act(action)
    }

    /// The daemon around the engine, for access beyond [`SimulatorHandle::act`].
    #[must_use]
    pub fn engine(&self) -> &Arc<Daemon> {
        &self.daemon
    }

    /// Faults of the simulator.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.daemon.faults
    }

    /// Call counts of the simulator.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.daemon.calls
    }

    /// Clock of the simulator.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.daemon.clock
    }

    /// Advances a manual clock and runs everything that becomes due.
    pub fn advance(&self, duration: Duration) {
        self.daemon.clock.advance(duration);
        self.daemon.settle();
    }

    /// Waits until a task of the simulator ends, which is a failure before
    /// [`SimulatorHandle::shutdown`].
    pub fn failed(&self) -> impl Future<Output = ()> + Send + use<> {
        /// Interval of the checks.
        const INTERVAL: Duration = Duration::from_millis(200);
        let tasks: Vec<_> = self.tasks.iter().map(JoinHandle::abort_handle).collect();
        async move {
            while !tasks.iter().any(tokio::task::AbortHandle::is_finished) {
                tokio::time::sleep(INTERVAL).await;
            }
        }
    }

    /// Stops the simulator: closes all connections, removes the socket, and waits for the tasks.
    pub async fn shutdown(mut self) {
        self.ended.cancel();
        for task in self.tasks.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the simulator failed");
            }
        }
    }
}

impl Drop for SimulatorHandle {
    fn drop(&mut self) {
        self.ended.cancel();
        listener::remove_socket(&self.listen);
        if let Some(folder) = &self.folder {
            // Fails if the folder contains other files, which is fine.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

async fn driven(daemon: Arc<Daemon>, ended: CancellationToken) {
    tokio::select! {
        () = ended.cancelled() => {}
        () = daemon.drive() => {}
    }
}

/// Creates a folder for a temporary socket.
fn with_path(listen: Listen) -> io::Result<(Option<PathBuf>, Listen)> {
    if listen != Listen::Temporary {
        return Ok((None, listen));
    }
    let name = format!("quaylight-simulator-{}-{:08x}", std::process::id(), fastrand::u32(..));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder)?;
    let socket = folder.join("engine.sock");
    Ok((Some(folder), Listen::Unix(socket)))
}
