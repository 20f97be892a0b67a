//! Actions on services and nodes: effects, errors, roles and the audit log.

use super::swarm::{Fleet, running, service, swarms, watch};
use crate::{
    access::sign_in::{account, accounts, fetch, session},
    support::{HttpResponse, TestServer, eventually, get, post},
};
use app::model::Swarms;
use hyper::Method;
use serde_json::{Value, json};
use server::auth::Role;

const ALLOWED: &[&str] = &["--allow-actions"];

impl Fleet {
    async fn act(&self, object: &str, action: &str, body: &str) -> HttpResponse {
        let path = format!("/api/swarm/{}/{object}/{action}", self.swarm.id());
        post(self.server.address, &path, body).await
    }

    async fn on_web(&self, action: &str, body: &str) -> HttpResponse {
        self.act(&format!("services/{}", self.web), action, body).await
    }

    async fn node_id(&self, name: &str) -> String {
        self.cluster().await.nodes.iter().find(|node| node.name == name).unwrap().id.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_scaled_restarted_and_rolled_back() {
    let fleet = Fleet::start(ALLOWED).await;
    let before = fleet.cluster().await;
    assert_eq!(fleet.on_web("scale", r#"{"replicas": 6}"#).await.status, 204);
    let scaled = fleet.cluster().await;
    assert_eq!((running(&scaled).len(), service(&scaled, "web").can_roll_back), (6, true));

    assert_eq!(fleet.on_web("restart", "").await.status, 204);
    let restarted = fleet.cluster().await;
    assert_eq!(running(&restarted).len(), 6);
    let survivors =
        running(&before).iter().filter(|old| running(&restarted).iter().any(|new| new.id == old.id)).count();
    assert_eq!(survivors, 0, "every task is a new one");
    assert_eq!(service(&restarted, "web").update_state.as_deref(), Some("completed"));

    assert_eq!(fleet.on_web("rollback", "").await.status, 204);
    assert_eq!(service(&fleet.cluster().await, "web").update_state.as_deref(), Some("rollback_completed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drained_node_loses_its_tasks() {
    let fleet = Fleet::start(ALLOWED).await;
    let node = fleet.node_id("fra-1").await;
    let object = format!("nodes/{node}");
    assert_eq!(fleet.act(&object, "availability", r#"{"availability": "drain"}"#).await.status, 204);
    let drained = fleet.cluster().await;
    assert_eq!(running(&drained).len(), 4);
    assert!(running(&drained).iter().all(|task| task.node_name.as_deref() == Some("ams-1")));
    let availability = |name: &str| drained.nodes.iter().find(|node| node.name == name).unwrap().availability.clone();
    assert_eq!((availability("fra-1"), availability("ams-1")), ("drain".to_owned(), "active".to_owned()));
    for word in ["pause", "active"] {
        let body = json!({ "availability": word }).to_string();
        assert_eq!(fleet.act(&object, "availability", &body).await.status, 204);
        assert!(fleet.cluster().await.nodes.iter().any(|node| node.availability == word));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_out_of_sequence_is_repeated() {
    let fleet = Fleet::start(ALLOWED).await;
    fleet.swarm.interfere(1);
    assert_eq!(fleet.on_web("scale", r#"{"replicas": 5}"#).await.status, 204);
    assert_eq!(running(&fleet.cluster().await).len(), 5);
    fleet.swarm.interfere(10);
    let problem = fleet.on_web("scale", r#"{"replicas": 7}"#).await.problem(409, "refused");
    assert!(problem["detail"].as_str().unwrap().contains("out of sequence"), "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_requests_are_refused_with_the_reason() {
    let fleet = Fleet::start(ALLOWED).await;
    let agent = fleet.swarm.create_global("agent", &Value::Null, fleet.manager.clock().now());
    fleet.act(&format!("services/{agent}"), "scale", r#"{"replicas": 3}"#).await.problem(409, "not_scalable");
    for body in [
        "",
        "{}",
        "[3]",
        r#"{"replicas": -1}"#,
        r#"{"replicas": "3"}"#,
        r#"{"replicas": 1.5}"#,
        r#"{"replicas": 100001}"#,
    ] {
        fleet.on_web("scale", body).await.problem(400, "malformed");
    }
    assert_eq!(fleet.on_web("scale", r#"{"replicas": 4.0}"#).await.status, 204);
    fleet.act("services/unknown", "scale", r#"{"replicas": 3}"#).await.problem(404, "no_such_service");
    fleet.act("services/unknown", "restart", "").await.problem(404, "no_such_service");
    fleet.act("nodes/unknown", "availability", r#"{"availability": "drain"}"#).await.problem(404, "no_such_node");
    let node = fleet.node_id("fra-1").await;
    for body in ["", r#"{"availability": "gone"}"#] {
        fleet.act(&format!("nodes/{node}"), "availability", body).await.problem(400, "malformed");
    }
    let path = format!("/api/swarm/unknown/services/{}/restart", fleet.web);
    post(fleet.server.address, &path, "").await.problem(404, "no_such_cluster");
    fleet.on_web("explode", "").await.problem(404, "no_such_route");
    let path = format!("/api/swarm/{}/services/{}/restart", fleet.swarm.id(), fleet.web);
    get(fleet.server.address, &path).await.problem(405, "wrong_method");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_server_changes_nothing() {
    let fleet = Fleet::start(&[]).await;
    let node = fleet.node_id("fra-1").await;
    fleet.on_web("scale", r#"{"replicas": 1}"#).await.problem(403, "read_only");
    fleet.on_web("restart", "").await.problem(403, "read_only");
    fleet.act(&format!("nodes/{node}"), "availability", r#"{"availability": "drain"}"#).await.problem(403, "read_only");
    assert_eq!(running(&fleet.cluster().await).len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_without_a_connected_manager_is_not_changed() {
    let fleet = Fleet::start(ALLOWED).await;
    fleet.cluster().await;
    fleet.manager.faults().set_daemon(simulator::DaemonState::Down).await;
    eventually("the manager is lost", async || fleet.on_web("restart", "").await.status == 503).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_and_scopes_hold_for_swarms_and_actions_are_in_the_audit_log() {
    let fleet = Fleet::start(&[]).await;
    let db = fleet.swarm.create_replicated("db", 1, &json!({"team": "db"}), fleet.manager.clock().now());
    let users = [
        account("root", Role::Admin, &[]),
        account("olga", Role::Operator, &[]),
        account("vera", Role::Viewer, &[]),
        account("webby", Role::Admin, &["team=web"]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let _file = accounts(folder.path(), &users);
    let engines = format!("ams-1={} fra-1={}", fleet.manager.endpoint(), fleet.worker.endpoint());
    let server = TestServer::start(&engines, &["--data-dir", folder.path().to_str().unwrap()]).await;
    let [root, olga, vera, webby] = [
        session(&server, "root").await,
        session(&server, "olga").await,
        session(&server, "vera").await,
        session(&server, "webby").await,
    ];
    let cluster = fleet.swarm.id();
    let node = fleet.node_id("fra-1").await;
    let send = async |user: &str, path: String, body: &str| {
        fetch(&server, Method::POST, &path, &[("cookie", user)], body).await
    };
    let scale = |id: &str| format!("/api/swarm/{cluster}/services/{id}/scale");
    let availability = format!("/api/swarm/{cluster}/nodes/{node}/availability");
    let seen = async |user: &str| -> Swarms {
        fetch(&server, Method::GET, "/api/swarm", &[("cookie", user)], "").await.json()
    };

    eventually("both engines are linked", async || {
        let clusters = seen(&root).await.clusters;
        clusters.iter().any(|cluster| cluster.tasks.iter().all(|task| task.container.is_some()))
    })
    .await;
    let mine = seen(&webby).await.clusters.remove(0);
    assert_eq!((mine.services.len(), mine.nodes.len()), (1, 2));
    assert!(mine.tasks.iter().all(|task| task.service_name == "web" && task.container.is_some()));
    assert_eq!(seen(&vera).await.clusters[0].services.len(), 2);
    assert_eq!(fetch(&server, Method::GET, "/api/swarm", &[], "").await.status, 401);

    send(&vera, scale(&fleet.web), r#"{"replicas": 1}"#).await.problem(403, "role");
    send(&webby, scale(&db), r#"{"replicas": 1}"#).await.problem(404, "no_such_service");
    send(&webby, availability.clone(), r#"{"availability": "drain"}"#).await.problem(403, "role");
    send(&olga, availability.clone(), r#"{"availability": "drain"}"#).await.problem(403, "role");
    assert_eq!(send(&webby, scale(&fleet.web), r#"{"replicas": 3}"#).await.status, 204);
    assert_eq!(send(&olga, scale(&db), r#"{"replicas": 2}"#).await.status, 204);
    assert_eq!(send(&root, availability, r#"{"availability": "pause"}"#).await.status, 204);

    let log: Value = fetch(&server, Method::GET, "/api/audit", &[("cookie", &root)], "").await.json();
    let entries: Vec<_> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["action"] != "signIn")
        .map(|entry| {
            let text = |field: &str| entry[field].as_str().unwrap_or("-").to_owned();
            let detail = if entry["result"] == "done" { text("detail") } else { "-".to_owned() };
            format!("{} {} {} {} {detail}", text("who"), text("action"), text("target"), text("result"))
        })
        .collect();
    assert_eq!(
        entries,
        [
            "vera scaleService service web denied -",
            "webby scaleService - denied -",
            "webby setNodeAvailability node fra-1 denied -",
            "olga setNodeAvailability node fra-1 denied -",
            "webby scaleService service web done replicas=3",
            "olga scaleService service db done replicas=2",
            "root setNodeAvailability node fra-1 done availability=pause",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_goes_to_a_manager_that_responds() {
    let fleet = Fleet::start(&[]).await;
    let other = super::swarm::simulator().await;
    fleet.swarm.add("ams-2", true, Some(other.engine()));
    let server = watch(&[("ams-1", &fleet.manager), ("ams-2", &other)], ALLOWED).await;
    swarms(&server).await;
    fleet.swarm.leave(fleet.manager.engine());
    let path = format!("/api/swarm/{}/services/{}/scale", fleet.swarm.id(), fleet.web);
    assert_eq!(post(server.address, &path, r#"{"replicas": 2}"#).await.status, 204);
    eventually("it is scaled", async || {
        let cluster = swarms(&server).await.clusters.remove(0);
        service(&cluster, "web").replicas.desired == 2
    })
    .await;
}
