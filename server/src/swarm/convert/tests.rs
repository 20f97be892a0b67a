//! Lists as real managers send them, and what is left of damaged ones.

use super::*;
use app::model::Timestamp;
use serde_json::json;

fn node_row(id: &str, name: &str, state: &str) -> Value {
    json!({
        "ID": id, "Version": {"Index": 9}, "Spec": {"Labels": {}, "Role": "manager", "Availability": "active"},
        "Description": {"Hostname": name, "Engine": {"EngineVersion": "28.5.2"}},
        "Status": {"State": state, "Addr": "10.9.0.1"},
        "ManagerStatus": {"Leader": true, "Reachability": "reachable", "Addr": "10.9.0.1:2377"},
    })
}

fn service_row(id: &str, name: &str, mode: &Value) -> Value {
    json!({
        "ID": id, "Version": {"Index": 31},
        "Spec": {
            "Name": name, "Labels": {"com.docker.stack.namespace": "shop", "team": "web"},
            "TaskTemplate": {"ContainerSpec": {"Image": "registry.example:5000/web:1.2@sha256:0f", "Labels": {"tier": "front"}}, "ForceUpdate": 0},
            "Mode": mode, "EndpointSpec": {"Mode": "vip"},
        },
        "PreviousSpec": {"Name": name},
        "Endpoint": {"Spec": {}, "Ports": [
            {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"},
            {"TargetPort": 53, "Protocol": "udp", "PublishMode": "host"},
        ]},
        "UpdateStatus": {"State": "updating", "StartedAt": "2026-11-30T00:00:00Z", "Message": "update in progress"},
    })
}

fn task_row(id: &str, slot: u64, node: &str, desired: &str, state: &str, at: u64) -> Value {
    json!({
        "ID": id, "ServiceID": "s1", "Slot": slot, "NodeID": node, "DesiredState": desired,
        "CreatedAt": format!("2026-11-30T00:00:{at:02}Z"),
        "Status": {
            "Timestamp": format!("2026-11-30T00:00:{at:02}.5Z"), "State": state, "Message": "started",
            "ContainerStatus": {"ContainerID": "ab".repeat(32), "PID": 12, "ExitCode": 0},
        },
    })
}

fn read(nodes: Vec<Value>, services: Vec<Value>, tasks: Vec<Value>) -> Lists {
    Lists::read(&SwarmLists { nodes, services, tasks })
}

fn replicated(count: u64) -> Value {
    json!({"Replicated": {"Replicas": count}})
}

#[test]
fn a_node_is_read_in_full() {
    let lists = read(vec![node_row("n2", "web-2", "ready"), node_row("n1", "web-1", "down")], vec![], vec![]);
    let names: Vec<_> = lists.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["web-1", "web-2"]);
    let node = &lists.nodes[0];
    assert_eq!((node.role.as_str(), node.availability.as_str(), node.state.as_str()), ("manager", "active", "down"));
    assert!(node.leader && node.engine.is_none() && node.message.is_none());
}

#[test]
fn a_service_is_read_in_full() {
    let lists = read(vec![], vec![service_row("s1", "shop_web", &replicated(4))], vec![]);
    let service = &lists.services[0];
    assert_eq!((service.name.as_str(), service.stack.as_deref()), ("shop_web", Some("shop")));
    assert_eq!((service.image.as_str(), service.mode.as_str()), ("registry.example:5000/web:1.2", "replicated"));
    assert_eq!(service.replicas, SwarmReplicas { running: 0, desired: 4 });
    assert_eq!(service.update_state.as_deref(), Some("updating"));
    assert!(service.can_roll_back);
    let ports: Vec<_> =
        service.ports.iter().map(|port| (port.public_port, port.private_port, &*port.protocol)).collect();
    assert_eq!(ports, [(None, 53, "udp"), (Some(8080), 80, "tcp")]);
    let label =
        |name: &str| lists.labels["s1"].iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((label("team"), label("tier")), (Some("web"), Some("front")));
    assert_eq!(label("com.docker.swarm.service.name"), Some("shop_web"));
}

#[test]
fn only_wanted_tasks_on_nodes_that_are_up_count_as_running() {
    let tasks = vec![
        task_row("t1", 1, "n1", "running", "running", 1),
        task_row("t2", 2, "n1", "running", "starting", 1),
        task_row("t3", 3, "n2", "running", "running", 1),
        task_row("t4", 4, "n1", "shutdown", "running", 1),
        task_row("t5", 1, "n1", "shutdown", "failed", 0),
    ];
    let nodes = || vec![node_row("n1", "web-1", "ready"), node_row("n2", "web-2", "down")];
    let counted = |mode: Value| {
        let lists = read(nodes(), vec![service_row("s1", "web", &mode)], tasks.clone());
        (lists.services[0].mode.clone(), lists.services[0].replicas.running, lists.services[0].replicas.desired)
    };
    assert_eq!(counted(replicated(5)), ("replicated".into(), 1, 5));
    assert_eq!(counted(json!({"Replicated": {}})), ("replicated".into(), 1, 1));
    assert_eq!(counted(json!({"Global": {}})), ("global".into(), 1, 3));
    assert_eq!(counted(json!({"ReplicatedJob": {"MaxConcurrent": 2}})), ("replicated-job".into(), 1, 3));
    assert_eq!(counted(json!({"GlobalJob": {}})), ("global-job".into(), 1, 3));
}

#[test]
fn tasks_are_ordered_by_slot_with_the_newest_first() {
    let mut failed = task_row("t0", 1, "n1", "shutdown", "failed", 1);
    failed["Status"]["Err"] = "task: non-zero exit (137)".into();
    failed["Status"]["ContainerStatus"]["ExitCode"] = 137.into();
    let older = task_row("t9", 1, "n1", "shutdown", "shutdown", 0);
    let tasks = vec![
        task_row("t2", 2, "", "running", "pending", 5),
        failed,
        older,
        task_row("t1", 1, "n1", "running", "running", 3),
    ];
    let lists = read(vec![node_row("n1", "web-1", "ready")], vec![service_row("s1", "web", &replicated(2))], tasks);
    let ids: Vec<_> = lists.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids, ["t1", "t0", "t9", "t2"]);
    let [running, failed, _, pending] = &lists.tasks[..] else { panic!("{lists:?}") };
    assert_eq!((running.exit_code, running.error.as_deref()), (None, None));
    assert_eq!(running.since, Some("2026-11-30T00:00:03.500Z".parse::<Timestamp>().unwrap_or_default()));
    assert_eq!((running.service_name.as_str(), running.node_name.as_deref()), ("web", Some("web-1")));
    assert_eq!((failed.exit_code, failed.error.as_deref()), (Some(137), Some("task: non-zero exit (137)")));
    assert_eq!((pending.node.as_deref(), pending.node_name.as_deref()), (None, None));
    assert_eq!(lists.containers.len(), 4);
}

#[test]
fn damaged_rows_lose_only_what_is_damaged() {
    let lists = read(
        vec![json!({"ID": "n1", "Spec": 7, "Status": null}), json!({"Spec": {}}), json!(null)],
        vec![
            json!({"ID": "s1", "Spec": {"Name": ["web"], "Labels": [], "Mode": {"Replicated": "many"}}, "Endpoint": {"Ports": [{"TargetPort": 99999}]}}),
        ],
        vec![json!({"ID": "t1", "ServiceID": "s1", "Status": "running", "Slot": "x"}), json!({"ID": "t2"})],
    );
    let (node, service, task) = (&lists.nodes[0], &lists.services[0], &lists.tasks[0]);
    assert_eq!((lists.nodes.len(), lists.services.len(), lists.tasks.len()), (1, 1, 1));
    assert_eq!((node.name.as_str(), node.state.as_str(), node.availability.as_str()), ("n1", "unknown", "active"));
    assert_eq!((service.name.as_str(), service.ports.len(), service.replicas.desired), ("s1", 0, 1));
    assert_eq!((task.state.as_str(), task.desired_state.as_str(), task.slot), ("unknown", "unknown", None));
    assert_eq!((task.service_name.as_str(), task.since), ("s1", None));
}

#[test]
fn texts_are_on_one_line_and_without_secrets() {
    let mut task = task_row("t1", 1, "n1", "shutdown", "rejected", 1);
    task["Status"]["Message"] = "preparing\n\u{1b}[31mfailed: mysql --password=hunter2".into();
    let lists = read(vec![], vec![], vec![task]);
    let error = lists.tasks[0].error.clone().unwrap_or_default();
    assert!(error.starts_with("preparing failed:") && !error.contains("hunter2"), "{error}");
}
