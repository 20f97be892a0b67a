//! The columns of `top` that a request selects: `ps_args=-eo pid,user,args`.

use serde_json::{Value, json};

use super::command;
use super::processes::{cpu_time, pids};
use crate::clock::Moment;
use crate::engine::EngineError;
use crate::engine::container::Container;

/// Headings of columns, by the name in the request.
const TITLES: [(&str, &str); 11] = [
    ("pid", "PID"),
    ("ppid", "PPID"),
    ("user", "USER"),
    ("uid", "UID"),
    ("pcpu", "%CPU"),
    ("pmem", "%MEM"),
    ("rss", "RSS"),
    ("etimes", "ELAPSED"),
    ("time", "TIME"),
    ("args", "COMMAND"),
    ("cmd", "CMD"),
];

/// The columns named in the arguments of `ps`, if any.
pub(super) fn requested(arguments: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let (_, columns) = words.iter().zip(words.get(1..)?).find(|(word, _)| matches!(**word, "-eo" | "-o"))?;
    Some(columns.split(',').collect())
}

/// A table of these columns.
///
/// # Errors
/// 500 with the message of `ps` or dockerd: for an unknown column, and without a process id.
pub(super) fn table(container: &Container, columns: &[&str], now: Moment) -> Result<Value, EngineError> {
    let title = |column: &&str| {
        let known = TITLES.iter().find(|(word, _)| word == column).map(|(_, title)| *title);
        let sentence = || format!("ps: error: unknown user-defined format specifier \"{column}\"");
        known.ok_or_else(|| EngineError::Internal(sentence()))
    };
    let titles: Vec<&str> = columns.iter().map(title).collect::<Result<_, _>>()?;
    if !titles.contains(&"PID") {
        return Err(EngineError::Internal("Couldn't find PID field in ps output".to_owned()));
    }
    let row = |pid: u32| -> Vec<String> { columns.iter().map(|column| value(container, pid, column, now)).collect() };
    let rows: Vec<_> = pids(container, now).map(row).collect();
    Ok(json!({ "Titles": titles, "Processes": rows }))
}

fn value(container: &Container, pid: u32, column: &str, now: Moment) -> String {
    let usage = container.usage(now);
    match column {
        "pid" => pid.to_string(),
        "ppid" => (if pid == container.pid { pid - 1 } else { container.pid }).to_string(),
        "user" => "root".to_owned(),
        "uid" => "0".to_owned(),
        "pcpu" => "0.2".to_owned(),
        "pmem" => "0.1".to_owned(),
        "rss" => usage.map_or(0, |usage| usage.memory_bytes / 1024).to_string(),
        "etimes" => container.started_at().map_or(0, |at| now.since(at).as_secs()).to_string(),
        "time" => cpu_time(container, pid, now),
        _ => command::shown(&container.spec.command),
    }
}
