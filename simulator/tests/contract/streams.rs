//! Replay, live events, filters.

use std::time::Duration;

use bollard::query_parameters::EventsOptionsBuilder;
use futures::StreamExt;
use tokio::time::timeout;

use crate::support::lab::{Lab, LabEvent, TEST_TIMEOUT, actions, to_event};

fn seconds(time_nano: i64) -> String {
    format!("{}.{:09}", time_nano / 1_000_000_000, time_nano % 1_000_000_000)
}

/// All past events from `since` on that match. The stream ends immediately, because `until` is in
/// the past.
async fn past(lab: &Lab, since: &str, filters: &[(&str, &str)]) -> Vec<LabEvent> {
    let mut wanted: std::collections::HashMap<&str, Vec<&str>> = std::collections::HashMap::new();
    for (key, value) in filters {
        wanted.entry(key).or_default().push(value);
    }
    let until = lab.now().await;
    let options = EventsOptionsBuilder::new().since(since).until(&until).filters(&wanted).build();
    let stream = lab.docker.events(Some(options));
    timeout(TEST_TIMEOUT, stream.map(|event| to_event(event.unwrap())).collect())
        .await
        .expect("the stream ends at until")
}

pub(crate) async fn since_includes_its_own_nanosecond(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.create("exact", &["sleep", "100"]).await;
    lab.remove(&id, false).await.unwrap();
    let destroyed = lab.story(&id, &since, "destroy").await.last().unwrap().time_nano;
    let filters = [("type", "container"), ("container", id.as_str())];
    assert_eq!(actions(&past(lab, &seconds(destroyed), &filters).await), ["destroy"]);
    assert!(past(lab, &seconds(destroyed + 1), &filters).await.is_empty());
}

pub(crate) async fn until_ends_the_stream(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.create("ended", &["sleep", "100"]).await;
    let filters = [("type", "container"), ("container", id.as_str())];
    assert_eq!(actions(&past(lab, &since, &filters).await), ["create"]);
}

pub(crate) async fn without_since_only_new_events_are_sent(lab: &Lab) {
    let old = lab.create("old", &["sleep", "100"]).await;
    let wanted =
        std::collections::HashMap::from([("label", vec![lab.own_label()]), ("type", vec!["container".to_owned()])]);
    let mut events = lab.docker.events(Some(EventsOptionsBuilder::new().filters(&wanted).build()));
    // A real engine flushes the headers before it listens, so events are created until one arrives.
    let first = async {
        loop {
            let id = lab.create("new", &["sleep", "100"]).await;
            let event = timeout(Duration::from_millis(500), events.next()).await;
            lab.remove(&id, false).await.unwrap();
            if let Ok(Some(event)) = event {
                return to_event(event.unwrap());
            }
        }
    };
    let first = timeout(TEST_TIMEOUT, first).await.expect("an event arrives");
    assert_ne!(first.id, old);
}

pub(crate) async fn a_live_stream_sends_events_while_it_is_open(lab: &Lab) {
    let id = lab.create("watched", &["sleep", "100"]).await;
    let since = lab.now().await;
    let mut events = lab.events(&since, &[("type", "container"), ("container", &id)]);
    let (listening, ()) = tokio::join!(timeout(TEST_TIMEOUT, events.next()), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        lab.start(&id).await;
    });
    assert_eq!(listening.expect("start arrives").unwrap().action, "start");
}

pub(crate) async fn events_are_filtered_by_container_event_type_and_label(lab: &Lab) {
    let since = lab.now().await;
    let (one, two) = (lab.create("one", &["sleep", "100"]).await, lab.create("two", &["sleep", "100"]).await);
    lab.remove(&one, false).await.unwrap();
    let label = lab.own_label();
    let name = lab.name("two");
    let of = async |filters: &[(&str, &str)]| past(lab, &since, filters).await;
    assert_eq!(actions(&of(&[("label", &label)]).await), ["create", "create", "destroy"]);
    assert_eq!(actions(&of(&[("label", &label), ("event", "destroy")]).await), ["destroy"]);
    assert_eq!(actions(&of(&[("label", &label), ("event", "destroy"), ("event", "create")]).await).len(), 3);
    let by_name = of(&[("container", &name)]).await;
    assert!(by_name.iter().all(|event| event.id == two) && by_name.len() == 1);
    assert!(of(&[("label", &label), ("type", "network")]).await.is_empty());
}

pub(crate) async fn a_filter_for_health_status_matches_by_prefix(lab: &Lab) {
    let since = lab.now().await;
    let check = bollard::models::HealthConfig {
        test: Some(vec!["CMD".to_owned(), "true".to_owned()]),
        interval: Some(300_000_000),
        ..Default::default()
    };
    let body = bollard::models::ContainerCreateBody { healthcheck: Some(check), ..lab.body(&["sleep", "100"]) };
    let id = lab.run_body("checked", body).await;
    let filters = [("type", "container"), ("container", id.as_str()), ("event", "health_status")];
    let mut events = lab.events(&since, &filters);
    let event = timeout(TEST_TIMEOUT, events.next()).await.expect("the health event arrives").unwrap();
    assert_eq!(event.action, "health_status: healthy");
}
