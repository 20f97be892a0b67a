//! Refusals of an engine, with their statuses and messages.

use std::collections::HashMap;

use bollard::errors::Error;
use bollard::query_parameters::{ListContainersOptionsBuilder, LogsOptionsBuilder};
use futures::StreamExt;

use crate::support::lab::{Lab, actions};

/// A reference without a container.
const UNKNOWN_ID: &str = "no-such-container";

pub(crate) async fn an_unknown_container_is_404_everywhere(lab: &Lab) {
    let sentence = format!("No such container: {UNKNOWN_ID}");
    let docker = &lab.docker;
    lab.assert_refused(docker.inspect_container(UNKNOWN_ID, None).await, 404, &sentence);
    lab.assert_refused(docker.start_container(UNKNOWN_ID, None).await, 404, &sentence);
    lab.assert_refused(docker.stop_container(UNKNOWN_ID, None).await, 404, &sentence);
    lab.assert_refused(docker.restart_container(UNKNOWN_ID, None).await, 404, &sentence);
    lab.assert_refused(docker.pause_container(UNKNOWN_ID).await, 404, &sentence);
    lab.assert_refused(docker.unpause_container(UNKNOWN_ID).await, 404, &sentence);
    lab.assert_refused(docker.top_processes(UNKNOWN_ID, None).await, 404, &sentence);
    lab.assert_refused(lab.remove(UNKNOWN_ID, true).await, 404, &sentence);
    lab.assert_refused(lab.rename(UNKNOWN_ID, "anything").await, 404, &sentence);
    lab.assert_refused(Box::pin(docker.stats(UNKNOWN_ID, None)).next().await.unwrap(), 404, &sentence);
    let options = LogsOptionsBuilder::new().stdout(true).build();
    lab.assert_refused(Box::pin(docker.logs(UNKNOWN_ID, Some(options))).next().await.unwrap(), 404, &sentence);
    lab.assert_refused(
        lab.kill(UNKNOWN_ID, "KILL").await,
        404,
        &format!("Cannot kill container: {UNKNOWN_ID}: {sentence}"),
    );
}

pub(crate) async fn starting_a_running_container_changes_nothing(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run("twice", &["sleep", "100"]).await;
    let started_at = lab.state(&id).await.started_at;
    // bollard treats 304 as success.
    lab.start(&id).await;
    assert_eq!(lab.state(&id).await.started_at, started_at);
    lab.remove(&id, true).await.unwrap();
    let story = lab.story(&id, &since, "destroy").await;
    assert_eq!(actions(&story), ["create", "start", "kill 9", "die 137", "destroy"]);
}

pub(crate) async fn stopping_a_stopped_container_changes_nothing(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.create("idle", &["sleep", "100"]).await;
    lab.stop(&id, 1).await;
    lab.remove(&id, false).await.unwrap();
    assert_eq!(actions(&lab.story(&id, &since, "destroy").await), ["create", "destroy"]);
}

pub(crate) async fn pausing_is_refused_unless_running(lab: &Lab) {
    let id = lab.create("still", &["sleep", "100"]).await;
    lab.assert_refused(lab.docker.pause_container(&id).await, 409, &format!("Container {id} is not running"));
    lab.start(&id).await;
    lab.docker.pause_container(&id).await.unwrap();
    lab.assert_refused(lab.docker.pause_container(&id).await, 409, &format!("Container {id} is already paused"));
}

pub(crate) async fn unpausing_is_refused_unless_paused(lab: &Lab) {
    let id = lab.run("awake", &["sleep", "100"]).await;
    match lab.docker.unpause_container(&id).await.unwrap_err() {
        Error::DockerResponseServerError { status_code, message } => {
            // Later engines respond with 409.
            assert!(matches!(status_code, 500 | 409), "{status_code}");
            assert!(message.contains(&id) && message.contains("is not paused"), "{message}");
        }
        other => panic!("{other}"),
    }
}

pub(crate) async fn a_paused_container_cannot_be_started(lab: &Lab) {
    let id = lab.run("frozen", &["sleep", "100"]).await;
    lab.docker.pause_container(&id).await.unwrap();
    let sentence = "cannot start a paused container, try unpause instead";
    lab.assert_refused(lab.docker.start_container(&id, None).await, 409, sentence);
}

pub(crate) async fn killing_a_stopped_container_is_refused(lab: &Lab) {
    let id = lab.create("lifeless", &["sleep", "100"]).await;
    let sentence = format!("Cannot kill container: {id}: Container {id} is not running");
    lab.assert_refused(lab.kill(&id, "KILL").await, 409, &sentence);
}

pub(crate) async fn a_running_or_paused_container_is_not_removed_without_force(lab: &Lab) {
    let id = lab.run("kept", &["sleep", "100"]).await;
    let end = "the container before attempting removal or force remove";
    let running = format!("You cannot remove a running container {id}. Stop {end}");
    lab.assert_refused(lab.remove(&id, false).await, 409, &running);
    lab.docker.pause_container(&id).await.unwrap();
    let paused = format!("You cannot remove a paused container {id}. Unpause and then stop {end}");
    lab.assert_refused(lab.remove(&id, false).await, 409, &paused);
}

pub(crate) async fn a_name_in_use_is_refused(lab: &Lab) {
    let owner = lab.create("owner", &["sleep", "100"]).await;
    let other = lab.create("other", &["sleep", "100"]).await;
    let name = lab.name("owner");
    let sentence = format!(
        "Conflict. The container name \"/{name}\" is already in use by container \"{owner}\". \
         You have to remove (or rename) that container to be able to reuse that name."
    );
    lab.assert_refused(lab.create_body("owner", lab.body(&["sleep", "1"])).await, 409, &sentence);
    lab.assert_refused(lab.rename(&other, &name).await, 409, &format!("Error when allocating new name: {sentence}"));
}

pub(crate) async fn an_invalid_name_is_refused(lab: &Lab) {
    let id = lab.create("good", &["sleep", "100"]).await;
    let allowed = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
    let sentence = format!("Error when allocating new name: Invalid container name (/a b), {allowed}");
    lab.assert_refused(lab.rename(&id, "a b").await, 400, &sentence);
    lab.assert_refused(lab.rename(&id, "").await, 400, "Neither old nor new names may be empty");
}

pub(crate) async fn renaming_to_the_same_name_is_refused(lab: &Lab) {
    let id = lab.create("same", &["sleep", "100"]).await;
    let sentence = "Renaming a container with the same name as its current name";
    lab.assert_refused(lab.rename(&id, &lab.name("same")).await, 400, sentence);
}

pub(crate) async fn a_missing_image_is_404(lab: &Lab) {
    let mut body = lab.body(&["sleep", "1"]);
    body.image = Some("quaylight-no-such-image".to_owned());
    lab.assert_refused(lab.create_body("imageless", body).await, 404, "No such image: quaylight-no-such-image:latest");
}

pub(crate) async fn a_container_needs_a_command(lab: &Lab) {
    lab.assert_refused(lab.create_body("mute", lab.body(&[])).await, 400, "No command specified");
}

pub(crate) async fn top_of_a_stopped_container_is_refused(lab: &Lab) {
    let id = lab.create("idle", &["sleep", "100"]).await;
    lab.assert_refused(lab.docker.top_processes(&id, None).await, 409, &format!("Container {id} is not running"));
}

pub(crate) async fn logs_without_a_stream_are_refused(lab: &Lab) {
    let id = lab.create("silent", &["sleep", "100"]).await;
    let response = Box::pin(lab.docker.logs(&id, Some(LogsOptionsBuilder::new().build()))).next().await.unwrap();
    lab.assert_refused(response, 400, "Bad parameters: you must choose at least one stream");
}

pub(crate) async fn an_unknown_signal_is_refused(lab: &Lab) {
    let id = lab.run("signalled", &["sleep", "100"]).await;
    lab.assert_refused(lab.kill(&id, "FOO").await, 400, "Invalid signal: FOO");
}

pub(crate) async fn an_unknown_filter_is_refused(lab: &Lab) {
    let list = async |key: &str, value: &str| {
        let filters = HashMap::from([(key.to_owned(), vec![value.to_owned()])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        lab.docker.list_containers(Some(options)).await
    };
    lab.assert_refused(list("color", "red").await, 400, "Invalid filter 'color'");
    lab.assert_refused(list("status", "flying").await, 400, "Invalid filter 'status=flying'");
}
