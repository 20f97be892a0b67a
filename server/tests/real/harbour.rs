//! A real engine with containers that are removed afterwards, and a server that watches it.

use crate::support::TestServer;
use bollard::{
    API_DEFAULT_VERSION, Docker,
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{CreateContainerOptionsBuilder, KillContainerOptions, RemoveContainerOptionsBuilder},
};
use futures::{StreamExt as _, stream};
use simulator::RealEngine;
use tokio::sync::{Mutex, MutexGuard};

/// Timeout for engine calls in seconds.
const CALL_TIMEOUT_SECS: u64 = 60;
/// Number of containers created or removed concurrently.
const MAX_CONCURRENT: usize = 4;
/// One test at a time, because tests that measure would disturb each other.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other test uses an engine.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// The engine as another client sees it, and the server that watches it.
#[derive(Debug)]
pub(crate) struct Harbour {
    pub(crate) docker: Docker,
    pub(crate) server: TestServer,
    /// Value for `DOCKER_HOST`.
    pub(crate) url: String,
    /// True for Podman, whose differences are in `docs/ENGINE-TESTS.md`.
    pub(crate) podman: bool,
    containers: Vec<String>,
    _alone: MutexGuard<'static, ()>,
}

impl Harbour {
    /// `None` without an engine.
    pub(crate) async fn open() -> Option<Self> {
        let alone = ALONE.lock().await;
        let engine = tokio::task::spawn_blocking(RealEngine::obtain).await.unwrap()?;
        let url = engine.url().to_owned();
        let docker = match url.strip_prefix("unix://") {
            Some(path) => Docker::connect_with_unix(path, CALL_TIMEOUT_SECS, API_DEFAULT_VERSION),
            None => Docker::connect_with_http(&url, CALL_TIMEOUT_SECS, API_DEFAULT_VERSION),
        };
        let docker = docker.unwrap();
        let components = docker.version().await.unwrap().components.unwrap_or_default();
        let podman = components.iter().any(|component| component.name.starts_with("Podman"));
        let server = TestServer::start(&url, &[]).await;
        server.until_ready().await;
        Some(Self { docker, server, url, podman, containers: Vec::new(), _alone: alone })
    }

    /// Starts containers that run `command`. Returns their ids in order.
    pub(crate) async fn run(&mut self, count: usize, command: &str, limits: HostConfig) -> Vec<String> {
        let started: Vec<String> = stream::iter(0..count)
            .map(|_| start(&self.docker, command, limits.clone()))
            .buffered(MAX_CONCURRENT)
            .collect()
            .await;
        self.containers.extend_from_slice(&started);
        started
    }

    /// Starts a container with this body. Returns its id.
    pub(crate) async fn run_body(&mut self, body: ContainerCreateBody) -> String {
        let id = launch(&self.docker, body).await;
        self.adopt(&id);
        id
    }

    /// Marks a container of another client for removal at the end.
    pub(crate) fn adopt(&mut self, id: &str) {
        self.containers.push(id.to_owned());
    }

    /// Forgets a container that was removed already.
    pub(crate) fn disown(&mut self, id: &str) {
        self.containers.retain(|own| own != id);
    }

    /// Removes its containers. They are killed first, because a removal by Podman waits for
    /// SIGTERM; newest first, because Podman keeps a container whose network another one uses.
    pub(crate) async fn clear(self) {
        stream::iter(&self.containers)
            .for_each_concurrent(MAX_CONCURRENT, async |id| {
                // Not every engine can kill a stopped or paused container.
                let _ = self.docker.kill_container(id, None::<KillContainerOptions>).await;
            })
            .await;
        let removal = RemoveContainerOptionsBuilder::default().force(true).build();
        for id in self.containers.iter().rev() {
            self.docker.remove_container(id, Some(removal.clone())).await.unwrap();
        }
    }
}

/// Without a network by default, because a private engine has none.
async fn start(docker: &Docker, command: &str, limits: HostConfig) -> String {
    let body = ContainerCreateBody {
        image: Some(RealEngine::IMAGE.to_owned()),
        cmd: Some(["sh", "-c", command].map(str::to_owned).to_vec()),
        host_config: Some(HostConfig {
            network_mode: limits.network_mode.clone().or(Some("none".to_owned())),
            ..limits
        }),
        ..ContainerCreateBody::default()
    };
    launch(docker, body).await
}

async fn launch(docker: &Docker, body: ContainerCreateBody) -> String {
    let name = format!("ql-{:08x}", fastrand::u32(..));
    let options = CreateContainerOptionsBuilder::new().name(&name).build();
    let id = docker.create_container(Some(options), body).await.unwrap().id;
    docker.start_container(&id, None).await.unwrap();
    id
}
