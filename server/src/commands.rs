//! What the program does instead of serving: users, tokens, and looking at itself.
//!
//! In: a [`Command`] and the settings. Out: lines for a person, and whether all is well.

mod account;
mod check;
mod doctor;
mod healthcheck;

use crate::config::{Cli, Command};
use clap::ArgMatches;
use std::process::ExitCode;

/// Carries it out.
///
/// # Errors
/// With one line of why it could not be.
pub async fn run(cli: Cli, command: Command, told: &ArgMatches) -> anyhow::Result<ExitCode> {
    match command {
        Command::User(command) => account::user(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::Token(command) => account::token(&cli.config.data_dir(), command).map(|()| ExitCode::SUCCESS),
        Command::CheckConfig => check::check(&cli.config, told),
        Command::Doctor => doctor::doctor(&cli.config).await,
        Command::Healthcheck => healthcheck::check(cli.config.listen).await.map(|()| ExitCode::SUCCESS),
    }
}

/// To standard output, for people and scripts.
#[expect(clippy::print_stdout, reason = "this is the answer to a command")]
fn say(line: &str) {
    println!("{line}");
}
