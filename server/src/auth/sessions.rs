//! Who has signed in: until when, and what ends with it. Kept in `sessions.json`, so that a restart signs nobody out; of the secrets
//! only their digests.

use super::{
    Account, Accounts, Digest, Identity, Means, Role, Scope, Secret, Selector, accounts::write_whole, fingerprint,
};
use crate::{now, openid::Person};
use app::model::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const NAME: &str = "sessions.json";
/// Of everybody; beyond these the oldest end. A person has a handful.
const MOST: usize = 2_000;

/// One sign-in, until its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    name: String,
    role: Role,
    labels: Vec<Selector>,
    /// Of the account as it was; `None` for who signed in at a provider.
    account: Option<Digest>,
    /// Of the provider's settings; `None` for who has an account here.
    #[serde(default)]
    provider: Option<Digest>,
    expires_at: u64,
    /// Cancelled when it ends.
    #[serde(skip)]
    open: CancellationToken,
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

    fn is_over(&self, now: Timestamp) -> bool {
        now.as_millis() >= self.expires_at
    }
}

/// All of them.
#[derive(Debug)]
pub struct Sessions {
    path: PathBuf,
    lifetime: Duration,
    held: Mutex<HashMap<Digest, Session>>,
    stop: CancellationToken,
}

impl Sessions {
    /// Those that were kept in `folder`.
    pub(super) fn open(folder: &Path, lifetime: Duration, stop: CancellationToken) -> Self {
        let path = folder.join(NAME);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let kept: HashMap<Digest, Session> = serde_json::from_str(&text).unwrap_or_default();
        let with_token = |(digest, session)| (digest, Session { open: stop.child_token(), ..session });
        let held = kept.into_iter().filter(|(_, session)| !session.is_over(now())).map(with_token).collect();
        Self { path, lifetime, held: Mutex::new(held), stop }
    }

    /// How long one lasts.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Begins one of somebody who has an account here.
    pub(super) fn begin(&self, account: &Account) -> Secret {
        let Account { name, role, labels, .. } = account;
        let person = Person { name: name.clone(), role: *role, labels: labels.clone() };
        self.add(person, Some(fingerprint(account)), None)
    }

    /// Begins one of somebody whom a provider with these settings vouches for.
    pub(super) fn begin_of(&self, person: Person, provider: Digest) -> Secret {
        self.add(person, None, Some(provider))
    }

    fn add(&self, person: Person, account: Option<Digest>, provider: Option<Digest>) -> Secret {
        let Person { name, role, labels } = person;
        let secret = Secret::new("");
        let expires_at = now().as_millis() + self.lifetime.as_millis() as u64;
        let session = Session { name, role, labels, account, provider, expires_at, open: self.stop.child_token() };
        let mut held = self.lock();
        held.retain(|_, session| !session.is_over(now()));
        if held.len() >= MOST
            && let Some(oldest) = held.iter().min_by_key(|(_, session)| session.expires_at).map(|(digest, _)| *digest)
            && let Some(session) = held.remove(&oldest)
        {
            session.open.cancel();
        }
        held.insert(Digest::of(secret.expose()), session);
        self.write(&held);
        secret
    }

    /// Who has it, if it is not over.
    pub(super) fn identity(&self, digest: &Digest) -> Option<Identity> {
        let held = self.lock();
        let session = held.get(digest).filter(|session| !session.is_over(now()))?;
        Some(Identity {
            name: session.name.as_str().into(),
            role: session.role,
            scope: Scope::new(session.labels.clone()),
            means: Means::Session,
            open: session.open.clone(),
        })
    }

    /// Ends the one with this secret, and what it has open.
    pub fn end(&self, secret: &str) {
        let digest = Digest::of(secret);
        self.keep_by(|held, _| *held != digest);
    }

    /// Ends those that do not hold, and what they have open.
    pub(super) fn keep(&self, holds: impl Fn(&Session) -> bool) {
        self.keep_by(|_, session| holds(session) && !session.is_over(now()));
    }

    fn keep_by(&self, holds: impl Fn(&Digest, &Session) -> bool) {
        let mut held = self.lock();
        let before = held.len();
        held.retain(|digest, session| {
            let stays = holds(digest, session);
            if !stays {
                session.open.cancel();
            }
            stays
        });
        if held.len() < before {
            self.write(&held);
        }
    }

    /// What cannot be written is held until the server ends.
    fn write(&self, held: &HashMap<Digest, Session>) {
        let text = serde_json::to_string(held).unwrap_or_default();
        if let Err(error) = write_whole(&self.path, &text) {
            tracing::warn!(%error, path = %self.path.display(), "sessions cannot be kept: a restart will sign everybody out");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
