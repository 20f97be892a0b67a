//! Content, order and filters of the list.

use std::collections::HashMap;

use bollard::models::ContainerSummary;
use bollard::query_parameters::ListContainersOptionsBuilder;

use crate::support::lab::Lab;

fn ids(rows: &[ContainerSummary]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_deref().unwrap()).collect()
}

pub(crate) async fn the_list_has_running_containers_unless_all_is_set(lab: &Lab) {
    let idle = lab.create("idle", &["sleep", "100"]).await;
    let running = lab.run("running", &["sleep", "100"]).await;
    let paused = lab.run("paused", &["sleep", "100"]).await;
    lab.docker.pause_container(&paused).await.unwrap();
    lab.row(&paused, "paused").await;
    assert_eq!(ids(&lab.list(false, &[]).await), [paused.as_str(), &running]);
    assert_eq!(ids(&lab.list(true, &[]).await), [paused.as_str(), &running, &idle]);
}

pub(crate) async fn the_list_is_filtered_by_name_id_label_and_status(lab: &Lab) {
    let apple = lab.create("apple", &["sleep", "100"]).await;
    let pear = lab.run("pear", &["sleep", "100"]).await;
    lab.row(&pear, "running").await;
    let (name, exact) = (lab.name("app"), format!("^/{}$", lab.name("pear")));
    assert_eq!(ids(&lab.list(true, &[("name", &name)]).await), [apple.as_str()]);
    assert_eq!(ids(&lab.list(true, &[("name", &exact)]).await), [pear.as_str()]);
    assert_eq!(ids(&lab.list(true, &[("id", &pear[..20])]).await), [pear.as_str()]);
    assert_eq!(ids(&lab.list(true, &[("status", "created")]).await), [apple.as_str()]);
    assert_eq!(lab.list(true, &[("status", "created"), ("status", "running")]).await.len(), 2);
    assert!(lab.list(true, &[("label", "no.such.label")]).await.is_empty());
}

pub(crate) async fn a_status_filter_finds_stopped_containers_without_all(lab: &Lab) {
    let id = lab.run("ended", &["true"]).await;
    lab.row(&id, "exited").await;
    assert_eq!(ids(&lab.list(false, &[("status", "exited")]).await), [id.as_str()]);
}

pub(crate) async fn the_list_is_newest_first_and_limited(lab: &Lab) {
    lab.create("first", &["sleep", "100"]).await;
    let second = lab.create("second", &["sleep", "100"]).await;
    let filters = HashMap::from([("label", vec![lab.own_label()])]);
    let options = ListContainersOptionsBuilder::new().limit(1).filters(&filters).build();
    assert_eq!(ids(&lab.docker.list_containers(Some(options)).await.unwrap()), [second.as_str()]);
}

pub(crate) async fn the_list_has_a_status_text_with_durations(lab: &Lab) {
    let running = lab.run("running", &["sleep", "100"]).await;
    let ended = lab.run("ended", &["sh", "-c", "exit 4"]).await;
    let (up, exited) = (lab.row(&running, "running").await, lab.row(&ended, "exited").await);
    let ago = ["Less than a second", "1 second", "2 seconds", "3 seconds", "4 seconds", "5 seconds", "6 seconds"];
    let (up, exited) = (up.status.unwrap(), exited.status.unwrap());
    assert!(ago.iter().any(|ago| up == format!("Up {ago}")), "{up}");
    assert!(ago.iter().any(|ago| exited == format!("Exited (4) {ago} ago")), "{exited}");
}
