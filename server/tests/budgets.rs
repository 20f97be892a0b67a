//! Allocation budgets of the pipeline, counted per change, and therefore equal on every machine
//! under any load.
//!
//! Each budget has room for another compiler or one more field, but not for anything that grows
//! with the number of viewers, or that is done per row instead of per frame. The comments have the
//! latest counts (2026-11-25, a thousand containers).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use allocation_counter::{AllocationInfo, measure};
use app::model::{Container, ContainerId, ContainerKey, ContainerStats, EngineName, Timestamp};
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
/// Number of containers with a new sample per round.
const CHANGING: u64 = 100;
const START: Timestamp = Timestamp::from_millis(1_750_000_000_000);

fn id(number: u64) -> ContainerId {
    format!("{number:064x}").parse().unwrap()
}

/// A container as Compose creates it.
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
        ..ContainerStats::unknown(ContainerKey::new(EngineName::LOCAL, id(number)), name(number), START)
    };
    Sample { started_at: Some(START), stats, cpu_nanos: None }
}

fn samples(tick: u64, of: u64) -> Vec<Sample> {
    (0..of).map(|number| sample(number, tick)).collect()
}

fn upserted(container: Container) -> Observation {
    Observation::Containers { upserted: vec![Arc::new(container)], removed: Vec::new(), event_at: None }
}

/// The pipeline of a server with a thousand containers and their first samples.
struct Pipeline {
    state: State,
    publisher: Publisher,
    feed: Feed,
}

impl Pipeline {
    fn of_a_thousand() -> Self {
        let mut state = State::new("budget");
        let (publisher, feed) = feed::channel(state.clone(), Metrics::default());
        for number in 0..CONTAINERS {
            state.apply(upserted(container(number, &name(number))), START);
        }
        state.apply(
            Observation::Samples { engine: EngineName::LOCAL, samples: samples(0, CONTAINERS), taken_at: START },
            START,
        );
        let mut pipeline = Self { state, publisher, feed };
        pipeline.publish();
        pipeline
    }

    fn publish(&mut self) {
        let event_at = self.state.commit();
        self.publisher.publish(&self.state, event_at);
    }

    fn tick(&mut self, tick: u64) {
        self.state.apply(
            Observation::Samples { engine: EngineName::LOCAL, samples: samples(tick, CHANGING), taken_at: START },
            START,
        );
        self.publish();
    }

    /// A viewer that has the current state.
    fn viewer(&self, format: StreamFormat, encoding: ContentEncoding) -> Viewer {
        let (options, viewing) = (StreamOptions { format, encoding, known: None }, Demand::default().add_viewer());
        let mut viewer = Viewer::new(&self.feed, options, None, Some(viewing), CancellationToken::new());
        // The preamble and the first frame.
        assert!(next(&mut viewer).len() + next(&mut viewer).len() > 10_000);
        viewer
    }
}

/// Returns the bytes that are ready for a viewer.
fn next(viewer: &mut Viewer) -> Bytes {
    viewer.next().now_or_never().expect("it is ready").expect("the server goes on")
}

/// Counts the allocations of `work`, and prints them with its name.
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
    let mut pipeline = Pipeline::of_a_thousand();
    let renamed = upserted(container(500, "renamed"));
    let applied = counted("an event", || assert!(pipeline.state.apply(renamed, START)));
    // Measured: 1, the row.
    assert!(applied.count_total <= 3, "{applied:?}");
    let same = upserted(container(500, "renamed"));
    let nothing = counted("an event without a change", || assert!(!pipeline.state.apply(same, START)));
    assert_eq!(nothing.count_total, 0);
}

#[tokio::test]
async fn a_sample_is_applied_with_one_allocation() {
    let mut pipeline = Pipeline::of_a_thousand();
    let taken = Observation::Samples { engine: EngineName::LOCAL, samples: samples(1, CHANGING), taken_at: START };
    let applied = counted("a hundred samples", || assert!(pipeline.state.apply(taken, START)));
    // Measured: 100.
    assert!(applied.count_total <= CHANGING + 2, "{applied:?}");
}

#[tokio::test]
async fn publishing_copies_pointers_and_no_rows() {
    let mut pipeline = Pipeline::of_a_thousand();
    pipeline.state.apply(upserted(container(500, "renamed")), START);
    let published = counted("publishing one change", || pipeline.publish());
    // Measured: 173 allocations and 182,624 bytes, the nodes of a tree of a thousand pointers, whose
    // keys have the engine's name since 2026-11-29.
    assert!(published.count_total <= CONTAINERS / 4, "{published:?}");
    assert!(published.bytes_total <= CONTAINERS * 200, "{published:?}");
}

#[tokio::test]
async fn a_row_is_encoded_without_an_allocation() {
    // Measured: a buffer that doubles as it grows needs 16 allocations and 2.0 bytes per byte; for
    // Compact, which is a third as long, 20 and 6.4.
    for (shape, most, bytes_a_byte) in [(StreamFormat::Json, 25, 4), (StreamFormat::Compact, 25, 8)] {
        let mut pipeline = Pipeline::of_a_thousand();
        let mut viewer = pipeline.viewer(shape, ContentEncoding::Identity);
        pipeline.tick(1);
        let mut length = 0;
        let encoded = counted("a frame of a hundred samples", || length = next(&mut viewer).len());
        eprintln!("{shape:?}: {length} bytes of frame");
        assert!(encoded.count_total <= most, "{shape:?}: {encoded:?}");
        assert!(encoded.bytes_total <= bytes_a_byte * length as u64, "{shape:?}: {encoded:?} for {length} bytes");
    }
}

#[tokio::test]
async fn further_viewers_of_a_frame_allocate_nothing() {
    let formats = [StreamFormat::Json, StreamFormat::Compact]
        .map(|shape| [(shape, ContentEncoding::Identity), (shape, ContentEncoding::Gzip)]);
    for (shape, coding) in formats.concat() {
        let mut pipeline = Pipeline::of_a_thousand();
        let (mut first, mut second) = (pipeline.viewer(shape, coding), pipeline.viewer(shape, coding));
        pipeline.tick(1);
        let one = next(&mut first);
        let mut other = Bytes::new();
        let pulled = counted("a frame that another viewer had before", || other = next(&mut second));
        assert_eq!((one.as_ptr(), one.len()), (other.as_ptr(), other.len()), "the very same bytes");
        // Measured: 0 and 0.
        assert_eq!((pulled.count_total, pulled.bytes_total), (0, 0));
    }
}

#[tokio::test]
async fn viewers_that_connect_together_share_one_snapshot() {
    let pipeline = Pipeline::of_a_thousand();
    let _first = pipeline.viewer(StreamFormat::Compact, ContentEncoding::Gzip);
    let joined =
        counted("another viewer's snapshot", || drop(pipeline.viewer(StreamFormat::Compact, ContentEncoding::Gzip)));
    // Measured: 5 allocations and 548 bytes for a snapshot of any size.
    assert!(joined.count_total <= 12 && joined.bytes_total <= 2_048, "{joined:?}");
}

/// Points of 5 min at 2 s and of 6 h at one minute, 48 bytes each; the containers of the points are
/// extra.
const HISTORY_OF_ONE: i64 = (150 + 360) * 48;

#[test]
fn history_is_bounded_to_24_kilobytes_per_container() {
    const FEW: u64 = 20;
    let history = History::new(Duration::from_secs(2));
    let present: HashSet<ContainerId> = (0..FEW).map(id).collect();
    let record = |at: u64| {
        let taken_at = Timestamp::from_millis(START.as_millis() + at * 1_000);
        history.record(EngineName::LOCAL, &samples(at, FEW), taken_at, &present);
    };
    // Seven hours at one minute, then ten minutes at 2 s: more than either limit.
    let filled = counted("history of twenty containers, full", || {
        for minute in 0..7 * 60 {
            record(minute * 60);
        }
        for step in 0..300 {
            record(7 * 3_600 + step * 2);
        }
    });
    // Measured: 24,776 bytes: the points, and 296 for their containers.
    let each = filled.bytes_current / FEW as i64;
    assert!((HISTORY_OF_ONE..HISTORY_OF_ONE + 1_024).contains(&each), "{each} bytes a container");
    let more = counted("an hour later", || {
        for minute in 0..60 {
            record(9 * 3_600 + minute * 60);
        }
    });
    assert_eq!(more.bytes_current, 0, "what is full grows no more");
}
