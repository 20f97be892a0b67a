//! Sockets: binds, accepts, and closes every connection when the daemon goes down.
//!
//! Owns the listening socket. In: the requested [`DaemonState`]. Out: connections, each served by a
//! separate task that ends with the daemon.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::api;
use crate::daemon::Daemon;
use crate::fault::DaemonState;
use crate::options::Listen;

/// Delay before binding again if the address is in use.
const BIND_RETRY_DELAY: Duration = Duration::from_millis(50);

/// A bound socket.
#[derive(Debug)]
pub(crate) enum Bound {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Bound {
    /// Binds `listen`. Also returns the actual address.
    pub(crate) async fn bind(listen: &Listen) -> io::Result<(Self, Listen)> {
        match listen {
            Listen::Temporary => Err(io::Error::other("a temporary socket needs a path first")),
            Listen::Unix(path) => {
                remove_leftover(path).await;
                Ok((Self::Unix(UnixListener::bind(path)?), listen.clone()))
            }
            Listen::Tcp(address) => {
                let listener = TcpListener::bind(address).await?;
                let address = listener.local_addr()?;
                Ok((Self::Tcp(listener), Listen::Tcp(address)))
            }
        }
    }

    async fn accept(&self, serve: impl FnOnce(Connection)) -> io::Result<()> {
        match self {
            Self::Unix(listener) => serve(Connection::Unix(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                serve(Connection::Tcp(stream));
            }
        }
        Ok(())
    }
}

enum Connection {
    Unix(UnixStream),
    Tcp(tokio::net::TcpStream),
}

/// Serves the Engine API on `listen` until `ended`, going down and up as the faults require.
pub(crate) async fn serve(daemon: Arc<Daemon>, bound: Bound, listen: Listen, ended: CancellationToken) {
    let router = api::router(Arc::clone(&daemon));
    let mut wanted = daemon.faults.watch_daemon();
    let mut bound = Some(bound);
    loop {
        let state = *wanted.borrow_and_update();
        match state {
            DaemonState::Up | DaemonState::Frozen => {
                let socket = match bound.take() {
                    Some(socket) => socket,
                    None => bind_again(&listen).await,
                };
                daemon.faults.report(state);
                if serve_until_down(&router, &socket, &daemon, &mut wanted, &ended).await {
                    break;
                }
            }
            DaemonState::Down | DaemonState::Restart(_) => {
                // It may have been set to down before it started serving.
                bound = None;
                daemon.forget_events();
                remove_socket(&listen);
                daemon.faults.report(state);
                if wait_while_down(state, &daemon, &mut wanted, &ended).await {
                    break;
                }
            }
        }
    }
    remove_socket(&listen);
}

/// Accepts connections until the daemon goes down (`false`) or the simulator ends (`true`), which
/// closes every connection.
async fn serve_until_down(
    router: &Router,
    socket: &Bound,
    daemon: &Daemon,
    wanted: &mut watch::Receiver<DaemonState>,
    ended: &CancellationToken,
) -> bool {
    let cut = ended.child_token();
    let _guard = cut.clone().drop_guard();
    loop {
        let serve = |connection| match connection {
            Connection::Unix(stream) => spawn(stream, router.clone(), cut.clone()),
            Connection::Tcp(stream) => spawn(stream, router.clone(), cut.clone()),
        };
        tokio::select! {
            () = ended.cancelled() => return true,
            _ = wanted.changed() => {
                let state = *wanted.borrow_and_update();
                if matches!(state, DaemonState::Down | DaemonState::Restart(_)) {
                    wanted.mark_changed();
                    return false;
                }
                daemon.faults.report(state);
            }
            accepted = socket.accept(serve) => if let Err(error) = accepted {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(BIND_RETRY_DELAY).await;
            },
        }
    }
}

async fn wait_while_down(
    state: DaemonState,
    daemon: &Daemon,
    wanted: &mut watch::Receiver<DaemonState>,
    ended: &CancellationToken,
) -> bool {
    let over = async {
        match state {
            DaemonState::Restart(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        () = ended.cancelled() => return true,
        _ = wanted.changed() => {}
        () = over => daemon.faults.come_back(),
    }
    false
}

async fn bind_again(listen: &Listen) -> Bound {
    loop {
        match Bound::bind(listen).await {
            Ok((bound, _)) => return bound,
            Err(error) => tracing::warn!(%listen, %error, "could not listen again yet"),
        }
        tokio::time::sleep(BIND_RETRY_DELAY).await;
    }
}

/// Serves one connection until it ends or is closed by the daemon.
fn spawn<S>(stream: S, router: Router, cut: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        let service = hyper::service::service_fn(move |request| api::serve(router.clone(), request));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            () = cut.cancelled() => {}
            // A client that goes away in the middle of a stream is the usual end of a stream.
            result = connection => if let Err(error) = result {
                tracing::debug!(%error, "a connection ended early");
            },
        }
    });
}

/// Serves the control API until `ended`.
pub(crate) async fn serve_control(router: Router, listener: TcpListener, ended: CancellationToken) {
    let socket = Bound::Tcp(listener);
    loop {
        let serve = |connection| {
            if let Connection::Tcp(stream) = connection {
                spawn(stream, router.clone(), ended.clone());
            }
        };
        tokio::select! {
            () = ended.cancelled() => return,
            accepted = socket.accept(serve) => if let Err(error) = accepted {
                tracing::warn!(%error, "could not accept a control connection");
                tokio::time::sleep(BIND_RETRY_DELAY).await;
            },
        }
    }
}

/// Binds the control API's port.
pub(crate) async fn bind_control(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Removes a stale socket, such as one left after SIGKILL. A socket in use is kept, and binding
/// will fail.
async fn remove_leftover(path: &Path) {
    let refused =
        matches!(UnixStream::connect(path).await, Err(error) if error.kind() == io::ErrorKind::ConnectionRefused);
    if refused && let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(path = %path.display(), %error, "could not remove a left-over socket");
    }
}

pub(crate) fn remove_socket(listen: &Listen) {
    if let Listen::Unix(path) = listen
        && let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "could not remove the socket");
    }
}
