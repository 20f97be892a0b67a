//! Behind a real nginx: as documented, and set up so that it cuts, refuses and holds back. `end2end/specs/link/proxy.spec.ts` has the page's side.

use crate::{
    engine::churn::{shown, there},
    process::startup::serving,
    support::{
        Program, Quay, SHOWN_WITHIN, SOON, Viewer, eventually, get,
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

/// Below the 2.5 s of the heartbeat: each silence is a cut.
const CUTS_AFTER_A_SECOND: &str = "proxy_read_timeout 1s;";
/// It compresses by itself, as many are set up to, and so waits for enough to compress.
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
async fn behind_nginx_as_documented_changes_show_at_once_and_nothing_is_cut() {
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
        viewer.until("the pause shows", SHOWN_WITHIN, is(ContainerState::Paused)).await;
    }
    println!("through nginx: a change after {:?}", began.elapsed());
    // Longer than a heartbeat, in which it says nothing else.
    for _ in 0..3 {
        plain.next().await;
    }
    assert!(nginx.answers().is_empty(), "no stream ended: {:?}", nginx.answers());
    plain.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_cuts_every_silence_costs_no_change() {
    let quay = quay("quiet:8", &["--stats-interval", "1m"]).await;
    let directives = format!("{RECOMMENDED}{CUTS_AFTER_A_SECOND}");
    let Some(nginx) = Nginx::start(quay.server.address, &directives).await else { return };
    let mut viewer = Viewer::open(nginx.address, "", &[]).await;
    let (mut cuts, mut longest) = (0, Duration::ZERO);
    while cuts < 5 {
        viewer.until_cut().await;
        cuts += 1;
        let wanted = if cuts % 2 == 1 { ContainerState::Paused } else { ContainerState::Running };
        // It happens while nobody is connected.
        quay.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("shop-web-1", now).unwrap(),
            _ => engine.unpause("shop-web-1", now).unwrap(),
        });
        let began = Instant::now();
        viewer = Viewer::resume(nginx.address, viewer.picture).await;
        let first = viewer.next().await;
        assert!(matches!(first.frame, Frame::Delta(_)), "it goes on where it stood: {first:?}");
        viewer.until("the change shows", SHOWN_WITHIN, is(wanted)).await;
        longest = longest.max(began.elapsed());
    }
    println!("{cuts} cuts: what was missed showed at most {longest:?} after the stream was opened again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_502_at_each_try_ends_when_the_server_is_back_and_nothing_was_missed() {
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
    viewer.until("the pause shows", SOON, is(ContainerState::Paused)).await;
    println!("502 until the server was back, and all of it shown {:?} after that", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_reloads_cuts_and_is_resumed() {
    let quay = quay("quiet:8", &[]).await;
    let Some(nginx) = Nginx::start(quay.server.address, RECOMMENDED).await else { return };
    let mut viewer = Viewer::open(nginx.address, "", &[]).await;
    viewer.next().await;
    nginx.reload(RECOMMENDED);
    viewer.until_cut().await;
    pause(&quay);
    let mut viewer = Viewer::resume(nginx.address, viewer.picture).await;
    let there = there(&quay);
    viewer.until("all is as it is", SHOWN_WITHIN, |picture| shown(picture) == there).await;
    viewer.assert_true(&quay.server).await;
}

/// It is what the page falls back from: nothing comes, and so the page asks by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_holds_back_gives_nothing_and_asking_works() {
    let quay = quay("quiet:3", &["--stats-interval", "1m"]).await;
    let Some(nginx) = Nginx::start(quay.server.address, HOLDS_BACK).await else { return };
    let gzip = [("accept-encoding", "gzip")];
    // Twice a heartbeat's time.
    let held = timeout(Duration::from_secs(6), Viewer::open(nginx.address, "", &gzip)).await;
    assert!(held.is_err(), "nginx lets it through, and this proves nothing");
    let answer = get(nginx.address, "/api/containers").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json::<serde_json::Value>()["containers"].as_array().unwrap().len(), 3);
}
