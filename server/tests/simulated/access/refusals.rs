//! Actions that are not taken: not understood, not allowed, not the right method. The engine is not asked.

use crate::{
    api::actions::{ACTIONS, boat, is},
    support::{Answer, Quay, delete, get, one_in, post, quay, request, send},
};
use app::model::ContainerState;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;
use simulator::Endpoint;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_is_not_understood_removes_nothing() {
    let (quay, _, id) = boat().await;
    for query in ["force=perhaps", "force=", "force=true&force=false", "force=true&volumes=2", "force=%ff"] {
        delete(quay.server.address, &format!("/api/containers/{id}?{query}")).await.problem(400, "malformed");
    }
    assert_eq!(quay.simulator.calls().count(Endpoint::Remove), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_not_understood_does_nothing() {
    let (quay, _, id) = boat().await;
    let bodies = [
        "{",
        "null",
        "[]x",
        r#""SIGKILL""#,
        r#"{"signal": 9}"#,
        r#"{"signal": "SIGKILL; reboot"}"#,
        r#"{"signal": "KILL&signal=HUP"}"#,
        r#"{"signal": "SIGKILLSIGKILLSIGKILL"}"#,
        r#"{"timeoutSeconds": -1}"#,
        r#"{"timeoutSeconds": 1.5}"#,
        r#"{"timeoutSeconds": 4294967296}"#,
        r#"{"timeoutSeconds": "1"}"#,
        "\u{feff}{}",
        "\0",
    ];
    for body in bodies {
        let answer = post(quay.server.address, &format!("/api/containers/{id}/kill"), body).await;
        answer.problem(400, "malformed");
    }
    let large = format!(r#"{{"signal": "{}"}}"#, "x".repeat(3 << 20));
    post(quay.server.address, &format!("/api/containers/{id}/kill"), &large).await.problem(413, "malformed");
    assert_eq!(quay.simulator.calls().count(Endpoint::Kill), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_no_engine_knows_is_the_callers_mistake() {
    let (quay, _, id) = boat().await;
    let answer = post(quay.server.address, &format!("/api/containers/{id}/kill"), r#"{"signal": "SIGFOO"}"#).await;
    let problem = answer.problem(400, "malformed");
    assert!(problem["detail"].as_str().unwrap().contains("SIGFOO"), "{problem}");
    assert!(is(ContainerState::Running)(&quay.server.fetched().await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_id_never_reaches_the_engine() {
    let (quay, _, id) = boat().await;
    let short = id.short();
    let traversal = format!("{}%2f..%2f..%2f{id}", &id.to_string()[..32]);
    let space = format!("%20{id}");
    let long = "a".repeat(5_000);
    let hostile = [
        "boat",
        &short,
        "%2e%2e",
        "..%2f..%2fcontainers%2fprune%3f",
        &traversal,
        &space,
        &long,
        "%00",
        "%ff%fe",
        "%zz",
        "%E2%80%AE",
        "%3cscript%3e",
    ];
    let before = calls(&quay);
    for id in hostile {
        for action in ACTIONS {
            post(quay.server.address, &format!("/api/containers/{id}/{action}"), "").await.problem(400, "bad_id");
        }
        delete(quay.server.address, &format!("/api/containers/{id}?force=true")).await.problem(400, "bad_id");
    }
    assert_eq!(calls(&quay), before);
}

fn calls(quay: &Quay) -> u64 {
    let kinds =
        [Endpoint::Start, Endpoint::Stop, Endpoint::Restart, Endpoint::Pause, Endpoint::Unpause, Endpoint::Kill];
    kinds.iter().chain(&[Endpoint::Remove]).map(|kind| quay.simulator.calls().count(*kind)).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_flag_everything_is_read_only_and_the_answer_names_it() {
    let quay = quay("quiet:8", &[]).await;
    let picture = quay.server.fetched().await;
    let (running, stopped) = (one_in(&picture, ContainerState::Running), one_in(&picture, ContainerState::Exited));
    let mut answers = Vec::new();
    for action in ACTIONS {
        answers.push(post(quay.server.address, &format!("/api/containers/{running}/{action}"), "").await);
    }
    answers.push(delete(quay.server.address, &format!("/api/containers/{stopped}")).await);
    for answer in answers {
        let problem = answer.problem(403, "read_only");
        assert!(problem["hint"].as_str().unwrap().contains("--allow-actions"), "{problem}");
    }
    assert_eq!(calls(&quay), 0);
    assert_eq!(quay.server.fetched().await.containers, picture.containers);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_is_posted_and_a_removal_is_a_delete() {
    let (quay, _, id) = boat().await;
    let action = format!("/api/containers/{id}/kill");
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = send_to(&quay, &method, &action).await;
        answer.problem(405, "wrong_method");
        assert_eq!(answer.header("allow"), "POST");
    }
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let answer = send_to(&quay, &method, &format!("/api/containers/{id}")).await;
        answer.problem(405, "wrong_method");
        assert!(answer.header("allow").contains("GET") && answer.header("allow").contains("DELETE"), "{answer:?}");
    }
    for method in [Method::GET, Method::POST, Method::DELETE] {
        for unknown in ["explode", "Kill", "kill%20", "%ff"] {
            let answer = send_to(&quay, &method, &format!("/api/containers/{id}/{unknown}")).await;
            assert!([400, 404].contains(&answer.status.as_u16()), "{method} {unknown}: {answer:?}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
    }
    get(quay.server.address, &action).await.problem(405, "wrong_method");
    assert!(is(ContainerState::Running)(&quay.server.fetched().await));
}

async fn send_to(quay: &Quay, method: &Method, path: &str) -> Answer {
    let address = quay.server.address;
    send(address, request(address, method.clone(), path).body(Full::<Bytes>::default()).unwrap()).await
}
