//! Logs and processes.

use bollard::container::LogOutput;
use bollard::models::{HostConfig, HostConfigLogConfig};
use bollard::query_parameters::{LogsOptions, LogsOptionsBuilder, TopOptionsBuilder};
use futures::StreamExt;
use tokio::time::timeout;

use crate::support::lab::{Lab, TEST_TIMEOUT};

async fn read(lab: &Lab, id: &str, options: LogsOptions) -> Vec<(bool, String)> {
    let pieces = lab.docker.logs(id, Some(options)).map(|piece| match piece.unwrap() {
        LogOutput::StdErr { message } => (true, String::from_utf8(message.to_vec()).unwrap()),
        LogOutput::StdOut { message } | LogOutput::StdIn { message } | LogOutput::Console { message } => {
            (false, String::from_utf8(message.to_vec()).unwrap())
        }
    });
    timeout(TEST_TIMEOUT, pieces.collect()).await.expect("the log ends")
}

async fn ended(lab: &Lab, word: &str, script: &str) -> String {
    let id = lab.run(word, &["sh", "-c", script]).await;
    lab.until(&id, |state| state.running == Some(false)).await;
    id
}

pub(crate) async fn stdout_and_stderr_are_separate(lab: &Lab) {
    let id = ended(lab, "speaker", "echo out; echo err >&2").await;
    let mut both = read(lab, &id, LogsOptionsBuilder::new().stdout(true).stderr(true).build()).await;
    // The engine reads the two pipes independently.
    both.sort();
    assert_eq!(both, [(false, "out\n".to_owned()), (true, "err\n".to_owned())]);
    let one = read(lab, &id, LogsOptionsBuilder::new().stderr(true).build()).await;
    assert_eq!(one, [(true, "err\n".to_owned())]);
}

pub(crate) async fn tail_returns_the_newest_lines(lab: &Lab) {
    let id = ended(lab, "counter", "echo one; echo two; echo three").await;
    let tail = read(lab, &id, LogsOptionsBuilder::new().stdout(true).tail("2").build()).await;
    let text: Vec<&str> = tail.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(text, ["two\n", "three\n"]);
}

pub(crate) async fn timestamps_precede_the_lines(lab: &Lab) {
    let id = ended(lab, "clock", "echo tick").await;
    let lines = read(lab, &id, LogsOptionsBuilder::new().stdout(true).timestamps(true).build()).await;
    let (time, text) = lines[0].1.split_once(' ').unwrap();
    assert_eq!(text, "tick\n");
    let time: jiff::Timestamp = time.parse().unwrap();
    let started: jiff::Timestamp = lab.state(&id).await.started_at.unwrap().parse().unwrap();
    assert!((time.duration_since(started).as_secs_f64()).abs() < 5.0);
}

pub(crate) async fn a_followed_log_ends_with_the_process(lab: &Lab) {
    let id = lab.run("followed", &["sh", "-c", "echo first; sleep 0.5; echo last"]).await;
    let lines = read(lab, &id, LogsOptionsBuilder::new().stdout(true).follow(true).build()).await;
    let text: String = lines.into_iter().map(|(_, text)| text).collect();
    assert_eq!(text, "first\nlast\n");
}

pub(crate) async fn lines_of_earlier_runs_are_kept(lab: &Lab) {
    let id = ended(lab, "twice", "echo again").await;
    lab.start(&id).await;
    lab.until(&id, |state| state.running == Some(false)).await;
    let lines = read(lab, &id, LogsOptionsBuilder::new().stdout(true).build()).await;
    assert_eq!(lines.len(), 2);
}

/// Timestamp and text of each frame.
async fn stamped(lab: &Lab, id: &str, query: &str) -> Vec<(String, String)> {
    let bytes = lab.raw_logs(id, &format!("stdout=1&timestamps=1&{query}")).await.unwrap();
    let mut rest = bytes.as_slice();
    let mut frames = Vec::new();
    while let [_, _, _, _, a, b, c, d, after @ ..] = rest {
        let (message, after) = after.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        let (stamp, text) = str::from_utf8(message).unwrap().split_once(' ').unwrap();
        frames.push((stamp.to_owned(), text.to_owned()));
        rest = after;
    }
    frames
}

fn seconds(stamp: &str) -> String {
    let time: jiff::Timestamp = stamp.parse().unwrap();
    format!("{}.{:09}", time.as_second(), time.subsec_nanosecond())
}

pub(crate) async fn every_line_has_its_own_timestamp(lab: &Lab) {
    let id = ended(lab, "prompt", "echo a; echo b; echo c; echo d").await;
    let frames = stamped(lab, &id, "").await;
    assert!(frames.is_sorted_by(|(a, _), (b, _)| a < b), "{frames:?}");
    assert!(frames.iter().all(|(stamp, _)| stamp.len() == "2026-11-23T15:58:44.380760140Z".len()), "{frames:?}");
}

pub(crate) async fn since_and_until_include_their_own_nanosecond(lab: &Lab) {
    let id = ended(lab, "bounded", "echo a; sleep 0.1; echo b; sleep 0.1; echo c").await;
    let second = seconds(&stamped(lab, &id, "").await[1].0);
    let texts = |frames: Vec<(String, String)>| frames.into_iter().map(|(_, text)| text).collect::<String>();
    assert_eq!(texts(stamped(lab, &id, &format!("since={second}")).await), "b\nc\n");
    assert_eq!(texts(stamped(lab, &id, &format!("until={second}")).await), "a\nb\n");
    assert_eq!(texts(stamped(lab, &id, &format!("since={second}&until={second}")).await), "b\n");
    // `tail` is applied before `until`, not after it.
    assert_eq!(texts(stamped(lab, &id, &format!("tail=1&until={second}")).await), "");
}

pub(crate) async fn tail_counts_lines_of_both_streams(lab: &Lab) {
    let id = ended(lab, "mixed", "echo out; sleep 1; echo err >&2").await;
    let tail = |lines: &str| LogsOptionsBuilder::new().stdout(true).tail(lines).build();
    assert_eq!(read(lab, &id, tail("1")).await, []);
    assert_eq!(read(lab, &id, tail("2")).await, [(false, "out\n".to_owned())]);
}

pub(crate) async fn parts_of_a_long_line_share_its_timestamp(lab: &Lab) {
    let long = "x".repeat(40_000);
    let id = lab.run("talker", &["echo", &long]).await;
    lab.until(&id, |state| state.running == Some(false)).await;
    let frames = stamped(lab, &id, "").await;
    let lengths: Vec<_> = frames.iter().map(|(_, text)| text.len()).collect();
    assert_eq!(lengths, [16_384, 16_384, 7_233]);
    assert!(frames.iter().all(|(stamp, _)| *stamp == frames[0].0) && frames[2].1.ends_with('\n'));
}

pub(crate) async fn a_terminal_has_no_frames_and_timestamps_within_long_lines(lab: &Lab) {
    let mut body = lab.body(&["echo", &"x".repeat(20_000)]);
    body.tty = Some(true);
    let id = lab.run_body("terminal", body).await;
    lab.until(&id, |state| state.running == Some(false)).await;
    let bytes = lab.raw_logs(&id, "stdout=1&timestamps=1").await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let stamp = &text[..text.find(' ').unwrap() + 1];
    assert_eq!(text, format!("{stamp}{}{stamp}{}\r\n", "x".repeat(16_384), "x".repeat(20_000 - 16_384)));
    assert_eq!(lab.raw_logs(&id, "stderr=1").await.unwrap(), b"");
}

pub(crate) async fn a_log_with_driver_none_cannot_be_read(lab: &Lab) {
    let mut body = lab.body(&["sleep", "100"]);
    let host = body.host_config.take().unwrap();
    let log = HostConfigLogConfig { typ: Some("none".to_owned()), config: None };
    body.host_config = Some(HostConfig { log_config: Some(log), ..host });
    let id = lab.run_body("mute", body).await;
    for query in ["stdout=1", "stdout=1&follow=1", "stdout=1&tail=0"] {
        lab.assert_refused(lab.raw_logs(&id, query).await, 501, "configured logging driver does not support reading");
    }
}

pub(crate) async fn a_followed_log_ends_with_its_run(lab: &Lab) {
    let id = lab.greeter("restarted").await;
    let options = LogsOptionsBuilder::new().stdout(true).follow(true).tail("0").build();
    let mut pieces = Box::pin(lab.docker.logs(&id, Some(options)));
    timeout(TEST_TIMEOUT, pieces.next()).await.expect("it goes on").unwrap().unwrap();
    lab.restart(&id, 5).await;
    let rest = async { while pieces.next().await.is_some() {} };
    timeout(TEST_TIMEOUT, rest).await.expect("the log ends with the run");
    assert_eq!(lab.state(&id).await.running, Some(true));
}

pub(crate) async fn top_shows_the_processes(lab: &Lab) {
    let id = lab.run("topped", &["sleep", "100"]).await;
    let top = lab.docker.top_processes(&id, None).await.unwrap();
    assert_eq!(top.titles.unwrap(), ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]);
    let processes = top.processes.unwrap();
    assert_eq!(processes[0][7], "sleep 100");
    assert_eq!(processes[0][1], lab.state(&id).await.pid.unwrap().to_string());
    let aux = lab.docker.top_processes(&id, Some(TopOptionsBuilder::new().ps_args("aux").build())).await.unwrap();
    assert_eq!(aux.titles.unwrap()[..4], ["USER", "PID", "%CPU", "%MEM"]);
}
