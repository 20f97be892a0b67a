//! One container: inspect details without secrets, processes, and the errors of an engine that does
//! not respond.

use crate::{
    api::actions::boat,
    support::{Quay, TEST_TIMEOUT, eventually, get, idler, named, quay},
};
use app::model::{Container, ContainerId, ContainerReport, ContainerState, Processes};
use serde_json::Value;
use simulator::{
    ContainerSpec, DaemonState, Endpoint,
    engine::{
        extras::{Extras, Ulimit},
        spec::{Attachment, Healthcheck, Mount, RestartPolicy},
    },
};
use std::time::Duration;

/// A valid id without a container.
const UNKNOWN_ID: &str = "00000000000000000000000000000000000000000000000000000000deadbeef";
/// Used wherever a secret can be.
const SECRET: &str = "hunter2hunter2";

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// A container with a value in every field, and secrets in most.
fn full_spec() -> ContainerSpec {
    ContainerSpec {
        command: words(&format!("/bin/server --port 80 --api-token {SECRET} --db=postgres://app:{SECRET}@db/app")),
        env: ["TZ=UTC", &format!("DB_PASSWORD={SECRET}"), &format!("CACHE=redis://:{SECRET}@cache:6379/0")]
            .map(str::to_owned)
            .to_vec(),
        labels: [("team".to_owned(), "web".to_owned()), ("license-key".to_owned(), SECRET.to_owned())].into(),
        memory_bytes: 64 << 20,
        nano_cpus: 1_500_000_000,
        restart: RestartPolicy::OnFailure(3),
        network_mode: "front".to_owned(),
        attachments: vec![Attachment { aliases: vec!["web".to_owned()], ..Attachment::new("front", "laden") }],
        mounts: vec![Mount {
            kind: "bind".to_owned(),
            source: "/srv".to_owned(),
            destination: "/data".to_owned(),
            read_only: true,
        }],
        healthcheck: Some(Healthcheck {
            test: words(&format!("CMD-SHELL probe --password={SECRET}")),
            interval: Duration::from_millis(100),
            start_period: Duration::ZERO,
            retries: 2,
            passes: false,
        }),
        extras: Extras {
            user: "1000".to_owned(),
            working_dir: "/srv".to_owned(),
            entrypoint_words: 1,
            cpu_shares: 512,
            pids_limit: Some(50),
            ulimits: vec![Ulimit { name: "nofile".to_owned(), soft: 100, hard: 200 }],
            log_options: [("splunk-token".to_owned(), SECRET.to_owned())].into(),
            ..Extras::default()
        },
        ..idler("laden")
    }
}

async fn with_full_container(flags: &[&str]) -> (Quay, ContainerId) {
    let quay = quay("quiet:0", flags).await;
    quay.simulator.act(|engine, now| {
        engine.create(full_spec(), now).unwrap();
        engine.start("laden", now).unwrap();
    });
    let mut viewer = quay.server.viewer().await;
    viewer
        .until("it runs", TEST_TIMEOUT, |picture| {
            named(picture, "laden").is_some_and(|one| one.state == ContainerState::Running)
        })
        .await;
    let id = named(&viewer.picture, "laden").unwrap().id;
    (quay, id)
}

async fn report(quay: &Quay, id: ContainerId, query: &str) -> ContainerReport {
    get(quay.server.address, &format!("/api/containers/{id}{query}")).await.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_has_its_inspect_details() {
    let (quay, id) = with_full_container(&[]).await;
    let response = get(quay.server.address, &format!("/api/containers/{id}")).await;
    assert_eq!((response.status.as_u16(), response.header("cache-control")), (200, "no-store"));
    assert_eq!(response.json::<Container>().name, "laden");
    let details = response.json::<ContainerReport>().details.unwrap();
    assert_eq!(
        (details.entrypoint.as_slice(), details.command[0].as_str()),
        (["/bin/server".to_owned()].as_slice(), "--port")
    );
    assert_eq!((details.user.as_deref(), details.working_dir.as_deref()), (Some("1000"), Some("/srv")));
    assert_eq!((details.log_driver.as_deref(), details.platform.as_deref()), (Some("json-file"), Some("linux")));
    let limits = &details.limits;
    assert_eq!(
        (limits.memory, limits.cpus, limits.cpu_shares, limits.pids),
        (Some(64 << 20), Some(1.5), Some(512), Some(50))
    );
    assert_eq!((limits.ulimits[0].name.as_str(), limits.ulimits[0].soft, limits.ulimits[0].hard), ("nofile", 100, 200));
    let policy = &details.restart_policy;
    assert_eq!((policy.name.as_str(), policy.maximum_retry_count), ("on-failure", Some(3)));
    let place = &details.networks[0];
    assert_eq!((place.name.as_str(), place.aliases.as_slice()), ("front", ["web".to_owned()].as_slice()));
    assert!(place.ip.is_some() && place.gateway.is_some() && place.mac.is_some(), "{place:?}");
    let mount = &details.mounts[0];
    assert_eq!((mount.source.as_deref(), mount.destination.as_str(), mount.read_only), (Some("/srv"), "/data", true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_check_results_have_their_output() {
    let (quay, id) = with_full_container(&[]).await;
    eventually("two checks have failed", async || {
        let health = report(&quay, id, "").await.details.unwrap().health.unwrap();
        health.failing_streak >= 2 && health.checks.len() >= 2
    })
    .await;
    let health = report(&quay, id, "").await.details.unwrap().health.unwrap();
    assert!(health.checks.iter().all(|check| check.exit_code == Some(1) && check.output == "connection refused\n"));
    assert!(health.checks.is_sorted_by_key(|check| check.started_at));
    assert_eq!(health.test, ["CMD-SHELL", "probe", "--password=******"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_sent_unless_requested() {
    let (quay, id) = with_full_container(&["--allow-actions"]).await;
    for path in ["", "/inspect", "/processes", "?secrets=mask", "/inspect?secrets=mask", "/processes?secrets=mask"] {
        let response = get(quay.server.address, &format!("/api/containers/{id}{path}")).await;
        assert_eq!(response.status, 200, "{path}");
        let body = String::from_utf8(response.body.to_vec()).unwrap();
        assert!(!body.contains(SECRET) && body.contains("--port"), "{path}: {body}");
    }
    let list = get(quay.server.address, "/api/containers").await;
    assert!(!String::from_utf8(list.body.to_vec()).unwrap().contains(SECRET));
    let details = report(&quay, id, "").await.details.unwrap();
    let env: Vec<_> = details.env.iter().map(|one| (one.name.as_str(), one.value.as_str(), one.masked)).collect();
    assert_eq!(
        env,
        [("TZ", "UTC", false), ("DB_PASSWORD", "******", true), ("CACHE", "redis://:******@cache:6379/0", true)]
    );
    for part in [
        "--env DB_PASSWORD=\"$DB_PASSWORD\"",
        "--env CACHE=redis://:\"$CACHE_PASSWORD\"@cache:6379/0",
        "--label license-key=\"$LICENSE_KEY\"",
        "--api-token \"$API_TOKEN\"",
        "--db=postgres://app:\"$DB_PASSWORD\"@db/app",
    ] {
        assert!(details.docker_run.contains(part), "{part} is not in {}", details.docker_run);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_shown_to_operators_on_request() {
    let (quay, id) = with_full_container(&["--allow-actions"]).await;
    let details = report(&quay, id, "?secrets=show").await.details.unwrap();
    assert!(details.secrets_shown);
    assert_eq!((details.env[1].value.as_str(), details.env[1].masked), (SECRET, false));
    for path in ["/inspect", "/processes"] {
        let response = get(quay.server.address, &format!("/api/containers/{id}{path}?secrets=show")).await;
        assert!(String::from_utf8(response.body.to_vec()).unwrap().contains(SECRET), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_server_never_shows_secrets() {
    let (quay, id) = with_full_container(&[]).await;
    let before = quay.simulator.calls().count(Endpoint::Top);
    for path in ["", "/inspect", "/processes"] {
        let path = format!("/api/containers/{id}{path}");
        let problem = get(quay.server.address, &format!("{path}?secrets=show")).await.problem(403, "read_only");
        assert!(problem["hint"].as_str().unwrap().contains("--allow-actions"), "{problem}");
        for query in ["secrets=", "secrets=yes", "secrets=mask&secrets=show", "secrets=%ff"] {
            get(quay.server.address, &format!("{path}?{query}")).await.problem(400, "malformed");
        }
    }
    assert_eq!(quay.simulator.calls().count(Endpoint::Top), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inspect_returns_the_engines_document() {
    let (quay, id) = with_full_container(&[]).await;
    let inspect: Value = get(quay.server.address, &format!("/api/containers/{id}/inspect")).await.json();
    assert_eq!((&inspect["Id"], &inspect["Name"]), (&id.to_string().into(), &"/laden".into()));
    assert_eq!(inspect["HostConfig"]["Memory"], 64 << 20);
    assert_eq!(inspect["GraphDriver"]["Name"], "overlay2");
    assert_eq!(inspect["HostConfig"]["LogConfig"]["Config"]["splunk-token"], "******");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_have_their_usage() {
    let (quay, _, id) = boat().await;
    let top: Processes = get(quay.server.address, &format!("/api/containers/{id}/processes")).await.json();
    assert_eq!(top.container_id, id);
    let first = &top.processes[0];
    assert_eq!((first.user.as_str(), first.command.as_str()), ("root", "sleep infinity"));
    assert!(first.cpu_percent.is_some() && first.memory.is_some() && first.started_at.unwrap() <= top.at, "{first:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_container_has_no_processes() {
    let (quay, mut viewer, id) = boat().await;
    quay.simulator.act(|engine, now| engine.kill("boat", 9, now).unwrap());
    viewer
        .until("it ended", TEST_TIMEOUT, |picture| named(picture, "boat").unwrap().state == ContainerState::Exited)
        .await;
    let problem = get(quay.server.address, &format!("/api/containers/{id}/processes")).await.problem(409, "refused");
    assert!(problem["detail"].as_str().unwrap().contains("is not running"), "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_must_be_complete_and_exist() {
    let (quay, _, id) = boat().await;
    for below in ["/inspect", "/processes"] {
        for wrong in ["boat", &id.short(), "%ff", ".."] {
            get(quay.server.address, &format!("/api/containers/{wrong}{below}")).await.problem(400, "bad_id");
        }
        get(quay.server.address, &format!("/api/containers/{UNKNOWN_ID}{below}"))
            .await
            .problem(404, "no_such_container");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_engine_is_lost_a_container_has_a_problem_instead_of_details() {
    let (quay, mut viewer, id) = boat().await;
    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    viewer.until("it is lost", TEST_TIMEOUT, |picture| crate::support::problem_code(picture) == "no_socket").await;
    let response = get(quay.server.address, &format!("/api/containers/{id}")).await;
    assert_eq!((response.status.as_u16(), response.json::<Container>().name.as_str()), (200, "boat"));
    let report: ContainerReport = response.json();
    let problem = report.problem.unwrap();
    assert!(report.details.is_none() && problem.code == "engine_lost" && !problem.hint.is_empty(), "{problem:?}");
    for below in ["/inspect", "/processes"] {
        get(quay.server.address, &format!("/api/containers/{id}{below}")).await.problem(503, "engine_lost");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hanging_engine_loses_the_details_but_not_the_response() {
    let (quay, _, id) = boat().await;
    quay.simulator.faults().hang(Endpoint::Inspect, true);
    quay.simulator.faults().hang(Endpoint::Top, true);
    let report = report(&quay, id, "").await;
    assert_eq!((report.details, report.problem.unwrap().code.as_str()), (None, "not_answering"));
    get(quay.server.address, &format!("/api/containers/{id}/processes")).await.problem(503, "engine_lost");
}
