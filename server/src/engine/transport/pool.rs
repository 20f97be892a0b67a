//! A bollard client over connections of ours.

use super::{BOLLARD_TIMEOUT_SECS, counted::Counted};
use crate::{engine::EngineError, process::metrics::Traffic};
use axum::{BoxError, http::Uri};
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper::rt::{Read, Write};
use hyper_util::{
    client::legacy::{Client, connect::Connection},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use std::{future::Future, time::Duration};
use tower::{Service, ServiceExt as _};

/// Maximum number of idle connections: as many as there are concurrent stats calls.
const MAX_IDLE_CONNECTIONS: usize = 8;
/// Time after which an idle connection is closed, before firewalls forget it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Creates a client of the engine at `base`, such as `https://host:2376`, which connects through
/// `connector`. Its bytes are added to `traffic`.
///
/// # Errors
/// If bollard does not accept the address.
pub(super) fn client<C>(connector: C, base: &str, traffic: Traffic) -> Result<Docker, EngineError>
where
    C: Service<Uri, Response: Read + Write + Connection + Unpin + Send + 'static, Error: Into<BoxError>>,
    C: Clone + Send + Sync + 'static,
    C::Future: Unpin + Send + 'static,
{
    let counted = |connection| TokioIo::new(Counted::new(TokioIo::new(connection), traffic));
    let connector = connector.map_response(counted);
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
        .build(connector);
    let send = move |request: BollardRequest| {
        let response = client.request(request);
        async move { response.await.map_err(bollard::errors::Error::from) }
    };
    let docker =
        Docker::connect_with_custom_transport(boxed(send), Some(base), BOLLARD_TIMEOUT_SECS, API_DEFAULT_VERSION);
    docker.map_err(EngineError::from)
}

/// Returns the closure unchanged. Its signature lets the compiler infer the closure's type.
fn boxed<F, R>(send: F) -> F
where
    F: Fn(BollardRequest) -> R,
    R: Future,
{
    send
}
