//! A connection to a host, through its jump hosts.

use super::{
    auth,
    channel::{self, ChannelStream},
    endpoint::Endpoints,
    host_key::{self, HostKeyCheck, Rejected},
    link::Step,
    route::Hop,
};
use crate::engine::transport::LinkError;
use app::model::EngineHop;
use russh::{
    Error as SshError, SshId,
    client::{Config, Handle, connect_stream},
};
use std::{borrow::Cow, future::Future, io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};

/// Timeout for the connection to a host, so that one that drops packets is noticed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout for the key exchange, which takes some round trips.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout for sign-in. A host may delay refusals.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(20);
/// Silence after which a keepalive is sent. The connection is lost after three keepalives without a
/// reply, which is sooner than two failed pings to the engine.
const KEEPALIVE_INTERVAL: Duration = Duration::from_millis(1_300);
const MAX_MISSED_KEEPALIVES: usize = 2;
/// Silence after which a connection that does not send keepalives yet is closed.
const INACTIVITY_TIMEOUT: Duration = Duration::from_secs(30);

/// An open ssh connection. It is closed when the session is dropped.
pub(super) struct Session {
    /// Connections to the jump hosts in order, followed by the one to the host.
    handles: Vec<Handle<HostKeyCheck>>,
    pub(super) hop: Hop,
    pub(super) endpoints: Endpoints,
}

/// Failure of a connection, with the host key if that was not accepted.
pub(super) struct Failure {
    pub(super) error: LinkError,
    pub(super) rejected: Option<Rejected>,
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        Self { error, rejected: None }
    }
}

impl Session {
    /// Connects to the last of the hops through the others. `step` is set to the step that is being
    /// waited for.
    pub(super) async fn connect(hops: Vec<Hop>, step: &Step) -> Result<Self, Failure> {
        let mut handles: Vec<Handle<HostKeyCheck>> = Vec::new();
        let mut hops = hops.into_iter();
        let mut hop = hops.next().ok_or_else(channel::lost)?;
        loop {
            step.set(EngineHop::Connect);
            let handle = match handles.last() {
                None => begin(tcp(&hop).await?, &hop, step).await?,
                Some(last) => begin(through(last, &hop).await?, &hop, step).await?,
            };
            handles.push(handle);
            match hops.next() {
                Some(next) => hop = next,
                None => return Ok(Self { handles, hop, endpoints: Endpoints::default() }),
            }
        }
    }

    pub(super) fn handle(&self) -> Option<&Handle<HostKeyCheck>> {
        self.handles.last()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.handles.iter().any(Handle::is_closed)
    }

    /// True if the host replies to a keepalive within `limit`.
    pub(super) async fn responds(&self, limit: Duration) -> bool {
        match self.handle() {
            Some(handle) => matches!(timeout(limit, handle.send_ping()).await, Ok(Ok(()))),
            None => false,
        }
    }
}

/// Connects to a host.
async fn tcp(hop: &Hop) -> Result<TcpStream, LinkError> {
    let Hop { host, port, .. } = hop;
    let connecting = async {
        let addresses = lookup_host((host.as_str(), *port)).await.map_err(|error| LinkError::dns(host, &error))?;
        let mut last = None;
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(refused(hop, &last.unwrap_or_else(|| io::ErrorKind::NotFound.into())))
    };
    let stream = within(CONNECT_TIMEOUT, connecting).await.unwrap_or_else(|| {
        let message =
            format!("{host} did not accept a connection to port {port} within {} s", CONNECT_TIMEOUT.as_secs());
        let hint = "Check that the host is running, and that no firewall drops the packets.";
        Err(LinkError::new(EngineHop::Connect, "unreachable", message, hint))
    })?;
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

fn refused(hop: &Hop, error: &io::Error) -> LinkError {
    let Hop { host, port, .. } = hop;
    let code = if error.kind() == io::ErrorKind::ConnectionRefused { "connection_refused" } else { "unreachable" };
    let hint = "Check that sshd is running on that host (systemctl status ssh), and the port in the engine's address.";
    LinkError::new(EngineHop::Connect, code, format!("cannot connect to port {port} of {host}: {error}"), hint)
}

/// Connects to a host through a jump host.
async fn through(jump: &Handle<HostKeyCheck>, hop: &Hop) -> Result<ChannelStream, LinkError> {
    let Hop { host, port, .. } = hop;
    let opening = jump.channel_open_direct_tcpip(host, u32::from(*port), "127.0.0.1", 0);
    let opened = within(CONNECT_TIMEOUT, opening).await;
    match opened {
        Some(Ok(channel)) => Ok(ChannelStream::new(channel, ())),
        Some(Err(error)) => Err(LinkError::new(
            EngineHop::Connect,
            "unreachable",
            format!("the jump host cannot connect to port {port} of {host}: {error}"),
            "Check that the jump host reaches it, and that its sshd has AllowTcpForwarding yes.",
        )),
        None => Err(LinkError::new(
            EngineHop::Connect,
            "unreachable",
            format!("the jump host did not connect to port {port} of {host} within {} s", CONNECT_TIMEOUT.as_secs()),
            "Check that the host is running, and that no firewall drops the packets.",
        )),
    }
}

/// Exchanges keys with a host, and signs in. `stream` is the connection to it.
async fn begin<S>(stream: S, hop: &Hop, step: &Step) -> Result<Handle<HostKeyCheck>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    step.set(EngineHop::Ssh);
    let config = Config {
        client_id: SshId::Standard(Cow::Borrowed(concat!("SSH-2.0-Quaylight_", env!("CARGO_PKG_VERSION")))),
        preferred: host_key::preferred(hop),
        keepalive_interval: Some(KEEPALIVE_INTERVAL),
        keepalive_max: MAX_MISSED_KEEPALIVES,
        inactivity_timeout: Some(INACTIVITY_TIMEOUT),
        ..Config::default()
    };
    let (check, rejected) = HostKeyCheck::new(hop.clone());
    let connected = within(HANDSHAKE_TIMEOUT, connect_stream(Arc::new(config), stream, check)).await;
    let mut handle = match connected {
        Some(Ok(handle)) => handle,
        failed => {
            if let Some(rejected) = rejected.take() {
                return Err(Failure { error: rejected.error(), rejected: Some(rejected) });
            }
            return Err(handshake_error(hop, failed.and_then(Result::err).as_ref()).into());
        }
    };
    step.set(EngineHop::Auth);
    match within(SIGN_IN_TIMEOUT, auth::sign_in(&mut handle, hop)).await {
        Some(result) => result?,
        None => {
            let message =
                format!("{} did not respond to the sign-in within {} s", hop.known_name(), SIGN_IN_TIMEOUT.as_secs());
            return Err(LinkError::new(
                EngineHop::Auth,
                "login_refused",
                message,
                "Read the log of sshd on that host.",
            )
            .into());
        }
    }
    Ok(handle)
}

fn handshake_error(hop: &Hop, error: Option<&SshError>) -> LinkError {
    let name = hop.known_name();
    let message = match error {
        None => format!("{name} did not respond to the key exchange within {} s", HANDSHAKE_TIMEOUT.as_secs()),
        Some(SshError::Disconnect | SshError::HUP | SshError::IO(_)) => {
            format!("{name} ended the connection during the key exchange")
        }
        Some(error) => format!("the key exchange with {name} failed: {error}"),
    };
    let hint = "Check that sshd listens on this port, and read its log: the limit MaxStartups may be reached.";
    LinkError::new(EngineHop::Ssh, "ssh_failed", message, hint)
}

async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    timeout(limit, future).await.ok()
}
