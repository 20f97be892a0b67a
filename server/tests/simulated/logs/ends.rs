//! A log stream when the container or the engine stops.

use crate::{
    logs::reading::{counting, end, line, numbered, open, pause, print, printer, started, texts},
    support::{eventually, named, quay},
};
use app::model::LogEndReason;
use simulator::{
    ContainerFault, ContainerSpec, DaemonState, Endpoint,
    engine::{program::Step, spec::RestartPolicy},
};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_sends_an_end_and_the_next_run_continues_the_stream() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(3, 0))).await;
    let mut log = open(&quay, id, "", None).await;
    log.take(3).await;
    quay.simulator.act(|engine, now| engine.stop("boat", None, Duration::from_secs(5), now).unwrap());
    let ended = end(&log.next_data().await.unwrap());
    assert_eq!((ended.reason, ended.exit_code, ended.last), (LogEndReason::Stopped, Some(7), false));
    assert!(ended.at.is_some());
    quay.simulator.act(|engine, now| engine.start("boat", now).unwrap());
    assert_eq!(log.next_data().await.unwrap().name, "resume");
    assert_eq!(texts(&log.take(3).await), numbered(0, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_container_sends_its_last_lines_and_an_end() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(3, 0))).await;
    quay.simulator.act(|engine, now| engine.crash("boat", 139, false, now).unwrap());
    let received = open(&quay, id, "", None).await.up_to("end").await;
    assert_eq!(texts(&received), numbered(0, 3));
    assert_eq!(end(received.last().unwrap()).exit_code, Some(139));
    quay.simulator.act(|engine, now| engine.create(printer("never", Vec::new()), now).unwrap());
    let never = {
        let mut id = None;
        eventually("it is known", async || {
            id = named(&quay.server.fetched().await, "never").map(|one| one.id);
            id.is_some()
        })
        .await;
        id.unwrap()
    };
    let received = open(&quay, never, "", None).await.up_to("end").await;
    let ended = end(&received[0]);
    assert_eq!((received.len(), ended.reason, ended.exit_code), (1, LogEndReason::Stopped, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loop_is_read_run_by_run_without_a_gap() {
    let quay = quay("quiet:0", &[]).await;
    let steps = vec![print("up"), pause(60), print("down"), Step::Exit(3)];
    let spec = ContainerSpec { restart: RestartPolicy::Always, ..printer("looper", steps) };
    let id = started(&quay, spec).await;
    let mut log = open(&quay, id, "?tail=all", None).await;
    let mut received = Vec::new();
    while received.len() < 8 {
        let event = log.next_data().await.unwrap();
        if event.name == "log" {
            received.push(line(&event).text);
        } else {
            assert!(["end", "resume"].contains(&event.name.as_str()), "{event:?}");
        }
    }
    assert_eq!(received, ["up", "down", "up", "down", "up", "down", "up", "down"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_sends_the_last_end() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(1, 0))).await;
    let mut log = open(&quay, id, "", None).await;
    log.next_data().await.unwrap();
    quay.simulator.act(|engine, now| engine.remove("boat", true, now).unwrap());
    let received = log.up_to("end").await;
    let mut ended = end(received.last().unwrap());
    if ended.reason == LogEndReason::Stopped {
        ended = end(&log.next_data().await.unwrap());
    }
    assert_eq!((ended.reason, ended.last), (LogEndReason::Removed, true));
    assert_eq!(log.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_continues_at_its_position_after_an_outage() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(200, 30))).await;
    let mut log = open(&quay, id, "?tail=all", None).await;
    let mut received = texts(&log.take(10).await);
    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    let cut = log.up_to("end").await;
    received.extend(texts(&cut));
    let ended = end(cut.last().unwrap());
    assert_eq!((ended.reason, ended.last), (LogEndReason::EngineLost, false));
    // A new stream during the outage is accepted, because a browser would not retry.
    let mut other = open(&quay, id, "?tail=1", None).await;
    assert_eq!(end(&other.next_data().await.unwrap()).reason, LogEndReason::EngineLost);
    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    assert_eq!(log.next_data().await.unwrap().name, "resume");
    assert_eq!(other.next_data().await.unwrap().name, "resume");
    received.extend(texts(&log.take(200 - received.len()).await));
    assert_eq!(received, numbered(0, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_keeps_ending_while_running_is_reported_once() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(3, 0))).await;
    let silence = |fault| quay.simulator.faults().container("boat", Endpoint::Logs, fault);
    // As dockerd 28.5 and 29 with a damaged file: status 200, and an end without an error.
    silence(Some(ContainerFault::Body(String::new())));
    let mut log = open(&quay, id, "", None).await;
    let gap = log.next_data().await.unwrap();
    assert_eq!((gap.name.as_str(), gap.data["reason"].as_str()), ("gap", Some("unreadable")), "{gap:?}");
    assert_eq!(gap.data["detail"], "it keeps ending the log although the container is running");
    silence(None);
    // Reported once: lines follow.
    assert_eq!(texts(&log.take(3).await), numbered(0, 3));
}
