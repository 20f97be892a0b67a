//! Joins another Quaylight, the hub: connects to it, and serves its requests on that connection.
//!
//! In: the settings `--join…`, the router, and the key in the data folder; without a key, the
//! one-time token is exchanged for one. Everything on the connection has the rights of the settings.
//! It connects again within 2 s after the hub is back; after a refusal, every 30 s.

use crate::{
    audit::{Audit, Entry, Outcome},
    auth::{AuthMethod, Digest, Identity, JoinKey, JoinKeyFile},
    config::JoinConfig,
    far::{
        link::{FarAddress, FarError, Hub, read_token},
        versions,
    },
    http::serve_turned,
};
use axum::Router;
use std::{net::Ipv4Addr, path::Path, time::Duration};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// First wait before another attempt; it doubles.
const MIN_RETRY_INTERVAL: Duration = Duration::from_millis(200);
/// Longest wait, plus a quarter.
const MAX_RETRY_INTERVAL: Duration = Duration::from_millis(1_400);
/// Wait after an error that only a person can resolve.
const REFUSED_RETRY_INTERVAL: Duration = Duration::from_secs(30);
/// A connection that lasted so long was not refused by something in between.
const STABLE: Duration = Duration::from_secs(10);

/// Joins a hub.
pub(super) struct Joining {
    hub: Hub,
    config: JoinConfig,
    file: JoinKeyFile,
    router: Router,
    base: String,
    audit: Audit,
    stop: CancellationToken,
    /// Code of the last error, which is logged once.
    logged: Option<&'static str>,
    /// True if the last connection was cut soon: the next such loss is not logged.
    is_unstable: bool,
}

impl Joining {
    /// For these settings. Sends nothing before [`Self::run`].
    pub(super) fn new(
        (address, config): (FarAddress, JoinConfig),
        data_dir: &Path,
        (router, base): (Router, &str),
        audit: Audit,
        stop: CancellationToken,
    ) -> Self {
        let (hub, file) = (Hub::new(address, config.join_ca.clone()), JoinKeyFile::in_folder(data_dir));
        Self { hub, config, file, router, base: base.to_owned(), audit, stop, logged: None, is_unstable: false }
    }

    /// Runs until its task is aborted.
    pub(super) async fn run(mut self) {
        let mut interval = MIN_RETRY_INTERVAL;
        loop {
            let began = Instant::now();
            let wait = match self.once().await {
                Ok(()) => {
                    let is_stable = began.elapsed() >= STABLE;
                    if is_stable || !self.is_unstable {
                        tracing::warn!(hub = %self.hub.address(), "the connection to the other Quaylight was lost");
                    }
                    if is_stable {
                        interval = MIN_RETRY_INTERVAL;
                    }
                    self.is_unstable = !is_stable;
                    interval
                }
                Err(error) => self.failed(&error).unwrap_or(interval),
            };
            sleep(wait.mul_f64(0.75 + 0.5 * fastrand::f64())).await;
            interval = (interval * 2).min(MAX_RETRY_INTERVAL);
        }
    }

    /// Logs an error when it is new; returns how long to wait if trying again soon is of no use.
    fn failed(&mut self, error: &FarError) -> Option<Duration> {
        self.hub.reset(error);
        let problem = error.join_problem();
        if self.logged.replace(error.code()) != Some(error.code()) {
            tracing::error!(hub = %self.hub.address(), code = error.code(), "cannot join: {} {}", problem.message, problem.hint);
            if error.is_refusal() {
                let who = self.hub.address().to_string();
                self.audit.record(entry("join", &who).ended(Outcome::Denied, Some(&problem.message)));
            }
        }
        (error.is_refusal() || matches!(error, FarError::Token(_))).then_some(REFUSED_RETRY_INTERVAL)
    }

    /// Connects, and serves until the connection is lost.
    async fn once(&mut self) -> Result<(), FarError> {
        let key = self.key().await?;
        let opened = match self.hub.join(key.expose()).await {
            Err(error) if error.is_refusal() && self.has_new_invitation(&key) => {
                let key = self.enrol(None).await?;
                self.hub.join(key.expose()).await?
            }
            opened => opened?,
        };
        self.logged = None;
        let (hub, JoinConfig { join_role: role, .. }) = (self.hub.address(), &self.config);
        let version = opened.version.unwrap_or_default();
        if !self.is_unstable {
            tracing::info!(%hub, version, %role, "joined another Quaylight");
        }
        if let Some(notice) = versions::notice(hub.name(), &version, env!("CARGO_PKG_VERSION")) {
            tracing::warn!(notice, "another version of Quaylight");
        }
        // Streams end with the connection.
        let open = self.stop.child_token();
        let identity = Identity::joined(hub.name(), *role, self.config.scope(), open.clone());
        let _end = open.clone().drop_guard();
        serve_turned(opened.connection, self.router.clone(), &self.base, identity, open).await;
        Ok(())
    }

    /// The key that the hub has accepted; without one, a new one is sent with the one-time token.
    async fn key(&mut self) -> Result<JoinKey, FarError> {
        let file = self.file.clone();
        let hub = self.hub.address().to_string();
        let read = blocking(move || file.read(&hub).map_err(|error| error.to_string())).await;
        match read.map_err(FarError::Token)? {
            Some(key) if key.name.is_some() => Ok(key),
            pending => self.enrol(pending).await,
        }
    }

    /// Accepts an invitation. `pending`: a key that was sent before, whose response may have been
    /// lost.
    async fn enrol(&mut self, pending: Option<JoinKey>) -> Result<JoinKey, FarError> {
        let Some(path) = &self.config.join_token_file else {
            return Err(FarError::Token("there is no key yet, and --join-token-file is not set".to_owned()));
        };
        let invitation = read_token(path).map_err(FarError::Token)?;
        let hub = self.hub.address().to_string();
        let is_same = |key: &JoinKey| key.invitation == Digest::of(&invitation);
        let mut key = pending.filter(is_same).unwrap_or_else(|| JoinKey::new(&hub, &invitation));
        self.write(&key).await?;
        let name = self.hub.enrol(&invitation, key.digest()).await?;
        key.name = Some(name);
        self.write(&key).await?;
        tracing::info!(%hub, %name, "the other Quaylight has accepted the key of this server");
        self.audit.record(entry("enrol", &hub).because(&format!("as {name}")));
        Ok(key)
    }

    /// Written before it is sent.
    async fn write(&self, key: &JoinKey) -> Result<(), FarError> {
        let (file, key) = (self.file.clone(), key.clone());
        blocking(move || file.write(&key).map_err(|error| error.to_string())).await.map_err(FarError::Token)
    }

    /// True if the token's file has another invitation than the one with which the key was accepted.
    fn has_new_invitation(&self, key: &JoinKey) -> bool {
        let token = self.config.join_token_file.as_deref().and_then(|path| read_token(path).ok());
        token.is_some_and(|token| Digest::of(&token) != key.invitation)
    }
}

fn entry(action: &str, hub: &str) -> Entry {
    Entry::new(action, hub, AuthMethod::Join.as_str(), Ipv4Addr::LOCALHOST.into())
}

/// Runs what waits for a disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(error.to_string()))
}
