//! Users authenticated by a trusted proxy with each request, and their open streams.
//!
//! A proxy names the user of each request and does not announce a sign-out. So a stream of such a
//! user ends after [`PROXY_STREAM_TIMEOUT`]; the page then reconnects, which works only if the
//! proxy still names the user. A request with another role or other labels ends what was opened
//! before. `proxied.json` lists these users for `quaylight sessions list`.

use super::{Role, Scope, private_file::write_whole};
use crate::now;
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const NAME: &str = "proxied.json";
/// Timeout of streams, after which a sign-out at the proxy takes effect; long enough to download a
/// large log.
pub(super) const PROXY_STREAM_TIMEOUT: Duration = Duration::from_secs(900);
/// Interval between new tokens for one user: streams opened within it end together.
const TOKEN_INTERVAL: Duration = Duration::from_secs(60);
/// Time after the last request for which a user stays listed.
const LISTED_TIMEOUT: Duration = Duration::from_secs(900);
/// Maximum number of users. Beyond it, the one with the oldest request is forgotten, and its
/// streams end.
const MAX_USERS: usize = 4_096;
/// Interval for writing the list for the command line.
const WRITE_INTERVAL: Duration = Duration::from_secs(10);

/// A user of a proxy, for the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxiedUser {
    /// The user's name.
    pub name: String,
    /// Role of the user.
    pub role: Role,
    /// The address of the last request.
    pub from: IpAddr,
    /// Time of the first request; milliseconds since 1970.
    pub began_at: u64,
    /// Time of the last request; milliseconds since 1970.
    pub seen_at: u64,
}

#[derive(Debug)]
struct UserEntry {
    user: ProxiedUser,
    scope: Scope,
    open: CancellationToken,
    /// Child tokens of [`Self::open`], with their creation times.
    tokens: VecDeque<(u64, CancellationToken)>,
}

impl UserEntry {
    /// The current token.
    fn current_token(&mut self, now: u64) -> CancellationToken {
        if let Some((since, open)) = self.tokens.back()
            && now.saturating_sub(*since) < millis(TOKEN_INTERVAL)
        {
            return open.clone();
        }
        let open = self.open.child_token();
        self.tokens.push_back((now, open.clone()));
        open
    }

    fn end_old(&mut self, now: u64) {
        while let Some((since, open)) = self.tokens.front()
            && now.saturating_sub(*since) >= millis(PROXY_STREAM_TIMEOUT)
        {
            open.cancel();
            self.tokens.pop_front();
        }
    }
}

fn millis(time: Duration) -> u64 {
    time.as_millis() as u64
}

/// All users of the proxy.
#[derive(Debug)]
pub(super) struct Proxied {
    path: PathBuf,
    users: Mutex<HashMap<Arc<str>, UserEntry>>,
    written: Mutex<Written>,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct Written {
    at: u64,
    count: usize,
}

impl Proxied {
    /// Creates the list without users.
    pub(super) fn new(folder: &Path, stop: CancellationToken) -> Self {
        Self { path: folder.join(NAME), users: Mutex::default(), written: Mutex::default(), stop }
    }

    /// Returns a token that is cancelled when streams of the user must end.
    pub(super) fn open(&self, name: &str, role: Role, scope: &Scope, from: IpAddr) -> CancellationToken {
        let now = now().as_millis();
        let mut users = self.lock();
        let name: Arc<str> = name.into();
        if users.get(&name).is_some_and(|held| held.user.role != role || held.scope != *scope)
            && let Some(held) = users.remove(&name)
        {
            held.open.cancel();
        }
        if users.len() >= MAX_USERS && !users.contains_key(&name) {
            let oldest = users.iter().min_by_key(|(_, held)| held.user.seen_at).map(|(name, _)| Arc::clone(name));
            if let Some(held) = oldest.and_then(|name| users.remove(&name)) {
                held.open.cancel();
            }
        }
        let held = users.entry(Arc::clone(&name)).or_insert_with(|| UserEntry {
            user: ProxiedUser { name: name.to_string(), role, from, began_at: now, seen_at: now },
            scope: scope.clone(),
            open: self.stop.child_token(),
            tokens: VecDeque::new(),
        });
        (held.user.from, held.user.seen_at) = (from, now);
        held.current_token(now)
    }

    /// Ends streams that are older than [`PROXY_STREAM_TIMEOUT`]; called at least once a second.
    pub(super) fn end_old(&self) {
        let now = now().as_millis();
        let mut users = self.lock();
        users.retain(|_, held| {
            held.end_old(now);
            !held.tokens.is_empty() || now.saturating_sub(held.user.seen_at) < millis(LISTED_TIMEOUT)
        });
    }

    /// Ends the streams of users for which `ends` is true; returns those users.
    pub(super) fn end(&self, ends: impl Fn(&ProxiedUser) -> bool) -> Vec<ProxiedUser> {
        let ended = self.lock().extract_if(|_, held| ends(&held.user)).map(|(_, held)| held).collect::<Vec<_>>();
        for held in &ended {
            held.open.cancel();
        }
        ended.into_iter().map(|held| held.user).collect()
    }

    /// True if the list for the command line must be written.
    pub(super) fn is_to_be_written(&self) -> bool {
        let (count, now) = (self.lock().len(), now().as_millis());
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        count != written.count || (count > 0 && now.saturating_sub(written.at) >= millis(WRITE_INTERVAL))
    }

    /// Writes the list for the command line if necessary.
    pub(super) fn write(&self) {
        if !self.is_to_be_written() {
            return;
        }
        let users: Vec<_> = self.lock().values().map(|held| held.user.clone()).collect();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written = Written { at: now().as_millis(), count: users.len() };
        let text = serde_json::to_string(&users).unwrap_or_default();
        if let Err(error) = write_whole(&self.path, &text) {
            tracing::debug!(%error, path = %self.path.display(), "the users of the proxy cannot be listed");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, UserEntry>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The recent users of the proxy, from the list that the server wrote in this folder.
pub fn kept(folder: &Path) -> Vec<ProxiedUser> {
    let text = super::private_file::read_private(&folder.join(NAME)).map(|(text, _)| text).unwrap_or_default();
    let users: Vec<ProxiedUser> = serde_json::from_str(&text).unwrap_or_default();
    let now = now().as_millis();
    users.into_iter().filter(|user| now.saturating_sub(user.seen_at) < millis(LISTED_TIMEOUT)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn streams_end_when_the_rights_of_a_user_change() {
        let folder = tempfile::tempdir().unwrap();
        let proxied = Proxied::new(folder.path(), CancellationToken::new());
        let team = Scope::new(vec!["team=web".parse().unwrap()]);
        let open = proxied.open("ada", Role::Operator, &Scope::All, HERE);
        assert!(!proxied.open("ada", Role::Operator, &Scope::All, HERE).is_cancelled() && !open.is_cancelled());
        let narrowed = proxied.open("ada", Role::Operator, &team, HERE);
        assert!(open.is_cancelled() && !narrowed.is_cancelled());
        let demoted = proxied.open("ada", Role::Viewer, &team, HERE);
        assert!(narrowed.is_cancelled() && !demoted.is_cancelled());
        assert_eq!(proxied.end(|user| user.name == "ada").len(), 1);
        assert!(demoted.is_cancelled());
    }

    #[test]
    fn streams_end_after_the_proxy_timeout() {
        let folder = tempfile::tempdir().unwrap();
        let proxied = Proxied::new(folder.path(), CancellationToken::new());
        let open = proxied.open("ada", Role::Viewer, &Scope::All, HERE);
        proxied.end_old();
        assert!(!open.is_cancelled());
        let age = |by: Duration| {
            for (since, _) in &mut proxied.lock().get_mut("ada").unwrap().tokens {
                *since -= millis(by);
            }
        };
        age(PROXY_STREAM_TIMEOUT - TOKEN_INTERVAL);
        let later = proxied.open("ada", Role::Viewer, &Scope::All, HERE);
        age(TOKEN_INTERVAL);
        proxied.end_old();
        assert!(open.is_cancelled() && !later.is_cancelled(), "each lasts as long");
    }

    #[test]
    fn streams_of_users_beyond_the_limit_are_ended() {
        let folder = tempfile::tempdir().unwrap();
        let proxied = Proxied::new(folder.path(), CancellationToken::new());
        let all: Vec<_> =
            (0..=MAX_USERS).map(|place| proxied.open(&place.to_string(), Role::Viewer, &Scope::All, HERE)).collect();
        assert_eq!(all.iter().filter(|open| open.is_cancelled()).count(), 1);
        proxied.write();
        assert_eq!(kept(folder.path()).len(), MAX_USERS);
    }
}
