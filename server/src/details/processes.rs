//! Converts the response of `docker top` to [`Process`]es. Pure.

use crate::{engine::JsonRef, secrets, text::plain::plain};
use app::model::{Process, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// Columns for `ps` on the engine's host, best first. Busybox has neither age in seconds nor CPU
/// usage; Podman uses other names and accepts only the last list.
pub fn columns() -> [&'static str; 3] {
    ["-eo pid,ppid,user,pcpu,rss,etimes,args", "-eo pid,ppid,user,rss,args", ""]
}

/// Reads the rows of a response. `at` is the current time on the engine's clock.
pub fn processes(response: &Value, at: Timestamp, secrets: super::Secrets) -> Vec<Process> {
    let response = JsonRef(response);
    let titles = response.strings("/Titles");
    response.list("/Processes").filter_map(|row| process(&titles, &row.strings(""), at, secrets)).collect()
}

fn process(titles: &[&str], row: &[&str], at: Timestamp, secrets: super::Secrets) -> Option<Process> {
    let field = |names: &[&str]| {
        let place = titles.iter().position(|title| names.contains(title))?;
        row.get(place).copied()
    };
    // Programs choose their arguments, which may contain terminal sequences.
    let command = plain(field(&["COMMAND", "CMD"]).unwrap_or_default());
    let age_secs: Option<u64> = field(&["ELAPSED"]).and_then(|seconds| seconds.parse().ok());
    Some(Process {
        pid: field(&["PID"])?.parse().ok()?,
        parent_pid: field(&["PPID"]).and_then(|pid| pid.parse().ok()),
        user: plain(field(&["USER", "UID"]).unwrap_or_default()),
        cpu_percent: field(&["%CPU"]).and_then(|percent| percent.parse().ok()),
        memory: field(&["RSS"]).and_then(|kib| kib.parse::<u64>().ok()).map(|kib| kib.saturating_mul(1024)),
        started_at: age_secs.and_then(|secs| before(at, Duration::from_secs(secs))),
        command: match secrets {
            super::Secrets::Masked => secrets::text(&command, "", secrets::masked),
            super::Secrets::Shown => command,
        },
    })
}

fn before(at: Timestamp, age: Duration) -> Option<Timestamp> {
    let age_millis = u64::try_from(age.as_millis()).ok()?;
    at.as_millis().checked_sub(age_millis).map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::super::Secrets;
    use super::*;
    use serde_json::json;

    #[test]
    fn process_rows_are_read_by_column_titles() {
        let at = Timestamp::from_millis(1_795_426_200_000);
        let full = json!({
            "Titles": ["PID", "PPID", "USER", "%CPU", "RSS", "ELAPSED", "COMMAND"],
            "Processes": [["2342", "2317", "daemon", "0.3", "1380", "3", "app --token s3cret"], ["no pid"], []],
        });
        let read = processes(&full, at, Secrets::Masked);
        assert_eq!(read.len(), 1);
        let Process { pid, parent_pid, user, cpu_percent, memory, started_at, command } = &read[0];
        assert_eq!((*pid, *parent_pid, user.as_str(), *cpu_percent), (2342, Some(2317), "daemon", Some(0.3)));
        assert_eq!((*memory, *started_at), (Some(1380 * 1024), Some(Timestamp::from_millis(1_795_426_197_000))));
        assert_eq!(command, "app --token ******");
        assert_eq!(processes(&full, at, Secrets::Shown)[0].command, "app --token s3cret");
        let painted =
            json!({"Titles": ["PID", "CMD"], "Processes": [["7", "\u{1b}[31mapp\u{1b}[0m --tok\u{1b}[1men s3cret"]]});
        assert_eq!(processes(&painted, at, Secrets::Masked)[0].command, "app --token ******");
        let usual = json!({
            "Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
            "Processes": [["root", "7", "1", "0", "15:58", "?", "00:00:00", "sleep 9"]],
        });
        let read = processes(&usual, at, Secrets::Masked);
        assert_eq!((read[0].pid, read[0].user.as_str(), read[0].command.as_str()), (7, "root", "sleep 9"));
        assert_eq!((read[0].cpu_percent, read[0].memory, read[0].started_at), (None, None, None));
    }
}
