//! What can be set: by flag, `QUAYLIGHT_…` variable, or file. A flag wins over its variable, and both over the file.
//!
//! In: the command line, the environment and `file`. Out: [`Config`], and a [`Command`] where one is given.

mod access;
mod choice;
pub mod command;
mod file;
#[cfg(test)]
mod hints;
pub mod service;
pub mod values;

pub use access::AccessConfig;
pub use choice::{EngineChoice, LogFormat};
pub use command::Command;
pub use service::{Installed, Service};

pub(crate) use file::setting as setting_in_file;

use crate::{audit::AuditLog, engine::SourceChoice};
use access::Incomplete;
use clap::{
    ArgMatches, Args as _, CommandFactory as _, FromArgMatches as _, Parser,
    builder::BoolishValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use std::{
    ffi::OsString,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
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
    /// The installed service, where `doctor` and `check-config` read its settings.
    #[arg(skip)]
    pub installed: Option<Installed>,
}

/// Commands that look at how the server would be started.
const LOOKING: [&str; 2] = ["doctor", "check-config"];

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
    pub fn read(arguments: Vec<OsString>) -> Result<(Self, ArgMatches), ConfigError> {
        Self::read_on(arguments, Path::new("/"))
    }

    /// The same on a machine whose files are below `root`.
    fn read_on(mut arguments: Vec<OsString>, root: &Path) -> Result<(Self, ArgMatches), ConfigError> {
        // Their flags are those of the server, and are taken behind their names, too.
        if let Some(name) = LOOKING.into_iter().find(|name| arguments.get(1).is_some_and(|word| word == name)) {
            if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
                let with_flags = Self::command().mut_subcommand(name, Config::augment_args);
                return Err(with_flags
                    .try_get_matches_from(&arguments)
                    .map_or_else(Into::into, |_| ConfigError::NoHelp));
            }
            arguments[1..].rotate_left(1);
        }
        let told = Self::command().try_get_matches_from(&arguments)?;
        let looks = told.subcommand_name().filter(|name| LOOKING.contains(name));
        let named = told.get_one::<PathBuf>("file").cloned();
        let installed = looks.and_then(|_| Installed::find(root, named.as_deref()));
        let (path, from_unit) = match &installed {
            Some(installed) => (installed.file.clone(), installed.arguments(&Self::command(), &told)),
            None => (named, Vec::new()),
        };
        let is_set = |arg: &clap::Arg| {
            let source = told.value_source(arg.get_id().as_str());
            let by_unit = arg.get_long().is_some_and(|long| from_unit.iter().any(|(name, _)| name == long));
            by_unit || matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
        };
        let mut settings: Vec<OsString> =
            from_unit.iter().flat_map(|(_, arguments)| arguments.iter().cloned()).collect();
        if let Some(path) = &path {
            settings.extend(file::arguments(path, &Self::command(), &is_set)?);
            if told.get_one::<PathBuf>("file").is_none() {
                settings.push(format!("--config={}", path.display()).into());
            }
        }
        let (program, given) = arguments.split_at(1.min(arguments.len()));
        let all: Vec<_> = program.iter().cloned().chain(settings).chain(given.iter().cloned()).collect();
        // What was told otherwise has been read without complaint, so a complaint is about the file or the unit.
        let place = path.clone().or_else(|| installed.as_ref().and_then(Installed::unit).map(Path::to_owned));
        let mut cli = match place.clone() {
            Some(path) => Self::try_parse_from(all).map_err(|error| ConfigError::InFile { path, error })?,
            None => Self::from_arg_matches(&told)?,
        };
        cli.installed = installed;
        // The two that look report it with the rest.
        if looks.is_none() {
            cli.config.access.complete().map_err(|incomplete| {
                let source = told.value_source(&incomplete.setting.replace('-', "_"));
                let is_told = matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable));
                ConfigError::Incomplete { path: place.filter(|_| !is_told), incomplete }
            })?;
        }
        Ok((cli, told))
    }
}

impl Config {
    /// The audit log's file, if there is to be one.
    pub fn audit_log(&self) -> Option<PathBuf> {
        AuditLog::path(self.access.audit_log.as_ref(), &self.data_dir())
    }

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
    /// A setting without one that it needs.
    #[error("{}{incomplete}", path.as_ref().map(|path| format!("{}: ", path.display())).unwrap_or_default())]
    Incomplete {
        /// The file that has it, unless a flag or a variable does.
        path: Option<PathBuf>,
        /// Which, and what it needs.
        incomplete: Incomplete,
    },
    /// The file itself.
    #[error("{0}")]
    File(#[from] file::FileError),
    /// `--help` behind an argument that takes a value.
    #[error("--help is no value")]
    NoHelp,
}

impl ConfigError {
    /// One line that names what is wrong.
    pub fn line(&self) -> String {
        let text = match self {
            Self::CommandLine(error) => sentence(error),
            Self::InFile { path, error } => format!("{}: {}", path.display(), sentence(error)),
            Self::Incomplete { .. } | Self::File(_) | Self::NoHelp => self.to_string(),
        };
        first_line(&text).to_owned()
    }

    /// Prints it and ends the program.
    pub fn exit(&self) -> ! {
        use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
        if let Self::CommandLine(error) = self
            && matches!(error.kind(), DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand)
        {
            error.exit();
        }
        // Where standard error is closed, there is only the exit code.
        let _ = writeln!(std::io::stderr(), "quaylight: {} (see quaylight --help)", self.line());
        std::process::exit(2);
    }
}

/// What clap says in several lines, in one: the missing arguments and the values that there are stand below its first.
fn sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = first_line(&text);
    let listed = |kind| match error.get(kind) {
        Some(ContextValue::Strings(words)) => words.join(", "),
        Some(ContextValue::String(word)) => word.clone(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("{first} {}", listed(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue if !listed(ContextKind::ValidValue).is_empty() => {
            format!("{first}; expected {}", listed(ContextKind::ValidValue))
        }
        _ => first.to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").trim_end()
}

#[cfg(test)]
mod tests;
