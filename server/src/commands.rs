//! What the program does instead of serving: users, tokens, and looking at itself.
//!
//! In: a [`Command`] and the settings. Out: lines for a person, and whether all is well.

mod account;
mod check;
mod doctor;
mod healthcheck;
mod service_user;
mod sessions;
mod trial;

use crate::config::{Cli, Command};
use clap::ArgMatches;
use std::{
    io::{ErrorKind, Write as _, stdout},
    process::ExitCode,
};

/// Carries it out.
///
/// # Errors
/// With one line of why it could not be.
pub async fn run(cli: Cli, command: Command, told: &ArgMatches) -> anyhow::Result<ExitCode> {
    match command {
        Command::User(command) => account::user(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::Token(command) => account::token(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::Sessions(command) => sessions::sessions(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::CheckConfig => check::check(&cli, told).await,
        Command::Doctor => doctor::doctor(&cli).await,
        Command::Healthcheck => healthcheck::check(&cli.config).await.map(|()| ExitCode::SUCCESS),
    }
}

/// To standard output, for people and scripts. A reader that has gone, such as `head`, ends the program without a word.
fn say(line: &str) {
    if let Err(error) = writeln!(stdout(), "{line}") {
        let is_gone = error.kind() == ErrorKind::BrokenPipe;
        std::process::exit(i32::from(!is_gone));
    }
}
