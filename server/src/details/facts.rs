//! Converts an inspect response to [`Details`]. Pure.

use crate::engine::{
    JsonRef,
    convert::{nano_cpus, time},
};
use app::model::{
    Details, EnvVariable, HealthFacts, HealthOutcome, HealthResult, Limits, MountFacts, NetworkPlace, RestartPolicy,
    Ulimit,
};
use std::time::Duration;

/// Extracts the facts. `masked` is the response after masking, `original` before; a difference
/// marks a value as masked.
pub(super) fn facts(masked: JsonRef<'_>, original: JsonRef<'_>) -> Details {
    let config = masked.at("/Config");
    let host = masked.at("/HostConfig");
    Details {
        env: config
            .list("/Env")
            .zip(original.list("/Config/Env"))
            .filter_map(|(masked, original)| variable(masked, original))
            .collect(),
        entrypoint: config.owned_strings("/Entrypoint"),
        command: config.owned_strings("/Cmd"),
        working_dir: config.owned("/WorkingDir"),
        user: config.owned("/User"),
        hostname: config.owned("/Hostname"),
        platform: masked.owned("/Platform"),
        tty: config.flag("/Tty"),
        privileged: host.flag("/Privileged"),
        auto_remove: host.flag("/AutoRemove"),
        networks: masked.fields("/NetworkSettings/Networks").map(|(name, place)| network(name, place)).collect(),
        mounts: mounts(masked),
        limits: limits(host),
        restart_policy: restart_policy(host),
        health: health(masked),
        log_driver: host.owned("/LogConfig/Type"),
        ..Details::default()
    }
}

fn variable(masked: JsonRef<'_>, original: JsonRef<'_>) -> Option<EnvVariable> {
    let entry = masked.0.as_str()?;
    // A variable may have no value.
    let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
    Some(EnvVariable { name: name.to_owned(), value: value.to_owned(), masked: masked.0 != original.0 })
}

fn network(name: &str, place: JsonRef<'_>) -> NetworkPlace {
    NetworkPlace {
        name: name.to_owned(),
        ip: place.owned("/IPAddress"),
        ip6: place.owned("/GlobalIPv6Address"),
        gateway: place.owned("/Gateway"),
        mac: place.owned("/MacAddress"),
        aliases: place.owned_strings("/Aliases"),
    }
}

fn mounts(masked: JsonRef<'_>) -> Vec<MountFacts> {
    let mount = |mount: JsonRef<'_>| MountFacts {
        kind: mount.owned("/Type").unwrap_or_default(),
        name: mount.owned("/Name"),
        source: mount.owned("/Source"),
        destination: mount.owned("/Destination").unwrap_or_default(),
        driver: mount.owned("/Driver"),
        read_only: mount.boolean("/RW") == Some(false),
    };
    // `--tmpfs` is not in the list of mounts.
    let temporary = |(path, _): (&str, JsonRef<'_>)| MountFacts {
        kind: "tmpfs".to_owned(),
        name: None,
        source: None,
        destination: path.to_owned(),
        driver: None,
        read_only: false,
    };
    let mut mounts: Vec<_> =
        masked.list("/Mounts").map(mount).chain(masked.fields("/HostConfig/Tmpfs").map(temporary)).collect();
    mounts.sort_by(|a, b| a.destination.cmp(&b.destination));
    mounts
}

fn limits(host: JsonRef<'_>) -> Limits {
    let nano_cpus = nano_cpus(host.count("/NanoCpus"), host.count("/CpuQuota"), host.count("/CpuPeriod"));
    let ulimit = |limit: JsonRef<'_>| {
        Some(Ulimit { name: limit.owned("/Name")?, soft: limit.ulimit("/Soft")?, hard: limit.ulimit("/Hard")? })
    };
    Limits {
        memory: host.count("/Memory"),
        memory_swap: host.count("/MemorySwap"),
        memory_reservation: host.count("/MemoryReservation"),
        cpus: nano_cpus.map(|nanos| nanos as f64 / 1e9),
        cpu_shares: host.count("/CpuShares"),
        cpuset: host.owned("/CpusetCpus"),
        pids: host.count("/PidsLimit"),
        ulimits: host.list("/Ulimits").filter_map(ulimit).collect(),
    }
}

fn restart_policy(host: JsonRef<'_>) -> RestartPolicy {
    let policy = host.at("/RestartPolicy");
    RestartPolicy {
        name: policy.owned("/Name").unwrap_or_else(|| "no".to_owned()),
        maximum_retry_count: policy.count("/MaximumRetryCount"),
    }
}

fn health(masked: JsonRef<'_>) -> Option<HealthFacts> {
    let (check, health) = (masked.at("/Config/Healthcheck"), masked.at("/State/Health"));
    let test = check.owned_strings("/Test");
    if !health.0.is_object() && test.first().is_none_or(|word| word == "NONE") {
        return None;
    }
    let timeout = check.count("/Timeout").map_or(DEFAULT_CHECK_TIMEOUT, Duration::from_nanos);
    let result = |result: JsonRef<'_>| {
        let (started_at, finished_at) = (result.text("/Start").and_then(time), result.text("/End").and_then(time));
        let exit_code = result.at("/ExitCode").as_i64();
        let output = result.owned("/Output").unwrap_or_default();
        let took = started_at.zip(finished_at).map(|(started, finished)| finished.since(started));
        let outcome = exit_code.map(|code| outcome(code, &output, took.is_some_and(|took| took >= timeout)));
        HealthResult { started_at, finished_at, exit_code, outcome, output }
    };
    // The engine keeps results, count and status after a run, and the results in the next one.
    let runs = masked.text("/State/Status") == Some("running");
    let run_started = masked.text("/State/StartedAt").and_then(time);
    let is_of_this_run =
        |result: &HealthResult| result.started_at.is_none_or(|at| run_started.is_none_or(|began| at >= began));
    Some(HealthFacts {
        test,
        failing_streak: health.count("/FailingStreak").filter(|_| runs).unwrap_or_default(),
        checks: health.list("/Log").map(result).filter(is_of_this_run).collect(),
    })
}

/// The engine's default timeout of a health check.
const DEFAULT_CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// Outcome of a health check. The engine uses code -1 both for a timeout and if the check could not
/// run. The message in the output distinguishes them, or else the duration.
fn outcome(exit_code: i64, output: &str, took_timeout: bool) -> HealthOutcome {
    let message = output.to_ascii_lowercase();
    let runtime_errors =
        ["oci runtime", "exec failed", "executable file not found", "no such file", "permission denied"];
    let timeout_errors = ["exceeded timeout", "deadline exceeded", "timed out", "timeout"];
    match exit_code {
        0 => HealthOutcome::Passed,
        -1 if message.starts_with("health check exceeded timeout") => HealthOutcome::TimedOut,
        -1 if runtime_errors.iter().any(|words| message.contains(words)) => HealthOutcome::NotRun,
        -1 if took_timeout || timeout_errors.iter().any(|words| message.contains(words)) => HealthOutcome::TimedOut,
        // Shells use 127 for a missing command, and 126 for one that is not executable.
        -1 | 126 | 127 => HealthOutcome::NotRun,
        _ => HealthOutcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

    use super::super::{Secrets, details};
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn secrets_are_masked_and_marked_unless_requested() {
        let inspect = json!({"Config": {"Env": ["TZ=UTC", "DB_PASSWORD=s3cret", "URL=http://u:s3cret@h", "BARE"]}});
        let masked = details(&inspect, None, Secrets::Masked);
        let env: Vec<_> = masked.env.iter().map(|one| (one.name.as_str(), one.value.as_str(), one.masked)).collect();
        assert_eq!(
            env,
            [
                ("TZ", "UTC", false),
                ("DB_PASSWORD", "******", true),
                ("URL", "http://u:******@h", true),
                ("BARE", "", false)
            ]
        );
        assert!(!masked.secrets_shown && !format!("{masked:?}").contains("s3cret"));
        let shown = details(&inspect, None, Secrets::Shown);
        assert_eq!((shown.env[1].value.as_str(), shown.env[1].masked), ("s3cret", false));
        assert!(shown.secrets_shown && shown.docker_run.contains("s3cret"));
    }

    #[test]
    fn a_cpu_quota_is_in_cores_and_no_limit_is_none() {
        let cpus = |host: Value| facts(JsonRef(&json!({"HostConfig": host})), JsonRef(&Value::Null)).limits.cpus;
        // 150,000 of 100,000 microseconds are 1.5 cores.
        assert_eq!(cpus(json!({"CpuQuota": 150_000, "CpuPeriod": 100_000})), Some(1.5));
        assert_eq!(cpus(json!({"CpuQuota": 50_000, "CpuPeriod": 0})), Some(0.5));
        assert_eq!(cpus(json!({"NanoCpus": 250_000_000})), Some(0.25));
        assert_eq!(cpus(json!({"NanoCpus": 0, "CpuQuota": -1})), None);
    }

    #[test]
    fn a_response_of_any_shape_is_read() {
        for strange in
            [json!(null), json!([]), json!({"Config": 5, "HostConfig": [], "State": {"Health": {"Log": "no"}}})]
        {
            let read = facts(JsonRef(&strange), JsonRef(&strange));
            assert_eq!((read.env.len(), read.restart_policy.name.as_str()), (0, "no"));
        }
    }

    #[test]
    fn a_health_check_result_has_code_output_and_time() {
        use HealthOutcome::{Failed, NotRun, Passed, TimedOut};
        let runtime = |why: &str| {
            format!(
                "OCI runtime exec failed: exec failed: unable to start container process: exec: \"curl\": {why}: unknown"
            )
        };
        for (code, output, secs, masked) in [
            (0, "ok".to_owned(), 0, Passed),
            (1, "Connection refused".to_owned(), 0, Failed),
            (3, String::new(), 0, Failed),
            (137, String::new(), 0, Failed),
            (28, "curl: (28) Operation timed out".to_owned(), 1, Failed),
            (-1, "Health check exceeded timeout (3s)".to_owned(), 3, TimedOut),
            (-1, "Health check exceeded timeout (3s): exec failed, retrying".to_owned(), 3, TimedOut),
            (-1, "context deadline exceeded".to_owned(), 0, TimedOut),
            (-1, runtime("executable file not found in $PATH"), 0, NotRun),
            (-1, runtime("permission denied"), 0, NotRun),
            (-1, runtime("stat /check.sh: no such file or directory"), 4, NotRun),
            (-1, "cannot exec in a stopped container".to_owned(), 0, NotRun),
            (-1, String::new(), 3, TimedOut),
            (-1, String::new(), 0, NotRun),
            (127, "sh: curl: not found".to_owned(), 0, NotRun),
            (126, "sh: /check.sh: Permission denied".to_owned(), 0, NotRun),
        ] {
            let inspect = json!({
                "State": {"Status": "running", "Health": {"Log": [{"Start": "2026-11-23T15:58:44Z",
                    "End": format!("2026-11-23T15:58:{}Z", 44 + secs), "ExitCode": code, "Output": output}]}},
                "Config": {"Healthcheck": {"Test": ["CMD", "curl"], "Timeout": 3_000_000_000_u64}},
            });
            assert_eq!(health(JsonRef(&inspect)).unwrap().checks[0].outcome, Some(masked), "{code} {output:?} {secs}");
        }
    }

    #[test]
    fn health_of_an_earlier_run_is_dropped() {
        let inspect = |status: &str| {
            let result = |start: &str| json!({"Start": start, "End": start, "ExitCode": 1, "Output": start});
            json!({
                "State": {"Status": status, "StartedAt": "2026-11-23T16:00:00Z", "Health": {"FailingStreak": 2, "Log":
                    [result("2026-11-23T15:59:00Z"), result("2026-11-23T16:00:01Z")]}},
                "Config": {"Healthcheck": {"Test": ["CMD", "x"]}},
            })
        };
        for (status, streak) in [("running", 2), ("paused", 0), ("exited", 0), ("restarting", 0)] {
            let read = health(JsonRef(&inspect(status))).unwrap();
            assert_eq!((read.failing_streak, read.checks.len()), (streak, 1), "{status}");
            assert_eq!(read.checks[0].output, "2026-11-23T16:00:01Z");
        }
    }

    #[test]
    fn health_check_output_is_made_plain_before_masking() {
        let output = "\u{1b}[31mdown\u{1b}[0m\r\nDB_PASS\u{1b}[1mWORD=s3cret\u{7}";
        let inspect = json!({"State": {"Health": {"Log": [{"ExitCode": 1, "Output": output}]}}});
        let health = details(&inspect, None, Secrets::Masked).health.unwrap();
        assert_eq!(health.checks[0].output, "down\nDB_PASSWORD=******");
    }

    #[test]
    fn health_check_results_are_oldest_first() {
        let result = json!({"Start": "2026-11-23T15:58:44.843756125Z", "End": "2026-11-23T15:58:44.9Z", "ExitCode": 1, "Output": "hi\n"});
        let inspect = json!({
            "State": {"Status": "running", "Health": {"FailingStreak": 2, "Log": [result]}}, "Config": {"Healthcheck": {"Test": ["CMD-SHELL", "exit 1"]}},
        });
        let health = health(JsonRef(&inspect)).unwrap();
        assert_eq!((health.failing_streak, health.test.len()), (2, 2));
        assert_eq!(health.checks[0].started_at.unwrap().to_string(), "2026-11-23T15:58:44.843Z");
        assert_eq!((health.checks[0].exit_code, health.checks[0].output.as_str()), (Some(1), "hi\n"));
    }
}
