//! Sessions of users who signed in, with a password or at an OpenID provider.
//!
//! Kept in `sessions.json` with digests instead of secrets, so that users stay signed in after a
//! restart.
//! Next: [`super::session_ends`], by which a command ends sessions; [`super::proxied`], for users
//! of a proxy.

use super::person::Person;
use super::{
    Account, Accounts, AuthMethod, Digest, Identity, Issuer, Role, Scope, Secret, Selector, fingerprint,
    private_file::{has_wrong_owner, read_private, write_whole},
};
use crate::now;
use app::model::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const NAME: &str = "sessions.json";
/// Maximum number of sessions per user; a person has a handful. Beyond it, the user's oldest
/// session ends.
const MAX_PER_USER: usize = 20;
/// Maximum number of sessions of provider users, of whom there may be any number. Beyond it, new
/// users cannot sign in; existing sessions are kept.
const MAX_OF_PROVIDER: usize = 5_000;

/// A session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The user's name.
    pub name: String,
    /// Role of the user.
    pub role: Role,
    /// Labels of the containers the user may see; all containers, if empty.
    pub labels: Vec<Selector>,
    /// Fingerprint of the account; `None` for users of a provider.
    account: Option<Digest>,
    /// Fingerprint of the provider's settings; `None` for local users.
    #[serde(default)]
    provider: Option<Digest>,
    /// Expiry in milliseconds since 1970.
    pub expires_at: u64,
    /// Start in milliseconds since 1970; 0 if an older version of the server started the session.
    #[serde(default)]
    pub began_at: u64,
    /// Address of the client that signed in.
    #[serde(default)]
    pub from: Option<IpAddr>,
    /// Identity of a user of a provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openid: Option<OpenIdUser>,
    /// Cancelled when the session ends.
    #[serde(skip)]
    open: CancellationToken,
}

/// A user of an OpenID provider. Users may choose their names at the provider, but not issuer and
/// subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIdUser {
    /// Issuer URL of the provider.
    pub issuer: String,
    /// The provider's id for the user.
    pub subject: String,
}

impl Session {
    /// True if the account has not changed.
    pub fn is_valid(&self, accounts: &Accounts) -> bool {
        let same = |digest: Digest| accounts.user(&self.name).is_some_and(|account| fingerprint(account) == digest);
        self.account.is_none_or(same)
    }

    /// True if the provider that the session came from, if any, has not changed.
    pub(super) fn is_of(&self, provider: Option<Digest>) -> bool {
        self.account.is_some() || (self.provider.is_some() && self.provider == provider)
    }

    /// True if the user has an account on this server.
    pub fn is_local(&self) -> bool {
        self.account.is_some()
    }

    /// Source of the user's name.
    pub(super) fn issuer(&self) -> Issuer {
        match &self.openid {
            Some(OpenIdUser { issuer, subject }) => Issuer::openid(issuer, subject),
            None if self.is_local() => Issuer::Local,
            // Started by a version that did not store it.
            None => Issuer::openid("openid", ""),
        }
    }

    /// True if the session has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.as_millis() >= self.expires_at
    }

    /// True if both sessions belong to one user. A user of a provider and a local user with the
    /// same name are two users.
    fn is_same_user(&self, other: &Self) -> bool {
        self.issuer() == other.issuer() && (self.openid.is_some() || self.name == other.name)
    }
}

/// The limit of sessions of provider users is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Too many people are signed in. Try again later, or ask an administrator of this server.")]
pub struct TooManySessions;

/// All sessions.
#[derive(Debug)]
pub struct Sessions {
    path: PathBuf,
    lifetime: Duration,
    held: Mutex<Inner>,
    /// Version written last, so that an older one never replaces a newer one.
    written: Mutex<u64>,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct Inner {
    sessions: HashMap<Digest, Session>,
    version: u64,
}

impl Sessions {
    /// Reads the sessions in `folder`.
    pub(super) fn open(folder: &Path, lifetime: Duration, stop: CancellationToken) -> Self {
        let kept = kept(folder).unwrap_or_else(|error| {
            tracing::warn!(%error, folder = %folder.display(), "the sessions cannot be read: all users must sign in again");
            HashMap::new()
        });
        let with_token = |(digest, session)| (digest, Session { open: stop.child_token(), ..session });
        let sessions = kept.into_iter().filter(|(_, session)| !session.is_over(now())).map(with_token).collect();
        let held = Mutex::new(Inner { sessions, version: 0 });
        Self { path: folder.join(NAME), lifetime, held, written: Mutex::new(0), stop }
    }

    /// Lifetime of a session.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Starts a session for a user with an account on this server. Writes a file.
    pub(super) fn begin(&self, account: &Account, from: IpAddr) -> Secret {
        let Account { name, role, labels, .. } = account;
        let session = self.session((name, *role, labels), from);
        self.add(Session { account: Some(fingerprint(account)), ..session })
    }

    /// Starts a session for a user of an OpenID provider; `provider` is the fingerprint of its
    /// settings. Writes a file.
    ///
    /// # Errors
    /// When the limit is reached and the user has no session to replace.
    pub(super) fn begin_for_provider(
        &self,
        person: &Person,
        provider: Digest,
        issuer: &str,
        from: IpAddr,
    ) -> Result<Secret, TooManySessions> {
        let Person { name, subject, role, labels } = person;
        let openid = OpenIdUser { issuer: issuer.to_owned(), subject: subject.clone() };
        let session = self.session((name, *role, labels), from);
        let session = Session { provider: Some(provider), openid: Some(openid), ..session };
        if !self.has_room(&session) {
            return Err(TooManySessions);
        }
        Ok(self.add(session))
    }

    fn session(&self, (name, role, labels): (&str, Role, &[Selector]), from: IpAddr) -> Session {
        let began_at = now().as_millis();
        Session {
            name: name.to_owned(),
            role,
            labels: labels.to_vec(),
            account: None,
            provider: None,
            expires_at: began_at + self.lifetime.as_millis() as u64,
            began_at,
            from: Some(from),
            openid: None,
            open: self.stop.child_token(),
        }
    }

    fn has_room(&self, session: &Session) -> bool {
        let held = self.lock();
        let of_provider = held.sessions.values().filter(|other| !other.is_local() && !other.is_over(now()));
        of_provider.count() < MAX_OF_PROVIDER || held.sessions.values().any(|other| other.is_same_user(session))
    }

    fn add(&self, session: Session) -> Secret {
        let secret = Secret::new("");
        let mut held = self.lock();
        held.sessions.retain(|_, session| !session.is_over(now()));
        let own = held.sessions.iter().filter(|(_, other)| other.is_same_user(&session));
        let mut own: Vec<_> = own.map(|(digest, other)| (other.began_at, other.expires_at, *digest)).collect();
        own.sort_unstable();
        let is_full = !session.is_local() && held.sessions.len() >= MAX_OF_PROVIDER;
        let surplus = (own.len() + 1).saturating_sub(MAX_PER_USER).max(usize::from(is_full)).min(own.len());
        for (.., digest) in own.drain(..surplus) {
            if let Some(oldest) = held.sessions.remove(&digest) {
                oldest.open.cancel();
            }
        }
        held.sessions.insert(Digest::of(secret.expose()), session);
        self.write(held);
        secret
    }

    /// The user of a session that has not expired.
    pub(super) fn identity(&self, digest: &Digest) -> Option<Identity> {
        let held = self.lock();
        let session = held.sessions.get(digest).filter(|session| !session.is_over(now()))?;
        Some(Identity {
            name: session.name.as_str().into(),
            role: session.role,
            scope: Scope::new(session.labels.clone()),
            method: AuthMethod::Session,
            issuer: session.issuer(),
            open: session.open.clone(),
        })
    }

    /// Ends the session with this secret, and its streams. Writes a file.
    pub fn end(&self, secret: &str) {
        let digest = Digest::of(secret);
        self.keep_by(|held, _| *held != digest);
    }

    /// Ends invalid and expired sessions, and their streams.
    pub(super) fn keep(&self, holds: impl Fn(&Session) -> bool) {
        self.keep_by(|_, session| holds(session) && !session.is_over(now()));
    }

    /// Ends the sessions for which `holds` is false; returns them.
    pub(super) fn keep_by(&self, holds: impl Fn(&Digest, &Session) -> bool) -> Vec<Session> {
        let mut held = self.lock();
        let ended: Vec<_> = held.sessions.extract_if(|digest, session| !holds(digest, session)).collect();
        for (_, session) in &ended {
            session.open.cancel();
        }
        if !ended.is_empty() {
            self.write(held);
        }
        ended.into_iter().map(|(_, session)| session).collect()
    }

    /// Expiry of each session, in milliseconds since 1970.
    pub(super) fn ends(&self) -> Vec<u64> {
        self.lock().sessions.values().map(|session| session.expires_at).collect()
    }

    /// Ends the streams of expired sessions.
    pub(super) fn end_expired(&self) {
        let now = now();
        self.lock().sessions.values().filter(|session| session.is_over(now)).for_each(|session| session.open.cancel());
    }

    /// True if there are expired sessions to remove.
    pub(super) fn has_expired(&self) -> bool {
        let now = now();
        self.lock().sessions.values().any(|session| session.is_over(now))
    }

    /// Names and addresses of local users with sessions.
    pub(super) fn addresses(&self) -> Vec<(String, IpAddr)> {
        let held = self.lock();
        let local = held.sessions.values().filter(|session| session.is_local());
        local.filter_map(|session| Some((session.name.clone(), session.from?))).collect()
    }

    /// Writes the sessions without blocking requests. If that fails, they are kept in memory only.
    fn write(&self, mut held: MutexGuard<'_, Inner>) {
        held.version += 1;
        let (version, text) = (held.version, serde_json::to_string(&held.sessions).unwrap_or_default());
        drop(held);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if *written > version {
            return;
        }
        *written = version;
        if let Err(error) = write_whole(&self.path, &text) {
            tracing::warn!(%error, path = %self.path.display(), "sessions cannot be saved: a restart will sign all users out");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sessions in a folder by the digests of their secrets; none if there is no file.
///
/// # Errors
/// When the file exists and cannot be read.
pub fn kept(folder: &Path) -> std::io::Result<HashMap<Digest, Session>> {
    let path = folder.join(NAME);
    match read_private(&path) {
        Ok((_, found)) if has_wrong_owner(&path, &found) => Err(std::io::Error::other("it belongs to another user")),
        Ok((text, _)) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(error),
    }
}
