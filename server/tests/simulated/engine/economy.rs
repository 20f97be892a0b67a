//! Many viewers cost as much as one, and none costs nothing.

use crate::support::{CHANGE_TIMEOUT, Quay, TEST_TIMEOUT, Viewer, eventually, idler, quay, state_of};
use app::{model::ContainerState, protocol::Frame};
use simulator::Endpoint;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
    time::{Instant, sleep, timeout},
};

/// The shortest intervals, so that any extra call shows soon.
const BUSY_INTERVALS: [&str; 4] = ["--stats-interval", "500ms", "--refresh-interval", "500ms"];
/// Four intervals: long enough to prove that nothing more happens.
const QUIET_PERIOD: Duration = Duration::from_secs(2);
/// Sampling continues for 10 s for a viewer that reloads; a busy machine gets more.
const LINGER_TIMEOUT: Duration = Duration::from_secs(20);

fn calls(quay: &Quay) -> (u64, u64) {
    (quay.simulator.calls().count(Endpoint::Stats), quay.simulator.calls().count(Endpoint::List))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_no_samples_or_lists_without_viewers() {
    let quay = quay("quiet:8", &BUSY_INTERVALS).await;
    sleep(QUIET_PERIOD).await;
    assert_eq!(calls(&quay), (0, 1), "one list at the start, and no sample");
    let mut viewer = quay.server.viewer().await;
    viewer.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    eventually("the list is compared", async || calls(&quay).1 > 1).await;
}

/// Returns the number of calls once there were no samples for a while.
async fn calls_once_quiet(quay: &Quay) -> (u64, u64) {
    let started = Instant::now();
    loop {
        let before = calls(quay);
        sleep(QUIET_PERIOD).await;
        let after = calls(quay);
        if after.0 == before.0 {
            return after;
        }
        assert!(started.elapsed() < LINGER_TIMEOUT, "samples are still taken");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_ends_after_the_last_viewer_has_left() {
    let quay = quay("quiet:8", &BUSY_INTERVALS).await;
    let mut viewer = quay.server.viewer().await;
    viewer.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    drop(viewer);
    let (stats, lists) = calls_once_quiet(&quay).await;
    sleep(QUIET_PERIOD).await;
    let (more_stats, more_lists) = calls(&quay);
    assert_eq!(more_stats, stats);
    // The list is still compared every 15 s, so that a new page is right immediately.
    assert!(more_lists <= lists + 1, "{lists} lists, then {more_lists}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_viewers_share_one_sampler_and_the_same_frames() {
    let quay = quay("quiet:8", &BUSY_INTERVALS).await;
    let mut viewers = [quay.server.viewer().await, quay.server.viewer().await, quay.server.viewer().await];
    let mut sampled = Vec::new();
    let before = calls(&quay).0;
    while sampled.len() < 5 {
        if let Frame::Delta(delta) = viewers[0].next_data().await.frame
            && delta.sampled_at.is_some()
        {
            sampled.push(delta);
        }
    }
    // Five running containers, a paused one, and a round that may be in progress.
    let running = 6;
    let taken = calls(&quay).0 - before;
    assert!(taken <= (sampled.len() as u64 + 1) * running, "{taken} samples for {} frames", sampled.len());
    let last = viewers[0].picture.revision;
    for viewer in &mut viewers[1..] {
        let mut same = Vec::new();
        while viewer.picture.revision < last {
            if let Frame::Delta(delta) = viewer.next_data().await.frame
                && delta.sampled_at.is_some()
            {
                same.push(delta);
            }
        }
        assert_eq!(same, sampled, "encoded once, so equal to the `serverTime`");
    }
    assert_eq!(quay.simulator.calls().open(Endpoint::Events), 1);
}

/// Size of a container's frames; a socket buffer holds only some of them.
const LARGE: usize = 256 << 10;
/// Number of such frames: 15 MB, while the buffers of a connection hold 6 MB.
const CHANGES: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_that_stops_reading_gets_the_current_state_later() {
    let quay = quay("quiet:0", &[]).await;
    let mut spec = idler("heavy");
    spec.labels.insert("cargo".to_owned(), "x".repeat(LARGE));
    quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        engine.create(spec, now).unwrap();
        engine.start("heavy", now).unwrap();
    });
    let mut reading = quay.server.viewer().await;
    reading.until("it runs", CHANGE_TIMEOUT, |now| state_of(now, "heavy") == Some(ContainerState::Running)).await;

    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stalled = socket.connect(quay.server.address).await.unwrap();
    let request = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {}\r\n\r\n", quay.server.address);
    stalled.write_all(request.as_bytes()).await.unwrap();

    for change in 0..CHANGES {
        let wanted = if change % 2 == 0 { ContainerState::Paused } else { ContainerState::Running };
        quay.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("heavy", now).unwrap(),
            _ => engine.unpause("heavy", now).unwrap(),
        });
        reading.until("each change shows", TEST_TIMEOUT, |now| state_of(now, "heavy") == Some(wanted)).await;
    }
    quay.simulator.act(|engine, now| engine.rename("heavy", "heaviest", now).unwrap());
    reading.until("the name shows", CHANGE_TIMEOUT, |now| state_of(now, "heaviest").is_some()).await;

    let mut text = Vec::new();
    let present = async {
        while !text.windows(8).any(|word| word == b"heaviest") {
            let scanned = text.len().saturating_sub(8);
            text.drain(..scanned.min(text.len()));
            assert!(stalled.read_buf(&mut text).await.unwrap() > 0, "the stream continues");
        }
    };
    timeout(TEST_TIMEOUT, present).await.expect("it gets the present");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_viewer_skips_frames_and_ends_with_the_current_state() {
    let quay = quay("quiet:0", &[]).await;
    let mut spec = idler("heavy");
    spec.labels.insert("cargo".to_owned(), "x".repeat(LARGE));
    quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        engine.create(spec, now).unwrap();
    });
    let mut reading = quay.server.viewer().await;
    reading.until("it is there", CHANGE_TIMEOUT, |now| state_of(now, "heavy").is_some()).await;
    let mut slow = Viewer::open(quay.server.address, "?stats=false", &[]).await;
    slow.next().await;
    for change in 0..CHANGES {
        let (old, new) = (name(change), name(change + 1));
        quay.simulator.act(|engine, now| engine.rename(&old, &new, now).unwrap());
        reading.until("each name shows", TEST_TIMEOUT, |now| state_of(now, &new).is_some()).await;
    }
    let came = slow.until("it catches up", TEST_TIMEOUT, |now| state_of(now, &name(CHANGES)).is_some()).await;
    assert!(came.len() < CHANGES, "{} frames for {CHANGES} changes: nothing was skipped", came.len());
    assert_eq!(slow.picture.containers, reading.picture.containers);
}

fn name(change: usize) -> String {
    if change == 0 { "heavy".to_owned() } else { format!("heavy-{change}") }
}
