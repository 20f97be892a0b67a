//! Who may see some containers sees nothing of the others, on any road.

use super::sign_in::{account, ask, guarded, session};
use crate::support::{SOON, Viewer, eventually, idler};
use app::{
    model::{ContainerId, Occurrences},
    protocol::{Frame, Picture, Snapshot},
};
use hyper::Method;
use server::auth::Role;
use simulator::ContainerSpec;

/// The Compose project of the first container; its others are out of sight.
fn first_project(all: &Snapshot) -> String {
    all.containers.iter().find_map(|each| each.project.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_out_of_scope_is_on_no_road() {
    // What the simulated engine is cast with, whatever else there is.
    let project = "shop".to_owned();
    let label = format!("com.docker.compose.project={project}");
    let users = [account("root", Role::Admin, &[]), account("ada", Role::Operator, &[&label])];
    let (quay, _file, _folder) = guarded("busy:20", &users).await;
    let root = session(&quay.server, "root").await;
    let as_root = [("cookie", root.as_str())];
    let all: Snapshot = ask(&quay.server, Method::GET, "/api/containers", &as_root, "").await.json();
    let ada = session(&quay.server, "ada").await;
    let as_ada = [("cookie", ada.as_str())];

    let mut viewer = Viewer::open(quay.server.address, "", &as_ada).await;
    viewer.next().await;
    viewer.until("numbers come", SOON, |picture: &Picture| picture.sampled_at.is_some()).await;
    let mine: Snapshot = ask(&quay.server, Method::GET, "/api/containers", &as_ada, "").await.json();
    assert!(!mine.containers.is_empty() && mine.containers.len() < all.containers.len());
    assert!(mine.containers.iter().all(|each| each.project.as_deref() == Some(&project)));
    assert!(mine.stats.iter().all(|sample| mine.containers.iter().any(|each| each.id == sample.container_id)));

    let hidden: Vec<ContainerId> =
        all.containers.iter().filter(|each| each.project.as_deref() != Some(&project)).map(|each| each.id).collect();
    let (own, other) = (mine.containers[0].id, hidden[0]);
    let get = async |path: String| ask(&quay.server, Method::GET, &path, &as_ada, "").await;
    assert_eq!(get(format!("/api/containers/{own}")).await.status, 200);
    for path in ["", "/inspect", "/processes", "/stats", "/logs", "/logs/stream"] {
        get(format!("/api/containers/{other}{path}")).await.problem(404, "no_such_container");
    }
    get(format!("/api/logs/stream?ids={own},{other}")).await.problem(404, "no_such_container");
    for (method, path) in [(Method::POST, "/stop"), (Method::POST, "/kill"), (Method::DELETE, "?force=true")] {
        let path = format!("/api/containers/{other}{path}");
        ask(&quay.server, method, &path, &as_ada, "").await.problem(404, "no_such_container");
    }
    for id in [own, other] {
        ask(&quay.server, Method::POST, &format!("/api/containers/{id}/restart"), &as_root, "").await;
    }
    let told = async || get("/api/events".to_owned()).await.json::<Occurrences>().events;
    eventually("its own events are told", async || told().await.iter().any(|event| event.container_id == own)).await;
    assert!(told().await.iter().all(|event| !hidden.contains(&event.container_id)));
    let names: Vec<_> =
        all.containers.iter().filter(|each| hidden.contains(&each.id)).map(|each| each.name.clone()).collect();
    for page in ["/containers", "/events", "/nothing", &format!("/containers/{other}"), &format!("/containers/{own}")] {
        let answer = ask(&quay.server, Method::GET, page, &[as_ada[0], ("accept", "text/html")], "").await;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let told: Vec<_> = names.iter().filter(|name| body.contains(name.as_str())).collect();
        assert!(told.is_empty(), "{page} tells of {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_in_scope_come_and_those_out_of_it_do_not() {
    let (quay, file, _folder) = guarded("busy:20", &[account("root", Role::Admin, &[])]).await;
    let root = session(&quay.server, "root").await;
    let as_root = [("cookie", root.as_str())];
    let all: Snapshot = ask(&quay.server, Method::GET, "/api/containers", &as_root, "").await.json();
    let label = format!("com.docker.compose.project={}", first_project(&all));
    let token = super::sign_in::token(&file, "web", Role::Operator, &[&label]);
    let bearer = format!("Bearer {token}");
    let as_web = [("authorization", bearer.as_str())];
    eventually("the token holds", async || {
        ask(&quay.server, Method::GET, "/api/containers", &as_web, "").await.status == 200
    })
    .await;
    let mine: Snapshot = ask(&quay.server, Method::GET, "/api/containers", &as_web, "").await.json();
    let mut viewer = Viewer::open(quay.server.address, "", &as_web).await;
    viewer.next().await;
    let hidden = all.containers.iter().find(|each| mine.containers.iter().all(|own| own.id != each.id)).unwrap().id;
    for id in [hidden, mine.containers[0].id] {
        let path = format!("/api/containers/{id}?force=true");
        assert_eq!(ask(&quay.server, Method::DELETE, &path, &as_root, "").await.status, 204);
    }
    let gone = mine.containers[0].id;
    let came = viewer.until("its own is gone", SOON, |picture: &Picture| !picture.containers.contains_key(&gone)).await;
    for received in came {
        let Frame::Delta(delta) = received.frame else { continue };
        assert!(delta.removed.iter().all(|told| told.id != hidden), "told of the removal of one that was never seen");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_is_compared_with_labels_as_they_are_and_names_nothing_outside_it() {
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
        ask(&quay.server, Method::GET, "/api/containers", &[("cookie", cookie)], "").await.json()
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
        let answer = ask(&quay.server, Method::GET, &path, &as_ada, "").await;
        assert_eq!(answer.status, 200, "{path}");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!body.contains(&hidden) && !body.contains("\"web\""), "{path}: {body}");
    }
    // What is hidden and what does not exist: the same answer, after the same time.
    let page = async |id: &str| {
        let began = std::time::Instant::now();
        let path = format!("/containers/{id}");
        let answer = ask(&quay.server, Method::GET, &path, &[as_ada[0], ("accept", "text/html")], "").await;
        (answer.status, began.elapsed())
    };
    let (status, took) = page(&hidden).await;
    let (other_status, other_took) = page(&"ef".repeat(32)).await;
    assert_eq!(status, other_status);
    let apart = took.abs_diff(other_took);
    assert!(took.as_millis() >= 500 && apart.as_millis() < 300, "{took:?} and {other_took:?}");
}
