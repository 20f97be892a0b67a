//! `quaylight check-config`: each setting, and where it comes from.

use super::say;
use crate::{
    auth::accounts::AccountsFile,
    config::{Cli, Config, setting_in_file},
    startup::may_listen,
};
use clap::{Arg, ArgMatches, CommandFactory as _, parser::ValueSource};
use std::process::ExitCode;

pub(super) fn check(config: &Config, told: &ArgMatches) -> anyhow::Result<ExitCode> {
    for arg in Cli::command().get_arguments().filter(|arg| !arg.is_hide_set()) {
        let Some(long) = arg.get_long().filter(|long| !matches!(*long, "help" | "version")) else { continue };
        let (source, value) = setting(config, told, arg, long)?;
        say(&format!("{long:<24} {source:<36} {value}"));
    }
    let accounts = AccountsFile::in_folder(&config.data_dir()).read()?;
    let (users, tokens) = (accounts.users().len(), accounts.tokens().len());
    say(&format!("\nAccounts in {}: {users} users, {tokens} tokens.", config.data_dir().display()));
    if let Err(error) = may_listen(config, !accounts.is_empty() || config.access.vouches()) {
        say(&format!("Not well: {error}"));
        return Ok(ExitCode::FAILURE);
    }
    say("All settings can be taken.");
    Ok(ExitCode::SUCCESS)
}

/// Where it comes from, and what it is.
fn setting(config: &Config, told: &ArgMatches, arg: &Arg, long: &str) -> anyhow::Result<(String, String)> {
    let raw = told.get_raw(arg.get_id().as_str());
    let raw = raw.map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect::<Vec<_>>().join(","));
    let raw = raw.unwrap_or_else(|| "–".to_owned());
    match told.value_source(arg.get_id().as_str()) {
        Some(ValueSource::CommandLine) => return Ok(("flag".to_owned(), raw)),
        Some(ValueSource::EnvVariable) => {
            let variable = arg.get_env().map(|name| name.to_string_lossy().into_owned());
            return Ok((variable.unwrap_or_default(), raw));
        }
        _ => {}
    }
    let in_file = config.file.as_deref().map(|path| setting_in_file(path, long)).transpose()?.flatten();
    Ok(in_file.map_or_else(|| ("default".to_owned(), raw), |value| ("file".to_owned(), value)))
}
