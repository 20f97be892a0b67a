//! `quaylight user …` and `quaylight token …`: change the accounts file, which a running server follows.

use super::say;
use crate::{
    auth::{
        Digest, Password, Secret, Selector,
        accounts::{Account, AccountsFile, Token},
    },
    config::command::{TokenCommand, UserCommand},
};
use anyhow::Context as _;
use std::{
    io::{IsTerminal as _, stdin},
    path::Path,
};

/// What tokens begin with, so that whoever finds one knows what it is.
const TOKEN_PREFIX: &str = "quay_";

pub(super) fn user(folder: &Path, command: UserCommand) -> anyhow::Result<()> {
    let file = AccountsFile::in_folder(folder);
    match command {
        UserCommand::Add { name, role, labels } => {
            anyhow::ensure!(file.read()?.user(&name).is_none(), "there is already one named {name}");
            let password = new_password()?;
            let account = Account { name: name.clone(), role, labels: labels.clone(), password, sign_outs: 0 };
            file.change(|accounts| accounts.add_user(account))?;
            say(&format!("Added {name}, {role}{}, in {}.", seeing(&labels), file.path().display()));
        }
        UserCommand::Password { name } => {
            file.read()?.user(&name).with_context(|| format!("there is none named {name}"))?;
            let password = new_password()?;
            file.change(|accounts| accounts.change_user(&name, |account| account.password = password))?;
            say(&format!("{name} has another password; the sessions with the old one have ended."));
        }
        UserCommand::Role { name, role, labels } => {
            let told = seeing(&labels);
            let change = |account: &mut Account| (account.role, account.labels) = (role, labels);
            file.change(|accounts| accounts.change_user(&name, change))?;
            say(&format!("{name} is {role} now{told}; earlier sessions have ended."));
        }
        UserCommand::Remove { name } => {
            file.change(|accounts| accounts.remove_user(&name))?;
            say(&format!("Removed {name}; their sessions have ended."));
        }
        UserCommand::SignOut { name } => {
            file.change(|accounts| accounts.change_user(&name, |account| account.sign_outs += 1))?;
            say(&format!("The sessions of {name} have ended."));
        }
        UserCommand::List => {
            for account in file.read()?.users() {
                say(&format!("{}\t{}{}", account.name, account.role, seeing(&account.labels)));
            }
        }
    }
    Ok(())
}

pub(super) fn token(folder: &Path, command: TokenCommand) -> anyhow::Result<()> {
    let file = AccountsFile::in_folder(folder);
    match command {
        TokenCommand::Add { name, role, labels, lifetime } => {
            let secret = Secret::new(TOKEN_PREFIX);
            let end = |lifetime: std::time::Duration| crate::now().as_millis() + lifetime.as_millis() as u64;
            let digest = Digest::of(secret.expose());
            let token = Token { name, role, labels, digest, expires_at_millis: lifetime.map(end) };
            file.change(|accounts| accounts.add_token(token))?;
            // Alone on its line: a script takes it from there. It is told this once.
            say(secret.expose());
        }
        TokenCommand::Remove { name } => {
            file.change(|accounts| accounts.remove_token(&name))?;
            say(&format!("Removed the token {name}."));
        }
        TokenCommand::List => {
            for token in file.read()?.tokens() {
                let is_over = token.expires_at_millis.is_some_and(|end| end <= crate::now().as_millis());
                let over = if is_over { ", over" } else { "" };
                say(&format!("{}\t{}{}{over}", token.name, token.role, seeing(&token.labels)));
            }
        }
    }
    Ok(())
}

fn seeing(labels: &[Selector]) -> String {
    let labels: Vec<_> = labels.iter().map(ToString::to_string).collect();
    if labels.is_empty() { String::new() } else { format!(", who sees {}", labels.join(" or ")) }
}

/// Asked for twice at a terminal; else the first line of standard input. Never an argument: those are seen by everybody on the machine.
fn new_password() -> anyhow::Result<String> {
    let typed = if stdin().is_terminal() {
        let first = rpassword::prompt_password("New password: ").context("no password could be read")?;
        let second = rpassword::prompt_password("Once more: ").context("no password could be read")?;
        anyhow::ensure!(first == second, "these were two different passwords");
        first
    } else {
        let mut line = String::new();
        stdin().read_line(&mut line).context("no password could be read")?;
        line.trim_end_matches(['\n', '\r']).to_owned()
    };
    Password::new(typed).hash().map_err(anyhow::Error::msg)
}
