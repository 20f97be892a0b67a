//! A swarm of two real nodes: a manager and a worker, each in a network namespace of its own.
//!
//! It takes root, `ip` and `nsenter`, and a dockerd to start: see [`Dockerd`].

use crate::harbour::alone;
use crate::support::{Events, TEST_TIMEOUT, TestServer, dockerd::Dockerd, eventually, get, post};
use app::model::{ContainerState, EngineLink, SwarmCluster, SwarmTask, Swarms};
use std::{
    process::Command,
    time::{Duration, Instant},
};

/// The page shows a change within this time after the swarm has made it.
const FOLLOW_TIMEOUT: Duration = Duration::from_secs(2);
/// Timeout of the swarm itself: it starts, moves and stops tasks on a busy machine.
const SWARM_TIMEOUT: Duration = Duration::from_secs(60);

/// Two namespaces, joined by a cable; removed when dropped.
struct Cable {
    names: [String; 2],
}

impl Cable {
    /// `None` if this machine has no network namespaces.
    fn new() -> Option<Self> {
        let name = format!("ql{:06x}", fastrand::u32(..) & 0xff_ffff);
        let cable = Self { names: [format!("{name}a"), format!("{name}b")] };
        let [a, b] = &cable.names;
        let is_possible = ip(&["netns", "add", a]) && ip(&["netns", "add", b]);
        if !is_possible {
            assert_ne!(std::env::var("REQUIRE_DOCKER").as_deref(), Ok("1"), "REQUIRE_DOCKER=1, but ip netns fails");
            eprintln!("skipped: it takes network namespaces");
            return None;
        }
        assert!(ip(&["link", "add", a, "netns", a, "type", "veth", "peer", "name", b, "netns", b]));
        for (namespace, address) in [(a, Self::address(0)), (b, Self::address(1))] {
            assert!(ip(&["-n", namespace, "addr", "add", &format!("{address}/24"), "dev", namespace]));
            assert!(ip(&["-n", namespace, "link", "set", "lo", "up"]));
            assert!(ip(&["-n", namespace, "link", "set", namespace, "up"]));
        }
        Some(cable)
    }

    fn address(end: usize) -> String {
        format!("10.213.7.{}", end + 1)
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        for name in &self.names {
            ip(&["netns", "delete", name]);
        }
    }
}

fn ip(words: &[&str]) -> bool {
    Command::new("ip").args(words).output().is_ok_and(|done| done.status.success())
}

/// A daemon in a namespace.
fn daemon(namespace: &str) -> Option<Dockerd> {
    let mut daemon = Dockerd::new(&[])?;
    daemon.order(&format!("start nsenter --net=/run/netns/{namespace}"));
    daemon.wait_until_ready(SWARM_TIMEOUT);
    simulator::RealEngine::give_image(&daemon.url()).unwrap();
    Some(daemon)
}

/// The swarm and the server that watches both nodes.
struct Fleet {
    server: TestServer,
    manager: Dockerd,
    worker: Dockerd,
    /// After the daemons.
    _cable: Cable,
}

impl Fleet {
    async fn start() -> Option<Self> {
        let cable = Cable::new()?;
        let manager = daemon(&cable.names[0])?;
        let worker = daemon(&cable.names[1])?;
        let server =
            TestServer::start(&format!("ams={} fra={}", manager.url(), worker.url()), &["--allow-actions"]).await;
        eventually("both engines respond", async || {
            server.fetched().await.engines.iter().all(|engine| engine.link == EngineLink::Up)
        })
        .await;
        Some(Self { server, manager, worker, _cable: cable })
    }

    /// Makes a swarm of both, and returns once its nodes are joined to the engines.
    async fn join(&self, events: &mut Events) -> SwarmCluster {
        self.manager.docker(&["swarm", "init", "--advertise-addr", &Cable::address(0)]).unwrap();
        let token = self.manager.docker(&["swarm", "join-token", "-q", "worker"]).unwrap();
        let (own, other) = (Cable::address(1), format!("{}:2377", Cable::address(0)));
        self.worker.docker(&["swarm", "join", "--token", &token, "--advertise-addr", &own, &other]).unwrap();
        let joined = |cluster: &SwarmCluster| cluster.nodes.iter().filter(|node| node.engine.is_some()).count() == 2;
        until(events, "both nodes are joined to their engines", SWARM_TIMEOUT, joined).await
    }

    async fn act(&self, cluster: &str, object: &str, body: &str) {
        let response = post(self.server.address, &format!("/api/swarm/{cluster}/{object}"), body).await;
        assert_eq!(response.status, 204, "{response:?}");
    }

    /// Each running task has the container of its node, which runs.
    async fn assert_joined(&self, cluster: &SwarmCluster) {
        let picture = self.server.fetched().await;
        for task in running(cluster) {
            let node = cluster.nodes.iter().find(|node| Some(&node.id) == task.node.as_ref()).unwrap();
            let joined = task.container.unwrap();
            assert_eq!(Some(joined.engine), node.engine);
            let container = &picture.containers[&joined.key()];
            assert_eq!(container.labels.get("com.docker.swarm.task.id"), Some(&task.id));
            assert_eq!(container.state, ContainerState::Running);
        }
    }

    /// Number of running containers of the service, as the engines report them.
    fn containers(&self) -> usize {
        let count = |engine: &Dockerd| {
            let words = ["ps", "-q", "--filter", "label=com.docker.swarm.service.name=web"];
            engine.docker(&words).unwrap().lines().count()
        };
        count(&self.manager) + count(&self.worker)
    }

    /// Waits until the engines run this many, then until the stream shows it; prints the delay.
    async fn shows(&self, events: &mut Events, count: usize) -> SwarmCluster {
        let began = Instant::now();
        while self.containers() != count {
            assert!(began.elapsed() < SWARM_TIMEOUT, "the swarm does not run {count} tasks");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let changed = Instant::now();
        let is_so = |cluster: &SwarmCluster| {
            let replicas = cluster.services[0].replicas;
            running(cluster).len() == count && replicas.running == count as u64 && replicas.desired == count as u64
        };
        let cluster = until(events, "the page follows", FOLLOW_TIMEOUT, is_so).await;
        println!("{count} tasks: shown {} ms after the engines ran them", changed.elapsed().as_millis());
        cluster
    }
}

fn running(cluster: &SwarmCluster) -> Vec<&SwarmTask> {
    cluster.tasks.iter().filter(|task| task.desired_state == "running" && task.state == "running").collect()
}

/// Reads the stream until the cluster is as wanted.
async fn until(
    events: &mut Events,
    what: &str,
    within: Duration,
    is_so: impl Fn(&SwarmCluster) -> bool,
) -> SwarmCluster {
    let began = Instant::now();
    let mut last = None;
    while began.elapsed() < within {
        let event = events.next_data().await.unwrap();
        if event.name == "snapshot" {
            let swarms: Swarms = serde_json::from_value(event.data).unwrap();
            if let Some(cluster) = swarms.clusters.into_iter().next() {
                if is_so(&cluster) {
                    return cluster;
                }
                last = Some(cluster);
            }
        }
    }
    panic!("{what}: not within {within:?}: {last:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swarm_of_two_nodes_is_followed() {
    let _alone = alone().await;
    let Some(fleet) = Fleet::start().await else { return };
    let mut events = Events::open(fleet.server.address, "/api/swarm/stream", None).await;
    let cluster = fleet.join(&mut events).await;
    let leader = cluster.nodes.iter().find(|node| node.leader).unwrap();
    assert_eq!((leader.role.as_str(), leader.engine.map(|engine| engine.as_str())), ("manager", Some("ams")));

    let create = [
        "service",
        "create",
        "--detach",
        "--no-resolve-image",
        "--name",
        "web",
        "--replicas",
        "4",
        "--network",
        "host",
        "--stop-grace-period",
        "1s",
        "--update-parallelism",
        "0",
        "--label",
        "team=web",
        simulator::RealEngine::IMAGE,
        "sleep",
        "100000",
    ];
    fleet.manager.docker(&create).unwrap();
    let mut events = Events::open(fleet.server.address, "/api/swarm/stream", None).await;
    let cluster = fleet.shows(&mut events, 4).await;
    fleet.assert_joined(&cluster).await;
    let engines: std::collections::BTreeSet<_> =
        running(&cluster).iter().map(|task| task.container.unwrap().engine.as_str()).collect();
    assert_eq!(engines.into_iter().collect::<Vec<_>>(), ["ams", "fra"], "tasks of both nodes");

    let (id, web) = (cluster.id.clone(), cluster.services[0].id.clone());
    for replicas in [8, 2] {
        let body = format!(r#"{{"replicas": {replicas}}}"#);
        fleet.act(&id, &format!("services/{web}/scale"), &body).await;
        let cluster = fleet.shows(&mut events, replicas).await;
        fleet.assert_joined(&cluster).await;
    }

    // Killed at its engine, without Quaylight.
    let cluster = get(fleet.server.address, "/api/swarm").await.json::<Swarms>().clusters.remove(0);
    let victim = running(&cluster)[0].clone();
    let container = victim.container.unwrap();
    let engine = if container.engine.as_str() == "ams" { &fleet.manager } else { &fleet.worker };
    let killed = Instant::now();
    engine.docker(&["kill", &container.id.to_string()]).unwrap();
    let failed = |cluster: &SwarmCluster| {
        cluster.tasks.iter().any(|task| task.id == victim.id && task.state == "failed" && task.exit_code == Some(137))
    };
    let cluster = until(&mut events, "the killed task is shown as failed", FOLLOW_TIMEOUT, failed).await;
    println!("killed task: shown as failed after {} ms", killed.elapsed().as_millis());
    let error = cluster.tasks.iter().find(|task| task.id == victim.id).and_then(|task| task.error.clone());
    assert!(error.is_some_and(|error| error.contains("137")));
    fleet.shows(&mut events, 2).await;

    let worker = cluster.nodes.iter().find(|node| !node.leader).unwrap().id.clone();
    fleet.act(&id, &format!("nodes/{worker}/availability"), r#"{"availability": "drain"}"#).await;
    let drained = |cluster: &SwarmCluster| {
        let is_drained = cluster.nodes.iter().any(|node| node.id == worker && node.availability == "drain");
        is_drained
            && running(cluster).iter().all(|task| task.node.as_ref() != Some(&worker))
            && running(cluster).len() == 2
    };
    let cluster = until(&mut events, "the node is drained", SWARM_TIMEOUT, drained).await;
    fleet.assert_joined(&cluster).await;
    fleet.act(&id, &format!("nodes/{worker}/availability"), r#"{"availability": "active"}"#).await;

    let before: Vec<_> = running(&cluster).iter().map(|task| task.id.clone()).collect();
    fleet.act(&id, &format!("services/{web}/restart"), "").await;
    let renewed = |cluster: &SwarmCluster| {
        running(cluster).len() == 2 && running(cluster).iter().all(|task| !before.contains(&task.id))
    };
    until(&mut events, "every task is a new one", SWARM_TIMEOUT, renewed).await;
    fleet.act(&id, &format!("services/{web}/rollback"), "").await;
    let rolled_back = |cluster: &SwarmCluster| {
        cluster.services[0].update_state.as_deref().is_some_and(|state| state.starts_with("rollback"))
    };
    until(&mut events, "the rollback is shown", TEST_TIMEOUT, rolled_back).await;
}
