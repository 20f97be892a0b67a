//! `quaylight check-config`: each setting and its source.

use super::{
    print_line,
    trial::{self, Verdict},
};
use crate::config::{Cli, setting_in_file};
use clap::{Arg, ArgMatches, CommandFactory as _, parser::ValueSource};
use std::process::ExitCode;

pub(super) async fn check(cli: &Cli, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    for arg in Cli::command().get_arguments().filter(|arg| !arg.is_hide_set()) {
        let Some(long) = arg.get_long().filter(|long| !matches!(*long, "help" | "version")) else { continue };
        let (source, value) = setting(cli, matches, arg, long)?;
        print_line(&format!("{long:<24} {source:<36} {value}"));
    }
    print_line("");
    let place = trial::place(cli);
    let (findings, _) = trial::start(cli, place.is_as_service).await;
    let mut is_valid = true;
    for finding in place.findings.iter().chain(&findings) {
        let prefix = match finding.verdict {
            Verdict::Bad => "Error: ",
            Verdict::Note => "Note: ",
            Verdict::Good => "",
        };
        is_valid &= finding.verdict != Verdict::Bad;
        print_line(&format!("{prefix}{}: {}", finding.what, finding.found));
    }
    if !is_valid {
        return Ok(ExitCode::FAILURE);
    }
    print_line("All settings are valid.");
    Ok(ExitCode::SUCCESS)
}

/// Prints the value of a setting and its source.
fn setting(cli: &Cli, matches: &ArgMatches, arg: &Arg, long: &str) -> anyhow::Result<(String, String)> {
    let raw = matches.get_raw(arg.get_id().as_str());
    let raw = raw.map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect::<Vec<_>>().join(","));
    let raw = raw.unwrap_or_else(|| "–".to_owned());
    match matches.value_source(arg.get_id().as_str()) {
        Some(ValueSource::CommandLine) => return Ok(("flag".to_owned(), raw)),
        Some(ValueSource::EnvVariable) => {
            let variable = arg.get_env().map(|name| name.to_string_lossy().into_owned());
            return Ok((variable.unwrap_or_default(), raw));
        }
        _ => {}
    }
    if let Some(installed) = &cli.installed {
        if let Some(value) = installed.setting(arg) {
            return Ok(("unit".to_owned(), value));
        }
        if long == "config" {
            let file = installed.file.as_ref().map_or_else(|| raw.clone(), |file| file.display().to_string());
            return Ok(("service".to_owned(), file));
        }
    }
    let in_file = cli.config.file.as_deref().map(|path| setting_in_file(path, long)).transpose()?.flatten();
    Ok(in_file.map_or_else(|| ("default".to_owned(), raw), |value| ("file".to_owned(), value)))
}
