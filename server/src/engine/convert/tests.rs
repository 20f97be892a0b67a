//! Conversion of recorded and of broken engine responses.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use crate::engine::Counters;
use serde_json::json;

fn stats(value: &Value) -> Counters {
    counters(value)
}

fn id() -> ContainerId {
    ContainerId::from_bytes([0xab; 32])
}

fn key() -> ContainerKey {
    ContainerKey::new(EngineName::LOCAL, id())
}

fn read(response: &Value) -> Inspected {
    inspected(key(), response).unwrap()
}

#[test]
fn cgroup_v1_counters_match_docker_stats() {
    let counters = stats(&json!({
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
fn absent_fields_are_unknown() {
    let counters = stats(&json!({
        "read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {},
        "blkio_stats": {"io_service_bytes_recursive": null}, "pids_stats": {},
    }));
    assert_eq!(counters, Counters::default());
}

#[test]
fn cgroup_v2_memory_subtracts_inactive_file() {
    let counters = stats(&json!({"memory_stats": {"usage": 1000, "limit": 4000, "stats": {"inactive_file": 100}}}));
    assert_eq!((counters.memory_usage, counters.memory_cache), (Some(900), Some(100)));
}

#[test]
fn inspect_is_converted_to_the_contract() {
    let id = "ab".repeat(32);
    let response = json!({
        "Id": id, "Name": "/web", "Image": "sha256:1", "Path": "nginx", "Args": ["-g", "daemon off;"], "RestartCount": 2,
        "Created": "2026-11-23T09:30:00.123456789Z",
        "State": {"Status": "exited", "OOMKilled": true, "ExitCode": 137, "Error": "",
            "StartedAt": "2026-11-23T11:30:01+02:00", "FinishedAt": "0001-01-01T00:00:00Z"},
        "HostConfig": {"RestartPolicy": {"Name": "no"}},
        "Config": {"Image": "nginx:1.27", "Labels": {"com.docker.compose.project": "shop", "team": "<b>"}},
        "NetworkSettings": {"Networks": {"b": {}, "a": {}}, "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "53/udp": null}},
        "Mounts": [{"Type": "bind", "Source": "/srv", "Destination": "/data", "RW": false}],
    });
    let Inspected { container, never_restarts, run, knows_state, stop: _, network: _ } = read(&response);
    assert!(knows_state);
    assert!(never_restarts);
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
fn a_running_container_has_a_pid_and_a_network_owner() {
    let response = |mode: &str| {
        json!({
            "Id": "ab".repeat(32), "Name": "/web",
            "State": {"Status": "paused", "Pid": 4242, "StartedAt": "2026-11-23T09:30:00Z"},
            "HostConfig": {"NetworkMode": mode},
        })
    };
    let run = |mode: &str| read(&response(mode)).run.unwrap();
    assert_eq!((run("bridge").pid, run("bridge").started_at), (4242, time("2026-11-23T09:30:00Z")));
    let networks = ["bridge", "host", "container:db"].map(|mode| run(mode).network);
    assert_eq!(networks, [Network::Own, Network::Host, Network::Of("db".to_owned())]);
    let shared = read(&response(&format!("container:{}", "cd".repeat(32)))).container.network_of;
    assert_eq!(shared.map(|id| id.to_string()), Some("cd".repeat(32)));
    assert_eq!(read(&response("bridge")).container.network_of, None);
}

#[test]
fn stop_signal_and_timeout_are_read() {
    let lifecycle_settings = |config: serde_json::Value| {
        let mut response = json!({"Id": "ab".repeat(32), "State": {"Status": "running"}, "HostConfig": {"RestartPolicy": {"Name": "always"}}});
        response["Config"] = config;
        read(&response).lifecycle_settings()
    };
    let usual = LifecycleSettings { restarts: true, ..LifecycleSettings::default() };
    assert_eq!(lifecycle_settings(json!({})), usual);
    assert_eq!(lifecycle_settings(json!({"StopSignal": "SIGTERM"})), usual);
    let secs = |secs| Some(Duration::from_secs(secs));
    assert_eq!(
        lifecycle_settings(json!({"StopSignal": "SIGQUIT", "StopTimeout": 60})),
        LifecycleSettings { stop_signal: 3, stop_timeout: secs(60), ..usual }
    );
    assert_eq!(
        lifecycle_settings(json!({"StopSignal": "SIGRTMIN+3", "StopTimeout": 0})),
        LifecycleSettings { stop_signal: 37, stop_timeout: secs(0), ..usual }
    );
    assert_eq!(lifecycle_settings(json!({"StopTimeout": -1})).stop_timeout, Some(Duration::MAX));
    assert_eq!(lifecycle_settings(json!({"StopSignal": "SIGUNKNOWN"})), usual);
}

#[test]
fn a_cpu_limit_is_read_in_every_form() {
    let limit = |host: serde_json::Value| {
        let mut response = json!({"Id": "ab".repeat(32), "State": {"Status": "created"}});
        response["HostConfig"] = host;
        read(&response).container.nano_cpus
    };
    assert_eq!(limit(json!({"NanoCpus": 1_500_000_000})), Some(1_500_000_000));
    assert_eq!(limit(json!({"NanoCpus": 0, "CpuQuota": 25_000, "CpuPeriod": 50_000})), Some(500_000_000));
    assert_eq!(limit(json!({"CpuQuota": 25_000})), Some(250_000_000));
    assert_eq!(limit(json!({"NanoCpus": 0, "CpuQuota": -1})), None);
    assert_eq!(limit(json!({"CpuQuota": i64::MAX, "CpuPeriod": 1_000})), None, "more than there can be");
    assert_eq!(limit(json!({"CpuQuota": 1, "CpuPeriod": i64::MAX})), None);
}

/// Inspect response of a real engine with health, exit code, flag and message of an earlier run.
fn with_leftovers(status: &str, exit_code: i64) -> Container {
    let response = json!({
        "Id": "ab".repeat(32),
        "State": {"Status": status, "OOMKilled": true, "ExitCode": exit_code, "Error": "exec: no", "Health": {"Status": "unhealthy"},
            "StartedAt": "2026-11-23T09:30:00Z", "FinishedAt": "2026-11-23T09:20:00Z"},
    });
    read(&response).container
}

#[test]
fn values_of_an_earlier_run_are_dropped() {
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
fn an_oom_kill_inside_is_not_the_cause_of_the_exit() {
    for (code, ended_by_it) in [(137, true), (0, false), (1, false), (143, false)] {
        let read = with_leftovers("exited", code);
        assert_eq!((read.oom_killed, read.process_oom_killed), (ended_by_it, !ended_by_it), "{code}");
    }
}

/// All values on which a strict parser has failed.
fn strange() -> Value {
    json!({
        "Id": "ab".repeat(32), "Name": "/odd", "Image": 7, "Path": "sh", "Args": "-c", "RestartCount": "2", "Created": 1_795_426_609,
        "State": {"Status": "levitating", "Running": true, "Paused": null, "Pid": 4242.0, "ExitCode": "137", "OOMKilled": 0,
            "Health": {"Status": "delighted", "Log": null}, "StartedAt": "2026-11-23T09:30:00Z", "FinishedAt": "yesterday"},
        "Config": {"Image": "box:1", "Entrypoint": "sh", "Labels": {"a": "b", "n": 7, "x": null}, "Env": null, "Healthcheck": []},
        "HostConfig": {"NetworkMode": "bridge", "NanoCpus": "1500000000", "RestartPolicy": {"Name": "perhaps"},
            "Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 18_446_744_073_709_551_615_u64}]},
        "NetworkSettings": {"Networks": {"a": null}, "Ports": {"80/tcp": [null, {"HostIp": null, "HostPort": 8080}], "99999/tcp": null, "53/udp": 7}},
        "Mounts": [null, 7, {"Type": "bind", "Source": "/srv", "Destination": "/data", "RW": "false"}],
    })
}

#[test]
fn a_field_of_the_wrong_type_affects_only_itself() {
    let Inspected { container, never_restarts, run, knows_state, stop: _, network: _ } = read(&strange());
    assert_eq!(
        (container.name.as_str(), container.image.as_str(), container.command.as_str()),
        ("odd", "box:1", "sh -c")
    );
    assert_eq!((container.state, knows_state, never_restarts), (ContainerState::Running, true, false));
    assert_eq!((container.health, container.exit_code, container.restart_count), (None, None, 2));
    assert_eq!(container.created_at, Some(Timestamp::from_millis(1_795_426_609_000)));
    assert_eq!(
        (run.unwrap().pid, container.networks, container.nano_cpus),
        (4242, vec!["a".to_owned()], Some(1_500_000_000))
    );
    let ports: Vec<_> = container.ports.iter().map(|port| (port.private_port, port.public_port)).collect();
    assert_eq!(ports, [(53, None), (80, Some(8080))]);
    assert_eq!((container.mounts.len(), container.mounts[0].read_only), (1, true));
    let labels: Vec<_> = container.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(labels, [("a", "b"), ("n", "7"), ("x", "")]);
}

#[test]
fn an_unknown_state_is_unknown_and_the_wrong_container_is_an_error() {
    let inspected_state = |state: Value| read(&json!({"State": state})).knows_state;
    assert!(!inspected_state(json!({"Status": "levitating"})) && !inspected_state(json!(null)));
    assert!(inspected_state(json!({"Status": "stopped"})) && inspected_state(json!({"Status": 7, "Dead": true})));
    assert!(inspected(key(), &json!({"Id": "cd".repeat(32)})).is_err());
    assert!(inspected(key(), &json!(["no object"])).is_err());
}

fn rows(list: &Value) -> ContainerList {
    let mut rows = json::Rows::new(1_024);
    rows.push(list.to_string().as_bytes());
    container_list(EngineName::LOCAL, rows.finish().unwrap())
}

#[test]
fn a_list_row_is_converted_like_inspect() {
    let row = json!({
        "Id": "ab".repeat(32), "Names": ["/web"], "Image": "nginx:1", "ImageID": "sha256:1", "Command": "nginx --token s3cret",
        "Created": 1_795_426_609, "State": "running", "Status": "Up 5 minutes (unhealthy)",
        "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}, {"PrivatePort": 99_999}, {"PrivatePort": "81"}, null],
        "Labels": {"com.docker.compose.project": "shop", "DB_PASSWORD": "s3cret"}, "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": {"Networks": {"b": null, "a": {}}}, "Mounts": [{"Type": "volume", "Name": "data", "Destination": "/data", "RW": true}],
    });
    let ContainerList { rows, unreadable } = rows(&json!([row]));
    let container = from_row(&rows[0]);
    assert_eq!((rows[0].state, rows[0].name.as_deref(), unreadable), (Some(ContainerState::Running), Some("web"), 0));
    assert_eq!(
        (container.name.as_str(), container.image.as_str(), container.health),
        ("web", "nginx:1", Some(Health::Unhealthy))
    );
    assert_eq!(
        (container.networks, container.project.as_deref()),
        (vec!["a".to_owned(), "b".to_owned()], Some("shop"))
    );
    let ports: Vec<_> = container.ports.iter().map(|port| (port.private_port, port.public_port)).collect();
    assert_eq!(ports, [(80, Some(8080)), (81, None)]);
    assert_eq!((container.mounts[0].source.as_str(), container.mounts[0].read_only), ("data", false));
    let text = format!("{:?}{}", container.labels, container.command);
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn a_row_with_an_unknown_state_uses_its_status() {
    let state = |state: Value, status: &str| {
        let list = json!([{"Id": "ab".repeat(32), "State": state, "Status": status}]);
        rows(&list).rows[0].state
    };
    assert_eq!(state(json!("levitating"), "Up 3 minutes (Paused)"), Some(ContainerState::Paused));
    assert_eq!(state(json!(null), "Exited (137) 2 hours ago"), Some(ContainerState::Exited));
    assert_eq!(state(json!("stopped"), ""), Some(ContainerState::Exited));
    assert_eq!(state(json!(7), "Levitating"), None);
    let ended = rows(&json!([{"Id": "ab".repeat(32), "State": "exited", "Status": "Exited (137) 2 hours ago"}]));
    assert_eq!(from_row(&ended.rows[0]).exit_code, Some(137));
}

#[test]
fn a_row_without_an_id_is_counted_and_skipped() {
    let listing = rows(
        &json!([{"Id": "ab".repeat(32)}, {"Id": 7}, null, "row", {"Names": ["/x"]}, {"Id": "cd".repeat(32), "Names": null}]),
    );
    assert_eq!((listing.rows.len(), listing.unreadable), (2, 4));
}

#[test]
fn each_counter_is_read_independently_in_any_form() {
    let counters = stats(&json!({
        "read": 7, "cpu_stats": {"cpu_usage": {"total_usage": "5000"}}, "memory_stats": {"usage": 1000.0, "limit": null, "stats": []},
        "networks": {"eth0": {"rx_bytes": -1, "tx_bytes": 1}, "eth1": null, "eth2": {"rx_bytes": 5}},
        "blkio_stats": {"io_service_bytes_recursive": [{"op": "Read", "value": 7}, null, {"op": 3, "value": 9}]}, "pids_stats": {"current": "3"},
    }));
    assert_eq!((counters.cpu_nanos, counters.memory_usage, counters.memory_limit), (Some(5_000), Some(1_000), None));
    assert_eq!((counters.network_rx, counters.network_tx), (Some(5), Some(1)));
    assert_eq!((counters.block_read, counters.block_write, counters.pids), (Some(7), Some(0), Some(3)));
}

mod mutated {
    use super::*;
    use proptest::prelude::*;

    /// A value of another type or out of range.
    fn other() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            Just(json!(u64::MAX)),
            Just(json!(1e300)),
            Just(json!(-0.5)),
            ".{0,8}".prop_map(Value::from),
            Just(json!([])),
            Just(json!([null, 1, "x", {}])),
            Just(json!({})),
            Just(json!({"a": null})),
        ]
    }

    /// Replaces the value number `place` of the whole tree.
    fn replace(value: &mut Value, place: &mut usize, with: &Value) {
        if *place == 0 {
            value.clone_from(with);
        }
        *place = place.wrapping_sub(1);
        match value {
            Value::Array(values) => values.iter_mut().for_each(|value| replace(value, place, with)),
            Value::Object(fields) => fields.values_mut().for_each(|value| replace(value, place, with)),
            _ => {}
        }
    }

    fn row(pair: &str) -> Value {
        json!({
            "Id": pair.repeat(32), "Names": ["/web"], "Image": "nginx:1", "ImageID": "sha256:1", "Command": "nginx", "Created": 1,
            "State": "running", "Status": "Up 5 minutes", "Ports": [{"IP": "::", "PrivatePort": 80, "PublicPort": 80, "Type": "tcp"}],
            "Labels": {"a": "b"}, "HostConfig": {"NetworkMode": "bridge"}, "NetworkSettings": {"Networks": {"a": {}}},
            "Mounts": [{"Type": "bind", "Source": "/srv", "Destination": "/data", "RW": true}],
        })
    }

    proptest! {
        #[test]
        fn any_value_of_an_inspect_may_have_another_type(place in 0_usize..60, with in other()) {
            let mut response = strange();
            replace(&mut response, &mut place.clone(), &with);
            if let Ok(read) = inspected(key(), &response) {
                prop_assert_eq!(read.container.id, id());
            }
            let _ = crate::details::details(&response, Some(&response), crate::details::Secrets::Masked);
        }

        #[test]
        fn any_value_of_a_row_may_have_another_type(place in 0_usize..30, with in other()) {
            let mut odd = row("cd");
            replace(&mut odd, &mut place.clone(), &with);
            let listing = rows(&json!([row("ab"), odd, row("ef")]));
            prop_assert_eq!(listing.rows.len() + listing.unreadable, 3);
            let ids: Vec<_> = listing.rows.iter().map(|row| from_row(row).id.to_string()).collect();
            prop_assert!(ids.contains(&"ab".repeat(32)) && ids.contains(&"ef".repeat(32)), "{:?}", ids);
        }

        #[test]
        fn any_value_of_stats_and_events_may_have_another_type(place in 0_usize..30, with in other()) {
            let mut response = json!({
                "read": "2026-11-23T09:30:00.5Z", "cpu_stats": {"cpu_usage": {"total_usage": 5}}, "pids_stats": {"current": 3},
                "memory_stats": {"usage": 1000, "limit": 4000, "stats": {"inactive_file": 300}}, "networks": {"eth0": {"rx_bytes": 1}},
                "blkio_stats": {"io_service_bytes_recursive": [{"op": "Read", "value": 7}]}, "Type": "container", "Action": "die",
                "Actor": {"ID": "ab", "Attributes": {"exitCode": "1"}}, "time": 1, "timeNano": 1,
            });
            replace(&mut response, &mut place.clone(), &with);
            let _ = counters(&response);
            let event = crate::engine::EventMessage::read(&response);
            crate::watcher::read_event(&event);
            crate::timeline::Timeline::default().record(EngineName::LOCAL, &event);
        }
    }
}
