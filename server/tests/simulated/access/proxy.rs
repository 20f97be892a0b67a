//! The server behind a real nginx: as documented, and configured to close, refuse and delay
//! streams. `end2end/specs/link/proxy.spec.ts` tests the page.

use crate::{
    engine::churn::{shown, there},
    process::startup::serving,
    support::{
        CHANGE_TIMEOUT, Program, Quay, TEST_TIMEOUT, Viewer, eventually, get,
        nginx::{Nginx, RECOMMENDED},
        quay, state_of,
    },
};
use app::{
    model::ContainerState,
    protocol::{Frame, Picture},
};
use simulator::{Options, Simulator};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Shorter than the heartbeat of 2.5 s, so that every silence closes the stream.
const CUTS_AFTER_A_SECOND: &str = "proxy_read_timeout 1s;";
/// Compresses responses, as many configurations do, and therefore waits for more data.
const HOLDS_BACK: &str = "
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Accept-Encoding \"\";
    proxy_ignore_headers X-Accel-Buffering;
    gzip on;
    gzip_types text/event-stream;
";

fn is(state: ContainerState) -> impl Fn(&Picture) -> bool {
    move |picture| state_of(picture, "shop-web-1") == Some(state)
}

fn pause(quay: &Quay) {
    quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_as_documented_changes_arrive_immediately() {
    let quay = quay("quiet:8", &[]).await;
    let Some(nginx) = Nginx::start(quay.server.address, RECOMMENDED).await else { return };
    let (mut plain, gzip) = (Viewer::open(nginx.address, "", &[]).await, [("accept-encoding", "gzip")]);
    let mut compact = Viewer::open(nginx.address, "?format=compact", &gzip).await;
    for viewer in [&mut plain, &mut compact] {
        viewer.next().await;
    }
    let began = Instant::now();
    pause(&quay);
    for viewer in [&mut plain, &mut compact] {
        viewer.until("the pause shows", CHANGE_TIMEOUT, is(ContainerState::Paused)).await;
    }
    println!("through nginx: a change after {:?}", began.elapsed());
    // Longer than one heartbeat, without other events.
    for _ in 0..3 {
        plain.next().await;
    }
    assert!(nginx.statuses().is_empty(), "no stream ended: {:?}", nginx.statuses());
    plain.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_closes_silent_streams_loses_no_change() {
    let quay = quay("quiet:8", &["--stats-interval", "1m"]).await;
    let directives = format!("{RECOMMENDED}{CUTS_AFTER_A_SECOND}");
    let Some(nginx) = Nginx::start(quay.server.address, &directives).await else { return };
    let mut viewer = Viewer::open(nginx.address, "", &[]).await;
    let (mut cuts, mut longest) = (0, Duration::ZERO);
    while cuts < 5 {
        viewer.until_cut().await;
        cuts += 1;
        let wanted = if cuts % 2 == 1 { ContainerState::Paused } else { ContainerState::Running };
        // The change happens while no client is connected.
        quay.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("shop-web-1", now).unwrap(),
            _ => engine.unpause("shop-web-1", now).unwrap(),
        });
        let began = Instant::now();
        viewer = Viewer::resume(nginx.address, viewer.picture).await;
        let first = viewer.next().await;
        assert!(matches!(first.frame, Frame::Delta(_)), "it goes on where it stood: {first:?}");
        viewer.until("the change shows", CHANGE_TIMEOUT, is(wanted)).await;
        longest = longest.max(began.elapsed());
    }
    println!("{cuts} cuts: what was missed showed at most {longest:?} after the stream was opened again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_502_responses_the_stream_resumes_without_loss() {
    let simulator =
        Simulator::start(Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() }).await.unwrap();
    let endpoint = simulator.endpoint();
    let (program, address) = serving(&["--engine", &endpoint], &[]).await;
    let Some(nginx) = Nginx::start(address, RECOMMENDED).await else { return };
    let mut viewer = Viewer::open(nginx.address, "", &[]).await;
    viewer.next().await;
    drop(program);
    viewer.until_cut().await;
    simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    for _ in 0..3 {
        assert_eq!(get(nginx.address, "/api/containers/stream").await.status, 502);
    }
    let mut again = Program::start(&["--listen", &address.to_string(), "--engine", &endpoint], &[]);
    again.address().await;
    let began = Instant::now();
    eventually("nginx lets through again", async || get(nginx.address, "/healthz").await.status == 200).await;
    let mut viewer = Viewer::resume(nginx.address, viewer.picture).await;
    viewer.until("the pause shows", TEST_TIMEOUT, is(ContainerState::Paused)).await;
    println!("502 until the server was back, and all of it shown {:?} after that", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_resumes_after_a_proxy_reload() {
    let quay = quay("quiet:8", &[]).await;
    let Some(nginx) = Nginx::start(quay.server.address, RECOMMENDED).await else { return };
    let mut viewer = Viewer::open(nginx.address, "", &[]).await;
    viewer.next().await;
    nginx.reload(RECOMMENDED);
    viewer.until_cut().await;
    pause(&quay);
    let mut viewer = Viewer::resume(nginx.address, viewer.picture).await;
    let there = there(&quay);
    viewer.until("all is as it is", CHANGE_TIMEOUT, |picture| shown(picture) == there).await;
    viewer.assert_true(&quay.server).await;
}

/// The case for the page's fallback: no events arrive, so the page polls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_buffering_proxy_polling_still_works() {
    let quay = quay("quiet:3", &["--stats-interval", "1m"]).await;
    let Some(nginx) = Nginx::start(quay.server.address, HOLDS_BACK).await else { return };
    let gzip = [("accept-encoding", "gzip")];
    // The time of two heartbeats.
    let held = timeout(Duration::from_secs(6), Viewer::open(nginx.address, "", &gzip)).await;
    assert!(held.is_err(), "nginx forwards it, so that this test proves nothing");
    let response = get(nginx.address, "/api/containers").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.json::<serde_json::Value>()["containers"].as_array().unwrap().len(), 3);
}
