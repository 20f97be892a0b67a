//! `quaylight user …` and `quaylight token …`: change the accounts file, which a running server
//! follows.

use super::{note, print_line, require_folder};
use crate::{
    auth::{
        Digest, Password, Role, Secret, Selector,
        accounts::{Account, AccountsFile, Token},
    },
    config::command::{LabelChange, TokenCommand, UserCommand},
    now,
};
use anyhow::Context as _;
use app::model::Timestamp;
use std::{
    io::{IsTerminal as _, stdin},
    path::Path,
};

/// Prefix of tokens, which identifies one that is found somewhere.
const TOKEN_PREFIX: &str = "quay_";

pub(super) fn user(folder: &Path, command: UserCommand) -> anyhow::Result<()> {
    if !matches!(command, UserCommand::Add { .. }) {
        require_folder(folder)?;
    }
    let file = AccountsFile::in_folder(folder);
    let place = file.path().display().to_string();
    match command {
        UserCommand::Add { name, role, labels } => {
            anyhow::ensure!(
                file.read()?.user(&name).is_none(),
                "the user {name} exists already; to change the role: quaylight user role {name} {role}"
            );
            let password = new_password()?;
            let account = Account { name: name.clone(), role, labels: labels.clone(), password, sign_outs: 0 };
            file.change(|accounts| accounts.add_user(account))?;
            print_line(&format!("Added {name} as {role}, with access to {}, in {place}.", all_or(&labels)));
        }
        UserCommand::Password { name } => {
            file.read()?.user(&name).with_context(|| format!("there is no user {name}"))?;
            let password = new_password()?;
            file.change(|accounts| accounts.change_user(&name, |account| account.password = password))?;
            print_line(&format!("Changed the password of {name} in {place}; their sessions have ended."));
        }
        UserCommand::Role { name, role, labels } => {
            let change = |account: &mut Account| change_rights(&mut account.role, &mut account.labels, role, &labels);
            let changed = file.change(|accounts| accounts.change_user(&name, change))?;
            let end = if changed.is_change { "earlier sessions have ended" } else { "nothing has changed" };
            print_line(&format!("{name} is now {role}, with access to {}, in {place}; {end}.", changed.access));
        }
        UserCommand::Remove { name } => {
            file.change(|accounts| accounts.remove_user(&name))?;
            print_line(&format!("Removed {name} from {place}; their sessions have ended."));
        }
        UserCommand::SignOut { name } => {
            file.change(|accounts| accounts.change_user(&name, |account| account.sign_outs += 1))?;
            print_line(&format!("The sessions of {name} have ended, in {place}."));
        }
        UserCommand::List => {
            for account in file.read()?.users() {
                print_line(&format!("{}\t{}{}", account.name, account.role, access_text(&account.labels)));
            }
        }
    }
    Ok(())
}

pub(super) fn token(folder: &Path, command: TokenCommand) -> anyhow::Result<()> {
    if !matches!(command, TokenCommand::Add { .. }) {
        require_folder(folder)?;
    }
    let file = AccountsFile::in_folder(folder);
    let place = file.path().display().to_string();
    match command {
        TokenCommand::Add { name, role, labels, lifetime } => {
            let secret = Secret::new(TOKEN_PREFIX);
            let end = |lifetime: std::time::Duration| now().as_millis() + lifetime.as_millis() as u64;
            let digest = Digest::of(secret.expose());
            let token = Token { name, role, labels, digest, expires_at_millis: lifetime.map(end) };
            file.change(|accounts| accounts.add_token(token.clone()))?;
            // Not on standard output, where a script reads the secret. It is shown only once.
            let end = token.expires_at_millis.map(|end| format!(", until {}", Timestamp::from_millis(end)));
            let (name, sees, end) = (&token.name, all_or(&token.labels), end.unwrap_or_default());
            note(&format!(
                "Added {name} as {role}, with access to {sees}{end}, in {place}. The token is shown only once:"
            ));
            print_line(secret.expose());
        }
        TokenCommand::Role { name, role, labels } => {
            let change = |token: &mut Token| change_rights(&mut token.role, &mut token.labels, role, &labels);
            let changed = file.change(|accounts| accounts.change_token(&name, change))?;
            let end = if changed.is_change { "its open streams have ended" } else { "nothing has changed" };
            print_line(&format!("{name} is now {role}, with access to {}, in {place}; {end}.", changed.access));
        }
        TokenCommand::Remove { name } => {
            file.change(|accounts| accounts.remove_token(&name))?;
            print_line(&format!("Removed the token {name} from {place}; its open streams have ended."));
        }
        TokenCommand::List => {
            for token in file.read()?.tokens() {
                print_line(&described(token));
            }
        }
    }
    Ok(())
}

/// Result of a change of rights.
struct Changed {
    is_change: bool,
    access: String,
}

/// Changes a role. Labels stay unless new ones are given: changing a role must not show more
/// containers by accident.
fn change_rights(role: &mut Role, labels: &mut Vec<Selector>, wanted: Role, change: &LabelChange) -> Changed {
    let before = (*role, labels.clone());
    *role = wanted;
    let is_kept = change.labels.is_empty() && !change.all_containers;
    if !is_kept {
        labels.clone_from(&change.labels);
    }
    let kept = if is_kept && !labels.is_empty() { " as before (--all-containers to change that)" } else { "" };
    Changed { is_change: before != (*role, labels.clone()), access: format!("{}{kept}", all_or(labels)) }
}

/// Line of a token in a list, such as `prometheus  viewer, with access to team=web, until
/// 2027-01-01T00:00:00.000Z`.
fn described(token: &Token) -> String {
    let end = token.expires_at_millis.map(Timestamp::from_millis);
    let end = match end {
        None => String::new(),
        Some(end) if token.is_over(now()) => format!(", expired at {end}"),
        Some(end) => format!(", until {end}"),
    };
    format!("{}\t{}{}{end}", token.name, token.role, access_text(&token.labels))
}

/// Suffix of a role in a list.
fn access_text(labels: &[Selector]) -> String {
    if labels.is_empty() { String::new() } else { format!(", with access to {}", all_or(labels)) }
}

fn all_or(labels: &[Selector]) -> String {
    let labels: Vec<_> = labels.iter().map(ToString::to_string).collect();
    if labels.is_empty() { "every container".to_owned() } else { labels.join(" or ") }
}

/// Prompts twice at a terminal; otherwise reads the first line of standard input. A password is
/// never an argument, because every user of the machine can see those.
fn new_password() -> anyhow::Result<String> {
    let typed = if stdin().is_terminal() {
        let first = rpassword::prompt_password("New password: ").context("cannot read the password")?;
        let second = rpassword::prompt_password("Repeat the password: ").context("cannot read the password")?;
        anyhow::ensure!(first == second, "the passwords do not match");
        first
    } else {
        let mut line = String::new();
        stdin().read_line(&mut line).context("cannot read the password")?;
        line.trim_end_matches(['\n', '\r']).to_owned()
    };
    Password::new(typed).hash().map_err(anyhow::Error::msg)
}
