//! Logs and processes.

use bollard::container::LogOutput;
use bollard::query_parameters::{LogsOptions, LogsOptionsBuilder, TopOptionsBuilder};
use futures::StreamExt;
use tokio::time::timeout;

use crate::support::lab::{Lab, SOON};

async fn read(lab: &Lab, id: &str, options: LogsOptions) -> Vec<(bool, String)> {
    let pieces = lab.docker.logs(id, Some(options)).map(|piece| match piece.unwrap() {
        LogOutput::StdErr { message } => (true, String::from_utf8(message.to_vec()).unwrap()),
        LogOutput::StdOut { message } | LogOutput::StdIn { message } | LogOutput::Console { message } => {
            (false, String::from_utf8(message.to_vec()).unwrap())
        }
    });
    timeout(SOON, pieces.collect()).await.expect("the log ends")
}

async fn ended(lab: &Lab, word: &str, script: &str) -> String {
    let id = lab.run(word, &["sh", "-c", script]).await;
    lab.until(&id, |state| state.running == Some(false)).await;
    id
}

pub(crate) async fn stdout_and_stderr_are_told_apart(lab: &Lab) {
    let id = ended(lab, "speaker", "echo out; sleep 0.1; echo err >&2").await;
    let both = read(lab, &id, LogsOptionsBuilder::new().stdout(true).stderr(true).build()).await;
    assert_eq!(both, [(false, "out\n".to_owned()), (true, "err\n".to_owned())]);
    let one = read(lab, &id, LogsOptionsBuilder::new().stderr(true).build()).await;
    assert_eq!(one, [(true, "err\n".to_owned())]);
}

pub(crate) async fn the_tail_holds_the_newest_lines(lab: &Lab) {
    let id = ended(lab, "counter", "echo one; echo two; echo three").await;
    let tail = read(lab, &id, LogsOptionsBuilder::new().stdout(true).tail("2").build()).await;
    let text: Vec<&str> = tail.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(text, ["two\n", "three\n"]);
}

pub(crate) async fn timestamps_stand_before_the_lines(lab: &Lab) {
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
