//! Users, tokens and sessions: who asks, and what they may see and do.
//!
//! In: a request's session, token or proxy header ([`crate::http`] reads them), and the [`accounts`] file, which `quaylight user` and
//! `quaylight token` write and a running server follows. Out: an [`Identity`]. What an identity has open ends with it: every stream
//! holds its [`Identity::open`]. Next: [`throttle`], how often passwords may be guessed; [`sessions`] and [`session_ends`].
//!
//! Sign-in is needed as soon as there is a user, a token, a proxy's header or a provider, and from then on until the server ends: removing
//! the last user opens nothing.

pub mod accounts;
mod checks;
mod devices;
mod identity;
mod password;
mod person;
mod private_file;
pub mod proxied;
mod role;
mod secret;
pub mod session_ends;
pub mod sessions;
mod throttle;
mod watch;

pub use identity::{Identity, Issuer, Means};
pub use password::Password;
pub use person::Person;
pub use private_file::folder_problem;
pub(crate) use private_file::{Access, open_private};
pub use role::{GroupRole, Role, Scope, Selector};
pub use secret::{Digest, Secret};
pub use sessions::{Sessions, TooManySessions};
pub(crate) use throttle::{address as network_address, network};

use crate::now;
use accounts::{Account, Accounts, AccountsError, AccountsFile};
use checks::{PasswordChecks, TooBusy};
use devices::Devices;
use proxied::Proxied;
use session_ends::{proxied_id, session_id};
use sessions::Session;
use std::{
    collections::BTreeSet,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use throttle::{Attempt, Throttle};
use tokio_util::sync::CancellationToken;

/// What is asked for at a sign-in, and by every request; clones share it.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    file: AccountsFile,
    /// The version of the file that was read first.
    opened: Option<accounts::Version>,
    accounts: RwLock<Arc<Accounts>>,
    sessions: Sessions,
    devices: Devices,
    throttle: Throttle,
    checks: PasswordChecks,
    is_required: AtomicBool,
    /// What was opened without signing in; ends when that is needed.
    anybody: CancellationToken,
    /// What tokens have open.
    tokens: identity::OpenByToken,
    proxied: Proxied,
    stop: CancellationToken,
}

/// Where a sign-in comes from.
#[derive(Debug, Clone, Copy)]
pub struct SignInOrigin<'a> {
    /// The client's address.
    pub from: IpAddr,
    /// The secret by which its browser is known, if it has one.
    pub device: Option<&'a str>,
}

/// What a browser keeps of a sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's secret.
    pub session: Secret,
    /// The secret by which the browser is known at the next sign-in, where it has none yet.
    pub device: Option<Secret>,
}

/// Why a sign-in failed; not which part was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Name or password.
    #[error("The name or the password is wrong.")]
    Wrong,
    /// Too many were wrong.
    #[error(
        "There were too many wrong attempts. Try again in {}, or sign in with a browser that has signed in with this name before.",
        in_words(*.0)
    )]
    TooMany(Duration),
    /// Too many sign in at this moment.
    #[error("Too many people are signing in at this moment. Try again in a few seconds.")]
    TooBusy,
}

impl SignInError {
    /// How long to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Wrong => None,
            Self::TooMany(wait) => Some((*wait).max(Duration::from_secs(1))),
            Self::TooBusy => Some(Duration::from_secs(2)),
        }
    }
}

/// Rounded up: whoever waits as long is not refused again.
fn in_words(wait: Duration) -> String {
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    match (seconds / 60, seconds % 60) {
        (0, 1) => "1 second".to_owned(),
        (0, seconds) => format!("{seconds} seconds"),
        (1, 0) => "1 minute".to_owned(),
        (minutes, 0) => format!("{minutes} minutes"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
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
        // Before it is read: what is written meanwhile is another version.
        let opened = file.version();
        let accounts = file.read()?;
        let is_required = AtomicBool::new(is_required || !accounts.is_empty());
        let sessions = Sessions::open(folder, lifetime, stop.clone());
        let shared = Shared {
            folder: folder.to_owned(),
            file,
            opened,
            accounts: RwLock::new(Arc::new(accounts)),
            sessions,
            devices: Devices::open(folder),
            throttle: Throttle::default(),
            checks: PasswordChecks::default(),
            is_required,
            anybody: stop.child_token(),
            tokens: identity::OpenByToken::default(),
            proxied: Proxied::new(folder, stop.clone()),
            stop,
        };
        let auth = Self(Arc::new(shared));
        auth.0.sessions.keep(|session| session.holds(&auth.accounts()));
        auth.end_requested();
        for (name, from) in auth.0.sessions.addresses() {
            auth.0.throttle.know(&name, from);
        }
        if let Some(problem) = folder_problem(folder) {
            tracing::warn!("{problem}");
        }
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

    /// Checks a name and a password; begins a session.
    ///
    /// # Errors
    /// [`SignInError`], after the same time whatever was wrong.
    pub async fn sign_in(
        &self,
        name: &str,
        password: Password,
        origin: SignInOrigin<'_>,
    ) -> Result<SignedIn, SignInError> {
        let SignInOrigin { from, device } = origin;
        let device = device.and_then(|secret| self.0.devices.find(secret, name));
        let admitted = self.0.throttle.admit(Attempt { name, from, device }).map_err(SignInError::TooMany)?;
        let account = self.accounts().user(name).cloned();
        let (auth, is_known) = (self.clone(), admitted.is_known);
        // Files are written, too, so all of it is done where a thread may wait.
        let check = move |memory: &mut password::Memory| {
            let hash = account.as_ref().map(|account| account.password.as_str());
            let right = password.matches_with(hash, memory);
            let account = account.filter(|_| right)?;
            auth.0.throttle.succeeded(&admitted);
            let session = auth.0.sessions.begin(&account, from);
            Some(SignedIn { session, device: auth.0.devices.signed_in(device, &account.name) })
        };
        let signed_in = self.0.checks.run(is_known, check).await.map_err(|TooBusy| SignInError::TooBusy)?;
        signed_in.ok_or(SignInError::Wrong)
    }

    /// Whether somebody has signed in at this device before.
    pub fn knows_device(&self, secret: &str) -> bool {
        self.0.devices.knows(secret)
    }

    /// Whoever asks while nobody has to sign in.
    pub fn anybody(&self, may_act: bool) -> Identity {
        Identity::anybody(may_act, &self.0.anybody)
    }

    /// Begins the session of a user whom an OpenID provider with these settings vouches for; its secret. Writes a file.
    ///
    /// # Errors
    /// While there are as many as this server keeps.
    pub fn sign_in_person(
        &self,
        person: &Person,
        (provider, issuer): (Digest, &str),
        from: IpAddr,
    ) -> Result<Secret, TooManySessions> {
        self.0.sessions.begin_of(person, provider, issuer, from)
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
        let digest = Digest::of(secret);
        let accounts = self.accounts();
        let token = accounts.token(&digest, now())?;
        let open = self.0.tokens.open(token, &self.0.stop);
        // It may have been removed meanwhile, before there was anything to end.
        self.accounts().token(&digest, now()).filter(|held| *held == token)?;
        let (name, role, scope) = (token.name.as_str().into(), token.role, token.scope());
        Some(Identity { name, role, scope, means: Means::Token, issuer: Issuer::Token, open })
    }

    /// Somebody whom a trusted proxy vouches for.
    pub fn of_proxy(&self, name: &str, role: Role, scope: Scope, from: IpAddr) -> Identity {
        let open = self.0.proxied.open(name, role, &scope, from);
        Identity { name: name.into(), role, scope, means: Means::Proxy, issuer: Issuer::Proxy, open }
    }

    /// Takes in what the file says now: ends what no longer holds.
    fn take(&self, accounts: Accounts) {
        let accounts = Arc::new(accounts);
        if !accounts.is_empty() {
            self.0.is_required.store(true, Ordering::Release);
            self.0.anybody.cancel();
        }
        *self.0.accounts.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&accounts);
        self.0.sessions.keep(|session| session.holds(&accounts));
        self.0.devices.keep(|name| accounts.user(name).is_some());
        self.end_expired();
    }

    /// Ends the streams of what is over or no longer held. Writes nothing.
    fn end_expired(&self) {
        self.0.sessions.end_expired();
        let (accounts, now) = (self.accounts(), now());
        self.0.tokens.keep(|token| !token.is_over(now) && accounts.tokens().contains(token));
        self.0.proxied.end_old();
    }

    /// When the next session or token expires; milliseconds since 1970.
    fn next_end(&self) -> Option<u64> {
        let accounts = self.accounts();
        let now = now().as_millis();
        let tokens = accounts.tokens().iter().filter_map(|token| token.expires_at_millis);
        tokens.chain(self.0.sessions.ends()).filter(|end| *end > now).min()
    }

    /// Ends what commands have asked to end; in words, if there was anything.
    fn end_requested(&self) -> Option<String> {
        let ends = session_ends::read(&self.0.folder).unwrap_or_else(|error| {
            tracing::error!(%error, folder = %self.0.folder.display(), "cannot read which sessions to end");
            Vec::new()
        });
        let is_ended = |id: &str, name: &str, began_at| ends.iter().any(|end| end.ends(id, name, began_at));
        let stays =
            |digest: &Digest, session: &Session| !is_ended(&session_id(digest), &session.name, session.began_at);
        let sessions = self.0.sessions.keep_by(stays);
        let proxied = self.0.proxied.end(|user| is_ended(&proxied_id(&user.name), &user.name, user.began_at));
        let local = sessions.iter().map(|session| session.name.as_str());
        let names: BTreeSet<_> = local.chain(proxied.iter().map(|user| user.name.as_str())).collect();
        let count = sessions.len() + proxied.len();
        (count > 0).then(|| format!("{count} ended, of {}", names.into_iter().collect::<Vec<_>>().join(", ")))
    }
}

/// Of an account as it is now; another role, label or password makes another one.
fn fingerprint(account: &Account) -> Digest {
    let Account { name, role, labels, password, sign_outs } = account;
    Digest::of(&format!("{name}\n{role}\n{labels:?}\n{password}\n{sign_outs}"))
}

#[cfg(test)]
mod tests;
