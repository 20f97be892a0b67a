//! What can be set, by flag or `QUAYLIGHT_…` variable. A flag wins over its variable.

use clap::{Parser, error::ErrorKind};
use simulator::scenario::Scenario;
use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

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
    #[arg(long, env = "QUAYLIGHT_ALLOW_ACTIONS")]
    pub allow_actions: bool,

    /// A host name this server answers to besides localhost and its own address; may be given more than once.
    #[arg(long, env = "QUAYLIGHT_ALLOWED_HOSTS", value_name = "HOST", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,

    /// With --engine auto: start on the demo engine when no engine can be found, instead of waiting for one.
    #[arg(long, env = "QUAYLIGHT_DEMO_FALLBACK")]
    pub demo_fallback: bool,

    /// How often the whole list is compared with the engine while somebody watches (500ms to 1h).
    #[arg(long, env = "QUAYLIGHT_REFRESH_INTERVAL", default_value = "3s", value_name = "TIME", value_parser = interval)]
    pub refresh_interval: Duration,

    /// How often CPU, memory and I/O are sampled while somebody watches (500ms to 1h).
    #[arg(long, env = "QUAYLIGHT_STATS_INTERVAL", default_value = "2s", value_name = "TIME", value_parser = interval)]
    pub stats_interval: Duration,

    /// What to log to standard error: error, warn, info, debug or trace, or a tracing filter such as server=debug.
    #[arg(long, env = "QUAYLIGHT_LOG", default_value = "info", value_name = "LEVEL")]
    pub log: String,

    /// The folder with the built page; found beside the program when not given.
    #[arg(long, env = "QUAYLIGHT_SITE_ROOT", value_name = "FOLDER")]
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
            Some(("unix", path)) if path.starts_with("///") && path.len() > 3 => Ok(Self::Address(text.to_owned())),
            Some(("tcp" | "http" | "https", rest)) if rest.len() > 2 && rest.starts_with("//") => {
                Ok(Self::Address(text.to_owned()))
            }
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
    fn intervals_have_a_floor_and_a_ceiling() {
        assert_eq!(interval("2s"), Ok(Duration::from_secs(2)));
        for wrong in ["0s", "10ms", "2h", "fast"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
