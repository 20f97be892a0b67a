//! What a log's stream does when the container, or the engine, does not go on.

use crate::{
    logs::reading::{counting, end, line, numbered, open, pause, print, speaker, started, texts},
    support::{eventually, named, quay},
};
use app::model::LogEndReason;
use simulator::{
    ContainerFault, ContainerSpec, DaemonState, Endpoint,
    engine::{program::Step, spec::RestartPolicy},
};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_is_told_and_the_next_run_goes_on_in_the_same_stream() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, speaker("boat", counting(3, 0))).await;
    let mut log = open(&quay, id, "", None).await;
    log.take(3).await;
    quay.simulator.act(|engine, now| engine.stop("boat", None, Duration::from_secs(5), now).unwrap());
    let ended = end(&log.news().await.unwrap());
    assert_eq!((ended.reason, ended.exit_code, ended.last), (LogEndReason::Stopped, Some(7), false));
    assert!(ended.at.is_some());
    quay.simulator.act(|engine, now| engine.start("boat", now).unwrap());
    assert_eq!(log.news().await.unwrap().name, "resume");
    assert_eq!(texts(&log.take(3).await), numbered(0, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_that_does_not_run_has_its_last_lines_and_an_end() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, speaker("boat", counting(3, 0))).await;
    quay.simulator.act(|engine, now| engine.crash("boat", 139, false, now).unwrap());
    let told = open(&quay, id, "", None).await.up_to("end").await;
    assert_eq!(texts(&told), numbered(0, 3));
    assert_eq!(end(told.last().unwrap()).exit_code, Some(139));
    quay.simulator.act(|engine, now| engine.create(speaker("never", Vec::new()), now).unwrap());
    let never = {
        let mut id = None;
        eventually("it is known", async || {
            id = named(&quay.server.fetched().await, "never").map(|one| one.id);
            id.is_some()
        })
        .await;
        id.unwrap()
    };
    let told = open(&quay, never, "", None).await.up_to("end").await;
    let ended = end(&told[0]);
    assert_eq!((told.len(), ended.reason, ended.exit_code), (1, LogEndReason::Stopped, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loop_is_told_run_by_run_without_a_gap() {
    let quay = quay("quiet:0", &[]).await;
    let steps = vec![print("up"), pause(60), print("down"), Step::Exit(3)];
    let spec = ContainerSpec { restart: RestartPolicy::Always, ..speaker("looper", steps) };
    let id = started(&quay, spec).await;
    let mut log = open(&quay, id, "?tail=all", None).await;
    let mut told = Vec::new();
    while told.len() < 8 {
        let event = log.news().await.unwrap();
        if event.name == "log" {
            told.push(line(&event).text);
        } else {
            assert!(["end", "resume"].contains(&event.name.as_str()), "{event:?}");
        }
    }
    assert_eq!(told, ["up", "down", "up", "down", "up", "down", "up", "down"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_is_the_last_word() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, speaker("boat", counting(1, 0))).await;
    let mut log = open(&quay, id, "", None).await;
    log.news().await.unwrap();
    quay.simulator.act(|engine, now| engine.remove("boat", true, now).unwrap());
    let told = log.up_to("end").await;
    let mut ended = end(told.last().unwrap());
    if ended.reason == LogEndReason::Stopped {
        ended = end(&log.news().await.unwrap());
    }
    assert_eq!((ended.reason, ended.last), (LogEndReason::Removed, true));
    assert_eq!(log.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_engine_is_waited_for_and_the_log_goes_on_where_it_stood() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, speaker("boat", counting(200, 30))).await;
    let mut log = open(&quay, id, "?tail=all", None).await;
    let mut told = texts(&log.take(10).await);
    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    let cut = log.up_to("end").await;
    told.extend(texts(&cut));
    let ended = end(cut.last().unwrap());
    assert_eq!((ended.reason, ended.last), (LogEndReason::EngineLost, false));
    // One that comes meanwhile is not turned away, since a browser would not come back.
    let mut other = open(&quay, id, "?tail=1", None).await;
    assert_eq!(end(&other.news().await.unwrap()).reason, LogEndReason::EngineLost);
    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    assert_eq!(log.news().await.unwrap().name, "resume");
    assert_eq!(other.news().await.unwrap().name, "resume");
    told.extend(texts(&log.take(200 - told.len()).await));
    assert_eq!(told, numbered(0, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_keeps_ending_while_the_container_runs_is_reported_once() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, speaker("boat", counting(3, 0))).await;
    let silence = |fault| quay.simulator.faults().container("boat", Endpoint::Logs, fault);
    // As dockerd 28.5 and 29 do where its file is damaged: status 200, and an end without an error.
    silence(Some(ContainerFault::Body(String::new())));
    let mut log = open(&quay, id, "", None).await;
    let gap = log.news().await.unwrap();
    assert_eq!((gap.name.as_str(), gap.data["reason"].as_str()), ("gap", Some("unreadable")), "{gap:?}");
    assert_eq!(gap.data["detail"], "it keeps ending the log although the container is running");
    silence(None);
    // Once only: the lines are next.
    assert_eq!(texts(&log.take(3).await), numbered(0, 3));
}
