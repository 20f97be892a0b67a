//! Subcommands: users, tokens, sessions and checks.
//!
//! In: a [`Command`] and the settings. Out: text on standard output, and an exit code.

mod account;
mod check;
mod doctor;
mod engine;
mod healthcheck;
mod join;
mod service_user;
mod sessions;
mod trial;

use crate::config::{Cli, Command};
use clap::ArgMatches;
use std::{
    io::{ErrorKind, IsTerminal as _, Write as _, stderr, stdout},
    path::Path,
    process::ExitCode,
};

/// Runs a command.
///
/// # Errors
/// With the reason in one line.
pub async fn run(cli: Cli, command: Command, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    if cli.installed.is_some() && matches!(command, Command::User(_) | Command::Token(_) | Command::Sessions(_)) {
        note(&format!("Data folder of the installed service: {}", cli.config.data_dir().display()));
    }
    match command {
        Command::User(command) => account::user(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::Token(command) => account::token(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::Sessions(command) => sessions::sessions(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::Engine(command) => engine::engine(&cli, command).await,
        Command::CheckConfig => check::check(&cli, matches).await,
        Command::Doctor => doctor::doctor(&cli).await,
        Command::Healthcheck => healthcheck::check(&cli.config).await.map(|()| ExitCode::SUCCESS),
    }
}

/// Returns an error if the data folder does not exist, because a mistyped path would look like an
/// empty folder.
fn require_folder(folder: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        folder.is_dir(),
        "there is no folder {}; set the data folder of the server with --data-dir",
        folder.display()
    );
    Ok(())
}

/// Prints a note to standard error, if that is a terminal: a script expects only errors there.
fn note(line: &str) {
    if stderr().is_terminal() {
        let _ = writeln!(stderr(), "{line}");
    }
}

/// Prints a line to standard output. If the reader is gone, as with `head`, exits silently.
fn print_line(line: &str) {
    if let Err(error) = writeln!(stdout(), "{line}") {
        let is_gone = error.kind() == ErrorKind::BrokenPipe;
        std::process::exit(i32::from(!is_gone));
    }
}
