//! Sources of numbers: the processes of a simulated engine are not on this machine.

use crate::support::{Quay, TEST_TIMEOUT, get, quay};
use app::model::StatsSource;
use serde_json::Value;
use simulator::Endpoint;

const OFTEN: [&str; 2] = ["--stats-interval", "500ms"];

async fn quay_from(source: &str) -> Quay {
    quay("quiet:8", &[&OFTEN[..], &["--stats-source", source]].concat()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remote_engine_is_sampled_by_its_api() {
    for source in ["auto", "api"] {
        let quay = quay_from(source).await;
        let mut viewer = quay.server.viewer().await;
        let sampled = viewer.until(source, TEST_TIMEOUT, |picture| {
            !picture.stats.is_empty() && picture.stats.values().all(|sample| sample.cpu_percent.is_some())
        });
        sampled.await;
        assert_eq!(viewer.picture.engines[0].stats_source, Some(StatsSource::Api));
        let ready: Value = get(quay.server.address, "/readyz").await.json();
        assert_eq!(ready["engines"][0]["statsSource"], "api");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_never_call_the_engine_and_missing_numbers_are_unknown() {
    let quay = quay_from("files").await;
    let mut viewer = quay.server.viewer().await;
    let mut sampled = 0;
    while sampled < 3 {
        viewer.next_data().await;
        sampled += u32::from(viewer.picture.sampled_at.is_some());
    }
    assert_eq!(quay.simulator.calls().count(Endpoint::Stats), 0);
    assert_eq!(viewer.picture.engines[0].stats_source, Some(StatsSource::Files));
    assert!(!viewer.picture.stats.is_empty());
    assert!(viewer.picture.stats.values().all(|sample| sample.cpu_percent.is_none() && sample.pids.is_none()));
}
