//! The installed service: its unit, as systemd would read it, and its settings file.
//!
//! In: the unit files of `quaylight.service` and their drop-ins. Out: [`Installed`], with which `quaylight doctor` and
//! `quaylight check-config` look at what the server would be started with. Next: [`super::Cli::read`].

mod unit;

use clap::{ArgAction, ArgMatches, Command, parser::ValueSource};
use std::{
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
};
pub use unit::Service;

/// Where the packages put the settings.
const SETTINGS: &str = "etc/quaylight/quaylight.toml";

/// What is installed on this machine.
#[derive(Debug, Clone, Default)]
pub struct Installed {
    /// The settings file that it reads.
    pub file: Option<PathBuf>,
    /// A settings file that is there and that this user may not read.
    pub unreadable: Option<PathBuf>,
    /// The unit, where there is one.
    pub service: Option<Service>,
    /// Whether its settings are read; its user is known anyway.
    reads_unit: bool,
}

impl Installed {
    /// `named`: the settings file that was named, which is the service's own or none of its business.
    pub(super) fn find(root: &Path, named: Option<&Path>) -> Option<Self> {
        let service = Service::installed(root);
        let own = service.as_ref().and_then(|service| service.variable("QUAYLIGHT_CONFIG")).map(PathBuf::from);
        let own = own.filter(|_| root == Path::new("/")).unwrap_or_else(|| root.join(SETTINGS));
        let is_own = |named: &Path| {
            named == own || named.canonicalize().ok().is_some_and(|named| Some(named) == own.canonicalize().ok())
        };
        if named.is_some_and(|named| !is_own(named)) {
            return None;
        }
        let is_readable = File::open(&own).is_ok();
        if !is_readable && !own.exists() && service.is_none() {
            return None;
        }
        let file = (is_readable || named.is_some()).then(|| own.clone());
        let unreadable = (file.is_none() && own.exists()).then_some(own);
        let reads_unit = unreadable.is_none();
        Some(Self { file, unreadable, service, reads_unit })
    }

    /// The unit's file.
    pub fn unit(&self) -> Option<&Path> {
        self.service.as_ref().map(Service::file)
    }

    /// Value of a setting in the unit, if it has one.
    pub fn setting(&self, arg: &clap::Arg) -> Option<String> {
        let service = self.service.as_ref().filter(|_| self.reads_unit)?;
        let variable = arg.get_env().and_then(|name| name.to_str()).and_then(|name| service.variable(name));
        variable.map(ToOwned::to_owned).or_else(|| {
            let flag = format!("--{}", arg.get_long()?);
            let mut words = service.arguments().iter();
            let value = words.find_map(|word| {
                (*word == flag)
                    .then(String::new)
                    .or_else(|| word.strip_prefix(&format!("{flag}=")).map(ToOwned::to_owned))
            })?;
            Some(if value.is_empty() { words.next().cloned().unwrap_or_default() } else { value })
        })
    }

    /// Arguments for what the unit sets, by flag, but for what was `told` otherwise.
    pub(super) fn arguments(&self, command: &Command, told: &ArgMatches) -> Vec<(String, Vec<OsString>)> {
        let Some(service) = self.service.as_ref().filter(|_| self.reads_unit) else { return Vec::new() };
        let flags = service.arguments().iter().map(OsString::from);
        let program = [OsString::from("quaylight")];
        // A unit that cannot be read so does not start either; that is for its own log.
        let of_flags = command.clone().try_get_matches_from(program.into_iter().chain(flags)).ok();
        let mut found = Vec::new();
        for arg in command.get_arguments() {
            let (id, Some(long)) = (arg.get_id().as_str(), arg.get_long()) else { continue };
            if long == "config" || is_told(told, id) {
                continue;
            }
            let by_flag = of_flags.as_ref().filter(|flags| flags.value_source(id) == Some(ValueSource::CommandLine));
            let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
            let values: Vec<OsString> = match by_flag {
                Some(_) if is_switch => vec!["true".into()],
                Some(flags) => flags.get_raw(id).into_iter().flatten().map(ToOwned::to_owned).collect(),
                None => {
                    let variable = arg.get_env().and_then(|name| name.to_str()).and_then(|name| service.variable(name));
                    variable.map(OsString::from).into_iter().collect()
                }
            };
            let argument = |value: &OsString| {
                let mut argument = OsString::from(format!("--{long}"));
                if !is_switch {
                    argument.push("=");
                    argument.push(value);
                }
                argument
            };
            let is_on = |value: &OsString| !matches!(value.to_str(), Some("0" | "false" | "no" | "off" | "n" | "f"));
            if !values.is_empty() {
                let arguments = values.iter().filter(|value| !is_switch || is_on(value)).map(argument).collect();
                found.push((long.to_owned(), arguments));
            }
        }
        found
    }
}

fn is_told(told: &ArgMatches, id: &str) -> bool {
    matches!(told.value_source(id), Some(ValueSource::CommandLine | ValueSource::EnvVariable))
}
