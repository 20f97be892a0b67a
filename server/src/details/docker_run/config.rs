//! Flags from `Config`: identity, environment, health check, command.

use super::{Line, quoting::quoted_inside};
use crate::engine::JsonRef;
use std::collections::HashSet;

/// Prefix of the labels by which Compose finds its containers.
const COMPOSE_LABEL_PREFIX: &str = "com.docker.compose.";

pub(super) fn identity(container: JsonRef<'_>, image: JsonRef<'_>, line: &mut Line) {
    let config = container.at("/Config");
    let differs = |pointer: &str| config.text(pointer).filter(|value| image.text(pointer) != Some(value));
    line.flag("--name", container.text("/Name").map(|name| name.trim_start_matches('/')));
    line.switch("--interactive", config.flag("/OpenStdin"));
    line.switch("--tty", config.flag("/Tty"));
    let id = container.text("/Id").unwrap_or_default();
    // A generated hostname is the start of the id; in another container's network it is not its
    // own.
    let mode = container.text("/HostConfig/NetworkMode").unwrap_or_default();
    let is_own = mode != "host" && !mode.starts_with("container:");
    line.flag("--hostname", config.text("/Hostname").filter(|name| is_own && !id.starts_with(name)));
    line.flag("--domainname", config.text("/Domainname"));
    line.flag("--user", differs("/User"));
    line.flag("--workdir", differs("/WorkingDir"));
    let known: HashSet<_> = image.strings("/Env").into_iter().collect();
    line.flags("--env", config.strings("/Env").into_iter().filter(|entry| !known.contains(entry)));
    let labels_of_image = image.at("/Labels");
    for (name, value) in config.fields("/Labels") {
        let value = value.0.as_str().unwrap_or_default();
        let of_image = labels_of_image.0.get(name).is_some_and(|label| label == value);
        if !of_image && !name.starts_with(COMPOSE_LABEL_PREFIX) {
            line.flag("--label", Some(format!("{name}={value}")));
        }
    }
    line.flag("--stop-signal", differs("/StopSignal"));
    line.flag("--stop-timeout", config.at("/StopTimeout").as_i64().map(|seconds| seconds.to_string()));
}

pub(super) fn health(config: JsonRef<'_>, image: JsonRef<'_>, line: &mut Line) {
    let check = config.at("/Healthcheck");
    if check.0 == image.at("/Healthcheck").0 {
        return;
    }
    match check.strings("/Test").as_slice() {
        [] => {}
        ["NONE", ..] => return line.switch("--no-healthcheck", true),
        ["CMD-SHELL", command, ..] => line.flag("--health-cmd", Some(command)),
        // The flag takes a shell command.
        [_, words @ ..] => {
            line.flag("--health-cmd", Some(words.iter().map(|word| quoted_inside(word)).collect::<Vec<_>>().join(" ")));
        }
    }
    for (flag, field) in [
        ("--health-interval", "/Interval"),
        ("--health-timeout", "/Timeout"),
        ("--health-start-period", "/StartPeriod"),
        ("--health-start-interval", "/StartInterval"),
    ] {
        line.flag(flag, check.count(field).map(duration));
    }
    line.flag("--health-retries", check.count("/Retries").map(|retries| retries.to_string()));
}

/// Formats nanoseconds as a Go duration.
fn duration(nanos: u64) -> String {
    [(1_000_000_000, "s"), (1_000_000, "ms")]
        .into_iter()
        .find(|(unit, _)| nanos.is_multiple_of(*unit))
        .map_or_else(|| format!("{nanos}ns"), |(unit, name)| format!("{}{name}", nanos / unit))
}

/// Arguments after the image. An entrypoint flag takes only one word, and replaces the image's
/// command as well.
pub(super) fn command<'a>(config: JsonRef<'a>, image: JsonRef<'_>, line: &mut Line) -> Vec<&'a str> {
    let (entrypoint, command) = (config.strings("/Entrypoint"), config.strings("/Cmd"));
    if entrypoint == image.strings("/Entrypoint") {
        return if command == image.strings("/Cmd") { Vec::new() } else { command };
    }
    line.flag("--entrypoint", Some(entrypoint.first().copied().unwrap_or_default()));
    entrypoint.into_iter().skip(1).chain(command).collect()
}
