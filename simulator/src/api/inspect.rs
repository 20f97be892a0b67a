//! `GET /containers/{id}/json`: everything about one container.

use axum::Json;
use axum::extract::Path;
use serde_json::{Map, Value, json};

use super::Shared;
use super::containers::{mount, networks};
use super::refusal::Refusal;
use crate::clock::Moment;
use crate::engine::container::{Container, State};
use crate::engine::extras::Extras;
use crate::engine::health::Health;
use crate::engine::ident::digest;
use crate::engine::spec::{ContainerSpec, Healthcheck, Port, RestartPolicy};

/// The engine's value for a time that is not set.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// `GET /containers/{id}/json`.
pub(crate) async fn inspect(daemon: Shared, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(daemon.act(|engine, _| engine.find(&id).map(describe))?))
}

fn describe(container: &Container) -> Value {
    let Container { id, name, spec, image_id, created_at, restart_count, .. } = container;
    let (path, args) = spec.command.split_first().map_or(("", [].as_slice()), |(path, args)| (path.as_str(), args));
    let folder = format!("/var/lib/docker/containers/{id}");
    json!({
        "Id": id, "Created": created_at.to_string(), "Path": path, "Args": args, "State": state(container), "Image": image_id,
        "ResolvConfPath": format!("{folder}/resolv.conf"), "HostnamePath": format!("{folder}/hostname"),
        "HostsPath": format!("{folder}/hosts"), "LogPath": format!("{folder}/{id}-json.log"), "Name": format!("/{name}"),
        "RestartCount": restart_count, "Driver": "overlay2", "Platform": "linux", "MountLabel": "", "ProcessLabel": "",
        "AppArmorProfile": "", "ExecIDs": null, "HostConfig": host_config(spec),
        "GraphDriver": {"Data": {"MergedDir": format!("/var/lib/docker/overlay2/{id}/merged")}, "Name": "overlay2"},
        "Mounts": spec.mounts.iter().map(mount).collect::<Vec<_>>(), "Config": config(container),
        "NetworkSettings": network_settings(container),
    })
}

fn state(container: &Container) -> Value {
    let Container { state, pid, exit_code, error, oom_killed, finished_at, .. } = container;
    let time = |moment: Option<Moment>| moment.map_or_else(|| NEVER.to_owned(), |moment| moment.to_string());
    let mut shown = json!({
        "Status": state.as_str(), "Running": state.counts_as_running(), "Paused": *state == State::Paused,
        "Restarting": *state == State::Restarting, "OOMKilled": oom_killed, "Dead": *state == State::Dead, "Pid": pid,
        "ExitCode": exit_code, "Error": error, "StartedAt": time(container.started_at()), "FinishedAt": time(*finished_at),
    });
    if let (Some(shown), Some(health)) = (shown.as_object_mut(), &container.health) {
        shown.insert("Health".to_owned(), health_log(health));
    }
    shown
}

fn health_log(health: &Health) -> Value {
    let probes = health.log.iter().map(|probe| {
        let end = probe.at.plus(std::time::Duration::from_millis(40));
        json!({"Start": probe.at.to_string(), "End": end.to_string(), "ExitCode": probe.exit_code, "Output": probe.output})
    });
    json!({"Status": health.status.as_str(), "FailingStreak": health.failing_streak, "Log": probes.collect::<Vec<_>>()})
}

fn host_config(spec: &ContainerSpec) -> Value {
    let most_retries = if let RestartPolicy::OnFailure(most) = spec.restart { most } else { 0 };
    let binds: Vec<String> = spec
        .mounts
        .iter()
        .map(|mount| {
            let mode = if mount.read_only { "ro" } else { "rw" };
            format!("{}:{}:{mode}", mount.source, mount.destination)
        })
        .collect();
    let mut shown = json!({
        "Binds": if binds.is_empty() { Value::Null } else { json!(binds) }, "ContainerIDFile": "",
        "LogConfig": {"Type": spec.extras.log_driver(), "Config": spec.extras.log_options}, "NetworkMode": spec.network_mode,
        "PortBindings": port_bindings(&spec.ports, |port| port.public.is_some()),
        "RestartPolicy": {"Name": spec.restart.as_str(), "MaximumRetryCount": most_retries}, "AutoRemove": spec.auto_remove,
        "VolumeDriver": "", "VolumesFrom": null, "CapAdd": null, "CapDrop": null, "CgroupnsMode": "host", "Dns": [],
        "DnsOptions": [], "DnsSearch": [], "ExtraHosts": null, "GroupAdd": null, "IpcMode": "private", "Cgroup": "",
        "Links": null, "OomScoreAdj": 0, "PidMode": "", "Privileged": false, "PublishAllPorts": false,
        "ReadonlyRootfs": false, "SecurityOpt": null, "UTSMode": "", "UsernsMode": "", "ShmSize": 67_108_864,
        "Runtime": "runc", "ConsoleSize": [0, 0], "Isolation": "", "CpuShares": spec.extras.cpu_shares, "Memory": spec.memory_bytes,
        "NanoCpus": spec.nano_cpus, "CgroupParent": "", "CpuPeriod": 0, "CpuQuota": 0, "CpusetCpus": "", "CpusetMems": "",
        "MemoryReservation": 0, "MemorySwap": spec.memory_bytes * 2, "MemorySwappiness": null, "OomKillDisable": false,
        "PidsLimit": spec.extras.pids_limit, "Ulimits": ulimits(&spec.extras), "Devices": [], "DeviceRequests": null,
    });
    if let (Some(fields), false) = (shown.as_object_mut(), spec.extras.tmpfs.is_empty()) {
        fields.insert("Tmpfs".to_owned(), json!(spec.extras.tmpfs));
    }
    shown
}

fn ulimits(extras: &Extras) -> Vec<Value> {
    extras.ulimits.iter().map(|limit| json!({"Name": limit.name, "Hard": limit.hard, "Soft": limit.soft})).collect()
}

fn config(container: &Container) -> Value {
    let spec = &container.spec;
    let extras = &spec.extras;
    let (entrypoint, command) = spec.command.split_at(extras.entrypoint_words.min(spec.command.len()));
    let hostname = if extras.hostname.is_empty() { container.id.short() } else { &extras.hostname };
    // Values that were not given are null, not an empty list.
    let words = |words: &[String]| if words.is_empty() { Value::Null } else { json!(words) };
    let exposed: Map<String, Value> = spec.ports.iter().map(|port| (port_key(port), json!({}))).collect();
    let mut shown = json!({
        "Hostname": hostname, "Domainname": "", "User": extras.user, "AttachStdin": false, "AttachStdout": false,
        "AttachStderr": false, "Tty": spec.tty, "OpenStdin": false, "StdinOnce": false, "Env": spec.env, "Cmd": words(command),
        "Image": spec.image, "Volumes": null, "WorkingDir": extras.working_dir, "Entrypoint": words(entrypoint), "OnBuild": null, "Labels": spec.labels,
    });
    let Some(fields) = shown.as_object_mut() else { return shown };
    if !exposed.is_empty() {
        fields.insert("ExposedPorts".to_owned(), Value::Object(exposed));
    }
    if let Some(check) = &spec.healthcheck {
        fields.insert("Healthcheck".to_owned(), healthcheck(check));
    }
    if !spec.stop_signal.is_empty() {
        fields.insert("StopSignal".to_owned(), json!(spec.stop_signal));
    }
    shown
}

fn healthcheck(check: &Healthcheck) -> Value {
    let nanos = |duration: std::time::Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    json!({"Test": check.test, "Interval": nanos(check.interval), "StartPeriod": nanos(check.start_period),
           "Retries": check.retries})
}

fn network_settings(container: &Container) -> Value {
    let open = container.state.has_process();
    let ports = if open { port_bindings(&container.spec.ports, |_| true) } else { json!({}) };
    let sandbox = if open { digest(&format!("sandbox:{}", container.id)) } else { String::new() };
    json!({
        "Bridge": "", "SandboxID": sandbox, "HairpinMode": false, "LinkLocalIPv6Address": "", "LinkLocalIPv6PrefixLen": 0,
        "Ports": ports, "SandboxKey": "", "SecondaryIPAddresses": null, "SecondaryIPv6Addresses": null, "EndpointID": "",
        "Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "IPAddress": "", "IPPrefixLen": 0,
        "IPv6Gateway": "", "MacAddress": "", "Networks": networks(container, container.state),
    })
}

/// Port bindings in the format of inspect: `{"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}`;
/// `null` for a port that is not published.
fn port_bindings(ports: &[Port], wanted: impl Fn(&Port) -> bool) -> Value {
    let mut bindings = Map::new();
    for port in ports.iter().filter(|port| wanted(port)) {
        let entry = bindings.entry(port_key(port)).or_insert(Value::Null);
        if let Some(public) = port.public {
            let binding = json!({"HostIp": port.host_ip, "HostPort": public.to_string()});
            match entry {
                Value::Array(list) => list.push(binding),
                _ => *entry = json!([binding]),
            }
        }
    }
    Value::Object(bindings)
}

fn port_key(port: &Port) -> String {
    format!("{}/{}", port.private, port.protocol)
}
