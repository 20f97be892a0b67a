//! How much memory the road of a change asks for, counted allocation by allocation: the same on every machine, however busy.
//!
//! Each budget leaves room for another compiler or a field more, and none for something that grows with viewers, or that is done
//! once a row where it could be done once a frame. What was counted last stands beside it (2026-11-25, a thousand containers).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use allocation_counter::{AllocationInfo, measure};
use app::model::{Container, ContainerId, ContainerStats, Timestamp};
use bytes::Bytes;
use futures::FutureExt as _;
use serde_json::json;
use server::{
    feed::{self, ContentEncoding, Feed, Publisher, StreamFormat, StreamOptions, Viewer},
    history::History,
    process::{demand::Demand, metrics::Metrics},
    store::State,
    watcher::{Observation, Sample},
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const CONTAINERS: u64 = 1_000;
/// Of those, in one tick.
const CHANGING: u64 = 100;
const START: Timestamp = Timestamp::from_millis(1_750_000_000_000);

fn id(number: u64) -> ContainerId {
    format!("{number:064x}").parse().unwrap()
}

/// As Compose makes them.
fn container(number: u64, name: &str) -> Container {
    let (project, service) = (format!("shop-{}", number / 22), format!("service-{}", number % 22));
    serde_json::from_value(json!({
        "id": id(number), "engine": "local", "name": name, "image": "ghcr.io/quay-shop/api:2.14.1",
        "imageId": format!("sha256:{number:064x}"), "command": "node server.js --port 8080", "state": "running",
        "health": "healthy", "exitCode": null, "oomKilled": false, "restartCount": 0, "error": null,
        "createdAt": START, "startedAt": START, "finishedAt": null,
        "ports": [{"ip": "0.0.0.0", "privatePort": 8080, "publicPort": 20_000 + number, "protocol": "tcp"}],
        "networks": [format!("{project}_default")],
        "mounts": [{"kind": "volume", "source": format!("{project}_data"), "destination": "/data", "readOnly": false}],
        "labels": {
            "com.docker.compose.project": project, "com.docker.compose.service": service,
            "com.docker.compose.config-hash": format!("{number:064x}"),
            "com.docker.compose.project.working_dir": format!("/srv/{project}"),
        },
        "project": project, "service": service,
    }))
    .unwrap()
}

fn name(number: u64) -> String {
    format!("service-{number}-1")
}

fn sample(number: u64, tick: u64) -> Sample {
    let stats = ContainerStats {
        cpu_percent: Some((tick * 37 + number) as f64 / 100.0),
        memory_usage: Some(100_000_000 + number * 4_096 + tick),
        memory_cache: Some(number * 4_096),
        memory_limit: Some(512 << 20),
        memory_percent: Some(18.63),
        network_rx: Some(tick * 90_000 + number),
        network_tx: Some(tick * 340_000 + number),
        block_read: Some(tick * 4_096),
        block_write: Some(tick * 8_192),
        pids: Some(9),
        ..ContainerStats::unknown(id(number), name(number), START)
    };
    Sample { started_at: Some(START), stats, cpu_nanos: None }
}

fn samples(tick: u64, of: u64) -> Vec<Sample> {
    (0..of).map(|number| sample(number, tick)).collect()
}

fn upserted(container: Container) -> Observation {
    Observation::Containers { upserted: vec![Arc::new(container)], removed: Vec::new(), event_at: None }
}

/// A server's middle, with a thousand containers and their first samples.
struct Road {
    state: State,
    publisher: Publisher,
    feed: Feed,
}

impl Road {
    fn of_a_thousand() -> Self {
        let mut state = State::new("budget");
        let (publisher, feed) = feed::channel(state.clone(), Metrics::default());
        for number in 0..CONTAINERS {
            state.apply(upserted(container(number, &name(number))), START);
        }
        state.apply(Observation::Samples { samples: samples(0, CONTAINERS), taken_at: START }, START);
        let mut road = Self { state, publisher, feed };
        road.publish();
        road
    }

    fn publish(&mut self) {
        let event_at = self.state.commit();
        self.publisher.publish(&self.state, event_at);
    }

    fn tick(&mut self, tick: u64) {
        self.state.apply(Observation::Samples { samples: samples(tick, CHANGING), taken_at: START }, START);
        self.publish();
    }

    /// A viewer that holds the present.
    fn viewer(&self, format: StreamFormat, encoding: ContentEncoding) -> Viewer {
        let (options, viewing) = (StreamOptions { format, encoding, known: None }, Demand::default().add_viewer());
        let mut viewer = Viewer::new(&self.feed, options, None, viewing, CancellationToken::new());
        // What goes before the first frame, and that frame.
        assert!(next(&mut viewer).len() + next(&mut viewer).len() > 10_000);
        viewer
    }
}

/// What is ready for a viewer.
fn next(viewer: &mut Viewer) -> Bytes {
    viewer.next().now_or_never().expect("it is ready").expect("the server goes on")
}

/// What `work` allocates, told with its name where the output is shown.
fn counted(what: &str, work: impl FnOnce()) -> AllocationInfo {
    let counted = measure(work);
    eprintln!(
        "{what}: {} allocations, {} bytes, {} kept",
        counted.count_total, counted.bytes_total, counted.bytes_current
    );
    counted
}

#[tokio::test]
async fn an_event_is_applied_with_a_handful_of_allocations() {
    let mut road = Road::of_a_thousand();
    let renamed = upserted(container(500, "renamed"));
    let applied = counted("an event", || assert!(road.state.apply(renamed, START)));
    // 1: the row.
    assert!(applied.count_total <= 3, "{applied:?}");
    let same = upserted(container(500, "renamed"));
    let nothing = counted("an event that says nothing new", || assert!(!road.state.apply(same, START)));
    assert_eq!(nothing.count_total, 0);
}

#[tokio::test]
async fn a_sample_is_applied_with_one_allocation() {
    let mut road = Road::of_a_thousand();
    let taken = Observation::Samples { samples: samples(1, CHANGING), taken_at: START };
    let applied = counted("a hundred samples", || assert!(road.state.apply(taken, START)));
    // 100.
    assert!(applied.count_total <= CHANGING + 2, "{applied:?}");
}

#[tokio::test]
async fn publishing_copies_pointers_and_no_rows() {
    let mut road = Road::of_a_thousand();
    road.state.apply(upserted(container(500, "renamed")), START);
    let published = counted("publishing one change", || road.publish());
    // 172 and 123,368 bytes: the nodes of a tree of a thousand pointers.
    assert!(published.count_total <= CONTAINERS / 4, "{published:?}");
    assert!(published.bytes_total <= CONTAINERS * 160, "{published:?}");
}

#[tokio::test]
async fn a_row_is_encoded_without_an_allocation_of_its_own() {
    // A buffer that doubles as it grows: 16 allocations and 2.0 bytes a byte; for Compact, which is a third as long, 20 and 6.4.
    for (shape, most, bytes_a_byte) in [(StreamFormat::Json, 25, 4), (StreamFormat::Compact, 25, 8)] {
        let mut road = Road::of_a_thousand();
        let mut viewer = road.viewer(shape, ContentEncoding::Identity);
        road.tick(1);
        let mut length = 0;
        let encoded = counted("a frame of a hundred samples", || length = next(&mut viewer).len());
        eprintln!("{shape:?}: {length} bytes of frame");
        assert!(encoded.count_total <= most, "{shape:?}: {encoded:?}");
        assert!(encoded.bytes_total <= bytes_a_byte * length as u64, "{shape:?}: {encoded:?} for {length} bytes");
    }
}

#[tokio::test]
async fn every_further_viewer_of_a_frame_costs_no_memory() {
    let formats = [StreamFormat::Json, StreamFormat::Compact]
        .map(|shape| [(shape, ContentEncoding::Identity), (shape, ContentEncoding::Gzip)]);
    for (shape, coding) in formats.concat() {
        let mut road = Road::of_a_thousand();
        let (mut first, mut second) = (road.viewer(shape, coding), road.viewer(shape, coding));
        road.tick(1);
        let one = next(&mut first);
        let mut other = Bytes::new();
        let pulled = counted("a frame that another viewer had before", || other = next(&mut second));
        assert_eq!((one.as_ptr(), one.len()), (other.as_ptr(), other.len()), "the very same bytes");
        // 0 and 0.
        assert_eq!((pulled.count_total, pulled.bytes_total), (0, 0));
    }
}

#[tokio::test]
async fn a_crowd_that_arrives_together_shares_one_snapshot() {
    let road = Road::of_a_thousand();
    let _first = road.viewer(StreamFormat::Compact, ContentEncoding::Gzip);
    let joined =
        counted("another viewer's snapshot", || drop(road.viewer(StreamFormat::Compact, ContentEncoding::Gzip)));
    // 5 and 548 bytes, whatever the snapshot's size.
    assert!(joined.count_total <= 12 && joined.bytes_total <= 2_048, "{joined:?}");
}

/// The points of 5 min at 2 s and of 6 h by the minute, 48 bytes each; and what holds them.
const HISTORY_OF_ONE: i64 = (150 + 360) * 48;

#[test]
fn history_is_bounded_and_24_kilobytes_a_container() {
    const FEW: u64 = 20;
    let history = History::new(Duration::from_secs(2));
    let present: HashSet<ContainerId> = (0..FEW).map(id).collect();
    let record =
        |at: u64| history.record(&samples(at, FEW), Timestamp::from_millis(START.as_millis() + at * 1_000), &present);
    // Seven hours by the minute, then ten minutes every 2 s: more than is kept of either.
    let filled = counted("history of twenty containers, full", || {
        for minute in 0..7 * 60 {
            record(minute * 60);
        }
        for step in 0..300 {
            record(7 * 3_600 + step * 2);
        }
    });
    // 24,776 bytes: the points, and 296 of what holds them.
    let each = filled.bytes_current / FEW as i64;
    assert!((HISTORY_OF_ONE..HISTORY_OF_ONE + 1_024).contains(&each), "{each} bytes a container");
    let more = counted("an hour later", || {
        for minute in 0..60 {
            record(9 * 3_600 + minute * 60);
        }
    });
    assert_eq!(more.bytes_current, 0, "what is full grows no more");
}
