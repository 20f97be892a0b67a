//! What can be set: by flag, `QUAYLIGHT_…` variable, or file. A flag wins over its variable, and both over the file.
//!
//! In: the command line, the environment and `file`. Out: [`Config`], and a [`Command`] where one is given.

mod access;
mod choice;
pub mod command;
mod file;
pub mod values;

pub use access::AccessConfig;
pub use choice::{EngineChoice, LogFormat, SourceChoice};
pub use command::Command;
pub(crate) use file::setting as setting_in_file;

use clap::{
    ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, builder::BoolishValueParser, error::ErrorKind,
};
use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};
use values::{folder, interval, log_filter};

/// Real-time container management for Docker, in the browser.
///
/// Quaylight watches one Docker Engine and shows every container as it changes. It listens on this machine only and changes
/// nothing unless told otherwise.
#[derive(Debug, Clone, Parser)]
#[command(name = "quaylight", version, max_term_width = 100, subcommand_value_name = "COMMAND")]
pub struct Cli {
    /// How to serve.
    #[command(flatten)]
    pub config: Config,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How to serve.
#[derive(Debug, Clone, Parser)]
pub struct Config {
    /// A file of settings in TOML: their names are those of the flags, without the dashes in front. Flags and variables win over it.
    #[arg(long = "config", env = "QUAYLIGHT_CONFIG", value_name = "FILE", global = true)]
    pub file: Option<PathBuf>,

    /// Where users, tokens and sessions are kept: /var/lib/quaylight for root, else quaylight in $XDG_DATA_HOME or ~/.local/share.
    #[arg(long, env = "QUAYLIGHT_DATA_DIR", value_name = "FOLDER", global = true)]
    pub data_dir: Option<PathBuf>,

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

    /// Let the page and the API start, stop, pause, kill and remove containers. Without it, everything is read only. Where users sign
    /// in, their roles decide instead.
    #[arg(long, env = "QUAYLIGHT_ALLOW_ACTIONS", value_parser = BoolishValueParser::new())]
    pub allow_actions: bool,

    /// Who may ask for what.
    #[command(flatten)]
    pub access: AccessConfig,

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

    /// Tell of each container in /metrics, too. Each scrape then takes a sample of its own, unless somebody watches.
    #[arg(long, env = "QUAYLIGHT_CONTAINER_METRICS", value_parser = BoolishValueParser::new())]
    pub container_metrics: bool,

    /// Show `/styleguide`, every component in every state; for those who work on Quaylight. A debug build always does.
    #[arg(long, env = "QUAYLIGHT_STYLEGUIDE", hide = true, default_value_t = cfg!(debug_assertions), value_parser = BoolishValueParser::new())]
    pub styleguide: bool,

    /// What to log to standard error: error, warn, info, debug or trace, or a tracing filter such as server=debug.
    #[arg(long, env = "QUAYLIGHT_LOG", default_value = "info", value_name = "LEVEL", value_parser = log_filter)]
    pub log: String,

    /// How log lines are written: text for people, json with one object a line for programs.
    #[arg(
        long,
        env = "QUAYLIGHT_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub log_format: LogFormat,

    /// The folder with the built page; found beside the program when not given.
    #[arg(long, env = "QUAYLIGHT_SITE_ROOT", value_name = "FOLDER", value_parser = folder)]
    pub site_root: Option<PathBuf>,
}

impl Cli {
    /// Reads the command line, the environment and the file. Ends the program after `--help`, and with exit code 2 and one line after
    /// a wrong value.
    pub fn from_command_line() -> Self {
        match Self::read(std::env::args_os().collect()) {
            Ok((cli, _)) => cli,
            Err(error) => error.exit(),
        }
    }

    /// The same of these arguments, the program's name first; and where each setting came from.
    ///
    /// # Errors
    /// When a value cannot be taken, or the file not be read.
    pub fn read(mut arguments: Vec<OsString>) -> Result<(Self, ArgMatches), ConfigError> {
        let asks = |word: &str| arguments.iter().any(|argument| argument == word);
        // These two look at how the server would be started: its flags are taken behind their names, too.
        if arguments.get(1).is_some_and(|name| name == "doctor" || name == "check-config")
            && !asks("--help")
            && !asks("-h")
        {
            arguments[1..].rotate_left(1);
        }
        let told = Self::command().try_get_matches_from(&arguments)?;
        let Some(path) = told.get_one::<PathBuf>("file") else {
            return Ok((Self::from_arg_matches(&told)?, told));
        };
        let settings = file::arguments(path, &Self::command(), &told)?;
        let (program, given) = arguments.split_at(1.min(arguments.len()));
        let all: Vec<_> = program.iter().cloned().chain(settings).chain(given.iter().cloned()).collect();
        // What was told otherwise has been read without complaint, so a complaint is about the file.
        let in_file = |error: clap::Error| ConfigError::InFile { path: path.clone(), error };
        let cli = Self::try_parse_from(all).map_err(in_file)?;
        Ok((cli, told))
    }
}

impl Config {
    /// Where users, tokens and sessions are kept.
    pub fn data_dir(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| command::usual_data_dir(|name| std::env::var_os(name)))
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The command line or a variable; or `--help`.
    #[error("{0}")]
    CommandLine(#[from] clap::Error),
    /// A value in the file.
    #[error("{path}: {error}", path = path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: clap::Error,
    },
    /// The file itself.
    #[error("{0}")]
    File(#[from] file::FileError),
}

impl ConfigError {
    /// One line that names what is wrong.
    pub fn line(&self) -> String {
        let text = match self {
            Self::CommandLine(error) => error.to_string(),
            Self::InFile { path, error } => {
                let text = error.to_string();
                return format!("{}: {}", path.display(), first_line(&text));
            }
            Self::File(error) => error.to_string(),
        };
        first_line(&text).to_owned()
    }

    /// Tells it and ends the program.
    pub fn exit(&self) -> ! {
        if let Self::CommandLine(error) = self
            && matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
        {
            error.exit();
        }
        eprintln!("quaylight: {} (see quaylight --help)", self.line());
        std::process::exit(2);
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ")
}
