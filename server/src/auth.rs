//! Who asks, and what they may see and do.
//!
//! In: a request's session, token or proxy header ([`crate::http`] reads them), and the [`accounts`] file, which `quaylight user` and
//! `quaylight token` write and a running server follows. Out: an [`Identity`]. What an identity has open ends with it: every stream
//! holds its [`Identity::open`].
//!
//! Sign-in is needed as soon as there is a user, a token, a proxy's header or a provider, and from then on until the server ends: removing
//! the last user opens nothing.

pub mod accounts;
mod identity;
mod password;
mod role;
mod secret;
mod sessions;
mod throttle;
mod watch;

pub use identity::{Identity, Means};
pub use password::Password;
pub use role::{GroupRole, Role, Scope, Selector};
pub use secret::{Digest, Secret};
pub use sessions::Sessions;
pub use throttle::Throttle;
pub(crate) use throttle::network;

use crate::openid::Person;
use accounts::{Account, Accounts, AccountsError, AccountsFile};
use std::{
    net::IpAddr,
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Passwords checked at once: each takes 19 MiB for a moment.
const CHECKED_AT_ONCE: usize = 2;

/// What is asked for at a sign-in, and by every request; clones share it.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: AccountsFile,
    accounts: RwLock<Arc<Accounts>>,
    sessions: Sessions,
    throttle: Throttle,
    checks: Semaphore,
    is_required: AtomicBool,
    /// What was opened without signing in; ends when that is needed.
    anybody: CancellationToken,
    /// What tokens and proxies have open.
    open: identity::OpenByKey,
    stop: CancellationToken,
}

/// Why a sign-in failed. Which part was wrong is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Name or password.
    #[error("The name or the password is wrong.")]
    Wrong,
    /// Too many were wrong.
    #[error("There were too many wrong attempts. Try again in {} s.", .0.as_secs().max(1))]
    TooMany(Duration),
}

impl Auth {
    /// Reads the accounts in `folder`. `is_required`: by a proxy or a provider, whatever the accounts are.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(
        folder: &Path,
        lifetime: Duration,
        is_required: bool,
        stop: CancellationToken,
    ) -> Result<Self, AccountsError> {
        let file = AccountsFile::in_folder(folder);
        let accounts = file.read()?;
        let is_required = AtomicBool::new(is_required || !accounts.is_empty());
        let sessions = Sessions::open(folder, lifetime, stop.clone());
        let shared = Shared {
            file,
            accounts: RwLock::new(Arc::new(accounts)),
            sessions,
            throttle: Throttle::default(),
            checks: Semaphore::new(CHECKED_AT_ONCE),
            is_required,
            anybody: stop.child_token(),
            open: identity::OpenByKey::default(),
            stop,
        };
        let auth = Self(Arc::new(shared));
        auth.0.sessions.keep(|session| session.holds(&auth.accounts()));
        Ok(auth)
    }

    /// Whether nobody is answered who has not signed in.
    pub fn is_required(&self) -> bool {
        self.0.is_required.load(Ordering::Acquire)
    }

    /// The accounts of now.
    pub fn accounts(&self) -> Arc<Accounts> {
        Arc::clone(&self.0.accounts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everybody's sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Checks a name and a password; the secret of a new session.
    ///
    /// # Errors
    /// [`SignInError`], after the same time whatever was wrong.
    pub async fn sign_in(&self, name: &str, password: Password, from: IpAddr) -> Result<Secret, SignInError> {
        self.0.throttle.admit(from, name).map_err(SignInError::TooMany)?;
        let account = self.accounts().user(name).cloned();
        let hash = account.as_ref().map(|account| account.password.clone());
        // The semaphore is never closed.
        let _turn = self.0.checks.acquire().await;
        let right = tokio::task::spawn_blocking(move || password.matches(hash.as_deref())).await.unwrap_or(false);
        match account.filter(|_| right) {
            Some(account) => {
                self.0.throttle.forget(from, name);
                Ok(self.0.sessions.begin(&account))
            }
            None => Err(SignInError::Wrong),
        }
    }

    /// Whoever asks while nobody has to sign in.
    pub fn anybody(&self, may_act: bool) -> Identity {
        Identity::anybody(may_act, &self.0.anybody)
    }

    /// Begins the session of somebody whom an OpenID provider with these settings vouches for; its secret.
    pub fn sign_in_person(&self, person: Person, provider: Digest) -> Secret {
        self.0.sessions.begin_of(person, provider)
    }

    /// Ends the sessions that were begun at another provider, or with other settings of it.
    pub fn keep_those_of(&self, provider: Option<Digest>) {
        self.0.sessions.keep(|session| session.is_of(provider));
    }

    /// Who has this session.
    pub fn of_session(&self, secret: &str) -> Option<Identity> {
        self.0.sessions.identity(&Digest::of(secret))
    }

    /// Who has this token.
    pub fn of_token(&self, secret: &str) -> Option<Identity> {
        let accounts = self.accounts();
        let token = accounts.token(&Digest::of(secret), crate::now())?;
        Some(self.identity(&token.name, token.role, token.scope(), Means::Token))
    }

    /// Somebody whom a trusted proxy vouches for.
    pub fn of_proxy(&self, name: &str, role: Role, scope: Scope) -> Identity {
        self.identity(name, role, scope, Means::Proxy)
    }

    /// What is open under the same name, by the same means, ends together.
    fn identity(&self, name: &str, role: Role, scope: Scope, means: Means) -> Identity {
        let open = self.0.open.token(means, name, &self.0.stop);
        Identity { name: name.into(), role, scope, means, open }
    }

    /// Takes in what the file says now: ends what no longer holds.
    fn take(&self, accounts: Accounts) {
        let accounts = Arc::new(accounts);
        if !accounts.is_empty() {
            self.0.is_required.store(true, Ordering::Release);
            self.0.anybody.cancel();
        }
        let before = std::mem::replace(
            &mut *self.0.accounts.write().unwrap_or_else(PoisonError::into_inner),
            Arc::clone(&accounts),
        );
        self.0.sessions.keep(|session| session.holds(&accounts));
        for token in before.tokens() {
            if accounts.tokens().iter().all(|held| held != token) {
                self.0.open.end(Means::Token, &token.name);
            }
        }
    }
}

/// Of an account as it is now; another role, label or password makes another one.
fn fingerprint(account: &Account) -> Digest {
    let Account { name, role, labels, password, sign_outs } = account;
    Digest::of(&format!("{name}\n{role}\n{labels:?}\n{password}\n{sign_outs}"))
}

#[cfg(test)]
mod tests;
