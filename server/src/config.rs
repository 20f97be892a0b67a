//! Settings, from flags, `QUAYLIGHT_…` variables and a file. Flags override variables, and both
//! override the file.
//!
//! In: the command line, the environment and `file`. Out: [`Config`], and a [`Command`] if one is
//! given.

mod access;
mod choice;
pub mod command;
mod engines;
mod environment;
mod error;
mod file;
#[cfg(test)]
mod hints;
mod join;
mod nearest;
pub mod service;
pub mod values;

pub use access::AccessConfig;
pub use choice::{EngineChoice, JoinAddress, LogFormat};
pub use command::Command;
pub use engines::{BadEngine, EngineSetting, EngineSettings};
pub use environment::{own_variables, unknown_variables, warn_of_unknown_variables};
pub use error::ConfigError;
pub use join::JoinConfig;
pub use service::{Installed, Service};

pub(crate) use file::setting as setting_in_file;

use crate::{audit::AuditLog, engine::SourceChoice};
use clap::{
    ArgMatches, Args as _, CommandFactory as _, FromArgMatches as _, Parser,
    builder::{BoolishValueParser, Resettable},
    parser::ValueSource,
};
use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use values::{folder, interval, log_filter};

/// Real-time container management for Docker, in the browser.
///
/// Quaylight watches Docker Engines and shows every container as it changes. By default, it
/// listens on this machine only and changes nothing.
#[derive(Debug, Clone, Parser)]
#[command(name = "quaylight", version, max_term_width = 100, subcommand_value_name = "COMMAND")]
pub struct Cli {
    /// Settings of the server.
    #[command(flatten)]
    pub config: Config,
    /// Command to run instead of the server.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The installed service, if its settings are used: `doctor`, `check-config` and `engine` use
    /// all of them, the commands for users, tokens and sessions its data folder.
    #[arg(skip)]
    pub installed: Option<Installed>,
}

/// Commands that check the settings of the service, and take the server's flags after their name.
const CHECKING_COMMANDS: [&str; 2] = ["doctor", "check-config"];
/// Commands that use all settings of the service.
const SETTINGS_COMMANDS: [&str; 3] = ["doctor", "check-config", "engine"];
/// Commands that use the data folder of the service.
const DATA_COMMANDS: [&str; 3] = ["user", "token", "sessions"];

/// Settings of the server.
#[derive(Debug, Clone, Parser)]
pub struct Config {
    /// File with settings in TOML; their names are those of the flags, without the leading dashes.
    /// Flags and variables override it.
    #[arg(long = "config", env = "QUAYLIGHT_CONFIG", value_name = "FILE", global = true)]
    pub file: Option<PathBuf>,

    /// Folder for users, tokens and sessions. Default: /var/lib/quaylight for root, else quaylight
    /// in $XDG_DATA_HOME or ~/.local/share.
    #[arg(long, env = "QUAYLIGHT_DATA_DIR", value_name = "FOLDER", global = true)]
    pub data_dir: Option<PathBuf>,

    /// Docker Engine to watch: NAME=ADDRESS, or ADDRESS alone for a single one. Repeat it for
    /// several. ADDRESS is auto, demo:SCENARIO:COUNT, unix:///PATH, tcp://HOST:PORT,
    /// ssh://USER@HOST, https://HOST, join or context:NAME; contexts alone adds every Docker context.
    ///
    /// NAME has lower-case letters, digits, dots, dashes and underscores; without one, it is local.
    /// QUAYLIGHT_ENGINE takes several, separated by spaces or commas.
    ///
    /// auto tries DOCKER_HOST, then the current Docker context, then the default sockets of Docker,
    /// rootless Docker, Docker Desktop, Colima, Rancher Desktop and Podman. demo starts a built-in
    /// simulated engine with the scenario quiet, busy, crash-loop, thousand or swarm; SCENARIO and COUNT
    /// are optional. tcp with DOCKER_TLS_VERIFY uses ca.pem, cert.pem and key.pem in
    /// DOCKER_CERT_PATH (default: ~/.docker). ssh uses the keys and the configuration in ~/.ssh.
    /// https is another Quaylight; a token for it is in the settings file. join is another Quaylight that connects to
    /// this one, after `quaylight engine invite`; these are added by themselves, and join alone watches
    /// no other engine.
    #[arg(long, env = "QUAYLIGHT_ENGINE", default_value = "auto", value_name = "ENGINE")]
    pub engine: Vec<EngineSettings>,

    /// The settings file, if its engines are watched: unless a flag or a variable names engines.
    #[arg(skip)]
    pub engines_file: Option<PathBuf>,

    /// Address and port to listen on. Port 0 uses a free port and prints it.
    #[arg(long, env = "QUAYLIGHT_LISTEN", default_value = "127.0.0.1:3000", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,

    /// Allow the pages and the API to start, stop, pause, kill and remove containers. Without it,
    /// everything is read-only. If users sign in, their roles decide instead.
    #[arg(long, env = "QUAYLIGHT_ALLOW_ACTIONS", value_parser = BoolishValueParser::new())]
    pub allow_actions: bool,

    /// Access control.
    #[command(flatten)]
    pub access: AccessConfig,

    /// Joining another Quaylight.
    #[command(flatten)]
    pub join: JoinConfig,

    /// With --engine auto: start with the demo engine if no engine is found, instead of waiting for
    /// one.
    #[arg(long, env = "QUAYLIGHT_DEMO_FALLBACK", value_parser = BoolishValueParser::new())]
    pub demo_fallback: bool,

    /// Interval between comparisons of the container list with the engine's while there are viewers
    /// (500ms to 1h).
    #[arg(long, env = "QUAYLIGHT_REFRESH_INTERVAL", default_value = "3s", value_name = "TIME", value_parser = interval)]
    pub refresh_interval: Duration,

    /// Sampling interval for CPU, memory and I/O while there are viewers (500ms to 1h).
    #[arg(long, env = "QUAYLIGHT_STATS_INTERVAL", default_value = "2s", value_name = "TIME", value_parser = interval)]
    pub stats_interval: Duration,

    /// Source of CPU, memory and I/O numbers: files (of the kernel, if the engine runs on this
    /// machine), api (the Engine API) or auto.
    ///
    /// auto reads the kernel's files of each container whose processes and cgroup are visible here,
    /// which costs a small fraction of an API call, and calls the API for the other containers.
    /// files never calls the API: numbers that cannot be read from files are unknown.
    #[arg(
        long,
        env = "QUAYLIGHT_STATS_SOURCE",
        default_value = "auto",
        value_name = "SOURCE",
        hide_possible_values = true
    )]
    pub stats_source: SourceChoice,

    /// Sampling interval while there are no viewers, so that the history has no gaps (for example
    /// 1m). Default: no sampling without viewers.
    #[arg(long, env = "QUAYLIGHT_IDLE_STATS_INTERVAL", value_name = "TIME", value_parser = interval)]
    pub idle_stats_interval: Option<Duration>,

    /// Export metrics of each container at /metrics. Each scrape takes a new sample if there are no
    /// viewers.
    #[arg(long, env = "QUAYLIGHT_CONTAINER_METRICS", value_parser = BoolishValueParser::new())]
    pub container_metrics: bool,

    /// Serve `/styleguide`, every component in every state, for developers of Quaylight. Always on
    /// in debug builds.
    #[arg(long, env = "QUAYLIGHT_STYLEGUIDE", hide = true, default_value_t = cfg!(debug_assertions), value_parser = BoolishValueParser::new())]
    pub styleguide: bool,

    /// Log level for standard error: error, warn, info, debug or trace, or a tracing filter such as
    /// server=debug.
    #[arg(long, env = "QUAYLIGHT_LOG", default_value = "info", value_name = "LEVEL", value_parser = log_filter)]
    pub log: String,

    /// Log format: text, or json with one JSON object per line.
    #[arg(
        long,
        env = "QUAYLIGHT_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub log_format: LogFormat,

    /// Folder with the built pages, for developers of Quaylight. Default: the pages built into the
    /// program.
    #[arg(long, env = "QUAYLIGHT_SITE_ROOT", value_name = "FOLDER", value_parser = folder)]
    pub site_root: Option<PathBuf>,
}

impl Cli {
    /// Reads `arguments` (the program's name first), the environment and the settings file. Also
    /// returns the source of each setting.
    ///
    /// # Errors
    /// When a value is invalid, or the file cannot be read.
    pub fn read(arguments: Vec<OsString>) -> Result<(Self, ArgMatches), ConfigError> {
        Self::read_on(arguments, Path::new("/"))
    }

    /// As [`Self::read`], with the system's files below `root`.
    fn read_on(mut arguments: Vec<OsString>, root: &Path) -> Result<(Self, ArgMatches), ConfigError> {
        // The server's flags may also follow the command's name.
        if let Some(name) = CHECKING_COMMANDS.into_iter().find(|name| arguments.get(1).is_some_and(|word| word == name))
        {
            if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
                let with_flags = Self::command().mut_subcommand(name, with_flags_of_server);
                return Err(with_flags
                    .try_get_matches_from(&arguments)
                    .map_or_else(Into::into, |_| ConfigError::NoHelp));
            }
            arguments[1..].rotate_left(1);
        }
        let matches = Self::command().try_get_matches_from(&arguments)?;
        let checking = matches.subcommand_name().filter(|name| SETTINGS_COMMANDS.contains(name));
        let named = matches.get_one::<PathBuf>("file").cloned();
        let installed = checking.and_then(|_| Installed::find(root, named.as_deref()));
        let (path, from_unit) = match &installed {
            Some(installed) => (installed.file.clone(), installed.arguments(&Self::command(), &matches)),
            None => (named, Vec::new()),
        };
        let is_set = |arg: &clap::Arg| {
            let source = matches.value_source(arg.get_id().as_str());
            let by_unit = arg.get_long().is_some_and(|long| from_unit.iter().any(|(name, _)| name == long));
            by_unit || matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
        };
        let mut settings: Vec<OsString> =
            from_unit.iter().flat_map(|(_, arguments)| arguments.iter().cloned()).collect();
        if let Some(path) = &path {
            settings.extend(file::arguments(path, &Self::command(), &is_set)?);
            if matches.get_one::<PathBuf>("file").is_none() {
                settings.push(format!("--config={}", path.display()).into());
            }
        }
        let (program, given) = arguments.split_at(1.min(arguments.len()));
        let all: Vec<_> = program.iter().cloned().chain(settings).chain(given.iter().cloned()).collect();
        // Everything else has been parsed already, so an error is about the file or the unit.
        let place = path.clone().or_else(|| installed.as_ref().and_then(Installed::unit).map(Path::to_owned));
        let mut cli = match place.clone() {
            Some(path) => Self::try_parse_from(all).map_err(|error| ConfigError::InFile { path, error })?,
            None => Self::from_arg_matches(&matches)?,
        };
        cli.installed = installed;
        let names_engines = Self::command().get_arguments().any(|arg| arg.get_id() == "engine" && is_set(arg));
        cli.config.engines_file = path.clone().filter(|_| !names_engines);
        if matches.subcommand_name().is_some_and(|name| DATA_COMMANDS.contains(&name)) && cli.config.data_dir.is_none()
        {
            cli.use_data_of_service(root, path.as_deref())?;
        }
        // The commands that check settings report it with the rest.
        if checking.is_none() {
            cli.config.engines().map_err(ConfigError::Engines)?;
            let complete = cli.config.access.complete().and_then(|()| cli.config.join.complete());
            complete.map_err(|incomplete| {
                let source = matches.value_source(&incomplete.setting.replace('-', "_"));
                let is_explicit = matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable));
                ConfigError::Incomplete { path: place.filter(|_| !is_explicit), incomplete }
            })?;
        }
        Ok((cli, matches))
    }
}

impl Cli {
    /// Uses the data folder of the installed service, if this user can write in it.
    fn use_data_of_service(&mut self, root: &Path, named: Option<&Path>) -> Result<(), file::FileError> {
        let Some(installed) = Installed::find(root, named).filter(Installed::is_run_by_this_user) else {
            return Ok(());
        };
        let command = Self::command();
        let arg = command.get_arguments().find(|arg| arg.get_id() == "data_dir");
        let in_unit = arg.and_then(|arg| installed.service.as_ref()?.setting(arg));
        let in_file = || installed.file.as_deref().map(|file| setting_in_file(file, "data-dir")).transpose();
        let folder = match in_unit {
            Some(folder) => Some(folder),
            None => in_file()?.flatten(),
        };
        if let Some(folder) = folder {
            self.config.data_dir = Some(folder.into());
            self.installed = Some(installed);
        }
        Ok(())
    }
}

/// Adds the server's flags to a command, and keeps the command's own description.
fn with_flags_of_server(command: clap::Command) -> clap::Command {
    let (about, long_about) = (command.get_about().cloned(), command.get_long_about().cloned());
    let mut command = Config::augment_args(command);
    if let Some(about) = about {
        command = command.about(about);
    }
    command.long_about(Resettable::from(long_about))
}

impl Config {
    /// File of the audit log, if it is enabled.
    pub fn audit_log(&self) -> Option<PathBuf> {
        AuditLog::path(self.access.audit_log.as_ref(), &self.data_dir())
    }

    /// The engines to watch. One that cannot be watched does not affect the others.
    ///
    /// # Errors
    /// When two from flags or variables have the same name.
    pub fn engines(&self) -> Result<Vec<Result<EngineSetting, BadEngine>>, String> {
        engines::all(&self.engine)
    }

    /// The engines of a settings file, like [`Self::engines`].
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn engines_in(file: &Path) -> Result<Vec<Result<EngineSetting, BadEngine>>, ConfigError> {
        let arguments = file::arguments(file, &Cli::command(), &|arg| arg.get_id() != "engine")?;
        let arguments = std::iter::once("quaylight".into()).chain(arguments);
        let config =
            Self::try_parse_from(arguments).map_err(|error| ConfigError::InFile { path: file.to_owned(), error })?;
        config.engines().map_err(ConfigError::Engines)
    }

    /// Folder for users, tokens and sessions.
    pub fn data_dir(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| command::default_data_dir(|name| std::env::var_os(name)))
    }
}

#[cfg(test)]
mod tests;
