//! Values of an earlier run in inspect, and the relation between signals and exits, on a real
//! engine.

use crate::{
    harbour::Harbour,
    support::{TEST_TIMEOUT, TestServer, eventually, get},
};
use app::model::{Basis, Cause, Container, ContainerReport, ContainerState, Health, LastEnd};
use bollard::{
    models::{ContainerCreateBody, HealthConfig, HostConfig},
    query_parameters::{KillContainerOptionsBuilder, StartContainerOptions, StopContainerOptionsBuilder},
};
use simulator::RealEngine;

/// Exits immediately on SIGTERM.
const EXITS_ON_TERM: &str = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

fn body(command: &str, host: HostConfig, check: Option<HealthConfig>) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(RealEngine::IMAGE.to_owned()),
        cmd: Some(["sh", "-c", command].map(str::to_owned).to_vec()),
        healthcheck: check,
        host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..host }),
        ..ContainerCreateBody::default()
    }
}

fn check(words: &[&str]) -> Option<HealthConfig> {
    Some(HealthConfig {
        test: Some(words.iter().map(|word| (*word).to_owned()).collect()),
        interval: Some(1_000_000_000),
        ..HealthConfig::default()
    })
}

async fn row(server: &TestServer, id: &str) -> Container {
    get(server.address, &format!("/api/containers/{id}")).await.json()
}

async fn report(server: &TestServer, id: &str) -> ContainerReport {
    get(server.address, &format!("/api/containers/{id}")).await.json()
}

async fn last_end(server: &TestServer, id: &str) -> LastEnd {
    report(server, id).await.last_end.unwrap()
}

async fn until(server: &TestServer, id: &str, what: &str, holds: impl Fn(&Container) -> bool) -> Container {
    // Not known immediately.
    let path = format!("/api/containers/{id}");
    eventually(what, async || {
        let response = get(server.address, &path).await;
        response.status == 200 && holds(&response.json())
    })
    .await;
    row(server, id).await
}

/// Series of one container.
async fn scraped(server: &TestServer, id: &str) -> String {
    let text = String::from_utf8(get(server.address, "/metrics").await.body.to_vec()).unwrap();
    text.lines().filter(|line| line.contains(id)).collect::<Vec<_>>().join("\n")
}

async fn stop(harbour: &Harbour, id: &str) {
    let stop = StopContainerOptionsBuilder::default().t(5).build();
    harbour.docker.stop_container(id, Some(stop)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_dropped_when_the_container_stops() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if harbour.podman {
        println!("skipped: Podman runs health checks with systemd");
        return;
    }
    let server = TestServer::start(&harbour.url, &["--container-metrics"]).await;
    server.until_ready().await;
    let id = harbour.run_body(body(EXITS_ON_TERM, HostConfig::default(), check(&["CMD", "true"]))).await;
    until(&server, &id, "the check passes", |row| row.health == Some(Health::Healthy)).await;
    assert!(scraped(&server, &id).await.contains("health=\"healthy\"} 1"));

    harbour.docker.pause_container(&id).await.unwrap();
    let paused = until(&server, &id, "it is paused", |row| row.state == ContainerState::Paused).await;
    assert_eq!(paused.health, None, "frozen processes are not checked");
    harbour.docker.unpause_container(&id).await.unwrap();
    until(&server, &id, "health is back", |row| row.health.is_some()).await;

    stop(&harbour, &id).await;
    let stopped = until(&server, &id, "it has stopped", |row| row.state == ContainerState::Exited).await;
    assert_eq!(stopped.health, None);
    // Long enough for a pending result and a comparison.
    tokio::time::sleep(TEST_TIMEOUT / 10).await;
    assert_eq!(row(&server, &id).await.health, None);
    let text = scraped(&server, &id).await;
    assert!(text.contains("state=\"exited\"} 1") && !text.contains("quaylight_container_health"), "{text}");
    let health = report(&server, &id).await.details.unwrap().health.unwrap();
    assert_eq!(health.failing_streak, 0);
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_inside_does_not_end_the_container() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let server = TestServer::start(&harbour.url, &["--container-metrics"]).await;
    server.until_ready().await;
    let command = format!("(head -c 60m /dev/zero | tail -c 55m >/dev/null); {EXITS_ON_TERM}");
    let id =
        harbour.run_body(body(&command, HostConfig { memory: Some(20 << 20), ..HostConfig::default() }, None)).await;
    tokio::time::sleep(TEST_TIMEOUT / 10).await;
    let running = until(&server, &id, "it runs", |row| row.state == ContainerState::Running).await;
    assert_eq!((running.oom_killed, running.exit_code), (false, None), "it goes on");
    let text = scraped(&server, &id).await;
    let is_zero = |line: &str| line.starts_with("quaylight_container_oom_killed{") && line.ends_with(" 0.0");
    assert!(text.lines().any(is_zero) && !text.contains("quaylight_container_exit_code"), "{text}");
    stop(&harbour, &id).await;
    let flagged = harbour.docker.inspect_container(&id, None).await.unwrap().state.unwrap().oom_killed == Some(true);
    assert!(flagged || harbour.podman, "the engine has noticed");
    let stopped = until(&server, &id, "it has stopped", |row| row.state == ContainerState::Exited).await;
    assert_eq!((stopped.exit_code, stopped.oom_killed), (Some(0), false));
    eventually("the stop is listed", async || last_end(&server, &id).await.cause.is_some()).await;
    let end = last_end(&server, &id).await;
    assert_eq!((end.oom_killed, end.process_oom_killed), (false, flagged));
    assert!(end.cause == Some(Cause::Request) || harbour.podman, "{end:?}");
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_container_has_no_exit_code() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let id = harbour.run_body(body(EXITS_ON_TERM, HostConfig::default(), None)).await;
    stop(&harbour, &id).await;
    let server = &harbour.server;
    let stopped = until(server, &id, "it has stopped", |row| row.state == ContainerState::Exited).await;
    assert_eq!(stopped.exit_code, Some(0));
    harbour.docker.start_container(&id, None::<StartContainerOptions>).await.unwrap();
    let again = until(server, &id, "it runs again", |row| row.state == ContainerState::Running).await;
    assert_eq!((again.exit_code, again.end_cause), (None, None));
    assert!(again.finished_at.is_some());
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_is_not_the_cause_of_a_later_exit() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let command = "trap 'echo reload' HUP; i=0; while [ $i -lt 30 ]; do i=$((i+1)); sleep 0.1; done; exit 1";
    let id = harbour.run_body(body(command, HostConfig::default(), None)).await;
    let hup = || Some(KillContainerOptionsBuilder::default().signal("SIGHUP").build());
    tokio::time::sleep(TEST_TIMEOUT / 20).await;
    harbour.docker.kill_container(&id, hup()).await.unwrap();
    let server = &harbour.server;
    until(server, &id, "it has ended", |row| row.state == ContainerState::Exited).await;
    eventually("its exit is listed", async || last_end(server, &id).await.cause.is_some()).await;
    let end = last_end(server, &id).await;
    let evidence = end.evidence.clone().unwrap();
    if harbour.podman {
        // Podman does not report the signal, so the cause is only a probable request.
        assert_eq!((end.exit_code, end.cause, evidence.probable), (Some(1), Some(Cause::Request), true));
        return harbour.clear().await;
    }
    assert_eq!((end.exit_code, end.cause, evidence.basis), (Some(1), Some(Cause::Itself), Basis::NoRequest));
    assert!(!evidence.probable);
    let sent: Vec<_> = evidence.signals.iter().map(|sent| sent.signal.as_deref()).collect();
    assert_eq!(sent, [Some("SIGHUP")]);
    assert!(evidence.signals[0].at < end.finished_at);
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_health_check_that_cannot_run_shows_its_error() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if harbour.podman {
        println!("skipped: Podman runs health checks with systemd");
        return;
    }
    let missing = check(&["CMD", "curl", "-f", "http://localhost"]);
    let id = harbour.run_body(body(EXITS_ON_TERM, HostConfig::default(), missing)).await;
    let painted = check(&["CMD-SHELL", "printf '\\033[31mdown\\033[0m\\r\\n'; exit 3"]);
    let painted = harbour.run_body(body(EXITS_ON_TERM, HostConfig::default(), painted)).await;
    let slow = HealthConfig { timeout: Some(1_000_000_000), ..check(&["CMD", "sleep", "9"]).unwrap() };
    let slow = harbour.run_body(body(EXITS_ON_TERM, HostConfig::default(), Some(slow))).await;
    let server = &harbour.server;
    let first = async |id: &str| {
        let health = report(server, id).await.details.and_then(|details| details.health);
        health.and_then(|health| health.checks.first().cloned())
    };
    use app::model::HealthOutcome::{Failed, NotRun, TimedOut};
    for id in [&id, &painted, &slow] {
        until(server, id, "it is known", |_| true).await;
    }
    for (id, outcome, code, output) in
        [(&id, NotRun, -1, "not found"), (&painted, Failed, 3, "down"), (&slow, TimedOut, -1, "exceeded timeout")]
    {
        eventually("the check has been tried", async || first(id).await.is_some()).await;
        let check = first(id).await.unwrap();
        assert_eq!((check.outcome, check.exit_code), (Some(outcome), Some(code)), "{check:?}");
        assert!(check.output.contains(output) && !check.output.contains('\u{1b}'), "{check:?}");
    }
    harbour.clear().await;
}
