//! Servers that have joined this one: connections that they opened, on which this server sends the
//! requests.
//!
//! In: `joins.toml`, which is followed, and connections whose key [`crate::http`] has checked. Out: a
//! [`JoinedLink`] per server, for a [`super::FarServer`]. On each connection this server speaks
//! HTTP/2 as the client; requests and streams share it.

use super::FarError;
use crate::{
    auth::{Digest, JoinHosts, JoinsFile, accounts::AccountsError},
    now,
    process::file_version::FileVersion,
};
use app::model::EngineName;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::http2::{self, SendRequest},
    rt::{Executor, Read, Write},
};
use hyper_util::rt::TokioTimer;
use std::{
    collections::BTreeMap,
    future::Future,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Interval for checking the file, as for the accounts.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// After this time without a byte, a connection is tested.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// Timeout of that test. Both together are less than the 10 s after which a stream is lost.
const PING_TIMEOUT: Duration = Duration::from_secs(4);
/// Bytes of one response that may wait here for a reader.
const STREAM_WINDOW: u32 = 128 << 10;
/// The same of all together: readers that do not read must not stop the others.
const CONNECTION_WINDOW: u32 = STREAM_WINDOW * MAX_STREAMS;
/// Requests at once; there are fewer log readers and viewers.
pub const MAX_STREAMS: u32 = 512;

/// Servers that may join, and their connections; clones share them.
#[derive(Debug, Clone)]
pub struct JoinedHosts(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: JoinsFile,
    opened: Option<FileVersion>,
    hosts: watch::Sender<Arc<JoinHosts>>,
    links: Mutex<BTreeMap<EngineName, watch::Sender<Option<Connected>>>>,
    stop: CancellationToken,
}

/// A connection.
#[derive(Debug)]
struct Connected {
    sender: SendRequest<Full<Bytes>>,
    /// Digest of the key with which it was opened.
    key: Digest,
    /// Cancelled when it is closed.
    closed: CancellationToken,
    _close: DropGuard,
}

/// A change of the file by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinChange {
    /// A server was invited.
    Invited(EngineName),
    /// The key of a server, or its invitation, was revoked.
    Revoked(EngineName),
}

/// The connection of one server, while there is one; clones share it.
#[derive(Debug, Clone)]
pub struct JoinedLink {
    host: EngineName,
    hosts: watch::Receiver<Arc<JoinHosts>>,
    connected: watch::Receiver<Option<Connected>>,
}

impl JoinedHosts {
    /// Reads the file in `folder`. Connections end with `stop`.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn open(folder: &Path, stop: CancellationToken) -> Result<Self, AccountsError> {
        let file = JoinsFile::in_folder(folder);
        // Before reading, so that a later change has another version.
        let opened = file.version();
        let hosts = watch::Sender::new(Arc::new(file.read()?));
        Ok(Self(Arc::new(Shared { file, opened, hosts, links: Mutex::default(), stop })))
    }

    /// The servers that may join, as they change.
    pub fn hosts(&self) -> watch::Receiver<Arc<JoinHosts>> {
        self.0.hosts.subscribe()
    }

    /// The connection of a server, which need not be known yet.
    pub fn link(&self, host: EngineName) -> JoinedLink {
        let connected = self.links().entry(host).or_default().subscribe();
        JoinedLink { host, hosts: self.hosts(), connected }
    }

    /// Name of the server with this key.
    pub fn of_key(&self, key: &Digest) -> Option<EngineName> {
        self.0.hosts.borrow().of_key(key).map(|host| host.name)
    }

    /// True if there is such an invitation, as far as the file was read.
    pub fn has_invitation(&self, invitation: &Digest) -> bool {
        self.0.hosts.borrow().has_invitation(invitation)
    }

    /// Accepts an invitation with the digest of a key; returns the name of the server, and what
    /// commands have changed since the file was read. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn accept(
        &self,
        invitation: &Digest,
        key: Digest,
    ) -> Result<(Option<EngineName>, Vec<JoinChange>), AccountsError> {
        let (name, before, hosts) = self.0.file.change(|hosts| {
            let before = hosts.clone();
            let name = hosts.accept(invitation, key, now());
            Ok((name, before, hosts.clone()))
        })?;
        let changes = self.apply(before);
        self.apply(hosts);
        Ok((name, changes))
    }

    /// Uses a connection that a server with this key has opened, until it is closed; it replaces the
    /// previous one.
    pub async fn serve<I>(&self, key: Digest, io: I)
    where
        I: Read + Write + Unpin + Send + 'static,
    {
        let closed = self.0.stop.child_token();
        let mut builder = http2::Builder::new(Until(closed.clone()));
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW);
        let (sender, connection) = match builder.handshake(io).await {
            Ok(opened) => opened,
            Err(error) => {
                tracing::debug!(%error, "a server that joins closed its connection");
                return;
            }
        };
        // Dropped before it returns on any way.
        let _close = closed.clone().drop_guard();
        let Some(host) =
            self.put(Connected { sender, key, _close: closed.clone().drop_guard(), closed: closed.clone() })
        else {
            return;
        };
        tracing::info!(engine.name = %host, "another Quaylight has joined");
        let _ = closed.run_until_cancelled(connection).await;
        closed.cancel();
        let is_this = |current: &mut Option<Connected>| {
            let is_this = current.as_ref().is_some_and(|current| current.closed.is_cancelled());
            if is_this {
                *current = None;
            }
            is_this
        };
        if let Some(link) = self.links().get(&host) {
            link.send_if_modified(is_this);
        }
    }

    /// Makes a connection the current one of its server, unless its key was revoked meanwhile.
    fn put(&self, connected: Connected) -> Option<EngineName> {
        let mut links = self.links();
        // While the links are locked, so that a revocation that follows finds it.
        let host = self.of_key(&connected.key)?;
        let previous = links.entry(host).or_default().send_replace(Some(connected));
        if previous.is_some_and(|previous| !previous.closed.is_cancelled()) {
            tracing::warn!(engine.name = %host, "it has joined again: its previous connection is closed");
        }
        Some(host)
    }

    /// Follows the file until its task is aborted; reports what commands change.
    pub async fn follow(self, on_change: impl Fn(JoinChange) + Send + Sync + 'static) {
        let (mut applied, on_change) = (self.0.opened, Arc::new(on_change));
        loop {
            sleep(CHECK_INTERVAL).await;
            let found = self.0.file.version();
            if found == applied {
                continue;
            }
            let (joined, on_change) = (self.clone(), Arc::clone(&on_change));
            // File systems may be slow.
            let reading = tokio::task::spawn_blocking(move || match joined.0.file.read() {
                Ok(hosts) => {
                    for change in joined.apply(hosts) {
                        on_change(change);
                    }
                    true
                }
                Err(error) => {
                    tracing::error!(%error, "cannot read the servers that may join; keeping the previous ones");
                    !matches!(error, AccountsError::Io { .. })
                }
            });
            match reading.await {
                Ok(true) => applied = found,
                Ok(false) => {}
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The server is stopping.
                Err(_) => return,
            }
        }
    }

    /// Uses another version of the file, closes the connections whose keys are not valid any more,
    /// and returns what is new.
    fn apply(&self, hosts: JoinHosts) -> Vec<JoinChange> {
        let hosts = Arc::new(hosts);
        let before = self.0.hosts.send_replace(Arc::clone(&hosts));
        for (host, link) in &*self.links() {
            let is_valid = |key: &Digest| hosts.get(*host).is_some_and(|host| host.has_key(key));
            link.send_if_modified(|connected| {
                let is_over = connected.as_ref().is_some_and(|connected| !is_valid(&connected.key));
                if is_over {
                    *connected = None;
                }
                is_over
            });
        }
        let now = now();
        let invited = hosts.all().iter().filter(|host| {
            let was = before.get(host.name).and_then(|host| host.invited_until(now));
            host.invited_until(now).is_some_and(|until| Some(until) != was)
        });
        let revoked = before.all().iter().filter(|host| hosts.get(host.name).is_none());
        let revoked = revoked.map(|host| JoinChange::Revoked(host.name));
        invited.map(|host| JoinChange::Invited(host.name)).chain(revoked).collect()
    }

    fn links(&self) -> MutexGuard<'_, BTreeMap<EngineName, watch::Sender<Option<Connected>>>> {
        self.0.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JoinedLink {
    /// Name of the server.
    pub fn host(&self) -> EngineName {
        self.host
    }

    /// Sends a request, whose address is a path with its query.
    ///
    /// # Errors
    /// While there is no connection, and when it ends.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, FarError> {
        let sender = self.connected.borrow().as_ref().map(|connected| connected.sender.clone());
        let mut sender = sender.ok_or_else(|| self.missing())?;
        sender.ready().await?;
        Ok(sender.send_request(request).await?)
    }

    /// Waits until there is a connection. Returns at once, with false, if there is one.
    pub(super) async fn until_connected(&self) -> bool {
        if self.connected.borrow().is_some() {
            return false;
        }
        let mut connected = self.connected.clone();
        // The sender is kept.
        let _ = connected.wait_for(Option::is_some).await;
        true
    }

    fn missing(&self) -> FarError {
        let is_enrolled = self.hosts.borrow().get(self.host).is_some_and(crate::auth::JoinHost::is_enrolled);
        FarError::NotJoined { host: self.host, is_enrolled }
    }
}

/// Runs the tasks of a connection until it is closed. HTTP/2 would first wait for the streams, which
/// never end.
#[derive(Debug, Clone)]
struct Until(CancellationToken);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Until {
    fn execute(&self, task: F) {
        let closed = self.0.clone();
        tokio::spawn(async move {
            let _ = closed.run_until_cancelled(task).await;
        });
    }
}
