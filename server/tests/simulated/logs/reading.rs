//! The log of one container, live: content, and every line exactly once after interruptions.

use crate::support::{Event, Events, Quay, TEST_TIMEOUT, eventually, get, idler, named, quay};
use app::model::{ContainerId, LogEnd, LogEndReason, LogLine, LogStream};
use simulator::{
    ContainerSpec, Endpoint,
    engine::{
        Stamps,
        extras::Extras,
        program::{Body, OnTerm, Program, Script, Step},
    },
};
use std::time::{Duration, Instant};

/// A valid id without a container.
const UNKNOWN_ID: &str = "00000000000000000000000000000000000000000000000000000000deadbeef";

pub(crate) fn print(text: &str) -> Step {
    Step::Print { stderr: false, text: text.to_owned() }
}

pub(crate) fn pause(millis: u64) -> Step {
    Step::Sleep(Duration::from_millis(millis))
}

/// A container that runs `steps` and then waits; it exits with 7 on SIGTERM.
pub(crate) fn printer(name: &str, steps: Vec<Step>) -> ContainerSpec {
    let body = Body::Script(Script { once: steps, cycle: vec![Step::Sleep(Duration::from_secs(3600))] });
    let on_term = OnTerm::Exit { code: 7, after: Duration::ZERO };
    ContainerSpec { program: Program { body, on_term }, ..idler(name) }
}

/// Numbered lines: three at once, then a pause.
pub(crate) fn counting(lines: usize, millis: u64) -> Vec<Step> {
    (0..lines)
        .flat_map(|number| [print(&format!("line {number}")), pause(if number % 3 == 2 { millis } else { 0 })])
        .collect()
}

pub(crate) async fn started(quay: &Quay, spec: ContainerSpec) -> ContainerId {
    let name = spec.name.clone().unwrap();
    quay.simulator.act(|engine, now| {
        engine.create(spec, now).unwrap();
        engine.start(&name, now).unwrap();
    });
    let mut id = None;
    eventually("the container is known", async || {
        id = named(&quay.server.fetched().await, &name).map(|one| one.id);
        id.is_some()
    })
    .await;
    id.unwrap()
}

/// Waits until the engine has this text in the log.
pub(crate) async fn printed(quay: &Quay, id: ContainerId, text: &str) {
    eventually("the text is printed", async || {
        let log = get(quay.server.address, &format!("/api/containers/{id}/logs")).await;
        String::from_utf8_lossy(&log.body).contains(text)
    })
    .await;
}

pub(crate) fn line(event: &Event) -> LogLine {
    assert_eq!(event.name, "log", "{event:?}");
    assert!(event.id.is_some(), "{event:?}");
    serde_json::from_value(event.data.clone()).unwrap()
}

pub(crate) fn texts(events: &[Event]) -> Vec<String> {
    events.iter().filter(|event| event.name == "log").map(|event| line(event).text).collect()
}

pub(crate) fn end(event: &Event) -> LogEnd {
    assert_eq!(event.name, "end", "{event:?}");
    serde_json::from_value(event.data.clone()).unwrap()
}

pub(crate) fn numbered(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("line {number}")).collect()
}

pub(crate) async fn open(quay: &Quay, id: ContainerId, query: &str, last_id: Option<&str>) -> Events {
    Events::open(quay.server.address, &format!("/api/containers/{id}/logs/stream{query}"), last_id).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_have_stream_and_time_and_continue_live() {
    let quay = quay("quiet:0", &[]).await;
    let loud = Step::Print { stderr: true, text: "\u{1b}[31mred\u{1b}[0m \0 <b>&é".to_owned() };
    let id = started(&quay, printer("boat", vec![print("one"), pause(30), loud, pause(400), print("three")])).await;
    let mut log = open(&quay, id, "", None).await;
    for (name, value) in [("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no")] {
        assert_eq!(log.headers[name], value);
    }
    assert_eq!(log.next().await.unwrap().name, "heartbeat", "the first event arrives immediately");
    let lines: Vec<_> = log.take(3).await.iter().map(line).collect();
    let received: Vec<_> = lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
    use LogStream::{Stderr, Stdout};
    assert_eq!(received, [(Stdout, "one"), (Stderr, "\u{1b}[31mred\u{1b}[0m \u{2400} <b>&é"), (Stdout, "three")]);
    assert!(lines.is_sorted_by_key(|line| line.timestamp) && lines[0].timestamp < lines[2].timestamp);
    assert!(lines.iter().all(|line| line.container_id.is_none() && !line.truncated));
    assert_eq!(log.next().await.unwrap().name, "heartbeat", "and when nothing is printed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_begins_with_the_requested_number_of_lines() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(600, 0))).await;
    for (query, first) in [("", 100), ("?tail=2", 598), ("?tail=all", 0), ("?tail=1000", 0)] {
        let mut log = open(&quay, id, query, None).await;
        assert_eq!(texts(&log.take(600 - first).await), numbered(first, 600), "{query}");
    }
    let mut none = open(&quay, id, "?tail=0", None).await;
    assert_eq!(none.next().await.unwrap().name, "heartbeat");
    assert_eq!(none.next().await.unwrap().name, "heartbeat");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_are_filtered_by_stream_and_time() {
    let quay = quay("quiet:0", &[]).await;
    let loud = |text: &str| Step::Print { stderr: true, text: text.to_owned() };
    let steps = vec![print("a"), pause(20), loud("b"), pause(20), print("c"), pause(20), loud("d")];
    let id = started(&quay, printer("boat", steps)).await;
    let all = open(&quay, id, "", None).await.take(4).await;
    assert_eq!(texts(&open(&quay, id, "?stream=stdout", None).await.take(2).await), ["a", "c"]);
    assert_eq!(texts(&open(&quay, id, "?stream=stderr", None).await.take(2).await), ["b", "d"]);
    let at = |number: usize| line(&all[number]).timestamp;
    assert_eq!(texts(&open(&quay, id, &format!("?since={}", at(2)), None).await.take(2).await), ["c", "d"]);
    // With `until`, the stream ends after its last line.
    let mut ending = open(&quay, id, &format!("?until={}", at(2)), None).await;
    let received = ending.up_to("end").await;
    assert_eq!(texts(&received), ["a", "b", "c"]);
    let end = end(received.last().unwrap());
    assert_eq!((end.reason, end.last), (LogEndReason::Until, true));
    assert_eq!(ending.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_had_no_line_yet_resumes_with_all_lines_since_it_began() {
    let quay = quay("quiet:0", &[]).await;
    let rotated = Extras { log_driver: "local".to_owned(), ..Extras::default() };
    for (name, extras) in [("plain", Extras::default()), ("rotated", rotated)] {
        let mut steps = vec![print("old"), pause(2_000)];
        steps.extend(counting(9, 0));
        let id = started(&quay, ContainerSpec { extras, ..printer(name, steps) }).await;
        printed(&quay, id, "old").await;
        let first = open(&quay, id, "?tail=0", None).await.next().await.unwrap();
        assert_eq!((first.name.as_str(), first.id.is_some()), ("heartbeat", true), "{first:?}");
        printed(&quay, id, "line 8").await;
        let resumed = open(&quay, id, "?tail=0", first.id.as_deref()).await.take(9).await;
        assert_eq!(texts(&resumed), numbered(0, 9), "{name}");
    }
}

/// Reads `lines` lines, disconnecting repeatedly and resuming from the last id.
async fn read_in_pieces(quay: &Quay, id: ContainerId, query: &str, lines: usize) -> Vec<String> {
    let (mut received, mut last_id) = (Vec::new(), None::<String>);
    while received.len() < lines {
        let mut log = open(quay, id, query, last_id.as_deref()).await;
        let wanted = (1 + received.len() % 7).min(lines - received.len());
        let events = log.take(wanted).await;
        last_id.clone_from(&events.last().unwrap().id);
        received.extend(texts(&events));
    }
    received
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_interrupted_repeatedly_gets_every_line_once() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(300, 20))).await;
    assert_eq!(read_in_pieces(&quay, id, "?tail=all", 300).await, numbered(0, 300));
    // The same with an engine whose timestamps have whole seconds, so that many lines share one.
    quay.simulator.act(|engine, _| engine.set_log_stamps(Stamps::Seconds));
    assert_eq!(read_in_pieces(&quay, id, "?tail=all", 300).await, numbered(0, 300));
    assert_eq!(read_in_pieces(&quay, id, "?tail=250", 250).await, numbered(50, 300));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_resumes_after_its_last_line() {
    let quay = quay("quiet:0", &[]).await;
    // More lines than the first read.
    let id = started(&quay, printer("boat", [counting(1, 0), vec![pause(1_500)], counting(4_000, 0)].concat())).await;
    let mut log = open(&quay, id, "", None).await;
    let first = log.next_data().await.unwrap();
    drop(log);
    eventually("all is printed", async || {
        let last = get(quay.server.address, &format!("/api/containers/{id}/logs?tail=1&timestamps=false")).await;
        last.body == "line 3999\n"
    })
    .await;
    let mut log = open(&quay, id, "", first.id.as_deref()).await;
    assert_eq!(texts(&log.take(4_000).await), numbered(0, 4_000));
    // The id can also be a query parameter.
    let query = format!("?lastEventId={}", first.id.unwrap());
    assert_eq!(texts(&open(&quay, id, &query, None).await.take(3).await), numbered(0, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_event_id_starts_from_the_beginning() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(5, 0))).await;
    for nonsense in ["", "x", "5", "1.2.3", "epoch.7", "-1.1"] {
        let mut log = open(&quay, id, "?tail=2", Some(nonsense)).await;
        assert_eq!(texts(&log.take(2).await), numbered(3, 5), "{nonsense}");
    }
    // A position that the log no longer has, because it was emptied: later lines are new.
    let mut log = open(&quay, id, "?tail=2", Some("5.1")).await;
    assert_eq!(texts(&log.take(5).await), numbered(0, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_lines_are_joined_and_endless_ones_truncated() {
    let quay = quay("quiet:0", &[]).await;
    let (long, endless) = ("x".repeat(40_000), "é".repeat(100_000));
    for tty in [false, true] {
        let name = format!("talker-{tty}");
        let spec = ContainerSpec { tty, ..printer(&name, vec![print(&long), print(&endless), print("short")]) };
        let id = started(&quay, spec).await;
        let lines: Vec<_> = open(&quay, id, "", None).await.take(3).await.iter().map(line).collect();
        assert_eq!((lines[0].text.as_str(), lines[0].truncated), (long.as_str(), false));
        assert_eq!((lines[1].text.as_str(), lines[1].truncated), (&endless[..64 << 10], true), "tty: {tty}");
        assert_eq!((lines[2].text.as_str(), lines[2].truncated), ("short", false));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_log_driver_is_refused_with_the_engines_message() {
    let quay = quay("quiet:0", &[]).await;
    let extras = Extras { log_driver: "none".to_owned(), ..Extras::default() };
    let id = started(&quay, ContainerSpec { extras, ..printer("mute", counting(1, 0)) }).await;
    for path in ["/logs", "/logs/stream"] {
        let response = get(quay.server.address, &format!("/api/containers/{id}{path}")).await;
        let problem = response.problem(409, "logs_unreadable");
        assert_eq!(problem["detail"], "configured logging driver does not support reading");
        assert!(problem["hint"].as_str().unwrap().contains("json-file"), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_log_queries_are_refused_without_an_engine_call() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", Vec::new())).await;
    let calls = quay.simulator.calls().count(Endpoint::Logs);
    for query in ["tail=many", "tail=-1", "tail=", "since=soon", "until=", "stream=both", "tail=1&tail=2"] {
        for path in ["/logs", "/logs/stream"] {
            get(quay.server.address, &format!("/api/containers/{id}{path}?{query}")).await.problem(400, "bad_query");
        }
    }
    for path in ["/logs", "/logs/stream"] {
        for wrong in ["boat", &id.short(), "%ff"] {
            get(quay.server.address, &format!("/api/containers/{wrong}{path}")).await.problem(400, "bad_id");
        }
        get(quay.server.address, &format!("/api/containers/{UNKNOWN_ID}{path}"))
            .await
            .problem(404, "no_such_container");
    }
    assert_eq!(quay.simulator.calls().count(Endpoint::Logs), calls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disconnected_reader_leaks_nothing() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(3_000, 1))).await;
    let mut logs = Vec::new();
    for _ in 0..5 {
        let mut log = open(&quay, id, "", None).await;
        log.take(1).await;
        logs.push(log);
    }
    assert_eq!(quay.simulator.calls().open(Endpoint::Logs), 5);
    let metrics = async || String::from_utf8(get(quay.server.address, "/metrics").await.body.to_vec()).unwrap();
    assert!(metrics().await.contains("quaylight_log_readers 5\n"));
    drop(logs);
    eventually("the engine's connections are closed", async || quay.simulator.calls().open(Endpoint::Logs) == 0).await;
    eventually("no reader is left", async || metrics().await.contains("quaylight_log_readers 0\n")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stop_ends_followed_logs() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(3_000, 1))).await;
    let mut log = open(&quay, id, "", None).await;
    log.take(3).await;
    let reading = tokio::spawn(async move { while log.next().await.is_some() {} });
    let started = Instant::now();
    quay.server.stop(TEST_TIMEOUT).await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    tokio::time::timeout(TEST_TIMEOUT, reading).await.expect("the stream ends").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_log_is_read_without_gaps() {
    let quay = quay("quiet:0", &[]).await;
    let rotated = |name: &str, steps| {
        let extras = Extras { log_driver: "local".to_owned(), ..Extras::default() };
        ContainerSpec { extras, ..printer(name, steps) }
    };
    let id = started(&quay, rotated("boat", counting(300, 20))).await;
    assert_eq!(texts(&open(&quay, id, "?tail=all", None).await.take(300).await), numbered(0, 300));
    assert_eq!(read_in_pieces(&quay, id, "?tail=all", 300).await, numbered(0, 300));
    assert_eq!(texts(&open(&quay, id, "?tail=2", None).await.take(2).await), numbered(298, 300));
    let loud = Step::Print { stderr: true, text: "loud".to_owned() };
    let later = rotated("later", vec![print("old"), pause(2_500), print("new"), loud, pause(700), print("last")]);
    let id = started(&quay, later).await;
    let mut none = open(&quay, id, "?tail=0", None).await;
    let mut loud = open(&quay, id, "?stream=stderr", None).await;
    assert_eq!(texts(&none.take(3).await), ["new", "loud", "last"]);
    assert_eq!(texts(&loud.take(1).await), ["loud"]);
    // The stream has its end and the next run.
    quay.simulator.act(|engine, now| engine.stop("later", None, Duration::from_secs(5), now).unwrap());
    assert_eq!(end(&none.next_data().await.unwrap()).reason, LogEndReason::Stopped);
    quay.simulator.act(|engine, now| engine.start("later", now).unwrap());
    let received = none.take(2).await;
    assert_eq!((received[0].name.as_str(), texts(&received)), ("resume", vec!["old".to_owned()]));
}
