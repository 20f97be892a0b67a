//! Samples of the last minutes, for charts.

use crate::support::{TEST_TIMEOUT, eventually, get, local, named, quay};
use app::model::SampleHistory;
use simulator::Endpoint;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_oldest_first() {
    let quay = quay("quiet:8", &["--stats-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    let id = named(&viewer.picture, "shop-web-1").unwrap().id;
    let path = format!("/api/containers/{id}/stats");
    let at_once: SampleHistory = get(quay.server.address, &path).await.json();
    assert_eq!((at_once.container_id, at_once.window_seconds, at_once.interval_seconds), (id, 300.0, 0.5));
    eventually("four samples are kept", async || {
        let history: SampleHistory = get(quay.server.address, &format!("{path}?window=1m")).await.json();
        assert!(history.samples.is_sorted_by_key(|sample| sample.timestamp));
        assert_eq!(history.interval_seconds, 0.5);
        history.samples.len() >= 4 && history.samples.iter().skip(1).all(|sample| sample.cpu_percent.is_some())
    })
    .await;
    let hours: SampleHistory = get(quay.server.address, &format!("{path}?window=6h")).await.json();
    assert!((1..=2).contains(&hours.samples.len()), "a minute or two: {hours:?}");
    quay.simulator.act(|engine, now| engine.remove("shop-web-1", true, now).unwrap());
    viewer.until("it is removed", TEST_TIMEOUT, |picture| !picture.containers.contains_key(&local(id))).await;
    get(quay.server.address, &path).await.problem(404, "no_such_container");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_is_a_duration_of_at_most_six_hours() {
    let quay = quay("quiet:3", &[]).await;
    let key = *quay.server.fetched().await.containers.keys().next().unwrap();
    for window in ["", "soon", "0s", "7h", "-5m", "99999999999999999999s"] {
        let path = format!("/api/containers/{}/stats?window={window}", key.id);
        get(quay.server.address, &path).await.problem(400, "bad_window");
    }
    get(quay.server.address, "/api/containers/abc/stats").await.problem(400, "bad_id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sampling_without_viewers_needs_the_setting() {
    let quay = quay("quiet:8", &["--idle-stats-interval", "500ms"]).await;
    eventually("it is sampled twice", async || quay.simulator.calls().count(Endpoint::Stats) >= 12).await;
    let id = quay.server.fetched().await.containers.values().find(|one| one.name == "shop-web-1").unwrap().id;
    eventually("two samples are kept", async || {
        let history: SampleHistory = get(quay.server.address, &format!("/api/containers/{id}/stats")).await.json();
        history.samples.len() >= 2
    })
    .await;
}
