//! Fifty containers on a private real engine, one in ten of them busy.

use crate::{engine::Engine, processes};
use anyhow::{Context as _, ensure};
use serde_json::json;
use simulator::RealEngine;
use std::{path::Path, process::Command, thread};

pub(crate) const CONTAINERS: usize = 50;
/// Every tenth container is busy.
const BUSY_ONE_IN: usize = 10;
/// CPU limit of a busy container in billionths of a core, low enough to leave the machine to the
/// measured programs.
const BUSY_NANO_CPUS: u64 = 50_000_000;
/// Containers started concurrently.
const MAX_CONCURRENT: usize = 4;

/// The engine and its containers, which end with it.
#[derive(Debug)]
pub(crate) struct Fleet {
    real: RealEngine,
    pub(crate) engine: Engine,
    pub(crate) ids: Vec<String>,
}

impl Fleet {
    /// Starts the engine and the containers.
    pub(crate) fn start() -> anyhow::Result<Self> {
        ensure!(
            std::env::var_os("DOCKER_HOST").is_none(),
            "DOCKER_HOST is set, and only an engine of its own is measured"
        );
        let found = Command::new("docker").arg("--version").output();
        ensure!(found.is_ok(), "there is no docker command to compare with (make setup installs one)");
        let real = RealEngine::start()?;
        let engine = Engine::new(real.url())?;
        let parts = thread::scope(|scope| {
            let starting: Vec<_> = (0..MAX_CONCURRENT)
                .map(|part| {
                    scope.spawn({
                        let engine = &engine;
                        move || start_part(engine, part)
                    })
                })
                .collect();
            starting.into_iter().map(|part| part.join().map_err(|_| anyhow::anyhow!("a thread failed"))?).collect()
        });
        let parts: Vec<Vec<String>> = {
            let parts: anyhow::Result<Vec<Vec<String>>> = parts;
            parts?
        };
        Ok(Self { real, engine, ids: parts.concat() })
    }

    /// Value for `DOCKER_HOST`.
    pub(crate) fn url(&self) -> &str {
        self.real.url()
    }

    /// dockerd, containerd and the shims, by their command lines: all of them contain the engine's
    /// folder, and those of containers do not.
    pub(crate) fn processes(&self) -> anyhow::Result<Processes> {
        let folder = self.engine.socket().parent().and_then(Path::to_str).context("a socket is in a folder")?;
        let all = processes::with_word(folder);
        let named = |name: &str| -> Vec<u32> {
            all.iter().filter(|(_, of)| of.starts_with(name)).map(|(pid, _)| *pid).collect()
        };
        // A process name has at most 15 characters; a shim's begins like that of its parent.
        let shims = named("containerd-shim");
        let containerd = named("containerd").into_iter().filter(|pid| !shims.contains(pid)).collect();
        let found = Processes { dockerd: named("dockerd"), containerd, shims };
        ensure!(found.dockerd.len() == 1 && found.containerd.len() == 1, "{all:?} are no engine");
        ensure!(found.shims.len() == CONTAINERS, "{} shims for {CONTAINERS} containers", found.shims.len());
        Ok(found)
    }

    /// `20.10.24+dfsg1`.
    pub(crate) fn version(&self) -> String {
        let version = self.engine.get("/version").ok();
        version.and_then(|version| Some(version["Version"].as_str()?.to_owned())).unwrap_or_default()
    }
}

/// Processes of the engine.
#[derive(Debug)]
pub(crate) struct Processes {
    pub(crate) dockerd: Vec<u32>,
    pub(crate) containerd: Vec<u32>,
    pub(crate) shims: Vec<u32>,
}

fn start_part(engine: &Engine, part: usize) -> anyhow::Result<Vec<String>> {
    (part..CONTAINERS).step_by(MAX_CONCURRENT).map(|number| start(engine, number)).collect()
}

fn start(engine: &Engine, number: usize) -> anyhow::Result<String> {
    let busy = number.is_multiple_of(BUSY_ONE_IN);
    let (command, limit) = if busy { ("while :; do :; done", BUSY_NANO_CPUS) } else { ("sleep 36000", 0) };
    let body = json!({
        "Image": RealEngine::IMAGE,
        "Cmd": ["sh", "-c", command],
        // A private engine has no network.
        "HostConfig": {"NetworkMode": "none", "NanoCpus": limit},
        "Labels": {"com.docker.compose.project": "bench", "com.docker.compose.service": format!("service-{number}")},
    });
    let made = engine.post(&format!("/containers/create?name=bench-{number}"), Some(&body))?;
    let id = made["Id"].as_str().context("a new container has an id")?.to_owned();
    engine.post(&format!("/containers/{id}/start"), None)?;
    Ok(id)
}
