//! An engine with garbage, truncated, slow, huge or unknown responses: no row is lost or wrong, and
//! no memory is leaked.

use crate::{
    engine::churn::{shown, there},
    process::startup::serving,
    support::{
        CHANGE_TIMEOUT, CORRECTION_TIMEOUT, Program, Quay, RECONNECT_TIMEOUT, Received, TEST_TIMEOUT, Viewer,
        eventually, link_of, named, problem_code, quay, state_of,
    },
};
use app::{
    model::{ContainerState, EngineLink},
    protocol::{Frame, Picture},
};
use futures::future::join_all;
use simulator::{BadLine, BadResponse, DaemonState, Endpoint, Options, Simulator};
use std::time::Duration;
use tokio::time::Instant;

const CALLS: [Endpoint; 7] = [
    Endpoint::Ping,
    Endpoint::Version,
    Endpoint::Info,
    Endpoint::List,
    Endpoint::Inspect,
    Endpoint::Events,
    Endpoint::Stats,
];
/// A hanging inspect times out after 3 s and is retried after at most 8 s. A list has 5 s, and a
/// sample 8.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(15);

/// Number of calls: one with the fault and one after it. Version and info are called once per
/// session and are optional, and an unreadable event does not end the session.
fn times(call: Endpoint) -> u64 {
    if matches!(call, Endpoint::Info | Endpoint::Version | Endpoint::Events) { 1 } else { 2 }
}

fn is_up(picture: &Picture) -> bool {
    link_of(picture) == Some(EngineLink::Up)
}

/// No frame removed a row, whatever the engine sent.
fn assert_rows_stayed(came: &[Received], rows: usize, what: &str) {
    for received in came {
        match &received.frame {
            Frame::Delta(delta) => assert!(delta.removed.is_empty(), "{what}: {delta:?}"),
            Frame::Snapshot(snapshot) => assert!(snapshot.containers.len() >= rows, "{what}: {snapshot:?}"),
            Frame::Heartbeat(_) => {}
        }
    }
}

/// Restarts the engine with the fault, makes a change, and ends the fault after it was hit.
async fn survives(quay: &Quay, viewer: &mut Viewer, call: Endpoint, bad: BadResponse, round: usize) -> Duration {
    let what = format!("{call} {bad:?}");
    let (faults, calls) = (quay.simulator.faults(), quay.simulator.calls());
    faults.set_bad_response(call, Some(bad));
    let before = calls.count(call);
    faults.set_daemon(DaemonState::Restart(50)).await;
    let wanted = if round.is_multiple_of(2) { ContainerState::Paused } else { ContainerState::Running };
    quay.simulator.act(|engine, now| match wanted {
        ContainerState::Paused => engine.pause("shop-web-1", now).unwrap(),
        _ => engine.unpause("shop-web-1", now).unwrap(),
    });
    let mut came = Vec::new();
    let met = Instant::now();
    while calls.count(call) < before + times(call) {
        assert!(met.elapsed() < 2 * TEST_TIMEOUT, "{what} was not met");
        came.push(viewer.next().await);
    }
    faults.set_bad_response(call, None);
    let over = Instant::now();
    // Read each time, because the engine may still be restarting.
    came.extend(viewer.until(&what, RECOVERY_TIMEOUT, |picture| is_up(picture) && shown(picture) == there(quay)).await);
    let took = over.elapsed();
    assert_rows_stayed(&came, 8, &what);
    viewer.assert_true(&quay.server).await;
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_truncated_and_slow_responses_lose_no_row() {
    let all = CALLS.map(|call| async move {
        let quay = quay("quiet:8", &["--stats-interval", "500ms", "--refresh-interval", "500ms"]).await;
        let mut viewer = quay.server.viewer().await;
        viewer.next().await;
        let bad = [BadResponse::Garbage, BadResponse::Truncated, BadResponse::Drip(20), BadResponse::Error(200)];
        let mut took = Vec::new();
        for bad in bad {
            // A slow event arrives late, so its end is not awaited.
            if (call, bad) != (Endpoint::Events, BadResponse::Drip(20)) {
                took.push(survives(&quay, &mut viewer, call, bad, took.len()).await);
            }
        }
        (call, took)
    });
    for (call, took) in join_all(all).await {
        println!("recovered from bad responses to {call}: {took:?}");
    }
}

const HUGE: u64 = 100 << 20;
/// Maximum memory held for responses before they are aborted: the longest list in a doubling
/// buffer, and parts of eight of the longest inspects. Measured: 143 to 164 MiB; without a limit, a
/// gigabyte.
const MAX_HELD_BYTES: usize = 200 << 20;
/// Maximum memory that the allocator keeps: after blocks of 32 MiB were freed, glibc keeps up
/// to twice that.
const MAX_KEPT_BYTES: usize = 80 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn responses_of_a_hundred_megabytes_are_aborted_and_freed() {
    let simulator =
        Simulator::start(Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() }).await.unwrap();
    let (program, address) = serving(&["--engine", &simulator.endpoint(), "--refresh-interval", "500ms"], &[]).await;
    let mut viewer = Viewer::open(address, "", &[]).await;
    viewer.until("numbers arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    let before = program.own_memory();
    for call in CALLS {
        simulator.faults().set_bad_response(call, Some(BadResponse::Huge(HUGE)));
        let earlier = simulator.calls().count(call);
        simulator.faults().set_daemon(DaemonState::Restart(50)).await;
        let mut came = Vec::new();
        let met = Instant::now();
        while simulator.calls().count(call) < earlier + times(call) {
            assert!(met.elapsed() < 6 * TEST_TIMEOUT, "100 MB to {call} were not met");
            came.push(viewer.next().await);
        }
        simulator.faults().set_bad_response(call, None);
        let what = format!("{call}: the link is up");
        came.extend(viewer.until(&what, TEST_TIMEOUT, is_up).await);
        assert_rows_stayed(&came, 8, &what);
    }
    simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    let paused = |picture: &Picture| state_of(picture, "shop-web-1") == Some(ContainerState::Paused);
    viewer.until("changes go on", CHANGE_TIMEOUT, paused).await;
    let grown = |now: Option<usize>| now.zip(before).map(|(now, before)| now.saturating_sub(before));
    assert!(grown(peak(&program)) <= Some(MAX_HELD_BYTES), "{:?} at the most", grown(peak(&program)));
    eventually("the memory is given back", async || grown(program.own_memory()) <= Some(MAX_KEPT_BYTES)).await;
    println!(
        "100 MB to each call: {:?} more at the most, {:?} afterwards",
        grown(peak(&program)),
        grown(program.own_memory())
    );
}

fn peak(program: &Program) -> Option<usize> {
    program.status_field("VmHWM:")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_a_hundred_megabytes_is_shortened() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    quay.simulator.faults().set_bad_response(Endpoint::List, Some(BadResponse::Error(HUGE)));
    let came =
        viewer.until("the refusal is reported", 2 * TEST_TIMEOUT, |picture| !problem_code(picture).is_empty()).await;
    assert_rows_stayed(&came, 8, "a refusal");
    let error = viewer.picture.engines[0].error.clone().unwrap();
    assert!(error.message.len() < 10_000, "{} bytes", error.message.len());
    quay.simulator.faults().set_bad_response(Endpoint::List, None);
    viewer.until("the link is up", TEST_TIMEOUT, is_up).await;
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_an_unknown_type_are_ignored() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    for (line, wanted) in
        [(BadLine::UnknownType, ContainerState::Paused), (BadLine::UnknownAction, ContainerState::Running)]
    {
        quay.simulator.faults().send_bad_event_line(line);
        quay.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("shop-web-1", now).unwrap(),
            _ => engine.unpause("shop-web-1", now).unwrap(),
        });
        let came =
            viewer.until("the change shows", CHANGE_TIMEOUT, |now| state_of(now, "shop-web-1") == Some(wanted)).await;
        let reported_a_problem =
            came.iter().any(|received| matches!(&received.frame, Frame::Delta(delta) if delta.engines.is_some()));
        assert!(!reported_a_problem, "{line:?}: {came:?}");
    }
    assert_eq!(quay.simulator.calls().count(Endpoint::Version), 1, "one session for all of it");
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_state_keeps_the_last_known_one() {
    let quay = quay("quiet:8", &["--refresh-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    for call in [Endpoint::List, Endpoint::Inspect] {
        quay.simulator.faults().set_bad_response(call, Some(BadResponse::UnknownState));
    }
    let inspects = quay.simulator.calls().count(Endpoint::Inspect);
    quay.simulator.act(|engine, now| engine.rename("shop-web-1", "shop-front-1", now).unwrap());
    let mut came =
        viewer.until("the event's change is shown", CHANGE_TIMEOUT, |now| named(now, "shop-front-1").is_some()).await;
    while quay.simulator.calls().count(Endpoint::Inspect) < inspects + 16 {
        came.push(viewer.next().await);
    }
    assert_rows_stayed(&came, 8, "an unknown state");
    assert_eq!(
        (link_of(&viewer.picture), state_of(&viewer.picture, "shop-front-1")),
        (Some(EngineLink::Up), Some(ContainerState::Running))
    );
    for call in [Endpoint::List, Endpoint::Inspect] {
        quay.simulator.faults().set_bad_response(call, None);
    }
    let there = there(&quay);
    viewer.until("all is as it is", CORRECTION_TIMEOUT, |picture| shown(picture) == there).await;
    viewer.assert_true(&quay.server).await;
    quay.simulator.act(|engine, now| engine.pause("shop-front-1", now).unwrap());
    viewer
        .until("changes go on", RECONNECT_TIMEOUT, |now| state_of(now, "shop-front-1") == Some(ContainerState::Paused))
        .await;
}
