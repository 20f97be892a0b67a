//! A server on a free port of this machine, started like `main` does.

use super::{Viewer, eventually, get};
use app::protocol::{Frame, Picture, Snapshot};
use clap::Parser as _;
use server::{
    config::Config,
    process::supervisor::{Supervisor, TaskFailure},
    startup::Application,
};
use simulator::{Options, Simulator, SimulatorHandle};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

/// A running server; stopped when dropped.
#[derive(Debug)]
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), TaskFailure>>,
    pub(crate) supervisor: Supervisor,
    /// Empty data folder, if none was set.
    _folder: TempDir,
}

impl TestServer {
    /// Starts a server for the engine at `engine`; `flags` as on the command line.
    pub(crate) async fn start(engine: &str, flags: &[&str]) -> Self {
        super::contract::prepare();
        let own = ["quaylight", "--engine", engine, "--listen", "127.0.0.1:0"];
        // No users except the test's.
        let empty_folder = tempfile::tempdir().unwrap();
        let data = ["--data-dir", empty_folder.path().to_str().unwrap()];
        let data = if flags.contains(&data[0]) { &[] } else { data.as_slice() };
        let config = Config::parse_from(own.iter().chain(data).chain(flags));
        let application = Application::build(config).await.unwrap();
        let (address, (stop, stopped)) = (application.address(), oneshot::channel());
        let supervisor = application.supervisor();
        let serving = tokio::spawn(application.run_until(async {
            // A dropped sender also stops it.
            let _ = stopped.await;
        }));
        Self { address, stop, serving, supervisor, _folder: empty_folder }
    }

    /// Waits until the engine responds, without being a viewer.
    pub(crate) async fn until_ready(&self) {
        eventually("the server is ready", async || get(self.address, "/readyz").await.status == 200).await;
    }

    pub(crate) async fn viewer(&self) -> Viewer {
        Viewer::open(self.address, "", &[]).await
    }

    /// `GET /api/containers` as a picture.
    pub(crate) async fn fetched(&self) -> Picture {
        let snapshot: Snapshot = get(self.address, "/api/containers").await.json();
        let mut picture = Picture::default();
        picture.apply(Frame::Snapshot(snapshot));
        picture
    }

    /// Stops it and returns the duration.
    pub(crate) async fn stop(self, within: Duration) -> Duration {
        let started = Instant::now();
        self.stop.send(()).expect("it is serving");
        timeout(within, self.serving).await.expect("it stops in time").unwrap().unwrap();
        started.elapsed()
    }

    /// Waits until it stops after a failure, and returns that.
    pub(crate) async fn failure(self, within: Duration) -> TaskFailure {
        timeout(within, self.serving).await.expect("it stops in time").unwrap().unwrap_err()
    }
}

/// A server with its simulated engine.
#[derive(Debug)]
pub(crate) struct Quay {
    pub(crate) simulator: SimulatorHandle,
    pub(crate) server: TestServer,
}

/// Starts a simulated engine with `scenario` and a server, and waits until it is ready.
pub(crate) async fn quay(scenario: &str, flags: &[&str]) -> Quay {
    let options = Options { scenario: scenario.parse().unwrap(), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let server = TestServer::start(&simulator.endpoint(), flags).await;
    server.until_ready().await;
    Quay { simulator, server }
}
