//! The link to another Quaylight server is lost and returns, or never works.

use super::watching::{Pair, engine_name, path, renamed, simulator};
use crate::support::{
    LOSS_TIMEOUT, RECONNECT_TIMEOUT, TEST_TIMEOUT, TestServer, eventually, get, named, nginx::Nginx, problem_code,
};
use app::{
    model::{ContainerState, Engine, EngineHop, EngineLink},
    protocol::Picture,
};
use serde_json::Value;
use simulator::DaemonState;
use std::time::Duration;

/// Silence of 3.2 s, and a second for the probe.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(5);

fn engine(picture: &Picture) -> &Engine {
    &picture.engines[0]
}

fn is_up(picture: &Picture) -> bool {
    engine(picture).link == EngineLink::Up
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_during_a_cut_appear_afterwards() {
    let pair = Pair::start("quiet:8", &[], &[]).await;
    let mut viewer = pair.hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 10).await;
    for round in 0..3 {
        pair.tunnel.cut();
        viewer.until("the link is lost", LOSS_TIMEOUT, |picture| engine(picture).link == EngineLink::Lost).await;
        let lost = engine(&viewer.picture);
        assert!(matches!(lost.hop, Some(EngineHop::Http | EngineHop::Connect)), "{lost:?}");
        assert!(lost.engine_link.is_none() && lost.error.is_some(), "{lost:?}");
        assert_eq!(viewer.picture.containers.len(), 10 - round, "its rows stay");
        let path = path(&viewer.picture, "talker");
        // From memory, with the reason.
        let kept: Value = get(pair.hub.address, &path).await.json();
        assert!(kept["details"].is_null() && kept["problem"]["code"].is_string(), "{kept}");
        get(pair.hub.address, &format!("{path}/inspect")).await.problem(503, "engine_lost");
        let gone = viewer.picture.containers.values().find(|container| container.name != "talker");
        let name = gone.unwrap().name.clone();
        pair.simulator.act(|engine, now| engine.remove(&name, true, now).unwrap());
        pair.tunnel.mend();
        viewer.until("the link is up", RECONNECT_TIMEOUT, is_up).await;
        assert_eq!(named(&viewer.picture, &name), None, "up means complete");
        viewer.assert_true(&pair.hub).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_is_followed() {
    let Pair { simulator, far, tunnel, hub } = Pair::start("quiet:8", &[], &[]).await;
    let mut viewer = hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 10).await;
    far.stop(TEST_TIMEOUT).await;
    viewer.until("the link is lost", LOSS_TIMEOUT, |picture| engine(picture).link == EngineLink::Lost).await;
    simulator.act(|engine, now| {
        engine.remove("web-1", true, now).unwrap();
        engine.pause("talker", now).unwrap();
    });
    let far = TestServer::start(&simulator.endpoint(), &[]).await;
    tunnel.lead_to(far.address);
    let right = |picture: &Picture| {
        is_up(picture)
            && named(picture, "web-1").is_none()
            && named(picture, "talker").is_some_and(|one| one.state == ContainerState::Paused)
    };
    viewer.until("the new run is followed", RECONNECT_TIMEOUT, right).await;
    let name = engine_name("web-3");
    eventually("both are equal", async || renamed(&hub.fetched().await, name) == renamed(&far.fetched().await, name))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lost_engine_of_the_other_server_is_told_from_a_lost_server() {
    let pair = Pair::start("quiet:2", &[], &[]).await;
    let mut viewer = pair.hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 4).await;
    pair.simulator.faults().set_daemon(DaemonState::Down).await;
    let lost = |picture: &Picture| {
        let engine = engine(picture);
        (engine.link, engine.engine_link, engine.hop)
            == (EngineLink::Lost, Some(EngineLink::Lost), Some(EngineHop::Engine))
            && problem_code(picture) == "no_socket"
    };
    viewer.until("its engine is lost", LOSS_TIMEOUT, lost).await;
    get(pair.hub.address, &format!("{}/inspect", path(&viewer.picture, "web-1"))).await.problem(503, "engine_lost");
    pair.simulator.faults().set_daemon(DaemonState::Up).await;
    viewer.until("it is back", RECONNECT_TIMEOUT, is_up).await;
    assert_eq!(engine(&viewer.picture).error, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_is_lost() {
    let pair = Pair::start("quiet:2", &[], &[]).await;
    let mut viewer = pair.hub.viewer().await;
    viewer.until("all are listed", TEST_TIMEOUT, |picture| picture.containers.len() == 4).await;
    pair.tunnel.freeze();
    let lost = |picture: &Picture| {
        engine(picture).link == EngineLink::Lost && engine(picture).error.as_ref().unwrap().code == "not_answering"
    };
    viewer.until("silence is noticed", SILENCE_TIMEOUT, lost).await;
    pair.tunnel.mend();
    pair.tunnel.close();
    viewer.until("it is back", TEST_TIMEOUT, is_up).await;
    viewer.assert_true(&pair.hub).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failing_step_is_named() {
    let simulators = [simulator("quiet:0").await, simulator("quiet:0").await];
    let [one, other] = simulators.each_ref().map(|simulator| simulator.endpoint());
    let two = TestServer::start(&format!("a={one} b={other}"), &[]).await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    for (address, hop, code, words) in [
        (format!("http://{closed}"), EngineHop::Connect, "connection_refused", "refused"),
        ("https://quaylight.invalid".to_owned(), EngineHop::Dns, "name_not_found", "lookup"),
        (format!("https://{}", two.address), EngineHop::Tls, "tls_failed", ""),
        (format!("http://{}/elsewhere", two.address), EngineHop::Http, "", ""),
        (format!("http://{}", two.address), EngineHop::Engine, "choose_engine", "several engines: a, b"),
        (format!("http://{}?engine=c", two.address), EngineHop::Engine, "choose_engine", "no engine \"c\", but a, b"),
    ] {
        let hub = TestServer::start(&format!("web-3={address}"), &[]).await;
        eventually("the error is shown", async || {
            hub.fetched().await.engines.iter().any(|engine| engine.error.is_some())
        })
        .await;
        let picture = hub.fetched().await;
        let engine = engine(&picture);
        let error = engine.error.as_ref().unwrap();
        println!("{address}: {} {}", error.message, error.hint);
        assert_eq!((engine.link, engine.hop), (EngineLink::Lost, Some(hop)), "{address}: {error:?}");
        assert!(code.is_empty() || error.code == code, "{address}: {error:?}");
        assert!(error.message.contains(words), "{address}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_checked_against_the_given_authority() {
    let simulator = simulator("quiet:0").await;
    let far = TestServer::start(&simulator.endpoint(), &[]).await;
    far.until_ready().await;
    let Some(nginx) = Nginx::start_with_tls(far.address).await else { return };
    let (authority, port) = (nginx.authority().display().to_string(), nginx.address.port());
    let entry = |host: &str, tls: &str| format!("{{ name = \"web-3\", address = \"https://{host}:{port}\"{tls} }}");
    let tls = format!(", tls = {{ ca = \"{authority}\" }}");
    let hub = TestServer::start(&entry("127.0.0.1", &tls), &[]).await;
    let mut viewer = hub.viewer().await;
    viewer.until("it is sampled", TEST_TIMEOUT, |picture| picture.sampled_at.is_some() && is_up(picture)).await;
    assert_eq!(viewer.picture.containers.len(), 2);
    for (host, tls, words) in [
        ("127.0.0.1", "", "UnknownIssuer"),
        ("localhost", tls.as_str(), "not valid for name"),
        ("127.0.0.1", ", tls = { ca = \"/nowhere/ca.pem\" }", "Cannot read /nowhere/ca.pem"),
    ] {
        let hub = TestServer::start(&entry(host, tls), &[]).await;
        eventually("the error is shown", async || !problem_code(&hub.fetched().await).is_empty()).await;
        let picture = hub.fetched().await;
        let error = engine(&picture).error.as_ref().unwrap();
        assert_eq!((engine(&picture).hop, error.code.as_str()), (Some(EngineHop::Tls), "tls_failed"), "{error:?}");
        assert!(error.message.contains(words), "{error:?}");
    }
}
