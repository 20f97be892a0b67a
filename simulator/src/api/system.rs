//! `/_ping`, `/version`, `/info`.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::Shared;
use crate::engine::container::State;
use crate::engine::ident::digest;
use crate::engine::{CgroupVersion, Engine, Settings};

const KERNEL: &str = "6.1.0-28-amd64";

/// `GET` and `HEAD /_ping`.
pub(crate) async fn ping() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache, no-store, must-revalidate"), (PRAGMA, "no-cache")], "OK")
}

/// `GET /version`.
pub(crate) async fn version(daemon: Shared) -> Json<Value> {
    let release = daemon.act(|engine, _| engine.settings.release);
    let ((major, minor), (min_major, min_minor)) = (release.api(), release.min_api());
    let (api, min_api) = (format!("{major}.{minor}"), format!("{min_major}.{min_minor}"));
    let (built, commit, go) = ("2026-05-07T21:09:36.000000000+00:00", "5d6db84", "go1.22.12");
    Json(json!({
        "Platform": {"Name": "Quaylight simulator"},
        "Components": [{
            "Name": "Engine",
            "Version": release.version(),
            "Details": {
                "ApiVersion": api, "Arch": "amd64", "BuildTime": built, "Experimental": "false", "GitCommit": commit,
                "GoVersion": go, "KernelVersion": KERNEL, "MinAPIVersion": min_api, "Os": "linux",
            },
        }],
        "Version": release.version(), "ApiVersion": api, "MinAPIVersion": min_api, "GitCommit": commit, "GoVersion": go,
        "Os": "linux", "Arch": "amd64", "KernelVersion": KERNEL, "BuildTime": built,
    }))
}

/// `GET /info`.
pub(crate) async fn info(daemon: Shared) -> Json<Value> {
    let listeners = daemon.calls.open(crate::calls::Endpoint::Events);
    let membership = daemon.membership();
    let swarm = membership.map_or_else(crate::swarm::outside, |member| member.swarm.info(&member.node));
    let mut info = daemon.act(|engine, now| describe(engine, listeners, &now.to_string()));
    info["Swarm"] = swarm;
    Json(info)
}

fn describe(engine: &Engine, listeners: u64, system_time: &str) -> Value {
    let Settings { release, cgroup, host_name, cpus, memory_bytes, .. } = &engine.settings;
    let count = |wanted: &[State]| engine.containers().filter(|container| wanted.contains(&container.state)).count();
    let (running, paused) = (count(&[State::Running, State::Restarting]), count(&[State::Paused]));
    let cgroup = match cgroup {
        CgroupVersion::V1 => "1",
        CgroupVersion::V2 => "2",
    };
    json!({
        "ID": digest(host_name)[..36], "Name": host_name, "ServerVersion": release.version(),
        "Containers": engine.containers().len(), "ContainersRunning": running, "ContainersPaused": paused,
        "ContainersStopped": engine.containers().len() - running - paused, "Images": engine.images().count(),
        "Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"]], "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs", "CgroupVersion": cgroup, "SystemTime": system_time,
        "Plugins": {"Volume": ["local"], "Network": ["bridge", "host", "null"], "Authorization": null, "Log": ["json-file"]},
        "MemoryLimit": true, "SwapLimit": true, "CpuCfsPeriod": true, "CpuCfsQuota": true, "CPUShares": true, "CPUSet": true,
        "PidsLimit": true, "IPv4Forwarding": true, "OomKillDisable": true, "Debug": false, "NEventsListener": listeners,
        "KernelVersion": KERNEL, "OperatingSystem": "Debian GNU/Linux 12 (bookworm)", "OSVersion": "12", "OSType": "linux",
        "Architecture": "x86_64", "NCPU": cpus, "MemTotal": memory_bytes, "DockerRootDir": "/var/lib/docker",
        "IndexServerAddress": "https://index.docker.io/v1/", "Labels": [], "ExperimentalBuild": false,
        "Runtimes": {"runc": {"path": "runc"}}, "DefaultRuntime": "runc", "LiveRestoreEnabled": true, "Isolation": "",
        "SecurityOptions": ["name=seccomp,profile=default"], "Warnings": null,
    })
}
