//! What can be set, by flag or `QUAYLIGHT_…` variable. A flag wins over its variable.

use crate::engine::EngineAddress;
use clap::{Parser, ValueEnum, builder::BoolishValueParser, error::ErrorKind};
use simulator::scenario::Scenario;
use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Real-time container management for Docker, in the browser.
///
/// Quaylight watches one Docker Engine and shows every container as it changes. It listens on this machine only and changes
/// nothing unless told otherwise.
#[derive(Debug, Clone, Parser)]
#[command(name = "quaylight", version, max_term_width = 100)]
pub struct Config {
    /// Which engine to watch: auto, demo:SCENARIO:COUNT, unix:///PATH or tcp://HOST:PORT.
    ///
    /// auto takes DOCKER_HOST, then the Docker context, then the usual sockets (Docker, rootless, Desktop, Colima, Podman).
    /// demo starts an embedded simulated engine; its scenarios are quiet, busy, crash-loop and thousand, and both
    /// scenario and count may be left out.
    #[arg(long, env = "QUAYLIGHT_ENGINE", default_value = "auto", value_name = "ENGINE")]
    pub engine: EngineChoice,

    /// Address and port to listen on. Port 0 takes a free one and prints it.
    #[arg(long, env = "QUAYLIGHT_LISTEN", default_value = "127.0.0.1:3000", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,

    /// Let the page and the API start, stop, pause, kill and remove containers. Without it, everything is read only.
    #[arg(long, env = "QUAYLIGHT_ALLOW_ACTIONS", value_parser = BoolishValueParser::new())]
    pub allow_actions: bool,

    /// A host name this server answers to besides localhost and its own address; may be given more than once.
    #[arg(long, env = "QUAYLIGHT_ALLOWED_HOSTS", value_name = "HOST", value_delimiter = ',', value_parser = host)]
    pub allowed_hosts: Vec<String>,

    /// With --engine auto: start on the demo engine when no engine can be found, instead of waiting for one.
    #[arg(long, env = "QUAYLIGHT_DEMO_FALLBACK", value_parser = BoolishValueParser::new())]
    pub demo_fallback: bool,

    /// How often the whole list is compared with the engine while somebody watches (500ms to 1h).
    #[arg(long, env = "QUAYLIGHT_REFRESH_INTERVAL", default_value = "3s", value_name = "TIME", value_parser = interval)]
    pub refresh_interval: Duration,

    /// How often CPU, memory and I/O are sampled while somebody watches (500ms to 1h).
    #[arg(long, env = "QUAYLIGHT_STATS_INTERVAL", default_value = "2s", value_name = "TIME", value_parser = interval)]
    pub stats_interval: Duration,

    /// Where CPU, memory and I/O are read: files (the kernel's own, next to an engine on this machine), api (the engine) or auto.
    ///
    /// auto reads the files of each container whose processes and cgroup can be seen from here, which costs a small part of
    /// asking the engine, and asks the engine for the others. files never asks: what cannot be read has no numbers.
    #[arg(
        long,
        env = "QUAYLIGHT_STATS_SOURCE",
        default_value = "auto",
        value_name = "SOURCE",
        hide_possible_values = true
    )]
    pub stats_source: SourceChoice,

    /// How often to sample while nobody watches, so that history has no gap (for example 1m). Not given: not at all.
    #[arg(long, env = "QUAYLIGHT_IDLE_STATS_INTERVAL", value_name = "TIME", value_parser = interval)]
    pub idle_stats_interval: Option<Duration>,

    /// Show `/styleguide`, every component in every state; for those who work on Quaylight. A debug build always does.
    #[arg(long, env = "QUAYLIGHT_STYLEGUIDE", hide = true, default_value_t = cfg!(debug_assertions), value_parser = BoolishValueParser::new())]
    pub styleguide: bool,

    /// What to log to standard error: error, warn, info, debug or trace, or a tracing filter such as server=debug.
    #[arg(long, env = "QUAYLIGHT_LOG", default_value = "info", value_name = "LEVEL", value_parser = log_filter)]
    pub log: String,

    /// The folder with the built page; found beside the program when not given.
    #[arg(long, env = "QUAYLIGHT_SITE_ROOT", value_name = "FOLDER", value_parser = folder)]
    pub site_root: Option<PathBuf>,
}

impl Config {
    /// Reads the command line and the environment. Ends the program after `--help`, and with exit code 2 and one line after
    /// a wrong value.
    pub fn from_command_line() -> Self {
        Self::try_parse().unwrap_or_else(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.exit(),
            _ => {
                let text = error.to_string();
                let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
                eprintln!("quaylight: {line} (see quaylight --help)");
                std::process::exit(2);
            }
        })
    }
}

/// `--stats-source`, parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SourceChoice {
    /// Files where they can be read, else the engine.
    Auto,
    /// Files only.
    Files,
    /// The engine only.
    Api,
}

/// `--engine`, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineChoice {
    /// Look where the docker command looks.
    Auto,
    /// The embedded simulated engine.
    Demo(Scenario),
    /// An address, as `DOCKER_HOST` takes it.
    Address(String),
}

impl FromStr for EngineChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "demo" => Self::demo("busy"),
            Some(("demo", scenario)) => Self::demo(scenario),
            _ if EngineAddress::parse(text).is_ok() => Ok(Self::Address(text.to_owned())),
            _ => Err("expected auto, demo[:SCENARIO[:COUNT]], unix:///PATH or tcp://HOST:PORT".to_owned()),
        }
    }
}

impl EngineChoice {
    fn demo(scenario: &str) -> Result<Self, String> {
        scenario.parse().map(Self::Demo).map_err(|error| format!("{error}"))
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "expected a time such as 2s or 500ms".to_owned())?;
    let range = Duration::from_millis(500)..=Duration::from_secs(3600);
    range.contains(&duration).then_some(duration).ok_or_else(|| "must be between 500ms and 1h".to_owned())
}

/// An empty value is taken: a variable may be set to nothing.
fn host(text: &str) -> Result<String, String> {
    let text = text.trim();
    let address = text.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let name = text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'));
    (address || name).then(|| text.to_owned()).ok_or_else(|| "expected a host name without scheme and port".to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    // tracing takes any word alone for the name of a module, and would log nothing at all for a mistyped level.
    let told = |part: &str| part.contains(['=', '[', ']']) || part.trim().parse::<LevelFilter>().is_ok();
    let valid = text.split(',').all(told) && EnvFilter::try_new(text).is_ok();
    let expected = "expected error, warn, info, debug, trace or a filter such as server=debug";
    valid.then(|| text.to_owned()).ok_or_else(|| expected.to_owned())
}

fn folder(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_dir() { Ok(path) } else { Err("there is no such folder".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_choices_are_read_as_the_help_says() {
        assert_eq!("auto".parse(), Ok(EngineChoice::Auto));
        assert!(matches!("demo:busy:50".parse(), Ok(EngineChoice::Demo(_))));
        assert!(matches!("unix:///run/x.sock".parse(), Ok(EngineChoice::Address(_))));
        assert!(matches!("tcp://127.0.0.1:2375".parse(), Ok(EngineChoice::Address(_))));
        for wrong in ["", "docker", "unix://", "tcp:", "demo:nonsense", "demo:busy:many"] {
            assert!(wrong.parse::<EngineChoice>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_filter_is_levels_and_targets_with_levels() {
        for right in ["info", "off", "server=debug", "warn,server::watcher=trace", "server[act]=debug"] {
            assert!(log_filter(right).is_ok(), "{right}");
        }
        for wrong in ["loud", "info,loud", "server=loud"] {
            assert!(log_filter(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hosts_are_names_and_addresses_alone() {
        for right in ["", "quay.example.org", " quay.example.org", "localhost", "10.0.0.5", "fd00::5", "[fd00::5]"] {
            assert!(host(right).is_ok(), "{right}");
        }
        for wrong in ["http://quay.example", "quay.example:8080", "*.example", "a b", "quay.example/"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn intervals_have_a_floor_and_a_ceiling() {
        assert_eq!(interval("2s"), Ok(Duration::from_secs(2)));
        for wrong in ["0s", "10ms", "2h", "fast"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
