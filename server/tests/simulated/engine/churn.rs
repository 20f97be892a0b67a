//! Many changes at once, and over time: nothing is lost, and comparisons find no difference.

use crate::support::{Quay, TEST_TIMEOUT, TestServer, Viewer, get, idler};
use app::protocol::Picture;
use simulator::{Options, Release, Simulator};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, interval, timeout};

/// The shortest interval between comparisons, so that no difference is hidden between two of them.
const FLAGS: [&str; 4] = ["--refresh-interval", "500ms", "--stats-interval", "500ms"];

async fn quay_of(release: Release, scenario: &str) -> Quay {
    let options = Options { scenario: scenario.parse().unwrap(), release, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let server = TestServer::start(&simulator.endpoint(), &FLAGS).await;
    server.until_ready().await;
    Quay { simulator, server }
}

/// Names and states by id.
pub(crate) type Rows = BTreeMap<String, (String, String)>;

pub(crate) fn shown(picture: &Picture) -> Rows {
    let rows = picture.containers.values();
    rows.map(|row| (row.id.to_string(), (row.name.clone(), row.state.as_str().to_owned()))).collect()
}

pub(crate) fn there(quay: &Quay) -> Rows {
    quay.simulator.act(|engine, _| {
        let containers = engine.containers();
        containers.map(|one| (one.id.to_string(), (one.name.clone(), one.state.as_str().to_owned()))).collect()
    })
}

/// Checks that the stream matches the engine, that the list is the same, and that no comparison
/// found a difference.
async fn assert_nothing_was_lost(quay: &Quay, viewer: &mut Viewer) {
    let there = there(quay);
    viewer.until("the stream shows what is there", TEST_TIMEOUT, |picture| shown(picture) == there).await;
    viewer.assert_true(&quay.server).await;
    let lists = quay.simulator.calls().count(simulator::Endpoint::List);
    // Four comparisons take 2 s, and one is enough to count an event as missed.
    let compared = async {
        while quay.simulator.calls().count(simulator::Endpoint::List) < lists + 4 {
            viewer.next().await;
        }
    };
    timeout(TEST_TIMEOUT, compared).await.expect("the list is compared");
    let text = String::from_utf8(get(quay.server.address, "/metrics").await.body.to_vec()).unwrap();
    assert!(text.contains("\nquaylight_reconcile_differences_total 0\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_events_in_a_tenth_of_a_second_lose_nothing() {
    for release in [Release::V20_10, Release::V28_5] {
        survives_a_storm(&quay_of(release, "quiet:0").await).await;
    }
}

async fn survives_a_storm(quay: &Quay) {
    const CONTAINERS: usize = 20;
    for number in 0..CONTAINERS {
        start(quay, &format!("early-{number}"));
    }
    let mut viewer = quay.server.viewer().await;
    viewer.until("all run", TEST_TIMEOUT, |picture| shown(picture).len() == CONTAINERS).await;
    let mut ticks = interval(Duration::from_millis(1));
    for step in 0..100 {
        ticks.tick().await;
        let (number, round) = (step % CONTAINERS, step / CONTAINERS);
        quay.simulator.act(|engine, now| {
            let name = if round == 0 { format!("early-{number}") } else { format!("late-{number}-{round}") };
            let later = format!("late-{number}-{}", round + 1);
            engine.rename(&name, &later, now).unwrap();
            engine.pause(&later, now).unwrap();
            engine.unpause(&later, now).unwrap();
            // Some end in another way than they began.
            if step >= 90 {
                engine.kill(&later, 9, now).unwrap();
            }
        });
    }
    assert_nothing_was_lost(quay, &mut viewer).await;
}

/// Default duration; for a longer run: `QUAYLIGHT_CHURN_SECS=60`.
const CHURN_SECS: u64 = 5;
const A_SECOND: u32 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_containers_created_and_removed_per_second_lose_nothing() {
    let seconds = std::env::var("QUAYLIGHT_CHURN_SECS").ok().map_or(CHURN_SECS, |value| value.parse().unwrap());
    let quay = quay_of(Release::V28_5, "quiet:8").await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    let (mut ticks, until) =
        (interval(Duration::from_secs(1) / A_SECOND), Instant::now() + Duration::from_secs(seconds));
    let mut number = 0u32;
    while Instant::now() < until {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = viewer.next() => continue,
        }
        start(&quay, &format!("churn-{number}"));
        if let Some(old) = number.checked_sub(A_SECOND) {
            end(&quay, old);
        }
        number += 1;
    }
    assert!(number > A_SECOND * 4, "{number}");
    assert_nothing_was_lost(&quay, &mut viewer).await;
}

fn start(quay: &Quay, name: &str) {
    quay.simulator.act(|engine, now| {
        engine.create(idler(name), now).unwrap();
        engine.start(name, now).unwrap();
    });
}

/// Removes a container in one of the possible ways.
fn end(quay: &Quay, number: u32) {
    let name = format!("churn-{number}");
    quay.simulator.act(|engine, now| {
        if number.is_multiple_of(2) {
            engine.kill(&name, 9, now).unwrap();
        }
        engine.remove(&name, true, now).unwrap();
    });
}
