//! Actions on a container, and errors when the engine refuses them.

use crate::support::{
    CHANGE_TIMEOUT, Quay, TestServer, Viewer, delete, eventually, idler, named, post, problem_code, quay, state_of,
};
use app::{
    model::{ContainerId, ContainerState},
    protocol::Picture,
};
use simulator::{
    DaemonState, Endpoint,
    engine::program::{Body, OnTerm},
};
use std::time::{Duration, Instant};

const ALLOWED: &[&str] = &["--allow-actions"];
pub(crate) const ACTIONS: [&str; 6] = ["start", "stop", "restart", "pause", "unpause", "kill"];
/// A valid id without a container.
const UNKNOWN_ID: &str = "00000000000000000000000000000000000000000000000000000000deadbeef";

/// Starts a server that allows actions, with one running container, `boat`.
pub(crate) async fn boat() -> (Quay, Viewer, ContainerId) {
    let quay = quay("quiet:0", ALLOWED).await;
    quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        engine.create(idler("boat"), now).unwrap();
        engine.start("boat", now).unwrap();
    });
    let mut viewer = quay.server.viewer().await;
    viewer.until("it runs", CHANGE_TIMEOUT, is(ContainerState::Running)).await;
    let id = named(&viewer.picture, "boat").unwrap().id;
    (quay, viewer, id)
}

pub(crate) fn is(state: ContainerState) -> impl Fn(&Picture) -> bool {
    move |picture| state_of(picture, "boat") == Some(state)
}

async fn act(server: &TestServer, id: ContainerId, action: &str, body: &str) -> u16 {
    post(server.address, &format!("/api/containers/{id}/{action}"), body).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_action_is_complete_at_its_response_and_shown_in_the_stream() {
    use ContainerState::{Exited, Paused, Running};
    let (quay, mut viewer, id) = boat().await;
    let steps = [
        ("pause", Paused),
        ("unpause", Running),
        ("stop", Exited),
        ("start", Running),
        ("kill", Exited),
        ("start", Running),
    ];
    for (action, state) in steps {
        let response = post(quay.server.address, &format!("/api/containers/{id}/{action}"), "").await;
        assert_eq!((response.status.as_u16(), response.body.len()), (204, 0), "{action}");
        viewer.until(action, CHANGE_TIMEOUT, is(state)).await;
    }
    let started = |picture: &Picture| named(picture, "boat").unwrap().started_at;
    let before = started(&viewer.picture);
    assert_eq!(act(&quay.server, id, "restart", "").await, 204);
    let again = |picture: &Picture| is(Running)(picture) && started(picture) > before;
    viewer.until("it has started again", CHANGE_TIMEOUT, again).await;
    assert_eq!(act(&quay.server, id, "stop", "").await, 204);
    let removed = delete(quay.server.address, &format!("/api/containers/{id}")).await;
    assert_eq!((removed.status.as_u16(), removed.body.len()), (204, 0));
    viewer.until("it is removed", CHANGE_TIMEOUT, |picture| picture.containers.is_empty()).await;
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_without_effect_succeeds() {
    let (quay, mut viewer, id) = boat().await;
    assert_eq!(act(&quay.server, id, "start", "").await, 204);
    for _ in 0..2 {
        assert_eq!(act(&quay.server, id, "stop", "").await, 204);
    }
    viewer.until("it has stopped", CHANGE_TIMEOUT, is(ContainerState::Exited)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_uses_the_timeout_and_signal_of_the_body() {
    let quay = quay("quiet:0", ALLOWED).await;
    quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        let mut stubborn = idler("boat");
        stubborn.program.on_term = OnTerm::Ignore;
        engine.create(stubborn, now).unwrap();
        engine.start("boat", now).unwrap();
    });
    let mut viewer = quay.server.viewer().await;
    viewer.until("it runs", CHANGE_TIMEOUT, is(ContainerState::Running)).await;
    let id = named(&viewer.picture, "boat").unwrap().id;

    let started = Instant::now();
    assert_eq!(act(&quay.server, id, "stop", r#"{"timeoutSeconds": 1}"#).await, 204);
    assert!(started.elapsed() >= Duration::from_secs(1), "it had its second: {:?}", started.elapsed());
    viewer.until("it was killed", CHANGE_TIMEOUT, is(ContainerState::Exited)).await;
    // 128 + SIGKILL.
    assert_eq!(named(&viewer.picture, "boat").unwrap().exit_code, Some(137));

    for body in [r#"{"timeoutSeconds": 0}"#, r#"{"timeoutSeconds": 2147483647, "signal": "SIGKILL"}"#] {
        for action in ["restart", "stop"] {
            assert_eq!(act(&quay.server, id, action, body).await, 204, "{action} {body}");
        }
    }
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_sends_the_signal_of_the_body() {
    let (quay, mut viewer, id) = boat().await;
    // A process that ignores the signal keeps running.
    for body in [r#"{"signal": "SIGHUP"}"#, r#"{"signal": "USR1"}"#, r#"{"signal": "1"}"#] {
        assert_eq!(act(&quay.server, id, "kill", body).await, 204, "{body}");
        assert!(is(ContainerState::Running)(&quay.server.fetched().await), "{body}");
    }
    assert_eq!(
        act(&quay.server, id, "kill", r#"{"signal": "SIGTERM", "comment": "unknown fields are ignored"}"#).await,
        204
    );
    viewer.until("it ends", CHANGE_TIMEOUT, is(ContainerState::Exited)).await;
    assert_eq!(named(&viewer.picture, "boat").unwrap().exit_code, Some(0), "it left by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_has_the_engines_message() {
    let (quay, mut viewer, id) = boat().await;
    let refused = async |action: &str, reason: &str| {
        let response = post(quay.server.address, &format!("/api/containers/{id}/{action}"), "").await;
        let problem = response.problem(409, "refused");
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{action}: {problem}");
    };
    refused("unpause", "is not paused").await;
    let removed = delete(quay.server.address, &format!("/api/containers/{id}?force=false")).await;
    let detail = removed.problem(409, "refused")["detail"].clone();
    assert!(detail.as_str().unwrap().contains("You cannot remove a running container"), "{detail}");

    assert_eq!(act(&quay.server, id, "pause", "").await, 204);
    refused("pause", "is already paused").await;
    refused("start", "try unpause instead").await;
    assert_eq!(act(&quay.server, id, "unpause", "").await, 204);
    assert_eq!(act(&quay.server, id, "stop", "").await, 204);
    refused("kill", "is not running").await;
    refused("pause", "is not running").await;
    viewer.until("it has no other effect", CHANGE_TIMEOUT, is(ContainerState::Exited)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_executable_is_a_refusal_and_shown_in_the_stream() {
    let quay = quay("quiet:0", ALLOWED).await;
    let id = quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        let mut spec = idler("boat");
        spec.program.body = Body::Missing("/bin/oars".to_owned());
        engine.create(spec, now).unwrap()
    });
    let response = post(quay.server.address, &format!("/api/containers/{}/start", id.as_str()), "").await;
    let problem = response.problem(409, "refused");
    assert!(problem["detail"].as_str().unwrap().contains("/bin/oars"), "{problem}");
    let mut viewer = quay.server.viewer().await;
    let has_error = |picture: &Picture| named(picture, "boat").is_some_and(|one| one.error.is_some());
    viewer.until("the reason is in the list", CHANGE_TIMEOUT, has_error).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn force_removes_a_running_container() {
    let (quay, mut viewer, id) = boat().await;
    let removed = delete(quay.server.address, &format!("/api/containers/{id}?force=true&volumes=true")).await;
    assert_eq!(removed.status, 204);
    viewer.until("it is removed", CHANGE_TIMEOUT, |picture| picture.containers.is_empty()).await;
    delete(quay.server.address, &format!("/api/containers/{id}")).await.problem(404, "no_such_container");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_container_is_404() {
    let quay = quay("quiet:0", ALLOWED).await;
    for action in ACTIONS {
        let response = post(quay.server.address, &format!("/api/containers/{UNKNOWN_ID}/{action}"), "").await;
        response.problem(404, "no_such_container");
    }
    delete(quay.server.address, &format!("/api/containers/{UNKNOWN_ID}")).await.problem(404, "no_such_container");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uppercase_id_is_the_same_id() {
    let (quay, mut viewer, id) = boat().await;
    let capitals = id.to_string().to_uppercase();
    assert_eq!(post(quay.server.address, &format!("/api/containers/{capitals}/pause"), "").await.status, 204);
    viewer.until("it is paused", CHANGE_TIMEOUT, is(ContainerState::Paused)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actions_fail_with_the_reason_while_the_engine_is_lost() {
    let (quay, mut viewer, id) = boat().await;
    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    // Immediately, before and after the server has noticed the loss.
    for _ in 0..2 {
        let response = post(quay.server.address, &format!("/api/containers/{id}/stop"), "").await;
        let problem = response.problem(503, "engine_lost");
        assert!(problem["hint"].as_str().unwrap().len() > 10, "{problem}");
        let lost = |picture: &Picture| problem_code(picture) == "no_socket";
        viewer.until("the socket is missed", CHANGE_TIMEOUT, lost).await;
    }
    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    quay.server.until_ready().await;
    assert_eq!(act(&quay.server, id, "stop", "").await, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_action_does_not_block_others() {
    let (quay, mut viewer, id) = boat().await;
    quay.simulator.faults().hang(Endpoint::Restart, true);
    let address = quay.server.address;
    let hanging = tokio::spawn(async move { post(address, &format!("/api/containers/{id}/restart"), "").await });
    eventually("the engine is called", async || quay.simulator.calls().count(Endpoint::Restart) == 1).await;
    assert_eq!(act(&quay.server, id, "pause", "").await, 204);
    viewer.until("the other shows", CHANGE_TIMEOUT, is(ContainerState::Paused)).await;
    hanging.abort();
}
