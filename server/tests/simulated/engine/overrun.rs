//! The sampling interval is widened while an engine is slow, and reported to the page.

use crate::support::{TEST_TIMEOUT, TestServer};
use app::protocol::Picture;
use simulator::{Endpoint, Options, Release, Simulator};
use std::time::{Duration, Instant};

/// Six of eight containers have processes and are sampled concurrently: a round takes as long as
/// one response.
const RESPONSE_DELAY: Duration = Duration::from_millis(1_200);
/// Expected interval: four thirds of 1.2 s, in whole half seconds, and more on a busy machine.
const NEEDED_MILLIS: std::ops::RangeInclusive<u64> = 2_000..=3_000;

fn interval(picture: &Picture) -> Option<u64> {
    picture.engines.first()?.stats_interval_millis
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_samples_widen_the_interval_until_they_are_fast_again() {
    let options = Options { scenario: "quiet:8".parse().unwrap(), release: Release::V28_5, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let server = TestServer::start(&simulator.endpoint(), &["--stats-interval", "500ms"]).await;
    server.until_ready().await;
    let mut viewer = server.viewer().await;
    viewer.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    assert_eq!(interval(&viewer.picture), None);

    simulator.faults().slow(Endpoint::Stats, RESPONSE_DELAY);
    viewer.until("the interval is widened", TEST_TIMEOUT, |picture| interval(picture).is_some()).await;
    assert!(interval(&viewer.picture).is_some_and(|millis| NEEDED_MILLIS.contains(&millis)), "{:?}", viewer.picture);
    // From the end of a round to that of the round after the next.
    let mut ends = Vec::new();
    let mut last = viewer.picture.sampled_at;
    while ends.len() < 3 {
        viewer.next().await;
        if viewer.picture.sampled_at != last {
            last = viewer.picture.sampled_at;
            ends.push(Instant::now());
        }
    }
    assert!(ends[2] - ends[0] >= Duration::from_millis(2 * NEEDED_MILLIS.start() - 500), "{ends:?}");
    viewer.assert_true(&server).await;

    simulator.faults().slow(Endpoint::Stats, Duration::ZERO);
    viewer.until("the interval is back to normal", 2 * TEST_TIMEOUT, |picture| interval(picture).is_none()).await;
    viewer.assert_true(&server).await;
}
