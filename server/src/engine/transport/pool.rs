//! A bollard client over connections of ours.

use super::BOLLARD_TIMEOUT_SECS;
use crate::engine::EngineError;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper_util::{
    client::legacy::{Client, connect::Connect},
    rt::{TokioExecutor, TokioTimer},
};
use std::{future::Future, time::Duration};

/// Maximum number of idle connections: as many as there are concurrent stats calls.
const MAX_IDLE_CONNECTIONS: usize = 8;
/// Time after which an idle connection is closed, before firewalls forget it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Creates a client of the engine at `base`, such as `https://host:2376`, which connects through
/// `connector`.
///
/// # Errors
/// If bollard does not accept the address.
pub(super) fn client<C>(connector: C, base: &str) -> Result<Docker, EngineError>
where
    C: Connect + Clone + Send + Sync + 'static,
{
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
