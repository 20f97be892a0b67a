//! Logs of a real engine: every line exactly once despite interruptions, and in time.

use crate::{
    harbour::Harbour,
    support::{Event, Events, TEST_TIMEOUT, eventually, get},
};
use app::model::LogLine;
use bollard::{
    models::{ContainerCreateBody, HostConfig, HostConfigLogConfig},
    query_parameters::{RestartContainerOptionsBuilder, StartContainerOptions},
};
use simulator::RealEngine;
use std::time::Instant;

/// Prints numbered lines in bursts; every tenth goes to standard error.
const PRINTER: &str = "trap 'exit 7' TERM; i=0; while [ $i -lt 400 ]; do \
                       if [ $((i % 10)) = 9 ]; then echo \"line $i\" >&2; else echo \"line $i\"; fi; \
                       i=$((i+1)); if [ $((i % 25)) = 0 ]; then sleep 0.1; fi; done; while true; do sleep 0.1; done";
const LINES: usize = 400;

fn texts(events: &[Event]) -> Vec<String> {
    let lines = events.iter().filter(|event| event.name == "log");
    lines.map(|event| serde_json::from_value::<LogLine>(event.data.clone()).unwrap().text).collect()
}

async fn known(harbour: &Harbour, id: &str) {
    eventually("the container is known", async || {
        get(harbour.server.address, &format!("/api/containers/{id}")).await.status == 200
    })
    .await;
}

async fn open(harbour: &Harbour, id: &str, query: &str, last_id: Option<&str>) -> Events {
    Events::open(harbour.server.address, &format!("/api/containers/{id}/logs/stream{query}"), last_id).await
}

async fn downloaded(harbour: &Harbour, id: &str) -> Vec<String> {
    let response = get(harbour.server.address, &format!("/api/containers/{id}/logs?timestamps=false")).await;
    assert_eq!(response.status, 200, "{response:?}");
    String::from_utf8(response.body.to_vec()).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_interrupted_repeatedly_reads_the_complete_log() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let id = harbour.run(1, PRINTER, HostConfig::default()).await.remove(0);
    known(&harbour, &id).await;
    let (mut received, mut last_id) = (Vec::new(), None::<String>);
    while received.len() < LINES {
        let mut log = open(&harbour, &id, "?tail=all", last_id.as_deref()).await;
        let events = log.take((1 + received.len() % 13).min(LINES - received.len())).await;
        last_id.clone_from(&events.last().unwrap().id);
        received.extend(texts(&events));
    }
    // The engine stores both streams in its own order, which is the same for all readers.
    assert_eq!(received, downloaded(&harbour, &id).await);
    let mut numbers: Vec<usize> =
        received.iter().map(|line| line.strip_prefix("line ").unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..LINES).collect::<Vec<_>>());
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_sends_an_end_and_the_stream_continues() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let script = "trap 'exit 7' TERM; echo up; while true; do sleep 0.05; done";
    let id = harbour.run(1, script, HostConfig::default()).await.remove(0);
    known(&harbour, &id).await;
    let mut log = open(&harbour, &id, "", None).await;
    assert_eq!(texts(&log.take(1).await), ["up"]);
    let restart = RestartContainerOptionsBuilder::new().t(5).build();
    harbour.docker.restart_container(&id, Some(restart)).await.unwrap();
    let received = log.up_to("log").await;
    let names: Vec<_> = received.iter().map(|event| event.name.as_str()).collect();
    if harbour.podman {
        // A followed log survives a restart on Podman, so there is no end event.
        assert_eq!(names, ["log"]);
    } else {
        assert_eq!(names, ["end", "resume", "log"]);
        assert_eq!(received[0].data["reason"], "stopped");
    }
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminals_long_lines_and_any_bytes_are_read() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let script = "printf '\\001\\002bin\\n'; i=0; \
                  while [ $i -lt 2000 ]; do printf 'twenty characters...'; i=$((i+1)); done; echo; echo last";
    // Podman adds a timestamp to each write to a terminal, which cannot be distinguished from
    // printed text.
    for tty in if harbour.podman { vec![false] } else { vec![true, false] } {
        let body = ContainerCreateBody {
            image: Some(RealEngine::IMAGE.to_owned()),
            cmd: Some(["sh", "-c", script].map(str::to_owned).to_vec()),
            tty: Some(tty),
            host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..HostConfig::default() }),
            ..ContainerCreateBody::default()
        };
        let id = harbour.run_body(body).await;
        known(&harbour, &id).await;
        let received = texts(&open(&harbour, &id, "", None).await.take(3).await);
        assert_eq!(
            received,
            ["\u{2401}\u{2402}bin".to_owned(), "twenty characters...".repeat(2_000), "last".to_owned()],
            "{tty}"
        );
    }
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_lines_of_a_run_are_read_and_driver_none_is_refused() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let log = HostConfigLogConfig { typ: Some("none".to_owned()), config: None };
    let mute = HostConfig { log_config: Some(log), ..HostConfig::default() };
    let mute = harbour.run(1, "sleep 3600", mute).await.remove(0);
    let id =
        harbour.run(1, "echo first; echo out of coal >&2; sleep 0.2; exit 3", HostConfig::default()).await.remove(0);
    known(&harbour, &id).await;
    let finished = async || {
        let container: serde_json::Value = get(harbour.server.address, &format!("/api/containers/{id}")).await.json();
        container["finishedAt"].as_str().map(str::to_owned)
    };
    eventually("it ended", async || finished().await.is_some()).await;
    let end = finished().await.unwrap();
    harbour.docker.start_container(&id, None::<StartContainerOptions>).await.unwrap();
    eventually("it prints again", async || downloaded(&harbour, &id).await.len() == 4).await;
    let path = format!("/api/containers/{id}/logs?tail=1&timestamps=false&until={end}");
    // The order of the two streams in the log varies.
    let last = String::from_utf8(get(harbour.server.address, &path).await.body.to_vec()).unwrap();
    assert!(["out of coal\n", "first\n"].contains(&last.as_str()), "{last}");
    known(&harbour, &mute).await;
    get(harbour.server.address, &format!("/api/containers/{mute}/logs/stream")).await.problem(409, "logs_unreadable");
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_lines_are_read() {
    const COUNT: usize = 100_000;
    let Some(mut harbour) = Harbour::open().await else { return };
    let script = "yes 'ten characters, and then some more to make it a line of some length' | head -n 99999; echo end; sleep 3600";
    let id = harbour.run(1, script, HostConfig::default()).await.remove(0);
    known(&harbour, &id).await;
    // Polls one line: a download of everything takes seconds in a debug build.
    eventually("all is printed", async || {
        let last = get(harbour.server.address, &format!("/api/containers/{id}/logs?timestamps=false&tail=1")).await;
        &last.body[..] == b"end\n"
    })
    .await;
    let started = Instant::now();
    let mut log = open(&harbour, &id, "?tail=all", None).await;
    let mut count = 0;
    tokio::time::timeout(4 * TEST_TIMEOUT, async {
        while count < COUNT {
            count += usize::from(log.next().await.expect("the stream continues").name == "log");
        }
    })
    .await
    .expect("all lines come");
    println!("{COUNT} lines in {:?}", started.elapsed());
    harbour.clear().await;
}

/// Prints a numbered line every 20 ms.
const STEADY: &str = "i=0; while [ $i -lt 600 ]; do echo \"line $i and some more to fill a file\"; i=$((i+1)); sleep 0.02; done; sleep 3600";

/// The number of a line of [`STEADY`].
fn number(text: &str) -> usize {
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

fn rotating(driver: &str, size: &str, files: &str) -> HostConfig {
    let config = [("max-size", size), ("max-file", files)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let log = HostConfigLogConfig { typ: Some(driver.to_owned()), config: Some(config.into()) };
    HostConfig { log_config: Some(log), ..HostConfig::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_log_is_read_completely_or_has_gaps() {
    let Some(mut harbour) = Harbour::open().await else { return };
    // Podman has other drivers, and other engines lose no lines with two files.
    if harbour.podman {
        return harbour.clear().await;
    }
    let mut readers = Vec::new();
    for (driver, size, files) in [("local", "20k", "2"), ("json-file", "10k", "3"), ("json-file", "10k", "1")] {
        let id = harbour.run(1, STEADY, rotating(driver, size, files)).await.remove(0);
        known(&harbour, &id).await;
        let mut log = open(&harbour, &id, "?tail=all", None).await;
        let what = format!("{driver}, {files} files of {size}");
        let reading = tokio::spawn(async move {
            let (mut last, mut gaps, mut missing) = (None::<usize>, 0, 0);
            while last != Some(599) {
                let event = log.next().await.expect("the stream continues");
                match event.name.as_str() {
                    "gap" => {
                        assert_eq!(event.data["reason"], "rotated", "{what}");
                        gaps += 1;
                    }
                    "log" => {
                        let number = number(&texts(&[event])[0]);
                        let next = last.map_or(0, |last| last + 1);
                        assert!(number >= next, "{what}: {number} comes after {last:?}");
                        if number > next {
                            assert!(gaps > 0, "{what}: {next} to {number} are missing without a gap event");
                            missing += number - next;
                        }
                        (last, gaps) = (Some(number), 0);
                    }
                    _ => {}
                }
            }
            (what, files, missing)
        });
        readers.push(reading);
    }
    for reader in readers {
        let (what, files, missing) = tokio::time::timeout(6 * TEST_TIMEOUT, reader).await.expect("it ends").unwrap();
        println!("{what}: {missing} of 600 missing");
        // Lines in other files of the engine are not lost.
        assert!(files == "1" || missing == 0, "{what}: {missing} are missing");
        assert!(missing < 60, "{what}: {missing} are missing");
    }
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_progress_bar_without_line_ends_is_shown() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if harbour.podman {
        return harbour.clear().await;
    }
    let script = "echo first; i=0; while [ $i -lt 2000 ]; do printf '%02500d\\r' $i; i=$((i+1)); done; sleep 3600";
    let body = ContainerCreateBody {
        image: Some(RealEngine::IMAGE.to_owned()),
        cmd: Some(["sh", "-c", script].map(str::to_owned).to_vec()),
        tty: Some(true),
        host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..HostConfig::default() }),
        ..ContainerCreateBody::default()
    };
    let id = harbour.run_body(body).await;
    known(&harbour, &id).await;
    let mut log = open(&harbour, &id, "?tail=all", None).await;
    assert_eq!(texts(&log.take(1).await), ["first"]);
    let mut newest = 0;
    // dockerd buffers less than 16 KiB, which are six writes.
    while newest < 1_990 {
        let text = texts(&log.take(1).await).remove(0);
        assert_eq!(text.len(), 2_500, "{text}");
        let number = text.parse().unwrap();
        assert!(number > newest, "{number} after {newest}");
        newest = number;
    }
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_log_has_a_gap_and_new_lines_follow() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if harbour.podman {
        println!("skipped: Podman has no log driver `local`");
        return;
    }
    let script = "echo one; echo two; i=0; while true; do sleep 0.3; i=$((i+1)); echo \"later $i\"; done";
    let id = harbour.run(1, script, rotating("local", "1m", "2")).await.remove(0);
    known(&harbour, &id).await;
    let inspect = harbour.docker.inspect_container(&id, None).await.unwrap();
    // Next to the container's other files: inspect does not have this driver's path.
    let hostname = std::path::PathBuf::from(inspect.hostname_path.unwrap_or_default());
    let path = hostname.with_file_name("local-logs").join("container.log");
    // Only if the engine's files are on this machine.
    if std::fs::metadata(&path).is_err() {
        return harbour.clear().await;
    }
    eventually("something is printed", async || downloaded(&harbour, &id).await.len() > 3).await;
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    // The length of an invalid message.
    std::io::Write::write_all(&mut file, b"\xff\xff\xff\xffgarbage").unwrap();
    let mut log = open(&harbour, &id, "?tail=all", None).await;
    let received = log.up_to("gap").await;
    let before = texts(&received);
    // It is random which of the lines before it dockerd sends; they are requested several times.
    assert_eq!(before.first().map(String::as_str), Some("one"), "{received:?}");
    let gap = received.last().unwrap();
    assert_eq!(gap.data["reason"], "unreadable");
    // The wording depends on how the file is read.
    let detail = gap.data["detail"].as_str().unwrap();
    assert!(detail.len() > 10, "{gap:?}");
    // Docker 26.1 to 29 do not read new lines until the file is rotated.
    let version = harbour.docker.version().await.unwrap().version.unwrap_or_default();
    if version.starts_with("20.10") {
        let later = log.take(2).await;
        assert!(texts(&later).iter().all(|text| text.starts_with("later")), "{later:?}");
    }
    // Docker 28.5 and 29 end the log without an error, also for a download.
    if !detail.starts_with("it keeps ending the log") {
        // It is also random whether dockerd skips the unreadable part.
        eventually("the download has the note", async || {
            downloaded(&harbour, &id)
                .await
                .iter()
                .any(|line| line.starts_with("--- The engine could not read any further"))
        })
        .await;
    }
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_skipped_by_the_engine_are_a_gap() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let script = "i=0; while true; do sleep 0.3; i=$((i+1)); echo \"line $i\"; done";
    let id = harbour.run(1, script, HostConfig::default()).await.remove(0);
    known(&harbour, &id).await;
    let inspect = harbour.docker.inspect_container(&id, None).await.unwrap();
    let path = std::path::PathBuf::from(inspect.log_path.unwrap_or_default());
    let driver = inspect.host_config.and_then(|host| host.log_config).and_then(|log| log.typ);
    // Only if the engine's files are on this machine.
    if harbour.podman || driver.as_deref() != Some("json-file") || std::fs::metadata(&path).is_err() {
        return harbour.clear().await;
    }
    eventually("something is printed", async || downloaded(&harbour, &id).await.len() > 3).await;
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    // As after a crash of the machine.
    std::io::Write::write_all(&mut file, b"{\"log\":\"lin{\"log\":\"x\n").unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let text = downloaded(&harbour, &id).await;
    assert!(text.iter().any(|line| line.starts_with("--- The engine could not read any further")), "{text:?}");
    let mut log = open(&harbour, &id, "?tail=all", None).await;
    let received = log.up_to("gap").await;
    assert_eq!(texts(&received).first().map(String::as_str), Some("line 1"), "{received:?}");
    let gap = received.last().unwrap();
    assert_eq!(gap.data["reason"], "unreadable", "{gap:?}");
    let later = log.take(2).await;
    assert!(texts(&later).iter().all(|text| text.starts_with("line ")), "{later:?}");

    // Damages lines in the middle, while the newest ones stay readable.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    let mut is_reported = false;
    // Unknown while a line is printed.
    for _ in 0..5 {
        let mut again = open(&harbour, &id, "?tail=all", None).await;
        is_reported |= tokio::time::timeout(std::time::Duration::from_secs(4), again.up_to("gap")).await.is_ok();
    }
    assert!(is_reported);
    eventually("the download has the note", async || {
        downloaded(&harbour, &id).await.iter().any(|line| line.starts_with("--- The engine could not read any further"))
    })
    .await;
    let whole = harbour
        .run(1, "for i in $(seq 50); do echo \"line $i\"; done; sleep 60", HostConfig::default())
        .await
        .remove(0);
    known(&harbour, &whole).await;
    eventually("all is printed", async || downloaded(&harbour, &whole).await.len() == 50).await;
    let mut log = open(&harbour, &whole, "?tail=all", None).await;
    let received = log.take(50).await;
    assert!(received.iter().all(|event| event.name != "gap"), "nothing is missing: {received:?}");
    let more = tokio::time::timeout(std::time::Duration::from_secs(1), log.next_data()).await;
    assert!(more.is_err(), "nothing is missing: {more:?}");
    harbour.clear().await;
}
