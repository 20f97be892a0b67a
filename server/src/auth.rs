//! Authentication: users, tokens and sessions, with their roles and scopes.
//!
//! In: a request's session, token or proxy header ([`crate::http`] reads them), and the
//! [`accounts`] file, which `quaylight user` and `quaylight token` write and a running server
//! follows. Out: an [`Identity`]. Streams end with their identity: each holds [`Identity::open`].
//! Next: [`throttle`], which limits password guesses; [`sessions`] and [`session_ends`].
//!
//! Sign-in is required as soon as there is a user, a token, a proxy header or a provider, and from
//! then on until the server stops: removing the last user does not open the server.

pub mod accounts;
mod checks;
mod devices;
mod identity;
mod join_key;
mod joins;
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

pub use identity::{AuthMethod, Identity, Issuer};
pub use join_key::{JoinKey, JoinKeyFile};
pub use joins::{JoinHost, JoinHosts, JoinsFile};
pub use password::Password;
pub use person::Person;
pub use private_file::folder_problem;
pub(crate) use private_file::{Access, has_wrong_owner, open_private, read_private};
pub use role::{GroupRole, Role, Scope, Selector};
pub use secret::{Digest, Secret};
pub use sessions::{Sessions, TooManySessions};
pub(crate) use throttle::{address as network_address, network};

use crate::{now, process::file_version::FileVersion};
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

/// Checks sign-ins and the credentials of requests; clones share it.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    file: AccountsFile,
    /// Version of the file at startup.
    opened: Option<FileVersion>,
    accounts: RwLock<Arc<Accounts>>,
    sessions: Sessions,
    devices: Devices,
    throttle: Throttle,
    checks: PasswordChecks,
    is_required: AtomicBool,
    /// Cancelled when sign-in becomes required: ends streams that were opened without it.
    anonymous: CancellationToken,
    /// Streams opened with tokens.
    tokens: identity::OpenByToken,
    proxied: Proxied,
    stop: CancellationToken,
}

/// Origin of a sign-in.
#[derive(Debug, Clone, Copy)]
pub struct SignInOrigin<'a> {
    /// The client's address.
    pub from: IpAddr,
    /// The device secret of the browser, if it has one.
    pub device: Option<&'a str>,
}

/// Cookies of a browser after a sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's secret.
    pub session: Secret,
    /// A new device secret, unless the browser has a valid one.
    pub device: Option<Secret>,
}

/// Error of a sign-in. It does not reveal whether the name or the password was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Wrong name or password.
    #[error("The name or the password is wrong.")]
    Wrong,
    /// Too many wrong attempts.
    #[error(
        "There were too many wrong attempts. Try again in {}, or sign in with a browser that has signed in with this name before.",
        in_words(*.0)
    )]
    TooMany(Duration),
    /// Too many sign-ins at the moment.
    #[error("Too many people are signing in right now. Try again in a few seconds.")]
    TooBusy,
}

impl SignInError {
    /// Time to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Wrong => None,
            Self::TooMany(wait) => Some((*wait).max(Duration::from_secs(1))),
            Self::TooBusy => Some(Duration::from_secs(2)),
        }
    }
}

/// The wait in words, rounded up, so that an attempt after it is not refused again.
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
    /// Reads the accounts in `folder`. `is_required`: a proxy or a provider requires sign-in,
    /// whatever the accounts are.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn open(
        folder: &Path,
        lifetime: Duration,
        is_required: bool,
        stop: CancellationToken,
    ) -> Result<Self, AccountsError> {
        let file = AccountsFile::in_folder(folder);
        // Before reading, so that a later change has another version.
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
            anonymous: stop.child_token(),
            tokens: identity::OpenByToken::default(),
            proxied: Proxied::new(folder, stop.clone()),
            stop,
        };
        let auth = Self(Arc::new(shared));
        auth.0.sessions.keep(|session| session.is_valid(&auth.accounts()));
        auth.end_requested();
        for (name, from) in auth.0.sessions.addresses() {
            auth.0.throttle.add_known(&name, from);
        }
        if let Some(problem) = folder_problem(folder) {
            tracing::warn!("{problem}");
        }
        Ok(auth)
    }

    /// True if sign-in is required.
    pub fn is_required(&self) -> bool {
        self.0.is_required.load(Ordering::Acquire)
    }

    /// The current accounts.
    pub fn accounts(&self) -> Arc<Accounts> {
        Arc::clone(&self.0.accounts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The sessions of all users.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Checks a name and a password, and starts a session. Takes the same time for an unknown name
    /// and a wrong password.
    ///
    /// # Errors
    /// [`SignInError`].
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
        // Files are written, too, so all of it runs where blocking is allowed.
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

    /// Counts a wrong key or invitation of a server that wants to join, like a wrong password. Right
    /// ones are not limited: they cannot be guessed.
    ///
    /// # Errors
    /// The time to wait, when there were too many.
    pub fn count_wrong_join(&self, from: IpAddr) -> Result<(), Duration> {
        // By network, so that one does not use up the attempts of all.
        let name = format!("join {}", network(from));
        self.0.throttle.admit(Attempt { name: &name, from, device: None }).map(drop)
    }

    /// True if a user has signed in with this device before.
    pub fn is_known_device(&self, secret: &str) -> bool {
        self.0.devices.is_known(secret)
    }

    /// Identity of every request while sign-in is not required.
    pub fn anonymous(&self, may_act: bool) -> Identity {
        Identity::anonymous(may_act, &self.0.anonymous)
    }

    /// Starts a session for a user of an OpenID provider with these settings; returns its secret.
    /// Writes a file.
    ///
    /// # Errors
    /// When the limit of sessions is reached.
    pub fn sign_in_person(
        &self,
        person: &Person,
        (provider, issuer): (Digest, &str),
        from: IpAddr,
    ) -> Result<Secret, TooManySessions> {
        self.0.sessions.begin_for_provider(person, provider, issuer, from)
    }

    /// Ends sessions of other providers, or of the same provider with other settings.
    pub fn keep_those_of(&self, provider: Option<Digest>) {
        self.0.sessions.keep(|session| session.is_of(provider));
    }

    /// Identity of a session.
    pub fn of_session(&self, secret: &str) -> Option<Identity> {
        self.0.sessions.identity(&Digest::of(secret))
    }

    /// Identity of a token.
    pub fn of_token(&self, secret: &str) -> Option<Identity> {
        let digest = Digest::of(secret);
        let accounts = self.accounts();
        let token = accounts.token(&digest, now())?;
        let open = self.0.tokens.open(token, &self.0.stop);
        // It may have been removed in between, before there was a stream to end.
        self.accounts().token(&digest, now()).filter(|held| *held == token)?;
        let (name, role, scope) = (token.name.as_str().into(), token.role, token.scope());
        Some(Identity { name, role, scope, method: AuthMethod::Token, issuer: Issuer::Token, open })
    }

    /// Identity of a user authenticated by a trusted proxy.
    pub fn of_proxy(&self, name: &str, role: Role, scope: Scope, from: IpAddr) -> Identity {
        let open = self.0.proxied.open(name, role, &scope, from);
        Identity { name: name.into(), role, scope, method: AuthMethod::Proxy, issuer: Issuer::Proxy, open }
    }

    /// Applies a new version of the accounts, and ends sessions and streams that they no longer
    /// allow.
    fn take(&self, accounts: Accounts) {
        let accounts = Arc::new(accounts);
        if !accounts.is_empty() {
            self.0.is_required.store(true, Ordering::Release);
            self.0.anonymous.cancel();
        }
        *self.0.accounts.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&accounts);
        self.0.sessions.keep(|session| session.is_valid(&accounts));
        self.0.devices.keep(|name| accounts.user(name).is_some());
        self.end_expired();
    }

    /// Ends streams of expired or removed sessions, tokens and proxy users. Writes nothing.
    fn end_expired(&self) {
        self.0.sessions.end_expired();
        let (accounts, now) = (self.accounts(), now());
        self.0.tokens.keep(|token| !token.is_over(now) && accounts.tokens().contains(token));
        self.0.proxied.end_old();
    }

    /// Time in milliseconds since 1970 at which the next session or token expires.
    fn next_end(&self) -> Option<u64> {
        let accounts = self.accounts();
        let now = now().as_millis();
        let tokens = accounts.tokens().iter().filter_map(|token| token.expires_at_millis);
        tokens.chain(self.0.sessions.ends()).filter(|end| *end > now).min()
    }

    /// Ends the sessions that commands have requested to end. Returns a description of them, if
    /// there were any.
    fn end_requested(&self) -> Option<String> {
        let ends = session_ends::read(&self.0.folder).unwrap_or_else(|error| {
            tracing::error!(%error, folder = %self.0.folder.display(), "cannot read the requests to end sessions");
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

/// Identifies an account with its role, labels and password, so that any change ends its sessions.
fn fingerprint(account: &Account) -> Digest {
    let Account { name, role, labels, password, sign_outs } = account;
    Digest::of(&format!("{name}\n{role}\n{labels:?}\n{password}\n{sign_outs}"))
}

#[cfg(test)]
mod tests;
