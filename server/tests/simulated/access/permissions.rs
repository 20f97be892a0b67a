//! What the engine is asked for: the table, and nothing else; and life behind a socket proxy.

use crate::support::{Filter, TestServer, Viewer, delete, eventually, get, one_in, post};
use app::model::ContainerState;
use server::engine::{Permissions, permissions::CALLS};
use simulator::{Options, Simulator, SimulatorHandle};

const EVERYTHING: [&str; 7] = ["PING", "VERSION", "INFO", "EVENTS", "CONTAINERS", "IMAGES", "POST"];

async fn engine() -> SimulatorHandle {
    Simulator::start(Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() }).await.unwrap()
}

/// Looks at everything there is to see of one container, and does everything there is to do.
async fn use_everything(server: &TestServer) {
    let mut viewer = server.viewer().await;
    viewer.next().await;
    viewer.until("numbers come", crate::support::SOON, |picture| picture.sampled_at.is_some()).await;
    let id = one_in(&viewer.picture, ContainerState::Running);
    for path in ["", "/inspect", "/processes", "/stats", "/logs"] {
        get(server.address, &format!("/api/containers/{id}{path}")).await;
    }
    for action in ["pause", "unpause", "stop", "start", "restart", "kill"] {
        post(server.address, &format!("/api/containers/{id}/{action}"), "").await;
    }
    delete(server.address, &format!("/api/containers/{id}?force=true")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_asked_that_is_not_in_the_table() {
    for may_act in [false, true] {
        let engine = engine().await;
        let filter = Filter::start(&engine.endpoint(), &EVERYTHING);
        let flags: &[&str] =
            if may_act { &["--allow-actions", "--stats-source", "api"] } else { &["--stats-source", "api"] };
        let server = TestServer::start(&filter.endpoint(), flags).await;
        server.until_ready().await;
        use_everything(&server).await;
        let asked = filter.asked();
        assert!(asked.denied.is_empty(), "{asked:?}");
        let table: Vec<_> =
            Permissions::new(may_act).calls().map(|call| format!("{} {}", call.method, call.path)).collect();
        let beside: Vec<_> = asked.passed.iter().filter(|asked| !table.contains(asked)).collect();
        assert!(beside.is_empty(), "asked for, and not in the table: {beside:?}");
        // And the table names nothing that is not needed.
        let all = async || table.iter().all(|call| filter.asked().passed.contains(call));
        eventually("each call of the table is made", all).await;
    }
    assert!(CALLS.iter().all(|call| !call.switches.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_server_lives_behind_a_proxy_with_the_switches_that_doctor_prints() {
    let engine = engine().await;
    let filter = Filter::start(&engine.endpoint(), &Permissions::new(false).switches());
    let server = TestServer::start(&filter.endpoint(), &["--stats-source", "api"]).await;
    server.until_ready().await;
    use_everything(&server).await;
    assert!(filter.asked().denied.is_empty(), "{:?}", filter.asked());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_be_denied_is_missed_by_itself_alone() {
    let engine = engine().await;
    let filter = Filter::start(&engine.endpoint(), &["PING", "VERSION", "EVENTS", "CONTAINERS"]);
    let server = TestServer::start(&filter.endpoint(), &["--stats-source", "api"]).await;
    server.until_ready().await;
    let mut viewer = Viewer::open(server.address, "", &[]).await;
    viewer.next().await;
    viewer.until("numbers come", crate::support::SOON, |picture| picture.sampled_at.is_some()).await;
    let id = one_in(&viewer.picture, ContainerState::Running);
    assert_eq!(get(server.address, &format!("/api/containers/{id}")).await.status, 200);
    // The numbers of the host and the settings of the image, and nothing else.
    eventually("what is denied is asked for", async || filter.asked().denied.len() == 2).await;
    assert_eq!(filter.asked().denied.into_iter().collect::<Vec<_>>(), ["GET /images/{}/json", "GET /info"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_denies_what_is_needed_is_named() {
    let engine = engine().await;
    let filter = Filter::start(&engine.endpoint(), &["PING", "VERSION", "INFO"]);
    let server = TestServer::start(&filter.endpoint(), &[]).await;
    eventually("the refusal is told", async || {
        let told = String::from_utf8_lossy(&get(server.address, "/readyz").await.body).into_owned();
        told.contains("socket proxy")
    })
    .await;
}
