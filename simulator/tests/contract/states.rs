//! State in list and inspect after each action.

use bollard::models::ContainerStateStatusEnum as Status;
use bollard::models::HostConfig;
use std::time::{Duration, Instant};

use crate::support::lab::Lab;

const NEVER: &str = "0001-01-01T00:00:00Z";

pub(crate) async fn a_created_container_has_never_run(lab: &Lab) {
    let id = lab.create("new", &["sleep", "100"]).await;
    let state = lab.state(&id).await;
    assert_eq!(state.status, Some(Status::CREATED));
    assert_eq!(
        (state.running, state.paused, state.restarting, state.dead),
        (Some(false), Some(false), Some(false), Some(false))
    );
    assert_eq!((state.pid, state.exit_code), (Some(0), Some(0)));
    assert_eq!((state.started_at.as_deref(), state.finished_at.as_deref()), (Some(NEVER), Some(NEVER)));
    let row = lab.row(&id, "created").await;
    assert_eq!(row.status.as_deref(), Some("Created"));
    assert_eq!(row.names, Some(vec![format!("/{}", lab.name("new"))]));
    assert_eq!((row.image.as_deref(), row.command.as_deref()), (Some(lab.image.as_str()), Some("sleep 100")));
}

pub(crate) async fn a_started_container_is_running(lab: &Lab) {
    let id = lab.run("runner", &["sleep", "100"]).await;
    let state = lab.state(&id).await;
    assert_eq!((state.status, state.running), (Some(Status::RUNNING), Some(true)));
    assert!(state.pid > Some(0));
    assert!(state.started_at.unwrap().starts_with("20"));
    assert_eq!(state.finished_at.as_deref(), Some(NEVER));
    let row = lab.row(&id, "running").await;
    assert!(row.status.unwrap().starts_with("Up "));
    assert!(row.image_id.unwrap().starts_with("sha256:"));
}

pub(crate) async fn a_paused_container_keeps_its_process_and_can_be_unpaused(lab: &Lab) {
    let id = lab.run("sleeper", &["sleep", "100"]).await;
    let pid = lab.state(&id).await.pid;
    lab.docker.pause_container(&id).await.unwrap();
    let state = lab.state(&id).await;
    assert_eq!((state.status, state.running, state.paused), (Some(Status::PAUSED), Some(true), Some(true)));
    assert_eq!(state.pid, pid);
    assert!(lab.row(&id, "paused").await.status.unwrap().ends_with("(Paused)"));
    lab.docker.unpause_container(&id).await.unwrap();
    let state = lab.state(&id).await;
    assert_eq!((state.status, state.paused, state.pid), (Some(Status::RUNNING), Some(false), pid));
}

pub(crate) async fn a_stopped_container_has_its_programs_exit_code(lab: &Lab) {
    let id = lab.greeter("polite").await;
    lab.stop(&id, 10).await;
    let state = lab.state(&id).await;
    assert_eq!((state.status, state.running), (Some(Status::EXITED), Some(false)));
    assert_eq!((state.exit_code, state.pid, state.oom_killed), (Some(7), Some(0), Some(false)));
    assert!(state.finished_at > state.started_at);
    assert!(lab.row(&id, "exited").await.status.unwrap().starts_with("Exited (7) "));
}

pub(crate) async fn a_process_that_ignores_sigterm_is_killed_after_the_timeout(lab: &Lab) {
    let id = lab.run("deaf", &["sleep", "100"]).await;
    let started = Instant::now();
    lab.stop(&id, 1).await;
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(lab.state(&id).await.exit_code, Some(137));
}

pub(crate) async fn a_killed_container_exits_with_137(lab: &Lab) {
    let id = lab.run("killed", &["sleep", "100"]).await;
    lab.kill(&id, "SIGKILL").await.unwrap();
    let state = lab.until(&id, |state| state.running == Some(false)).await;
    assert_eq!((state.status, state.exit_code, state.oom_killed), (Some(Status::EXITED), Some(137), Some(false)));
}

pub(crate) async fn an_ignored_signal_leaves_the_container_running(lab: &Lab) {
    let id = lab.run("steady", &["sleep", "100"]).await;
    // Process 1 ignores every signal without a handler.
    for signal in ["WINCH", "HUP", "INT"] {
        lab.kill(&id, signal).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(lab.status(&id).await, Status::RUNNING);
}

pub(crate) async fn an_exited_program_leaves_its_exit_code(lab: &Lab) {
    let id = lab.run("short", &["sh", "-c", "exit 3"]).await;
    let state = lab.until(&id, |state| state.running == Some(false)).await;
    assert_eq!((state.status, state.exit_code), (Some(Status::EXITED), Some(3)));
}

pub(crate) async fn a_restarted_container_has_a_new_run(lab: &Lab) {
    let id = lab.greeter("again").await;
    let before = lab.state(&id).await;
    lab.restart(&id, 10).await;
    let after = lab.state(&id).await;
    assert_eq!((after.status, after.exit_code), (Some(Status::RUNNING), Some(0)));
    assert!(after.started_at > before.started_at);
    assert!(after.finished_at > before.started_at);
    assert_eq!(lab.inspect(&id).await.restart_count, Some(0));
}

pub(crate) async fn restart_starts_a_stopped_container(lab: &Lab) {
    let id = lab.create("cold", &["sleep", "100"]).await;
    lab.restart(&id, 0).await;
    assert_eq!(lab.status(&id).await, Status::RUNNING);
}

pub(crate) async fn a_renamed_container_is_found_by_its_new_name(lab: &Lab) {
    let id = lab.create("before", &["sleep", "100"]).await;
    lab.rename(&id, &lab.name("after")).await.unwrap();
    let inspected = lab.inspect(&lab.name("after")).await;
    assert_eq!(inspected.id, Some(id));
    assert_eq!(inspected.name, Some(format!("/{}", lab.name("after"))));
    assert!(lab.docker.inspect_container(&lab.name("before"), None).await.is_err());
}

pub(crate) async fn a_removed_container_is_gone(lab: &Lab) {
    let id = lab.create("gone", &["sleep", "100"]).await;
    lab.remove(&id, false).await.unwrap();
    assert!(lab.docker.inspect_container(&id, None).await.is_err());
    assert!(lab.list(true, &[]).await.is_empty());
}

pub(crate) async fn force_removes_a_running_container_and_its_process(lab: &Lab) {
    let id = lab.run("stubborn", &["sleep", "100"]).await;
    lab.remove(&id, true).await.unwrap();
    assert!(lab.docker.inspect_container(&id, None).await.is_err());
}

pub(crate) async fn an_auto_removed_container_is_gone_after_its_exit(lab: &Lab) {
    let mut body = lab.body(&["sleep", "0.2"]);
    let host = body.host_config.take().unwrap();
    body.host_config = Some(HostConfig { auto_remove: Some(true), ..host });
    let id = lab.run_body("fleeting", body).await;
    lab.until_gone(&id).await;
}

pub(crate) async fn a_missing_executable_leaves_the_container_created(lab: &Lab) {
    let id = lab.create("impossible", &["no-such-program"]).await;
    let sentence = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: \
                    exec: \"no-such-program\": executable file not found in $PATH: unknown";
    lab.assert_refused(lab.docker.start_container(&id, None).await, 400, sentence);
    let state = lab.state(&id).await;
    assert_eq!((state.status, state.exit_code), (Some(Status::CREATED), Some(127)));
    assert!(state.error.unwrap().contains("executable file not found"));
}

pub(crate) async fn an_id_prefix_is_enough(lab: &Lab) {
    let id = lab.create("prefix", &["sleep", "100"]).await;
    assert_eq!(id.len(), 64);
    assert_eq!(lab.inspect(&id[..16]).await.id, Some(id));
}

pub(crate) async fn inspect_shows_the_requested_values(lab: &Lab) {
    let mut body = lab.body(&["sleep", "100"]);
    body.env = Some(vec!["GREETING=hello there".to_owned()]);
    let host = body.host_config.take().unwrap();
    body.host_config =
        Some(HostConfig { memory: Some(64 << 20), binds: Some(vec!["/tmp:/from-host:ro".to_owned()]), ..host });
    let id = lab.create_body("described", body).await.unwrap();
    let inspected = lab.inspect(&id).await;
    let (config, host) = (inspected.config.unwrap(), inspected.host_config.unwrap());
    assert_eq!((inspected.path.as_deref(), inspected.args), (Some("sleep"), Some(vec!["100".to_owned()])));
    assert!(config.env.unwrap().contains(&"GREETING=hello there".to_owned()));
    assert_eq!(config.labels.unwrap().len(), 1);
    assert_eq!((host.memory, host.network_mode.as_deref()), (Some(64 << 20), Some("none")));
    let mounts = inspected.mounts.unwrap();
    assert_eq!(mounts.len(), 1);
    assert_eq!((mounts[0].typ.as_deref(), mounts[0].rw), (Some("bind"), Some(false)));
    assert_eq!((mounts[0].source.as_deref(), mounts[0].destination.as_deref()), (Some("/tmp"), Some("/from-host")));
    assert!(inspected.network_settings.unwrap().networks.unwrap().contains_key("none"));
}
