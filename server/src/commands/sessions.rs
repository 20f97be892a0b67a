//! `quaylight sessions …`: lists and ends sessions.
//!
//! Reads the files of the server in the data folder; writes requests that a running server applies
//! within a second.

use super::{print_line, require_folder};
use crate::{
    auth::{
        accounts::AccountsFile,
        proxied::{self, ProxiedUser},
        session_ends::{self, Ended, proxied_id, session_id},
        sessions::{self, Session},
    },
    config::command::SessionsCommand,
    now,
};
use anyhow::Context as _;
use app::model::Timestamp;
use std::path::Path;

/// A line of the list.
#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    kind: &'static str,
    began_at: u64,
    rest: String,
}

pub(super) fn sessions(folder: &Path, command: SessionsCommand) -> anyhow::Result<()> {
    require_folder(folder)?;
    let rows = rows(folder)?;
    match command {
        SessionsCommand::List => {
            for Row { id, name, kind, rest, .. } in &rows {
                print_line(&format!("{id}\t{name}\t{kind}\t{rest}"));
            }
        }
        SessionsCommand::End { id, account, all: _ } => {
            let what = match (id, account) {
                (Some(id), _) => Ended::Id(id),
                (None, Some(name)) => Ended::Account(name),
                (None, None) => Ended::All,
            };
            let ended: Vec<_> = rows.iter().filter(|row| what.names(&row.id, &row.name)).collect();
            let none = match &what {
                Ended::Id(id) => Some(format!("there is no session {id}")),
                Ended::Account(name) => Some(format!("{name} has no session")),
                Ended::All => None,
            };
            if let Some(none) = none.filter(|_| ended.is_empty()) {
                anyhow::bail!("{none}; to list sessions: quaylight sessions list");
            }
            session_ends::request(folder, what)?;
            let count = if ended.len() == 1 { "1 session".to_owned() } else { format!("{} sessions", ended.len()) };
            print_line(&format!("{count} ended, in {}.", folder.display()));
            if ended.iter().any(|row| row.kind == "proxy") {
                print_line("The proxy can sign its users in again at once: sign them out there, too.");
            }
            if ended.iter().any(|row| row.kind == "openid") {
                print_line(
                    "The OpenID provider can sign its users in again: sign them out or disable them there, too.",
                );
            }
        }
    }
    Ok(())
}

/// Open sessions, oldest first. Without sessions that were ended but are still in the file, because
/// no server has applied the request yet.
fn rows(folder: &Path) -> anyhow::Result<Vec<Row>> {
    let ends = session_ends::read(folder)
        .with_context(|| format!("cannot read the list of ended sessions in {}", folder.display()))?;
    let accounts = AccountsFile::in_folder(folder).read()?;
    let has_ended = |id: &str, name: &str, began_at: u64| ends.iter().any(|end| end.ends(id, name, began_at));
    let kept = sessions::kept(folder).with_context(|| format!("cannot read the sessions in {}", folder.display()))?;
    let own = kept
        .iter()
        .map(|(digest, session)| (session_id(digest), session))
        .filter(|(id, session)| {
            !session.is_over(now()) && session.is_valid(&accounts) && !has_ended(id, &session.name, session.began_at)
        })
        .map(|(id, session)| of_session(id, session));
    let proxied = proxied::kept(folder).into_iter();
    let proxied = proxied.filter(|user| !has_ended(&proxied_id(&user.name), &user.name, user.began_at)).map(of_proxied);
    let mut rows: Vec<_> = own.chain(proxied).collect();
    rows.sort_by(|one, other| (one.began_at, &one.id).cmp(&(other.began_at, &other.id)));
    Ok(rows)
}

fn of_session(id: String, session: &Session) -> Row {
    let Session { name, role, labels, began_at, expires_at, from, openid, .. } = session;
    let labels: String = labels.iter().map(|label| format!(", sees {label}")).collect();
    let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
    let began = if *began_at == 0 { String::new() } else { format!(" since {}", Timestamp::from_millis(*began_at)) };
    let openid = openid.as_ref().map(|user| format!(", subject {} at {}", user.subject, user.issuer));
    let rest = format!(
        "{role}{labels}{began}{from}, until {}{}",
        Timestamp::from_millis(*expires_at),
        openid.unwrap_or_default()
    );
    let kind = if session.is_local() { "local" } else { "openid" };
    Row { id, name: printable(name), kind, began_at: *began_at, rest: printable(&rest) }
}

fn of_proxied(user: ProxiedUser) -> Row {
    let ProxiedUser { name, role, from, began_at, seen_at } = user;
    let [since, last] = [began_at, seen_at].map(Timestamp::from_millis);
    let rest = format!("{role} since {since} from {from}, last request {last}");
    Row { id: proxied_id(&name), name: printable(&name), kind: "proxy", began_at, rest }
}

/// A name without control characters, because providers and proxies may send any name.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
