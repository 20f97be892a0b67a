//! Compares the kernel's files with the engine: two servers watch one engine with different
//! sources.

use crate::{
    harbour::Harbour,
    support::{TEST_TIMEOUT, TestServer, Viewer, get, local},
};
use app::model::{ContainerId, ContainerStats, StatsSource};
use bollard::models::{HostConfig, NetworkCreateRequest};
use serde_json::Value;
use std::fs;
use tokio::time::Instant;

const MIB: i64 = 1 << 20;
/// Tolerance in percentage points between two samples of a steady load at slightly different times.
const CPU_NOISE: f64 = 6.0;
/// Maximum time between the compared samples: rounds are a second apart, and a busy machine may be
/// late.
const APART_MILLIS: u64 = 1_500;

/// One server per source, and a viewer of each.
struct Sources {
    podman: bool,
    files: (TestServer, Viewer),
    api: (TestServer, Viewer),
}

impl Sources {
    async fn watch(harbour: &Harbour) -> Self {
        let watch = async |source: &str| {
            let server = TestServer::start(&harbour.url, &["--stats-source", source, "--stats-interval", "1s"]).await;
            server.until_ready().await;
            let viewer = server.viewer().await;
            (server, viewer)
        };
        Self { podman: harbour.podman, files: watch("files").await, api: watch("api").await }
    }

    /// Waits until both have equal samples of a container for the same time, and returns one.
    async fn agree(&mut self, what: &str, id: &str) -> ContainerStats {
        let (id, started) = (id.parse().unwrap(), Instant::now());
        // Files are read immediately, but the engine takes time: one of the rounds in between
        // matches its sample.
        let (mut rounds, mut differing) = (Vec::new(), String::new());
        while started.elapsed() < 3 * TEST_TIMEOUT {
            let reading = async {
                loop {
                    rounds.push(next_sample(&mut self.files.1, id).await);
                }
            };
            let api = tokio::select! {
                api = next_sample(&mut self.api.1, id) => api,
                never = reading => never,
            };
            if let Some(files) = rounds.iter().find(|files| same(files, &api, self.podman)) {
                println!("{what}: {files:?}");
                return files.clone();
            }
            differing = format!("{what}\nfiles {:?}\napi   {api:?}", rounds.last());
        }
        panic!("{differing}");
    }
}

/// Returns the container's sample of the next round.
async fn next_sample(viewer: &mut Viewer, id: ContainerId) -> ContainerStats {
    let before = viewer.picture.sampled_at;
    viewer
        .until("a sample arrives", TEST_TIMEOUT, |picture| {
            picture.sampled_at > before
                && picture.stats.get(&local(id)).is_some_and(|sample| sample.cpu_percent.is_some())
        })
        .await;
    // Unchanged samples are not sent again; they are as new as the round.
    ContainerStats {
        timestamp: viewer.picture.sampled_at.unwrap(),
        ..viewer.picture.stats[&local(id)].as_ref().clone()
    }
}

/// Compares all fields; a new field is a compile error here.
///
/// Podman reports resident memory on cgroup v1; the formula of `docker stats` adds cache and kernel
/// memory.
fn same(files: &ContainerStats, api: &ContainerStats, podman: bool) -> bool {
    let ContainerStats {
        engine: _,
        container_id,
        container_name,
        cpu_percent,
        memory_usage,
        memory_cache,
        memory_limit,
        memory_percent,
        network_rx,
        network_tx,
        block_read,
        block_write,
        pids,
        timestamp,
    } = files;
    let noise = (cpu_percent.unwrap() - api.cpu_percent.unwrap()).abs();
    (container_id, container_name) == (&api.container_id, &api.container_name)
        && noise <= CPU_NOISE
        && *memory_limit == api.memory_limit
        && if podman {
            *memory_usage >= api.memory_usage
        } else {
            (memory_usage, memory_cache, memory_percent) == (&api.memory_usage, &api.memory_cache, &api.memory_percent)
        }
        && (network_rx, network_tx) == (&api.network_rx, &api.network_tx)
        && (block_read, block_write) == (&api.block_read, &api.block_write)
        && *pids == api.pids
        && timestamp.as_millis().abs_diff(api.timestamp.as_millis()) <= APART_MILLIS
}

fn in_network(mode: &str) -> HostConfig {
    HostConfig { network_mode: Some(mode.to_owned()), ..HostConfig::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_twelve_fields_match_between_files_and_engine() {
    let Some(mut harbour) = Harbour::open().await else { return };
    // Low enough to be available next to other work on this machine.
    let busy = HostConfig { nano_cpus: Some(200_000_000), ..HostConfig::default() };
    let limited = HostConfig { memory: Some(64 * MIB), pids_limit: Some(50), ..HostConfig::default() };
    let spin = "while :; do :; done";
    let hold =
        "head -c 20000000 /dev/zero > /dev/shm/held; cat /bin/busybox > /dev/null; sleep 3600 & sleep 3600 & wait";
    let busy = harbour.run(1, spin, busy).await.remove(0);
    let idle = harbour.run(1, "sleep 3600", HostConfig::default()).await.remove(0);
    let limited = harbour.run(1, hold, limited).await.remove(0);
    let paused = harbour.run(1, spin, HostConfig::default()).await.remove(0);
    harbour.docker.pause_container(&paused).await.unwrap();
    let mut sources = Sources::watch(&harbour).await;

    assert!(sources.agree("busy", &busy).await.cpu_percent.unwrap() > 10.0);
    let idle = sources.agree("idle", &idle).await;
    assert_eq!((idle.pids, idle.network_rx), (Some(1), None));
    let limited = sources.agree("limited", &limited).await;
    assert_eq!((limited.memory_limit, limited.pids), (Some(64 << 20), Some(3)));
    assert!(limited.memory_usage.unwrap() > 20_000_000);
    assert_eq!(sources.agree("paused", &paused).await.cpu_percent, Some(0.0));
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn network_counters_match_for_every_network_mode() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let network = format!("ql-{:08x}", fastrand::u32(..));
    let request = NetworkCreateRequest { name: network.clone(), ..NetworkCreateRequest::default() };
    // Some hosts do not allow a private engine to create bridges.
    let bridged = harbour.docker.create_network(request).await.is_ok();
    let owner = harbour.run(1, "sleep 3600", in_network(if bridged { &network } else { "none" })).await.remove(0);
    let joined = harbour.run(1, "sleep 3600", in_network(&format!("container:{owner}"))).await.remove(0);
    let host = harbour.run(1, "sleep 3600", in_network("host")).await.remove(0);
    let mut sources = Sources::watch(&harbour).await;

    let owner = sources.agree("network of its own", &owner).await;
    assert_eq!(owner.network_tx.is_some(), bridged);
    let joined = sources.agree("network of another container", &joined).await;
    assert!(joined.network_rx >= owner.network_rx && joined.network_tx >= owner.network_tx, "{joined:?}");
    assert_eq!(sources.agree("the host's network", &host).await.network_rx, None);

    let docker = harbour.docker.clone();
    harbour.clear().await;
    if bridged {
        docker.remove_network(&network).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_selected_reopened_at_a_start_and_closed_at_the_end() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let id = harbour.run(1, "sleep 3600", HostConfig::default()).await.remove(0);
    let key: ContainerId = id.parse().unwrap();
    let mut viewer = harbour.server.viewer().await;
    let chosen = |picture: &app::protocol::Picture| {
        picture.engines.first().is_some_and(|engine| engine.stats_source == Some(StatsSource::Files))
            && picture.stats.get(&local(key)).is_some_and(|sample| sample.pids == Some(1))
    };
    viewer.until("files are chosen", TEST_TIMEOUT, chosen).await;
    let ready: Value = get(harbour.server.address, "/readyz").await.json();
    assert_eq!(ready["engines"][0]["statsSource"], "files");
    let first = open_files(&id);
    assert!(!first.is_empty());

    let started_at = viewer.picture.containers[&local(key)].started_at;
    harbour.docker.restart_container(&id, None).await.unwrap();
    viewer
        .until("it runs again", TEST_TIMEOUT, |picture| picture.containers[&local(key)].started_at > started_at)
        .await;
    viewer.until("the new run has numbers", TEST_TIMEOUT, chosen).await;
    assert_eq!(open_files(&id).len(), first.len());

    harbour.docker.kill_container(&id, None).await.unwrap();
    crate::support::eventually("its files are closed", async || open_files(&id).is_empty()).await;
    harbour.clear().await;
}

/// Files of the container that this process has open, in which the servers run.
fn open_files(id: &str) -> Vec<String> {
    let links = fs::read_dir("/proc/self/fd").unwrap().flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    links.map(|target| target.display().to_string()).filter(|target| target.contains(id)).collect()
}

/// A typical VPN setup: the container uses the network of another one, which is stopped and then
/// removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_keeps_its_numbers_when_its_network_owner_is_removed() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if harbour.podman {
        println!("skipped: Podman does not stop a container whose network another uses");
        return harbour.clear().await;
    }
    let owner = harbour.run(1, "sleep 1000", in_network("none")).await.remove(0);
    let busy = "while :; do :; done";
    let joined = harbour.run(1, busy, in_network(&format!("container:{owner}"))).await.remove(0);
    let id: ContainerId = joined.parse().unwrap();
    for step in ["both run", "the owner is stopped", "the owner is removed"] {
        match step {
            "the owner is stopped" => {
                let options = bollard::query_parameters::StopContainerOptionsBuilder::default().t(0).build();
                harbour.docker.stop_container(&owner, Some(options)).await.unwrap();
            }
            "the owner is removed" => {
                let options = bollard::query_parameters::RemoveContainerOptionsBuilder::default().force(true).build();
                harbour.docker.remove_container(&owner, Some(options)).await.unwrap();
                harbour.disown(&owner);
            }
            _ => {}
        }
        // The files of a server that starts now and has never seen the owner running.
        let server = TestServer::start(&harbour.url, &["--stats-source", "files", "--stats-interval", "500ms"]).await;
        server.until_ready().await;
        let mut viewer = server.viewer().await;
        let sample = next_sample(&mut viewer, id).await;
        println!("{step}: {sample:?}");
        assert!(
            sample.cpu_percent.is_some() && sample.memory_usage.is_some() && sample.pids == Some(1),
            "{step}: {sample:?}"
        );
    }
    harbour.clear().await;
}
