//! Users with a limited scope see nothing of other containers in any response.

use super::sign_in::{account, fetch, guarded, session};
use crate::support::{TEST_TIMEOUT, Viewer, eventually, idler, local};
use app::{
    model::{ContainerId, Occurrences},
    protocol::{Frame, Picture, Snapshot},
};
use hyper::Method;
use server::auth::Role;
use simulator::ContainerSpec;

/// The Compose project of the first container; all others are out of scope.
fn first_project(all: &Snapshot) -> String {
    all.containers.iter().find_map(|each| each.project.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn containers_out_of_scope_are_in_no_response() {
    // Part of every scenario of the simulated engine.
    let project = "shop".to_owned();
    let label = format!("com.docker.compose.project={project}");
    let users = [account("root", Role::Admin, &[]), account("ada", Role::Operator, &[&label])];
    let (quay, _file, _folder) = guarded("busy:20", &users).await;
    let root = session(&quay.server, "root").await;
    let as_root = [("cookie", root.as_str())];
    let all: Snapshot = fetch(&quay.server, Method::GET, "/api/containers", &as_root, "").await.json();
    let ada = session(&quay.server, "ada").await;
    let as_ada = [("cookie", ada.as_str())];

    let mut viewer = Viewer::open(quay.server.address, "", &as_ada).await;
    viewer.next().await;
    viewer.until("numbers arrive", TEST_TIMEOUT, |picture: &Picture| picture.sampled_at.is_some()).await;
    let mine: Snapshot = fetch(&quay.server, Method::GET, "/api/containers", &as_ada, "").await.json();
    assert!(!mine.containers.is_empty() && mine.containers.len() < all.containers.len());
    assert!(mine.containers.iter().all(|each| each.project.as_deref() == Some(&project)));
    assert!(mine.stats.iter().all(|sample| mine.containers.iter().any(|each| each.id == sample.container_id)));

    let hidden: Vec<ContainerId> =
        all.containers.iter().filter(|each| each.project.as_deref() != Some(&project)).map(|each| each.id).collect();
    let (own, other) = (mine.containers[0].id, hidden[0]);
    let get = async |path: String| fetch(&quay.server, Method::GET, &path, &as_ada, "").await;
    assert_eq!(get(format!("/api/containers/{own}")).await.status, 200);
    for path in ["", "/inspect", "/processes", "/stats", "/logs", "/logs/stream"] {
        get(format!("/api/containers/{other}{path}")).await.problem(404, "no_such_container");
    }
    get(format!("/api/logs/stream?ids={own},{other}")).await.problem(404, "no_such_container");
    for (method, path) in [(Method::POST, "/stop"), (Method::POST, "/kill"), (Method::DELETE, "?force=true")] {
        let path = format!("/api/containers/{other}{path}");
        fetch(&quay.server, method, &path, &as_ada, "").await.problem(404, "no_such_container");
    }
    for id in [own, other] {
        fetch(&quay.server, Method::POST, &format!("/api/containers/{id}/restart"), &as_root, "").await;
    }
    let found = async || get("/api/events".to_owned()).await.json::<Occurrences>().events;
    eventually("its own events are listed", async || found().await.iter().any(|event| event.container_id == own)).await;
    assert!(found().await.iter().all(|event| !hidden.contains(&event.container_id)));
    let names: Vec<_> =
        all.containers.iter().filter(|each| hidden.contains(&each.id)).map(|each| each.name.clone()).collect();
    for page in ["/containers", "/events", "/nothing", &format!("/containers/{other}"), &format!("/containers/{own}")] {
        let response = fetch(&quay.server, Method::GET, page, &[as_ada[0], ("accept", "text/html")], "").await;
        let body = String::from_utf8_lossy(&response.body).into_owned();
        let found: Vec<_> = names.iter().filter(|name| body.contains(name.as_str())).collect();
        assert!(found.is_empty(), "{page} reveals {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_changes_in_scope_are_sent() {
    let (quay, file, _folder) = guarded("busy:20", &[account("root", Role::Admin, &[])]).await;
    let root = session(&quay.server, "root").await;
    let as_root = [("cookie", root.as_str())];
    let all: Snapshot = fetch(&quay.server, Method::GET, "/api/containers", &as_root, "").await.json();
    let label = format!("com.docker.compose.project={}", first_project(&all));
    let token = super::sign_in::token(&file, "web", Role::Operator, &[&label]);
    let bearer = format!("Bearer {token}");
    let as_web = [("authorization", bearer.as_str())];
    eventually("the token holds", async || {
        fetch(&quay.server, Method::GET, "/api/containers", &as_web, "").await.status == 200
    })
    .await;
    let mine: Snapshot = fetch(&quay.server, Method::GET, "/api/containers", &as_web, "").await.json();
    let mut viewer = Viewer::open(quay.server.address, "", &as_web).await;
    viewer.next().await;
    let hidden = all.containers.iter().find(|each| mine.containers.iter().all(|own| own.id != each.id)).unwrap().id;
    for id in [hidden, mine.containers[0].id] {
        let path = format!("/api/containers/{id}?force=true");
        assert_eq!(fetch(&quay.server, Method::DELETE, &path, &as_root, "").await.status, 204);
    }
    let gone = mine.containers[0].id;
    let came = viewer
        .until("its own container is removed", TEST_TIMEOUT, |picture: &Picture| {
            !picture.containers.contains_key(&local(gone))
        })
        .await;
    for received in came {
        let Frame::Delta(delta) = received.frame else { continue };
        assert!(delta.removed.iter().all(|found| found.id != hidden), "the removal of an invisible container was sent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_uses_real_label_values_and_reveals_nothing_outside() {
    let users = [account("root", Role::Admin, &[]), account("ada", Role::Viewer, &["secret-team=web"])];
    let (quay, _file, _folder) = guarded("quiet:1", &users).await;
    let hidden = quay.simulator.act(|engine, now| {
        let hidden = engine.create(idler("vpn"), now).unwrap().to_string();
        engine.start("vpn", now).unwrap();
        for (name, team) in [("mine", "web"), ("theirs", "******")] {
            let labels = [("secret-team".to_owned(), team.to_owned())].into();
            let network_mode = format!("container:{hidden}");
            engine.create(ContainerSpec { labels, network_mode, ..idler(name) }, now).unwrap();
            engine.start(name, now).unwrap();
        }
        hidden
    });
    let root = session(&quay.server, "root").await;
    let ada = session(&quay.server, "ada").await;
    let as_ada = [("cookie", ada.as_str())];
    let list = async |cookie: &str| -> Snapshot {
        fetch(&quay.server, Method::GET, "/api/containers", &[("cookie", cookie)], "").await.json()
    };
    eventually("both are there", async || {
        let all = list(&root).await;
        all.containers.iter().filter(|each| each.network_of.is_some()).count() == 2
    })
    .await;
    let mine = list(&ada).await;
    let names: Vec<_> = mine.containers.iter().map(|each| each.name.as_str()).collect();
    assert_eq!(names, ["mine"], "the mask is no label");
    assert_eq!(mine.containers[0].labels.get("secret-team").map(String::as_str), Some("******"));
    assert_eq!(mine.containers[0].network_of, None);
    let own = mine.containers[0].id;
    for path in
        ["/api/containers".to_owned(), format!("/api/containers/{own}"), format!("/api/containers/{own}/inspect")]
    {
        let response = fetch(&quay.server, Method::GET, &path, &as_ada, "").await;
        assert_eq!(response.status, 200, "{path}");
        let body = String::from_utf8_lossy(&response.body).into_owned();
        assert!(!body.contains(&hidden) && !body.contains("\"web\""), "{path}: {body}");
    }
    // Hidden and missing containers: the same response after the same time.
    let page = async |id: &str| {
        let began = std::time::Instant::now();
        let path = format!("/containers/{id}");
        let response = fetch(&quay.server, Method::GET, &path, &[as_ada[0], ("accept", "text/html")], "").await;
        (response.status, began.elapsed())
    };
    let (status, took) = page(&hidden).await;
    let (other_status, other_took) = page(&"ef".repeat(32)).await;
    assert_eq!(status, other_status);
    let apart = took.abs_diff(other_took);
    assert!(took.as_millis() >= 500 && apart.as_millis() < 300, "{took:?} and {other_took:?}");
}
