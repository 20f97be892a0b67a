//! The installed service: its unit, read as systemd does, and its settings file.
//!
//! In: the unit files of `quaylight.service` and their drop-ins. Out: [`Installed`], with which
//! `quaylight doctor` and `quaylight check-config` check the settings that the server would start
//! with. Next: [`super::Cli::read`].

mod unit;

use clap::{ArgAction, ArgMatches, Command, parser::ValueSource};
use std::{
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
};
pub use unit::Service;

/// Settings file of the packages.
const SETTINGS: &str = "etc/quaylight/quaylight.toml";

/// The service on this machine.
#[derive(Debug, Clone, Default)]
pub struct Installed {
    /// Settings file of the service.
    pub file: Option<PathBuf>,
    /// Settings file of the service, if this user may not read it.
    pub unreadable: Option<PathBuf>,
    /// Unit of the service, if there is one.
    pub service: Option<Service>,
    /// True if the unit's settings are used. The unit's user is used in any case.
    reads_unit: bool,
}

impl Installed {
    /// Finds the service. If `named`, the settings file from the command line, is not the
    /// service's, the service is ignored.
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

    /// File of the unit.
    pub fn unit(&self) -> Option<&Path> {
        self.service.as_ref().map(Service::file)
    }

    /// Value of a setting in the unit.
    pub fn setting(&self, arg: &clap::Arg) -> Option<String> {
        self.service.as_ref().filter(|_| self.reads_unit)?.setting(arg)
    }

    /// Value of an environment variable in the unit.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.service.as_ref().filter(|_| self.reads_unit)?.variable(name)
    }

    /// True for root and the service's own user.
    pub(super) fn is_run_by_this_user(&self) -> bool {
        let own = rustix::process::geteuid();
        own.is_root() || self.service.as_ref().is_some_and(|service| service.user_id() == Some(own.as_raw()))
    }

    /// Arguments for the settings of the unit, by flag, without those that are set `explicitly`.
    pub(super) fn arguments(&self, command: &Command, explicit: &ArgMatches) -> Vec<(String, Vec<OsString>)> {
        let Some(service) = self.service.as_ref().filter(|_| self.reads_unit) else { return Vec::new() };
        let flags = service.arguments().iter().map(OsString::from);
        let program = [OsString::from("quaylight")];
        // A unit with invalid flags does not start either, and its log has the error.
        let of_flags = command.clone().try_get_matches_from(program.into_iter().chain(flags)).ok();
        let mut found = Vec::new();
        for arg in command.get_arguments() {
            let (id, Some(long)) = (arg.get_id().as_str(), arg.get_long()) else { continue };
            if long == "config" || is_explicit(explicit, id) {
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

fn is_explicit(matches: &ArgMatches, id: &str) -> bool {
    matches!(matches.value_source(id), Some(ValueSource::CommandLine | ValueSource::EnvVariable))
}
