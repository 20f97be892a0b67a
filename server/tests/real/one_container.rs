//! Compares the details of one container with the engine's inspect and with the docker command.

use crate::{
    harbour::Harbour,
    support::{TEST_TIMEOUT, TestServer, eventually, get},
};
use app::model::{ContainerReport, Details, Processes};
use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig, Mount, MountType, PortBinding,
    ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};
use serde_json::{Map, Value};
use simulator::RealEngine;
use std::{collections::HashMap, process::Command};
use tokio::time::timeout;

const SECRET: &str = "it's $HOME `id` \"hunter2\"";

fn words(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}

/// A container with a non-default value for every `docker run` flag that works on any machine.
fn full_spec() -> ContainerCreateBody {
    let map = |name: &str, value: &str| Some(HashMap::from([(name.to_owned(), value.to_owned())]));
    let binding = PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port: Some("41234".to_owned()) };
    let host = HostConfig {
        network_mode: Some("none".to_owned()),
        binds: words(&["/tmp:/from host:ro"]),
        mounts: Some(vec![Mount {
            typ: Some(MountType::TMPFS),
            target: Some("/mounted".to_owned()),
            ..Mount::default()
        }]),
        tmpfs: map("/scratch", "size=1m"),
        port_bindings: Some(HashMap::from([("80/tcp".to_owned(), Some(vec![binding]))])),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::ON_FAILURE),
            maximum_retry_count: Some(3),
        }),
        memory: Some(64 << 20),
        memory_reservation: Some(32 << 20),
        nano_cpus: Some(500_000_000),
        cpu_shares: Some(512),
        pids_limit: Some(50),
        shm_size: Some(1 << 20),
        ulimits: Some(vec![ResourcesUlimits { name: Some("nofile".to_owned()), soft: Some(100), hard: Some(200) }]),
        cap_add: words(&["NET_ADMIN"]),
        cap_drop: words(&["MKNOD"]),
        security_opt: words(&["no-new-privileges"]),
        group_add: words(&["7"]),
        extra_hosts: words(&["lighthouse:192.0.2.1"]),
        dns: words(&["192.0.2.53"]),
        init: Some(false),
        readonly_rootfs: Some(true),
        log_config: Some(HostConfigLogConfig { typ: Some("json-file".to_owned()), config: map("max-size", "1m") }),
        ..HostConfig::default()
    };
    ContainerCreateBody {
        image: Some(RealEngine::IMAGE.to_owned()),
        // The flag takes a single word.
        entrypoint: words(&["sh"]),
        cmd: words(&["-c", "echo \"it's $0\" 'a  b'; sleep 3600 & wait", "called"]),
        env: words(&["GREETING=hello  there", &format!("DB_PASSWORD={SECRET}"), "URL=http://me:hunter2@host/"]),
        hostname: Some("lighthouse".to_owned()),
        user: Some("0:0".to_owned()),
        working_dir: Some("/tmp".to_owned()),
        tty: Some(true),
        open_stdin: Some(true),
        stop_signal: Some("SIGINT".to_owned()),
        stop_timeout: Some(3),
        labels: map("note", "<b>\"'é🚢 $(id)"),
        exposed_ports: words(&["80/tcp", "53/udp"]),
        healthcheck: Some(HealthConfig {
            test: words(&["CMD-SHELL", "echo \"checked\"; exit 1"]),
            interval: Some(1_000_000_000),
            timeout: Some(1_500_000_000),
            retries: Some(2),
            ..HealthConfig::default()
        }),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

async fn details(server: &TestServer, id: &str, query: &str) -> Details {
    eventually("the container is known", async || {
        get(server.address, &format!("/api/containers/{id}")).await.status == 200
    })
    .await;
    let report: ContainerReport = get(server.address, &format!("/api/containers/{id}{query}")).await.json();
    report.details.unwrap_or_else(|| panic!("no details: {:?}", report.problem))
}

/// Clients write empty, missing and zero values in different ways.
fn without_empty(value: Value) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, without_empty(value)));
            fields.filter(|(_, value)| !is_empty(value)).collect::<Map<_, _>>().into()
        }
        // For example, the size of a missing terminal.
        Value::Array(values) if values.iter().all(is_empty) => Value::Null,
        Value::Array(values) => values.into_iter().map(without_empty).collect(),
        // The prefix of a capability, which only some clients and engines write.
        Value::String(text) => text.strip_prefix("CAP_").unwrap_or(&text).into(),
        plain => plain,
    }
}

/// The container's configuration in inspect.
async fn made_of(server: &TestServer, id: &str) -> Value {
    let inspect: Value = get(server.address, &format!("/api/containers/{id}/inspect?secrets=show")).await.json();
    let mut made_of =
        without_empty(serde_json::json!({ "Config": inspect["Config"], "HostConfig": inspect["HostConfig"] }));
    // Engine 20.10 merges the variables of image and container in random order.
    if let Some(env) = made_of["Config"]["Env"].as_array_mut() {
        env.sort_by_key(Value::to_string);
    }
    made_of
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docker_run_command_creates_an_equivalent_container() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if harbour.podman || Command::new("docker").arg("--version").output().is_err() {
        println!("skipped: a line for docker needs the docker command, and a Docker Engine");
        return;
    }
    let server = TestServer::start(&harbour.url, &["--allow-actions"]).await;
    server.until_ready().await;
    let id = harbour.run_body(full_spec()).await;
    let masked = details(&server, &id, "").await;
    assert!(!format!("{masked:?}").contains("hunter2"), "{masked:?}");
    assert!(masked.docker_run.contains("--env DB_PASSWORD=\"$DB_PASSWORD\""), "{}", masked.docker_run);

    // The shell provides the secrets.
    let copy = format!("ql-copy-{:08x}", fastrand::u32(..));
    let original = masked.docker_run.split_whitespace().skip_while(|word| *word != "--name").nth(1).unwrap().to_owned();
    let mut shell = Command::new("bash");
    shell.args(["-c", &masked.docker_run.replacen(&original, &copy, 1)]).env("DOCKER_HOST", &harbour.url);
    shell.env("DB_PASSWORD", SECRET).env("URL_PASSWORD", "hunter2");
    let ran =
        timeout(TEST_TIMEOUT, tokio::task::spawn_blocking(move || shell.output())).await.unwrap().unwrap().unwrap();
    assert!(ran.status.success(), "{}\n{}", masked.docker_run, String::from_utf8_lossy(&ran.stderr));
    let copied = String::from_utf8(ran.stdout).unwrap().trim().to_owned();
    harbour.adopt(&copied);

    details(&server, &copied, "").await;
    let (original, copy) = (made_of(&server, &id).await, made_of(&server, &copied).await);
    for (part, fields) in original.as_object().unwrap() {
        for (field, value) in fields.as_object().unwrap() {
            assert_eq!(&copy[part][field], value, "{part}.{field} by\n{}", masked.docker_run);
        }
    }
    // The copy has the same line as the original.
    let again = details(&server, &copied, "").await.docker_run;
    let without_name = |line: &str| {
        let mut lines = line.lines().filter(|line| !line.contains("--name")).map(str::to_owned).collect::<Vec<_>>();
        lines.sort();
        lines
    };
    assert_eq!(without_name(&again), without_name(&masked.docker_run));
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn details_and_processes_match_the_engine() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let limits = HostConfig { memory: Some(64 << 20), pids_limit: Some(50), ..HostConfig::default() };
    let id = harbour.run(1, "sleep 3600 & sleep 3601 & wait", limits).await.remove(0);
    let report = details(&harbour.server, &id, "").await;
    assert_eq!((report.limits.memory, report.limits.pids), (Some(64 << 20), Some(50)));
    assert_eq!(report.command, ["sh", "-c", "sleep 3600 & sleep 3601 & wait"]);
    let path = format!("/api/containers/{id}/processes");
    eventually("all three run", async || {
        get(harbour.server.address, &path).await.json::<Processes>().processes.len() == 3
    })
    .await;
    let top: Processes = get(harbour.server.address, &path).await.json();
    for process in &top.processes {
        assert!(process.command.contains("sleep") && !process.user.is_empty(), "{top:?}");
    }
    if !harbour.podman {
        let pid = harbour.docker.inspect_container(&id, None).await.unwrap().state.unwrap().pid;
        assert_eq!(u64::try_from(pid.unwrap()).ok(), Some(top.processes[0].pid));
        assert!(top.processes.iter().all(|one| one.started_at.is_some() && one.memory.is_some()), "{top:?}");
    }
    harbour.clear().await;
}
