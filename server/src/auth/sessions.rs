//! Sessions of users who signed in here, with a password or at an OpenID provider: who has them, until when, and what ends with them.
//!
//! Kept in `sessions.json`, so that a restart signs nobody out; of the secrets only their digests. Next: [`super::session_ends`], by which
//! a command ends them; [`super::proxied`], for users whom a proxy vouches for.

use super::person::Person;
use super::{
    Account, Accounts, Digest, Identity, Issuer, Means, Role, Scope, Secret, Selector, fingerprint,
    private_file::{is_of_stranger, read_private, write_whole},
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
/// Of one user; beyond these, that user's oldest ends. A person has a handful.
const MAX_OF_USER: usize = 20;
/// Of users of an OpenID provider, who can be as many as the provider has. Beyond these nobody else signs in; nobody is signed out.
const MAX_OF_PROVIDER: usize = 5_000;

/// One sign-in, until its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The user's name.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Which containers the user sees; all of them, if there is none.
    pub labels: Vec<Selector>,
    /// Of the account as it was; `None` for users of a provider.
    account: Option<Digest>,
    /// Of the provider's settings; `None` for users who have an account here.
    #[serde(default)]
    provider: Option<Digest>,
    /// Milliseconds since 1970.
    pub expires_at: u64,
    /// Milliseconds since 1970; 0 where an older version began it.
    #[serde(default)]
    pub began_at: u64,
    /// The address it began from.
    #[serde(default)]
    pub from: Option<IpAddr>,
    /// The provider, as it calls itself, and its own id for the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openid: Option<OpenIdUser>,
    /// Cancelled when it ends.
    #[serde(skip)]
    open: CancellationToken,
}

/// A user of an OpenID provider. Names are the user's own choice there; issuer and subject are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIdUser {
    /// The provider, as it calls itself.
    pub issuer: String,
    /// The provider's id for the user.
    pub subject: String,
}

impl Session {
    /// Whether the account is still what it was.
    pub(super) fn holds(&self, accounts: &Accounts) -> bool {
        let same = |digest: Digest| accounts.user(&self.name).is_some_and(|account| fingerprint(account) == digest);
        self.account.is_none_or(same)
    }

    /// Whether the provider, if one was asked, is still this one.
    pub(super) fn is_of(&self, provider: Option<Digest>) -> bool {
        self.account.is_some() || (self.provider.is_some() && self.provider == provider)
    }

    /// Whether the user has an account here.
    pub fn is_local(&self) -> bool {
        self.account.is_some()
    }

    /// Where the user's name comes from.
    pub(super) fn issuer(&self) -> Issuer {
        match &self.openid {
            Some(OpenIdUser { issuer, subject }) => Issuer::openid(issuer, subject),
            None if self.is_local() => Issuer::Local,
            // Begun by a version that did not keep it.
            None => Issuer::openid("openid", ""),
        }
    }

    /// Whether it is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.as_millis() >= self.expires_at
    }

    /// Whether both are of one user. The user of a provider who takes the name of a local one is another.
    fn is_of_same_user(&self, other: &Self) -> bool {
        self.issuer() == other.issuer() && (self.openid.is_some() || self.name == other.name)
    }
}

/// There are as many sessions of the provider's users as this server keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Too many people are signed in. Try again later, or ask an administrator of this server.")]
pub struct TooManySessions;

/// All of them.
#[derive(Debug)]
pub struct Sessions {
    path: PathBuf,
    lifetime: Duration,
    held: Mutex<Held>,
    /// The version that was written last, so that an older one never replaces a newer one.
    written: Mutex<u64>,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct Held {
    sessions: HashMap<Digest, Session>,
    version: u64,
}

impl Sessions {
    /// Those that were kept in `folder`.
    pub(super) fn open(folder: &Path, lifetime: Duration, stop: CancellationToken) -> Self {
        let kept = kept(folder).unwrap_or_else(|error| {
            tracing::warn!(%error, folder = %folder.display(), "the sessions cannot be read: everybody has to sign in again");
            HashMap::new()
        });
        let with_token = |(digest, session)| (digest, Session { open: stop.child_token(), ..session });
        let sessions = kept.into_iter().filter(|(_, session)| !session.is_over(now())).map(with_token).collect();
        let held = Mutex::new(Held { sessions, version: 0 });
        Self { path: folder.join(NAME), lifetime, held, written: Mutex::new(0), stop }
    }

    /// How long one lasts.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Begins a session of a user who has an account here. Writes a file.
    pub(super) fn begin(&self, account: &Account, from: IpAddr) -> Secret {
        let Account { name, role, labels, .. } = account;
        let session = self.session((name, *role, labels), from);
        self.add(Session { account: Some(fingerprint(account)), ..session })
    }

    /// Begins a session of a user whom a provider with these settings vouches for. Writes a file.
    ///
    /// # Errors
    /// While there are as many as this server keeps, and none is the user's own.
    pub(super) fn begin_of(
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
        of_provider.count() < MAX_OF_PROVIDER || held.sessions.values().any(|other| other.is_of_same_user(session))
    }

    fn add(&self, session: Session) -> Secret {
        let secret = Secret::new("");
        let mut held = self.lock();
        held.sessions.retain(|_, session| !session.is_over(now()));
        let own = held.sessions.iter().filter(|(_, other)| other.is_of_same_user(&session));
        let mut own: Vec<_> = own.map(|(digest, other)| (other.began_at, other.expires_at, *digest)).collect();
        own.sort_unstable();
        let is_full = !session.is_local() && held.sessions.len() >= MAX_OF_PROVIDER;
        let surplus = (own.len() + 1).saturating_sub(MAX_OF_USER).max(usize::from(is_full)).min(own.len());
        for (.., digest) in own.drain(..surplus) {
            if let Some(oldest) = held.sessions.remove(&digest) {
                oldest.open.cancel();
            }
        }
        held.sessions.insert(Digest::of(secret.expose()), session);
        self.write(held);
        secret
    }

    /// The user who has the session, if it is not over.
    pub(super) fn identity(&self, digest: &Digest) -> Option<Identity> {
        let held = self.lock();
        let session = held.sessions.get(digest).filter(|session| !session.is_over(now()))?;
        Some(Identity {
            name: session.name.as_str().into(),
            role: session.role,
            scope: Scope::new(session.labels.clone()),
            means: Means::Session,
            issuer: session.issuer(),
            open: session.open.clone(),
        })
    }

    /// Ends the one with this secret, and what it has open. Writes a file.
    pub fn end(&self, secret: &str) {
        let digest = Digest::of(secret);
        self.keep_by(|held, _| *held != digest);
    }

    /// Ends those that do not hold or are over, and what they have open.
    pub(super) fn keep(&self, holds: impl Fn(&Session) -> bool) {
        self.keep_by(|_, session| holds(session) && !session.is_over(now()));
    }

    /// Ends those that `holds` says no to; those that ended.
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

    /// When each of them expires.
    pub(super) fn ends(&self) -> Vec<u64> {
        self.lock().sessions.values().map(|session| session.expires_at).collect()
    }

    /// Ends what those have open that are over.
    pub(super) fn end_expired(&self) {
        let now = now();
        self.lock().sessions.values().filter(|session| session.is_over(now)).for_each(|session| session.open.cancel());
    }

    /// Whether there are any to remove.
    pub(super) fn has_expired(&self) -> bool {
        let now = now();
        self.lock().sessions.values().any(|session| session.is_over(now))
    }

    /// Where users have sessions from.
    pub(super) fn addresses(&self) -> Vec<(String, IpAddr)> {
        let held = self.lock();
        let local = held.sessions.values().filter(|session| session.is_local());
        local.filter_map(|session| Some((session.name.clone(), session.from?))).collect()
    }

    /// Writes them down without keeping requests waiting. What cannot be written is held until the server ends.
    fn write(&self, mut held: MutexGuard<'_, Held>) {
        held.version += 1;
        let (version, text) = (held.version, serde_json::to_string(&held.sessions).unwrap_or_default());
        drop(held);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if *written > version {
            return;
        }
        *written = version;
        if let Err(error) = write_whole(&self.path, &text) {
            tracing::warn!(%error, path = %self.path.display(), "sessions cannot be kept: a restart will sign everybody out");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sessions in a folder, by the digests of their secrets; none while there is no file.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn kept(folder: &Path) -> std::io::Result<HashMap<Digest, Session>> {
    let path = folder.join(NAME);
    match read_private(&path) {
        Ok((_, found)) if is_of_stranger(&path, &found) => Err(std::io::Error::other("it belongs to another user")),
        Ok((text, _)) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(error),
    }
}
