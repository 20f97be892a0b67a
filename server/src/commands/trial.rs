//! What the server does before it serves, tried: reading its files, finding a way in, listening.
//!
//! In: the settings. Out: [`Finding`]s, which `quaylight doctor` and `quaylight check-config` print in their own ways.

use super::{
    healthcheck,
    service_user::{Looking, become_user_of},
};
use crate::{
    auth::{self, accounts::AccountsFile},
    config::{Cli, Config},
    openid::OpenId,
    startup::may_listen,
};
use std::{
    fmt::Display,
    fs,
    io::ErrorKind,
    net::TcpListener,
    path::{Path, PathBuf},
};

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Well,
    Note,
    Bad,
}

/// One thing that was tried.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    /// In one word.
    pub(super) what: &'static str,
    pub(super) found: String,
}

impl Finding {
    fn new(verdict: Verdict, what: &'static str, found: impl Display) -> Self {
        Self { verdict, what, found: found.to_string() }
    }

    fn well(what: &'static str, found: impl Display) -> Self {
        Self::new(Verdict::Well, what, found)
    }

    fn note(what: &'static str, found: impl Display) -> Self {
        Self::new(Verdict::Note, what, found)
    }

    fn bad(what: &'static str, found: impl Display) -> Self {
        Self::new(Verdict::Bad, what, found)
    }
}

/// Whose settings are looked at, and with whose rights, which this process takes.
pub(super) fn place(cli: &Cli) -> Vec<Finding> {
    let Some(installed) = &cli.installed else {
        let own = cli.config.file.as_ref();
        return own.map(|file| Finding::well("settings", file.display())).into_iter().collect();
    };
    let shown = |path: &PathBuf| path.display().to_string();
    let unit = installed.unit().map(|unit| unit.display().to_string());
    let mut findings = Vec::new();
    if let Some(file) = &installed.unreadable {
        let told =
            "may not be read by this user, so the defaults are looked at; start this with sudo to look at the service";
        findings.push(Finding::note("settings", format!("{} {told}", file.display())));
        return findings;
    }
    let read: Vec<_> = installed.file.as_ref().map(shown).into_iter().chain(unit).collect();
    findings.push(Finding::well("settings", format!("{}, as the service reads them", read.join(" and "))));
    if let Some(service) = &installed.service {
        findings.push(match become_user_of(service) {
            Looking::AsService(who) => Finding::well("user", who),
            Looking::AsStarted(why) => Finding::note("user", why),
            Looking::Impossible(why) => Finding::bad("user", why),
        });
    }
    findings
}

/// Whether users have to sign in, and all that the server reads and opens when it starts.
pub(super) async fn start(config: &Config) -> (Vec<Finding>, bool) {
    let mut findings = Vec::new();
    if let Err(incomplete) = config.access.complete() {
        findings.push(Finding::bad("settings", incomplete));
    }
    let folder = config.data_dir();
    findings.extend(data_dir(&folder));
    findings.extend(auth::folder_problem(&folder).map(|problem| Finding::bad("data folder", problem)));
    let signs_in = match AccountsFile::in_folder(&folder).read() {
        Ok(accounts) => {
            let (users, tokens) = (accounts.users().len(), accounts.tokens().len());
            findings
                .push(Finding::well("accounts", format!("{users} users and {tokens} tokens in {}", folder.display())));
            !accounts.is_empty() || config.access.vouches()
        }
        Err(error) => {
            findings.push(Finding::bad("accounts", error));
            true
        }
    };
    findings.push(way_in(config, signs_in));
    if config.access.complete().is_ok()
        && let Err(error) = OpenId::from_config(&config.access)
    {
        findings.push(Finding::bad("openid", format!("{error:#}")));
    }
    findings.extend(port(config).await);
    (findings, signs_in)
}

fn way_in(config: &Config, signs_in: bool) -> Finding {
    let listen = config.listen;
    match may_listen(config, signs_in) {
        Err(error) => Finding::bad("listen", error),
        Ok(()) if signs_in => Finding::well("listen", format!("{listen}, for those who sign in")),
        Ok(()) => {
            let acts = if config.allow_actions { "reads and changes containers" } else { "reads, and changes nothing" };
            let is_meant = config.access.insecure_no_auth;
            let verdict = if is_meant { Verdict::Note } else { Verdict::Well };
            Finding::new(verdict, "listen", format!("{listen}: whoever reaches it {acts}"))
        }
    }
}

/// Users and sessions are read and written there.
fn data_dir(folder: &Path) -> Option<Finding> {
    let told = |error: &dyn Display| format!("{} cannot be used: {error}", folder.display());
    match fs::read_dir(folder) {
        Ok(_) => {
            let written = tempfile::Builder::new().prefix(".quaylight-check-").tempfile_in(folder);
            written.err().map(|error| Finding::bad("data", told(&error)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Finding::bad("data", told(&error))),
    }
}

/// Whether the address is free, or is taken by the server that runs.
async fn port(config: &Config) -> Option<Finding> {
    let listen = config.listen;
    match TcpListener::bind(listen) {
        Ok(_) => None,
        Err(error) if error.kind() == ErrorKind::AddrInUse => Some(match healthcheck::check(config).await {
            Ok(()) => Finding::well("port", format!("{listen} is in use by a Quaylight that runs")),
            Err(_) => {
                Finding::bad("port", format!("{listen} is in use by another program; choose another --listen address"))
            }
        }),
        Err(error) => Some(Finding::bad("port", format!("cannot listen on {listen}: {error}"))),
    }
}
