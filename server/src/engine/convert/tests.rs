//! Recorded shapes of engine answers, and what they mean.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use serde_json::json;

fn stats(value: serde_json::Value) -> Counters {
    counters(&serde_json::from_value(value).unwrap())
}

#[test]
fn cgroup_v1_counters_are_read_as_docker_stats_reads_them() {
    let counters = stats(json!({
        "read": "2026-11-23T09:30:00.5Z",
        "cpu_stats": {"cpu_usage": {"total_usage": 5_000_000_000u64}, "system_cpu_usage": 1, "online_cpus": 2},
        "memory_stats": {"usage": 1000, "limit": 4000, "stats": {"total_inactive_file": 300, "inactive_file": 1, "cache": 900}},
        "networks": {"eth0": {"rx_bytes": 10, "tx_bytes": 1}, "eth1": {"rx_bytes": 5, "tx_bytes": 2}},
        "blkio_stats": {"io_service_bytes_recursive": [
            {"op": "Read", "value": 7}, {"op": "Write", "value": 9}, {"op": "Total", "value": 16}, {"op": "read", "value": 1}]},
        "pids_stats": {"current": 3},
    }));
    assert_eq!((counters.memory_usage, counters.memory_cache), (Some(700), Some(300))); // 1000 - 300
    assert_eq!((counters.network_rx, counters.network_tx), (Some(15), Some(3)));
    assert_eq!((counters.block_read, counters.block_write), (Some(8), Some(9)));
    assert_eq!((counters.cpu_nanos, counters.pids), (Some(5_000_000_000), Some(3)));
}

#[test]
fn what_the_engine_does_not_say_is_unknown() {
    let counters = stats(json!({
        "read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {},
        "blkio_stats": {"io_service_bytes_recursive": null}, "pids_stats": {},
    }));
    assert_eq!(counters, Counters::default());
}

#[test]
fn cgroup_v2_memory_subtracts_inactive_file() {
    let counters = stats(json!({"memory_stats": {"usage": 1000, "limit": 4000, "stats": {"inactive_file": 100}}}));
    assert_eq!((counters.memory_usage, counters.memory_cache), (Some(900), Some(100)));
}

#[test]
fn an_inspected_container_keeps_what_the_contract_names() {
    let id = "ab".repeat(32);
    let answer = serde_json::from_value(json!({
        "Id": id, "Name": "/web", "Image": "sha256:1", "Path": "nginx", "Args": ["-g", "daemon off;"], "RestartCount": 2,
        "Created": "2026-11-23T09:30:00.123456789Z",
        "State": {"Status": "exited", "OOMKilled": true, "ExitCode": 137, "Error": "",
            "StartedAt": "2026-11-23T11:30:01+02:00", "FinishedAt": "0001-01-01T00:00:00Z"},
        "HostConfig": {"RestartPolicy": {"Name": "no"}},
        "Config": {"Image": "nginx:1.27", "Labels": {"com.docker.compose.project": "shop", "team": "<b>"}},
        "NetworkSettings": {"Networks": {"b": {}, "a": {}}, "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "53/udp": null}},
        "Mounts": [{"Type": "bind", "Source": "/srv", "Destination": "/data", "RW": false}],
    }))
    .unwrap();
    let Inspected { container, stays_ended, run, stop: _ } = inspected(answer).unwrap();
    assert!(stays_ended);
    assert_eq!(run, None); // it has ended
    assert_eq!((container.name.as_str(), container.command.as_str()), ("web", "nginx -g daemon off;"));
    assert_eq!(container.started_at.unwrap().to_string(), "2026-11-23T09:30:01.000Z");
    assert_eq!((container.finished_at, container.exit_code), (None, None)); // no run has ended
    assert_eq!(container.networks, ["a", "b"]);
    assert_eq!(container.ports[0].private_port, 53);
    assert_eq!(container.ports[1].public_port, Some(8080));
    assert!(container.mounts[0].read_only);
    assert_eq!((container.project.as_deref(), container.service), (Some("shop"), None));
}

#[test]
fn a_running_container_tells_its_first_process_and_whose_network_it_uses() {
    let answer = |mode: &str| {
        serde_json::from_value(json!({
            "Id": "ab".repeat(32), "Name": "/web",
            "State": {"Status": "paused", "Pid": 4242, "StartedAt": "2026-11-23T09:30:00Z"},
            "HostConfig": {"NetworkMode": mode},
        }))
        .unwrap()
    };
    let run = |mode: &str| inspected(answer(mode)).unwrap().run.unwrap();
    assert_eq!((run("bridge").pid, run("bridge").started_at), (4242, time("2026-11-23T09:30:00Z")));
    let networks = ["bridge", "host", "container:db"].map(|mode| run(mode).network);
    assert_eq!(networks, [Network::Own, Network::Host, Network::Of("db".to_owned())]);
    let shared = inspected(answer(&format!("container:{}", "cd".repeat(32)))).unwrap().container.network_of;
    assert_eq!(shared.map(|id| id.to_string()), Some("cd".repeat(32)));
    assert_eq!(inspected(answer("bridge")).unwrap().container.network_of, None);
}

#[test]
fn how_a_container_is_stopped_is_its_own_affair() {
    let terms = |config: serde_json::Value| {
        let mut answer = json!({"Id": "ab".repeat(32), "State": {"Status": "running"}, "HostConfig": {"RestartPolicy": {"Name": "always"}}});
        answer["Config"] = config;
        inspected(serde_json::from_value(answer).unwrap()).unwrap().terms()
    };
    let usual = Terms { restarts: true, ..Terms::default() };
    assert_eq!(terms(json!({})), usual);
    assert_eq!(terms(json!({"StopSignal": "SIGTERM"})), usual);
    let secs = |secs| Some(Duration::from_secs(secs));
    assert_eq!(
        terms(json!({"StopSignal": "SIGQUIT", "StopTimeout": 60})),
        Terms { stop_signal: 3, stop_timeout: secs(60), ..usual }
    );
    assert_eq!(
        terms(json!({"StopSignal": "SIGRTMIN+3", "StopTimeout": 0})),
        Terms { stop_signal: 37, stop_timeout: secs(0), ..usual }
    );
    assert_eq!(terms(json!({"StopTimeout": -1})).stop_timeout, Some(Duration::MAX));
    assert_eq!(terms(json!({"StopSignal": "SIGUNKNOWN"})), usual);
}

#[test]
fn a_limit_of_processor_time_is_read_however_it_was_given() {
    let limit = |host: serde_json::Value| {
        let mut answer = json!({"Id": "ab".repeat(32), "State": {"Status": "created"}});
        answer["HostConfig"] = host;
        inspected(serde_json::from_value(answer).unwrap()).unwrap().container.nano_cpus
    };
    assert_eq!(limit(json!({"NanoCpus": 1_500_000_000})), Some(1_500_000_000));
    assert_eq!(limit(json!({"NanoCpus": 0, "CpuQuota": 25_000, "CpuPeriod": 50_000})), Some(500_000_000));
    assert_eq!(limit(json!({"CpuQuota": 25_000})), Some(250_000_000));
    assert_eq!(limit(json!({"NanoCpus": 0, "CpuQuota": -1})), None);
    assert_eq!(limit(json!({"CpuQuota": i64::MAX, "CpuPeriod": 1_000})), None, "more than there can be");
    assert_eq!(limit(json!({"CpuQuota": 1, "CpuPeriod": i64::MAX})), None);
}

/// Inspect as a real engine writes it, with health, exit code, flag and sentence of an earlier run.
fn with_leftovers(status: &str, exit_code: i64) -> Container {
    let answer = json!({
        "Id": "ab".repeat(32),
        "State": {"Status": status, "OOMKilled": true, "ExitCode": exit_code, "Error": "exec: no", "Health": {"Status": "unhealthy"},
            "StartedAt": "2026-11-23T09:30:00Z", "FinishedAt": "2026-11-23T09:20:00Z"},
    });
    inspected(serde_json::from_value(answer).unwrap()).unwrap().container
}

#[test]
fn what_an_earlier_run_left_behind_is_dropped() {
    use ContainerState::{Created, Dead, Exited, Paused, Removing, Restarting, Running};
    for state in ContainerState::ALL {
        let read = with_leftovers(state.as_str(), 137);
        assert_eq!(read.state, state);
        assert_eq!(read.health.is_some(), state == Running, "{state}: only what runs is checked");
        let is_over = !matches!(state, Running | Paused);
        assert_eq!(is_over, matches!(state, Created | Dead | Exited | Removing | Restarting));
        assert_eq!(read.exit_code, is_over.then_some(137), "{state}");
        assert_eq!(read.error.is_some(), is_over, "{state}");
        assert_eq!((read.oom_killed, read.process_oom_killed), (is_over, false), "{state}");
    }
}

#[test]
fn a_process_that_was_killed_inside_is_not_the_end_of_the_container() {
    for (code, ended_by_it) in [(137, true), (0, false), (1, false), (143, false)] {
        let read = with_leftovers("exited", code);
        assert_eq!((read.oom_killed, read.process_oom_killed), (ended_by_it, !ended_by_it), "{code}");
    }
}
