//! Compares the numbers with those of `docker stats` for the same engine at the same time.

use crate::{
    harbour::Harbour,
    support::{TEST_TIMEOUT, TestServer, Viewer, local},
};
use app::model::{ContainerId, ContainerStats};
use bollard::models::HostConfig;
use serde::Deserialize;
use std::process::Command;
use tokio::time::{Instant, timeout};

const MIB: i64 = 1 << 20;
/// Tolerance in percentage points between two samples of a steady load at slightly different times.
const CPU_NOISE: f64 = 6.0;

/// One line of `docker stats --no-stream --format json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    #[serde(rename = "CPUPerc")]
    cpu: String,
    mem_usage: String,
    mem_perc: String,
    #[serde(rename = "PIDs")]
    pids: String,
}

impl Line {
    fn cpu_percent(&self) -> f64 {
        self.cpu.trim_end_matches('%').parse().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stats_match_docker_stats_for_busy_idle_limited_and_paused_containers() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if Command::new("docker").arg("--version").output().is_err() {
        assert!(std::env::var_os("REQUIRE_DOCKER").is_none(), "REQUIRE_DOCKER, but there is no docker command");
        println!("skipped: there is no docker command to compare with");
        return;
    }
    let half_a_core = HostConfig { nano_cpus: Some(500_000_000), ..HostConfig::default() };
    let limited = HostConfig { memory: Some(64 * MIB), ..HostConfig::default() };
    let hold_20_mb = "head -c 20000000 /dev/zero > /dev/shm/held; sleep 3600";
    let ids = [
        harbour.run(1, "while :; do :; done", half_a_core).await,
        harbour.run(1, "sleep 3600", HostConfig::default()).await,
        harbour.run(1, hold_20_mb, limited).await,
        harbour.run(1, "while :; do :; done", HostConfig::default()).await,
    ]
    .concat();
    let [busy, idle, limited, paused] = [0, 1, 2, 3].map(|index: usize| ids[index].as_str());
    harbour.docker.pause_container(paused).await.unwrap();
    // Podman's files have more memory than Podman reports; see files_and_api.rs.
    let source = if harbour.podman { "api" } else { "auto" };
    let server = TestServer::start(&harbour.url, &["--stats-source", source]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;

    for (what, id) in [("busy", busy), ("idle", idle), ("limited", limited), ("paused", paused)] {
        agree(what, &harbour, id, &mut viewer).await;
    }
    // The limit is half a core; other tests may leave it less.
    let busy = sample(&viewer, busy).cpu_percent.unwrap();
    assert!((5.0..=50.0 + CPU_NOISE).contains(&busy), "{busy}");
    let limited = sample(&viewer, limited);
    assert_eq!(limited.memory_limit, Some(64 << 20));
    assert!(limited.memory_usage.unwrap() > 20_000_000, "{limited:?}");
    assert_eq!(sample(&viewer, paused).cpu_percent, Some(0.0));
    harbour.clear().await;
}

/// Polls until memory is equal to the last digit that docker prints, and CPU usage within the
/// tolerance.
///
/// Without CPU usage on Podman: its host CPU time is wrong, so that docker calculates 0.1 % for a
/// busy container.
async fn agree(what: &str, harbour: &Harbour, id: &str, viewer: &mut Viewer) {
    let mut differing = String::new();
    let started = Instant::now();
    while started.elapsed() < 2 * TEST_TIMEOUT {
        let theirs = timeout(TEST_TIMEOUT, query_docker(harbour.url.clone(), id.to_owned()))
            .await
            .expect("docker stats responds");
        // The first sample taken after docker's.
        let (before, id) = (viewer.picture.sampled_at, id.parse::<ContainerId>().unwrap());
        viewer
            .until("a sample arrives", TEST_TIMEOUT, |picture| {
                picture.sampled_at > before
                    && picture.stats.get(&local(id)).is_some_and(|sample| sample.cpu_percent.is_some())
            })
            .await;
        let ours = &viewer.picture.stats[&local(id)];
        let noise = (ours.cpu_percent.unwrap() - theirs.cpu_percent()).abs();
        println!("{what}: docker {theirs:?}, here {:?} % and {:?} bytes", ours.cpu_percent, ours.memory_usage);
        if memory(ours) == (theirs.mem_usage.clone(), theirs.mem_perc.clone())
            && ours.pids.unwrap().to_string() == theirs.pids
            && (harbour.podman || noise <= CPU_NOISE)
        {
            return;
        }
        differing = format!("{theirs:?}\n{ours:?}");
    }
    panic!("{what}: {differing}");
}

async fn query_docker(url: String, id: String) -> Line {
    let polling = move || {
        let mut docker = Command::new("docker");
        docker.args(["--host", &url, "stats", "--no-stream", "--format", "{{json .}}", &id]);
        docker.output().expect("the docker command is installed")
    };
    let output = tokio::task::spawn_blocking(polling).await.unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn sample<'a>(viewer: &'a Viewer, id: &str) -> &'a ContainerStats {
    &viewer.picture.stats[&local(id.parse().unwrap())]
}

/// Memory and its percentage as docker prints them.
fn memory(sample: &ContainerStats) -> (String, String) {
    let (usage, limit) = (sample.memory_usage.unwrap(), sample.memory_limit.unwrap());
    let share = 100.0 * usage as f64 / limit as f64;
    (format!("{} / {}", binary(usage), binary(limit)), format!("{share:.2}%"))
}

/// Four significant digits and a binary unit.
fn binary(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes as f64, 0);
    while size >= 1024.0 && unit < 4 {
        (size, unit) = (size / 1024.0, unit + 1);
    }
    let decimals = if size >= 1000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else {
        3
    };
    let digits = format!("{size:.decimals$}");
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    format!("{digits}{}", ["B", "KiB", "MiB", "GiB", "TiB"][unit])
}
