//! `quaylight engine invite`, `revoke` and `list`: the servers that join this one. A running server
//! follows each change.

use super::{print_line, require_folder, trial};
use crate::{
    auth::{JoinHost, JoinsFile},
    config::{AccessConfig, Cli, EngineSetting},
    now,
};
use app::model::EngineName;
use std::{
    io::{Write as _, stderr},
    process::ExitCode,
    time::Duration,
};

/// Where the command for the other host stores the token.
const TOKEN_FILE: &str = "/etc/quaylight/join.token";

pub(super) fn invite(cli: &Cli, name: EngineName, lifetime: Duration) -> anyhow::Result<ExitCode> {
    let place = trial::place(cli);
    let engines = cli.config.engines().unwrap_or_default();
    let is_taken =
        |setting: &EngineSetting| !setting.is_joins() && setting.name() == name && setting.join_host().is_none();
    anyhow::ensure!(
        !engines.iter().flatten().any(is_taken),
        "another engine of the settings has the name {name}; choose another name"
    );
    let file = JoinsFile::in_folder(&cli.config.data_dir());
    let (secret, host) = file.change(|hosts| {
        let secret = hosts.invite(name, lifetime);
        Ok((secret, hosts.get(name).cloned()))
    })?;
    let until = host.as_ref().and_then(|host| host.invited_until(now())).map(|until| format!(" until {until}"));
    let old = if host.is_some_and(|host| host.is_enrolled()) { "; its old key is valid until then" } else { "" };
    drop(place);
    print_note(&format!(
        "Invited {name}{}{old}, in {}. On the other host, store the token, which is shown only once:",
        until.unwrap_or_default(),
        file.path().display(),
    ));
    print_line(secret.expose());
    let address = address(&cli.config.access);
    print_note(&format!(
        "\n  sudo install -m 600 -o quaylight /dev/stdin {TOKEN_FILE}    # paste the token, Enter, Ctrl-D\n\n\
         and start Quaylight there with these settings, or add them to its settings file:\n\n  \
         quaylight --join {address} --join-token-file {TOKEN_FILE}\n\n\
         As long as --join-role is not set there, this server can see its containers and change nothing."
    ));
    Ok(ExitCode::SUCCESS)
}

/// Address of this server for the other one.
fn address(access: &AccessConfig) -> String {
    let host = access.allowed_hosts.iter().find(|host| !host.is_empty());
    access
        .public_address()
        .or_else(|| Some(format!("https://{}{}", host?, access.base())))
        .unwrap_or_else(|| format!("https://NAME-OF-THIS-SERVER{}", access.base()))
}

/// On standard error, because a script reads the token.
fn print_note(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

pub(super) fn revoke(cli: &Cli, name: &str) -> anyhow::Result<ExitCode> {
    let (_place, folder) = (trial::place(cli), cli.config.data_dir());
    require_folder(&folder)?;
    let file = JoinsFile::in_folder(&folder);
    file.change(|hosts| hosts.revoke(name))?;
    print_line(&format!("Revoked the key of {name}, in {}; its connection has ended.", file.path().display()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn list(cli: &Cli) -> anyhow::Result<ExitCode> {
    let (_place, folder) = (trial::place(cli), cli.config.data_dir());
    require_folder(&folder)?;
    for host in JoinsFile::in_folder(&folder).read()?.all() {
        print_line(&described(host));
    }
    Ok(ExitCode::SUCCESS)
}

/// `web-3  joined 2026-11-30T00:00:00.000Z`, and the end of an invitation.
fn described(host: &JoinHost) -> String {
    let enrolled = host.enrolled_at().map(|at| format!("joined {at}"));
    let invited = host.invited_until(now()).map(|until| format!("invited until {until}"));
    let facts: Vec<_> = enrolled.into_iter().chain(invited).collect();
    format!("{}\t{}", host.name, if facts.is_empty() { "invitation expired".to_owned() } else { facts.join(", ") })
}
