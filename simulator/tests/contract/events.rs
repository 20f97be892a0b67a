//! Events of each action, their order and their attributes.

use bollard::models::{HostConfig, RestartPolicy, RestartPolicyNameEnum};
use futures::StreamExt;
use tokio::time::timeout;

use crate::support::lab::{Lab, LabEvent, TEST_TIMEOUT, actions};

pub(crate) async fn a_stop_sends_kill_die_stop(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.greeter("stopped").await;
    lab.stop(&id, 10).await;
    assert_eq!(lab.story_of_a_stop(&id, &since).await, ["create", "start", "kill 15", "die 7", "stop"]);
}

pub(crate) async fn a_stop_of_a_process_that_ignores_sigterm_sends_both_signals(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run("deaf", &["sleep", "100"]).await;
    lab.stop(&id, 1).await;
    assert_eq!(lab.story_of_a_stop(&id, &since).await, ["create", "start", "kill 15", "kill 9", "die 137", "stop"]);
}

pub(crate) async fn a_kill_sends_kill_and_die(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run("killed", &["sleep", "100"]).await;
    lab.kill(&id, "SIGKILL").await.unwrap();
    assert_eq!(actions(&lab.story(&id, &since, "die").await), ["create", "start", "kill 9", "die 137"]);
}

pub(crate) async fn a_restart_sends_a_stop_and_a_start(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.greeter("again").await;
    lab.restart(&id, 10).await;
    let story = lab.story(&id, &since, "restart").await;
    let received = lab.in_order(actions(&story));
    assert_eq!(received, ["create", "start", "kill 15", "die 7", "stop", "start", "restart"]);
}

pub(crate) async fn pausing_and_resuming_send_events(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run("paused", &["sleep", "100"]).await;
    lab.docker.pause_container(&id).await.unwrap();
    lab.docker.unpause_container(&id).await.unwrap();
    assert_eq!(actions(&lab.story(&id, &since, "unpause").await), ["create", "start", "pause", "unpause"]);
}

pub(crate) async fn a_stop_unpauses_a_paused_container(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.greeter("woken").await;
    lab.docker.pause_container(&id).await.unwrap();
    lab.stop(&id, 10).await;
    let mut received = lab.story_of_a_stop(&id, &since).await;
    // The order of the kill event and its effect varies.
    received[3..5].sort();
    assert_eq!(received, ["create", "start", "pause", "kill 15", "unpause", "die 7", "stop"]);
}

pub(crate) async fn a_rename_sends_the_old_name(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.create("before", &["sleep", "100"]).await;
    lab.rename(&id, &lab.name("after")).await.unwrap();
    let story = lab.story(&id, &since, "rename").await;
    let attributes = &story.last().unwrap().attributes;
    assert_eq!(attributes["name"], lab.name("after"));
    assert_eq!(attributes["oldName"], format!("/{}", lab.name("before")));
}

pub(crate) async fn a_forced_removal_sends_kill_die_destroy(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run("forced", &["sleep", "100"]).await;
    lab.remove(&id, true).await.unwrap();
    let story = lab.story(&id, &since, "destroy").await;
    assert_eq!(actions(&story), ["create", "start", "kill 9", "die 137", "destroy"]);
}

pub(crate) async fn an_auto_removed_container_sends_die_and_destroy(lab: &Lab) {
    let since = lab.now().await;
    let mut body = lab.body(&["sleep", "0.2"]);
    let host = body.host_config.take().unwrap();
    body.host_config = Some(HostConfig { auto_remove: Some(true), ..host });
    let id = lab.run_body("fleeting", body).await;
    assert_eq!(actions(&lab.story(&id, &since, "destroy").await), ["create", "start", "die 0", "destroy"]);
}

pub(crate) async fn a_restart_policy_sends_die_and_start_and_nothing_else(lab: &Lab) {
    let since = lab.now().await;
    let mut body = lab.body(&["sh", "-c", "exit 3"]);
    let host = body.host_config.take().unwrap();
    let policy = RestartPolicy { name: Some(RestartPolicyNameEnum::ON_FAILURE), maximum_retry_count: Some(1) };
    body.host_config = Some(HostConfig { restart_policy: Some(policy), ..host });
    let id = lab.run_body("tries", body).await;
    lab.until(&id, |state| state.running == Some(false)).await;
    lab.remove(&id, false).await.unwrap();
    let story = lab.story(&id, &since, "destroy").await;
    assert_eq!(actions(&story), ["create", "start", "die 3", "start", "die 3", "destroy"]);
}

pub(crate) async fn a_failed_start_sends_nothing_but_create(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.create("impossible", &["no-such-program"]).await;
    lab.docker.start_container(&id, None).await.unwrap_err();
    lab.remove(&id, false).await.unwrap();
    assert_eq!(actions(&lab.story(&id, &since, "destroy").await), ["create", "destroy"]);
}

pub(crate) async fn networks_are_connected_before_start_and_disconnected_after_die(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.greeter("networked").await;
    lab.stop(&id, 10).await;
    lab.remove(&id, false).await.unwrap();
    let mut events = lab.events(&since, &[("type", "container"), ("type", "network")]);
    let mut received = Vec::new();
    let of_it = |event: &LabEvent| event.id == id || event.attributes.get("container") == Some(&id);
    let listening = async {
        while let Some(event) = events.next().await {
            if of_it(&event) {
                received.push(event);
            }
            if received.last().is_some_and(|event| event.action == "destroy") {
                return;
            }
        }
    };
    timeout(TEST_TIMEOUT, listening).await.expect("destroy arrives");
    let actions = lab.in_order(actions(&received));
    assert_eq!(actions, ["create", "connect", "start", "kill 15", "die 7", "disconnect", "stop", "destroy"]);
    let connect = &received[1];
    assert_eq!((connect.kind.as_str(), connect.attributes["name"].as_str()), ("network", "none"));
    assert_eq!(connect.attributes["type"], "null");
}

pub(crate) async fn top_sends_an_event(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run("looked-at", &["sleep", "100"]).await;
    lab.docker.top_processes(&id, None).await.unwrap();
    lab.story(&id, &since, "top").await;
}

pub(crate) async fn events_carry_image_name_and_labels(lab: &Lab) {
    let since = lab.now().await;
    let mut body = lab.body(&["sleep", "100"]);
    let hostile = "<b>\"'é🚢\u{202e}";
    body.labels.as_mut().unwrap().insert("note".to_owned(), hostile.to_owned());
    let id = lab.run_body("labeled", body).await;
    let story = lab.story(&id, &since, "start").await;
    let start = story.last().unwrap();
    assert_eq!((start.kind.as_str(), &start.id), ("container", &id));
    assert_eq!(start.attributes["image"], lab.image);
    assert_eq!(start.attributes["name"], lab.name("labeled"));
    assert_eq!(start.attributes["note"], hostile);
}

pub(crate) async fn the_time_of_an_event_is_given_in_seconds_and_nanoseconds(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run("timed", &["sleep", "100"]).await;
    let story = lab.story(&id, &since, "start").await;
    let mut last = 0;
    for event in &story {
        assert_eq!(event.time, event.time_nano / 1_000_000_000);
        assert!(event.time_nano > last);
        last = event.time_nano;
    }
}
