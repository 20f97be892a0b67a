//! A real engine, containers in it that are removed afterwards, and a server that watches.

use crate::support::TestServer;
use bollard::{
    API_DEFAULT_VERSION, Docker,
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{CreateContainerOptionsBuilder, KillContainerOptions, RemoveContainerOptionsBuilder},
};
use futures::{StreamExt as _, stream};
use simulator::RealEngine;
use tokio::sync::{Mutex, MutexGuard};

/// Seconds an engine has for an answer.
const CALL_LIMIT: u64 = 60;
/// Containers made or removed at a time.
const AT_ONCE: usize = 4;
/// One test at a time: each measures, and two would measure each other.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other test has an engine.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// The engine as another client sees it, and the server that watches it.
#[derive(Debug)]
pub(crate) struct Harbour {
    pub(crate) docker: Docker,
    pub(crate) server: TestServer,
    /// As `DOCKER_HOST` takes it.
    pub(crate) url: String,
    /// Whether it is Podman, which differs in ways that `docs/ENGINE-TESTS.md` lists.
    pub(crate) podman: bool,
    containers: Vec<String>,
    _alone: MutexGuard<'static, ()>,
}

impl Harbour {
    /// `None` where there is no engine.
    pub(crate) async fn open() -> Option<Self> {
        let alone = ALONE.lock().await;
        let engine = tokio::task::spawn_blocking(RealEngine::obtain).await.unwrap()?;
        let url = engine.url().to_owned();
        let docker = match url.strip_prefix("unix://") {
            Some(path) => Docker::connect_with_unix(path, CALL_LIMIT, API_DEFAULT_VERSION),
            None => Docker::connect_with_http(&url, CALL_LIMIT, API_DEFAULT_VERSION),
        };
        let docker = docker.unwrap();
        let components = docker.version().await.unwrap().components.unwrap_or_default();
        let podman = components.iter().any(|component| component.name.starts_with("Podman"));
        let server = TestServer::start(&url, &[]).await;
        server.until_ready().await;
        Some(Self { docker, server, url, podman, containers: Vec::new(), _alone: alone })
    }

    /// Starts containers that run `command`; their ids, in order.
    pub(crate) async fn run(&mut self, count: usize, command: &str, limits: HostConfig) -> Vec<String> {
        let started: Vec<String> = stream::iter(0..count)
            .map(|_| start(&self.docker, command, limits.clone()))
            .buffered(AT_ONCE)
            .collect()
            .await;
        self.containers.extend_from_slice(&started);
        started
    }

    /// Starts a container of this body; its id.
    pub(crate) async fn run_body(&mut self, body: ContainerCreateBody) -> String {
        let id = launch(&self.docker, body).await;
        self.adopt(&id);
        id
    }

    /// Removes a container that somebody else started, too, when all are.
    pub(crate) fn adopt(&mut self, id: &str) {
        self.containers.push(id.to_owned());
    }

    /// Leaves a container that was removed already.
    pub(crate) fn disown(&mut self, id: &str) {
        self.containers.retain(|own| own != id);
    }

    /// Removes what it started: killed first, because Podman's removal waits for SIGTERM to work; the newest first, because Podman
    /// keeps a container whose network another has joined.
    pub(crate) async fn clear(self) {
        stream::iter(&self.containers)
            .for_each_concurrent(AT_ONCE, async |id| {
                // What has ended or is paused cannot be, everywhere.
                let _ = self.docker.kill_container(id, None::<KillContainerOptions>).await;
            })
            .await;
        let removal = RemoveContainerOptionsBuilder::default().force(true).build();
        for id in self.containers.iter().rev() {
            self.docker.remove_container(id, Some(removal.clone())).await.unwrap();
        }
    }
}

/// In no network unless told otherwise, because a private engine has none.
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
