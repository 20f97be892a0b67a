//! Tries what the server does at startup: reading files, sign-in, listening.
//!
//! In: the settings. Out: [`Finding`]s, which `quaylight doctor` and `quaylight check-config`
//! print.

mod engines;

use super::{
    healthcheck,
    service_user::{RunningAs, become_user_of},
};
use crate::{
    auth::{self, accounts::AccountsFile},
    config::{Cli, Config, own_variables, unknown_variables},
    openid::OpenId,
    startup::may_listen,
};
pub(super) use engines::{Target, engine_addresses};
use std::{
    fmt::Display,
    fs,
    io::ErrorKind,
    net::TcpListener,
    path::{Path, PathBuf},
};

/// Severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Note,
    Bad,
}

/// Result of one check.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    /// Subject of the check, in a word or two.
    pub(super) what: &'static str,
    pub(super) found: String,
}

impl Finding {
    fn new(verdict: Verdict, what: &'static str, found: impl Display) -> Self {
        Self { verdict, what, found: found.to_string() }
    }

    fn ok(what: &'static str, found: impl Display) -> Self {
        Self::new(Verdict::Good, what, found)
    }

    fn note(what: &'static str, found: impl Display) -> Self {
        Self::new(Verdict::Note, what, found)
    }

    fn bad(what: &'static str, found: impl Display) -> Self {
        Self::new(Verdict::Bad, what, found)
    }
}

/// Environment of the checks.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) findings: Vec<Finding>,
    /// False if this process has other permissions than the service, so that a refusal is not
    /// evidence about the service.
    pub(super) is_as_service: bool,
}

/// Selects the settings to check, and switches to the service's user.
pub(super) fn place(cli: &Cli) -> Place {
    let (mut findings, is_as_service) = settings_and_user(cli);
    let of_unit = cli.installed.iter().filter_map(|installed| installed.service.as_ref());
    let of_unit = of_unit.flat_map(|service| service.variables()).map(ToOwned::to_owned);
    let mut unknown = unknown_variables(own_variables().chain(of_unit));
    unknown.dedup();
    findings.extend(unknown.into_iter().map(|unknown| Finding::note("variable", unknown)));
    Place { findings, is_as_service }
}

fn settings_and_user(cli: &Cli) -> (Vec<Finding>, bool) {
    let Some(installed) = &cli.installed else {
        let own = cli.config.file.as_ref();
        return (own.map(|file| Finding::ok("settings", file.display())).into_iter().collect(), true);
    };
    let shown = |path: &PathBuf| path.display().to_string();
    let unit = installed.unit().map(|unit| unit.display().to_string());
    let mut findings = Vec::new();
    if let Some(file) = &installed.unreadable {
        let reason =
            "cannot be read by this user, so the defaults are checked; run this with sudo to check the service";
        findings.push(Finding::note("settings", format!("{} {reason}", file.display())));
        return (findings, false);
    }
    let read: Vec<_> = installed.file.as_ref().map(shown).into_iter().chain(unit).collect();
    findings.push(Finding::ok("settings", format!("{}, as the service reads them", read.join(" and "))));
    let mut is_as_service = true;
    if let Some(service) = &installed.service {
        let running_as = become_user_of(service);
        is_as_service = !matches!(running_as, RunningAs::Starter(_));
        findings.push(match running_as {
            RunningAs::Service(who) => Finding::ok("user", who),
            RunningAs::Starter(why) => Finding::note("user", why),
            RunningAs::Impossible(why) => Finding::bad("user", why),
        });
    }
    (findings, is_as_service)
}

/// Checks everything that the server reads and opens at startup. Also returns whether sign-in is
/// required.
pub(super) async fn start(cli: &Cli, is_as_service: bool) -> (Vec<Finding>, bool) {
    let config = &cli.config;
    let mut findings = Vec::new();
    if let Err(incomplete) = config.access.complete() {
        findings.push(Finding::bad("settings", incomplete));
    }
    let folder = config.data_dir();
    let (mut of_folder, signs_in) = accounts(config, &folder);
    if !is_as_service && of_folder.iter().any(|finding| finding.verdict == Verdict::Bad) {
        let reason = "belongs to the service, and this user may not use it; run this as root to check it";
        of_folder = vec![Finding::note("data", format!("{} {reason}", folder.display()))];
    }
    findings.extend(of_folder);
    findings.push(check_listen(config, signs_in));
    if config.access.complete().is_ok()
        && let Err(error) = OpenId::from_config(&config.access)
    {
        findings.push(Finding::bad("openid", format!("{error:#}")));
    }
    findings.extend(engines::engines(cli));
    findings.extend(engines::join(cli));
    findings.extend(port(config).await);
    (findings, signs_in)
}

/// Checks the data folder and its accounts. Also returns whether sign-in is required.
fn accounts(config: &Config, folder: &Path) -> (Vec<Finding>, bool) {
    let mut findings: Vec<_> = data_dir(folder).into_iter().collect();
    findings.extend(auth::folder_problem(folder).map(|problem| Finding::bad("data folder", problem)));
    match AccountsFile::in_folder(folder).read() {
        Ok(accounts) => {
            let (users, tokens) = (accounts.users().len(), accounts.tokens().len());
            findings
                .push(Finding::ok("accounts", format!("users: {users}, tokens: {tokens}, in {}", folder.display())));
            (findings, !accounts.is_empty() || config.access.has_external_sign_in())
        }
        Err(error) => {
            findings.push(Finding::bad("accounts", error));
            (findings, true)
        }
    }
}

/// Value of an environment variable, as the service has it: systemd passes it none of this shell's.
pub(super) fn variable(cli: &Cli, name: &str) -> Option<String> {
    match cli.installed.as_ref().filter(|installed| installed.service.is_some()) {
        Some(installed) => installed.variable(name).map(ToOwned::to_owned),
        None => std::env::var(name).ok(),
    }
}

fn check_listen(config: &Config, signs_in: bool) -> Finding {
    let listen = config.listen;
    match may_listen(config, signs_in) {
        Err(error) => Finding::bad("listen", error),
        Ok(()) if signs_in && !listen.ip().to_canonical().is_loopback() && config.access.trusted_proxy.is_empty() => {
            let what = "sign-in required; passwords are sent unencrypted, unless a proxy with TLS is in front";
            Finding::note("listen", format!("{listen}, {what}"))
        }
        Ok(()) if signs_in => Finding::ok("listen", format!("{listen}, sign-in required")),
        Ok(()) => {
            let acts = if config.allow_actions {
                "can see and change containers"
            } else {
                "can see containers but not change them"
            };
            let is_meant = config.access.insecure_no_auth;
            let verdict = if is_meant { Verdict::Note } else { Verdict::Good };
            Finding::new(verdict, "listen", format!("{listen}: everyone who reaches it {acts}"))
        }
    }
}

/// Checks the data folder, which holds users and sessions.
fn data_dir(folder: &Path) -> Option<Finding> {
    let unusable = |error: &dyn Display| format!("{} cannot be used: {error}", folder.display());
    match fs::read_dir(folder) {
        Ok(_) => {
            let written = tempfile::Builder::new().prefix(".quaylight-check-").tempfile_in(folder);
            written.err().map(|error| Finding::bad("data", unusable(&error)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Finding::bad("data", unusable(&error))),
    }
}

/// Checks that the address is free, or in use by the running server.
async fn port(config: &Config) -> Option<Finding> {
    let listen = config.listen;
    match TcpListener::bind(listen) {
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::AddrInUse => Some(match healthcheck::check(config).await {
            Ok(()) => Finding::ok("port", format!("{listen} is in use by a running Quaylight")),
            Err(_) => Finding::bad(
                "port",
                format!("{listen} is in use by another program; choose another address with --listen"),
            ),
        }),
        Err(error) => Some(Finding::bad("port", format!("cannot listen on {listen}: {error}"))),
    }
}
