//! Calls to the engine: only the listed ones; and the server behind a socket proxy.

use crate::support::{Filter, TestServer, Viewer, delete, eventually, get, one_in, post};
use app::model::{ContainerState, SwarmCluster, Swarms};
use server::engine::{Permissions, permissions::CALLS};
use simulator::{Options, Simulator, SimulatorHandle, Swarm};

const EVERYTHING: [&str; 10] =
    ["PING", "VERSION", "INFO", "EVENTS", "CONTAINERS", "IMAGES", "POST", "NODES", "SERVICES", "TASKS"];

async fn engine() -> SimulatorHandle {
    Simulator::start(Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() }).await.unwrap()
}

/// Requests the swarms, and actions on a service and a node.
async fn use_swarm(server: &TestServer) {
    let swarms: Swarms = get(server.address, "/api/swarm").await.json();
    let SwarmCluster { id, services, nodes, .. } = &swarms.clusters[0];
    let (service, node) = (&services[0].id, &nodes[0].id);
    post(server.address, &format!("/api/swarm/{id}/services/{service}/restart"), "").await;
    let pause = r#"{"availability": "pause"}"#;
    post(server.address, &format!("/api/swarm/{id}/nodes/{node}/availability"), pause).await;
}

/// Requests every view and action of one container.
async fn use_everything(server: &TestServer) {
    let mut viewer = server.viewer().await;
    viewer.next().await;
    viewer.until("numbers arrive", crate::support::TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
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
async fn only_listed_calls_are_sent() {
    for may_act in [false, true] {
        let engine = engine().await;
        let swarm = Swarm::init(engine.engine(), "ams-1");
        swarm.create_replicated("web", 1, &serde_json::Value::Null, engine.clock().now());
        let filter = Filter::start(&engine.endpoint(), &EVERYTHING);
        let flags: &[&str] =
            if may_act { &["--allow-actions", "--stats-source", "api"] } else { &["--stats-source", "api"] };
        let server = TestServer::start(&filter.endpoint(), flags).await;
        server.until_ready().await;
        use_everything(&server).await;
        use_swarm(&server).await;
        let requests = filter.requests();
        assert!(requests.denied.is_empty(), "{requests:?}");
        let table: Vec<_> =
            Permissions::new(may_act).calls().map(|call| format!("{} {}", call.method, call.path)).collect();
        let beside: Vec<_> = requests.passed.iter().filter(|requests| !table.contains(requests)).collect();
        assert!(beside.is_empty(), "calls that are not in the table: {beside:?}");
        // Every call in the list is needed.
        let all = async || table.iter().all(|call| filter.requests().passed.contains(call));
        eventually("each call of the table is made", all).await;
    }
    assert!(CALLS.iter().all(|call| !call.switches.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_server_works_behind_a_socket_proxy_with_doctors_switches() {
    let engine = engine().await;
    let filter = Filter::start(&engine.endpoint(), &Permissions::new(false).switches());
    let server = TestServer::start(&filter.endpoint(), &["--stats-source", "api"]).await;
    server.until_ready().await;
    use_everything(&server).await;
    assert!(filter.requests().denied.is_empty(), "{:?}", filter.requests());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_optional_call_affects_only_its_own_feature() {
    let engine = engine().await;
    let filter = Filter::start(&engine.endpoint(), &["PING", "VERSION", "EVENTS", "CONTAINERS"]);
    let server = TestServer::start(&filter.endpoint(), &["--stats-source", "api"]).await;
    server.until_ready().await;
    let mut viewer = Viewer::open(server.address, "", &[]).await;
    viewer.next().await;
    viewer.until("numbers arrive", crate::support::TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    let id = one_in(&viewer.picture, ContainerState::Running);
    assert_eq!(get(server.address, &format!("/api/containers/{id}")).await.status, 200);
    // Only the host's numbers and the image's settings are missing.
    eventually("the denied calls are made", async || filter.requests().denied.len() == 2).await;
    assert_eq!(filter.requests().denied.into_iter().collect::<Vec<_>>(), ["GET /images/{}/json", "GET /info"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_required_call_is_reported() {
    let engine = engine().await;
    let filter = Filter::start(&engine.endpoint(), &["PING", "VERSION", "INFO"]);
    let server = TestServer::start(&filter.endpoint(), &[]).await;
    eventually("the refusal is reported", async || {
        let body = String::from_utf8_lossy(&get(server.address, "/readyz").await.body).into_owned();
        body.contains("socket proxy")
    })
    .await;
}
