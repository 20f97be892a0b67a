//! The swarms of the engines: what is polled, when, and how it follows changes.

use crate::support::{Events, TestServer, eventually, get};
use app::model::{SwarmCluster, SwarmService, SwarmTask, Swarms};
use serde_json::{Value, json};
use simulator::{DaemonState, Endpoint, Options, Simulator, SimulatorHandle, Swarm};
use std::time::{Duration, Instant};

/// The page follows within this time.
const FOLLOW_TIMEOUT: Duration = Duration::from_secs(2);
/// A request waits at most this long for a manager, and a busy machine for a response.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

pub(crate) async fn simulator() -> SimulatorHandle {
    let options = Options { scenario: "quiet:0".parse().unwrap(), ..Options::default() };
    Simulator::start(options).await.unwrap()
}

/// A swarm of a manager, `ams-1`, and a worker, `fra-1`, and a server that watches both.
pub(crate) struct Fleet {
    pub(crate) manager: SimulatorHandle,
    pub(crate) worker: SimulatorHandle,
    pub(crate) swarm: Swarm,
    pub(crate) server: TestServer,
    /// Id of the service `web`, with four replicas.
    pub(crate) web: String,
}

impl Fleet {
    pub(crate) async fn start(flags: &[&str]) -> Self {
        let (manager, worker) = (simulator().await, simulator().await);
        let swarm = Swarm::init(manager.engine(), "ams-1");
        swarm.add("fra-1", false, Some(worker.engine()));
        let now = manager.clock().now();
        let web = swarm.create_replicated("web", 4, &json!({"team": "web"}), now);
        let server = watch(&[("ams-1", &manager), ("fra-1", &worker)], flags).await;
        Self { manager, worker, swarm, server, web }
    }

    pub(crate) async fn cluster(&self) -> SwarmCluster {
        swarms(&self.server).await.clusters.remove(0)
    }
}

/// A server that watches these engines.
pub(crate) async fn watch(engines: &[(&str, &SimulatorHandle)], flags: &[&str]) -> TestServer {
    let named: Vec<_> = engines.iter().map(|(name, engine)| format!("{name}={}", engine.endpoint())).collect();
    let server = TestServer::start(&named.join(" "), flags).await;
    let count = engines.len();
    eventually("all engines respond", async || {
        let engines = server.fetched().await.engines;
        engines.len() == count && engines.iter().all(|engine| engine.link == app::model::EngineLink::Up)
    })
    .await;
    server
}

pub(crate) async fn swarms(server: &TestServer) -> Swarms {
    let response = get(server.address, "/api/swarm").await;
    assert_eq!(response.status, 200);
    response.json()
}

pub(crate) fn service<'a>(cluster: &'a SwarmCluster, name: &str) -> &'a SwarmService {
    cluster.services.iter().find(|service| service.name == name).unwrap()
}

/// Tasks that run and should.
pub(crate) fn running(cluster: &SwarmCluster) -> Vec<&SwarmTask> {
    cluster.tasks.iter().filter(|task| task.desired_state == "running" && task.state == "running").collect()
}

/// Reads the stream until a cluster is as wanted, and returns it with the time this took.
pub(crate) async fn until(
    events: &mut Events,
    what: &str,
    is_so: impl Fn(&SwarmCluster) -> bool,
) -> (SwarmCluster, Duration) {
    let began = Instant::now();
    while began.elapsed() < FOLLOW_TIMEOUT {
        let event = events.next_data().await.unwrap();
        if event.name == "snapshot" {
            let mut swarms: Swarms = serde_json::from_value(event.data).unwrap();
            if swarms.clusters.len() == 1 && is_so(&swarms.clusters[0]) {
                return (swarms.clusters.remove(0), began.elapsed());
            }
        }
    }
    panic!("{what}: not within {FOLLOW_TIMEOUT:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swarm_is_shown_with_its_tasks_joined_to_the_containers_of_linked_nodes() {
    let fleet = Fleet::start(&[]).await;
    let cluster = fleet.cluster().await;
    assert_eq!(cluster.id, fleet.swarm.id());
    let managers: Vec<_> = cluster.managers.iter().map(|engine| engine.as_str()).collect();
    assert_eq!((managers, cluster.polled_by.map(|engine| engine.as_str())), (vec!["ams-1"], Some("ams-1")));
    assert!(cluster.polled_at.is_some() && cluster.error.is_none());
    let nodes: Vec<_> = cluster
        .nodes
        .iter()
        .map(|node| (&*node.name, &*node.role, node.leader, node.engine.map(|engine| engine.as_str())))
        .collect();
    assert_eq!(nodes, [("ams-1", "manager", true, Some("ams-1")), ("fra-1", "worker", false, Some("fra-1"))]);
    let web = service(&cluster, "web");
    assert_eq!((web.replicas.running, web.replicas.desired, web.mode.as_str()), (4, 4, "replicated"));
    let picture = fleet.server.fetched().await;
    let tasks = running(&cluster);
    assert_eq!(tasks.len(), 4);
    for task in tasks {
        let container = &picture.containers[&task.container.unwrap().key()];
        assert_eq!(Some(container.engine.as_str()), task.node_name.as_deref());
        assert_eq!(container.labels.get("com.docker.swarm.task.id"), Some(&task.id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_the_swarm_are_in_the_stream_within_two_seconds() {
    let fleet = Fleet::start(&["--allow-actions"]).await;
    let mut events = Events::open(fleet.server.address, "/api/swarm/stream", None).await;
    until(&mut events, "four run", |cluster| running(cluster).len() == 4).await;
    let path = format!("/api/swarm/{}/services/{}/scale", fleet.swarm.id(), fleet.web);
    for replicas in [8, 2] {
        let body = json!({ "replicas": replicas }).to_string();
        assert_eq!(crate::support::post(fleet.server.address, &path, &body).await.status, 204);
        let is_so = |cluster: &SwarmCluster| {
            running(cluster).len() == replicas && service(cluster, "web").replicas.desired == replicas as u64
        };
        until(&mut events, "it is scaled", is_so).await;
    }
    // Killed beside Quaylight: managers announce no task events.
    let (cluster, _) = until_next(&fleet, |cluster| running(cluster).len() == 2).await;
    let victim = running(&cluster)[0].clone();
    let engine = if victim.node_name.as_deref() == Some("ams-1") { &fleet.manager } else { &fleet.worker };
    engine.act(|engine, now| engine.crash(&victim.container.unwrap().id.to_string(), 137, false, now)).unwrap();
    let replaced = |cluster: &SwarmCluster| {
        let failed = cluster.tasks.iter().find(|task| task.id == victim.id);
        failed.is_some_and(|task| task.state == "failed" && task.exit_code == Some(137) && task.error.is_some())
            && running(cluster).len() == 2
    };
    until(&mut events, "the killed task is replaced", replaced).await;
}

async fn until_next(fleet: &Fleet, is_so: impl Fn(&SwarmCluster) -> bool) -> (SwarmCluster, ()) {
    let cluster = fleet.cluster().await;
    assert!(is_so(&cluster));
    (cluster, ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_polled_without_viewers() {
    let fleet = Fleet::start(&[]).await;
    let calls = || (fleet.manager.calls().count(Endpoint::Swarm), fleet.worker.calls().count(Endpoint::Info));
    // The watcher has read /info once.
    assert_eq!(calls(), (0, 1));
    fleet.cluster().await;
    assert_eq!(calls(), (3, 2), "nodes, services, tasks; and whether the worker is still one");
    // From memory within a second.
    fleet.cluster().await;
    assert_eq!(calls(), (3, 2));
    let mut events = Events::open(fleet.server.address, "/api/swarm/stream", None).await;
    assert_eq!(events.next_data().await.unwrap().name, "snapshot");
    // Nothing changes, so that only the time of the poll is sent.
    let polled = events.next_data().await.unwrap();
    assert_eq!(polled.name, "polled");
    assert!(polled.data["polledAt"][fleet.swarm.id()].is_string());
    drop(events);
    let at_end = eventually_constant(|| fleet.manager.calls().count(Endpoint::Swarm)).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(fleet.manager.calls().count(Endpoint::Swarm), at_end);
}

/// Waits until a number does not change for longer than the interval of polls.
async fn eventually_constant(number: impl Fn() -> u64) -> u64 {
    for _ in 0..5 {
        let before = number();
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        if number() == before {
            return before;
        }
    }
    panic!("it still changes: {}", number());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engines_that_join_and_leave_while_connected_are_noticed() {
    let (manager, worker) = (simulator().await, simulator().await);
    let server = watch(&[("ams-1", &manager), ("fra-1", &worker)], &[]).await;
    assert_eq!(swarms(&server).await, Swarms::default());
    let swarm = Swarm::init(manager.engine(), "ams-1");
    eventually("the swarm is shown", async || swarms(&server).await.clusters.len() == 1).await;
    swarm.add("fra-1", false, Some(worker.engine()));
    let joined = async || {
        let cluster = swarms(&server).await.clusters.remove(0);
        cluster.nodes.iter().filter(|node| node.engine.is_some()).count() == 2
    };
    eventually("the second node is joined to its engine", joined).await;
    swarm.leave(manager.engine());
    eventually("the last manager is gone", async || swarms(&server).await.clusters.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manager_that_does_not_respond_costs_a_bounded_time_and_another_takes_its_place() {
    let fleet = Fleet::start(&[]).await;
    let other = simulator().await;
    fleet.swarm.add("ams-2", true, Some(other.engine()));
    let server = watch(&[("ams-1", &fleet.manager), ("ams-2", &other)], &[]).await;
    let first = swarms(&server).await.clusters.remove(0);
    assert_eq!(first.managers.len(), 2);
    fleet.manager.faults().set_daemon(DaemonState::Frozen).await;
    let began = Instant::now();
    let seen = swarms(&server).await.clusters.remove(0);
    assert!(began.elapsed() < REQUEST_TIMEOUT, "{:?}", began.elapsed());
    assert_eq!(seen.services.len(), 1, "what is known stays");
    eventually("the other manager is asked", async || {
        let cluster = swarms(&server).await.clusters.remove(0);
        cluster.polled_by.map(|engine| engine.as_str()) == Some("ams-2") && cluster.error.is_none()
    })
    .await;
    fleet.manager.faults().set_daemon(DaemonState::Up).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_polled_stays_dated_with_the_reason() {
    let fleet = Fleet::start(&[]).await;
    let polled_at = fleet.cluster().await.polled_at;
    fleet.manager.faults().set_daemon(DaemonState::Down).await;
    eventually("the reason is shown", async || fleet.cluster().await.error.is_some()).await;
    let cluster = fleet.cluster().await;
    assert_eq!((cluster.polled_at, cluster.services.len(), cluster.nodes.len()), (polled_at, 1, 2));
    assert!(cluster.error.is_some_and(|error| !error.message.is_empty() && !error.hint.is_empty()));
    fleet.manager.faults().set_daemon(DaemonState::Up).await;
    eventually("it is polled again", async || {
        let cluster = fleet.cluster().await;
        cluster.error.is_none() && cluster.polled_at > polled_at
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_nodes_that_are_not_linked_have_no_container() {
    let manager = simulator().await;
    let swarm = Swarm::init(manager.engine(), "ams-1");
    swarm.add("elsewhere", false, None);
    swarm.create_global("agent", &Value::Null, manager.clock().now());
    let server = watch(&[("local", &manager)], &[]).await;
    let cluster = swarms(&server).await.clusters.remove(0);
    let tasks: Vec<_> = cluster
        .tasks
        .iter()
        .map(|task| (task.node_name.as_deref(), task.slot, task.state.as_str(), task.container.is_some()))
        .collect();
    assert_eq!(tasks, [(Some("ams-1"), None, "running", true), (Some("elsewhere"), None, "running", false)]);
    assert_eq!(service(&cluster, "agent").mode, "global");
}
