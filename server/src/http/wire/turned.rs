//! Serves requests on a connection that this server has opened to another one, which it joins.
//!
//! In: the connection, and the [`Identity`] that every request on it has, whatever its headers say.
//! HTTP/2, because the other server sends many requests at once. Only the API is served: pages,
//! sign-in and files are for browsers.

use super::{problem, serve::ConnectedFrom};
use crate::{auth::Identity, far::link::joined::MAX_STREAMS};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Uri, uri::PathAndQuery},
    response::{IntoResponse as _, Response},
};
use hyper::{body::Incoming, server::conn::http2, service::service_fn, upgrade::Upgraded};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// After this time without a byte, the connection is tested.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// Timeout of that test.
const PING_TIMEOUT: Duration = Duration::from_secs(4);
/// Bytes of a response that wait for the connection; streams skip what a slow reader misses.
const SEND_BUFFER: usize = 64 << 10;
/// Length of the headers of a request.
const MAX_HEADER_BYTES: u32 = 32 << 10;

/// Mark of a request on such a connection: the only identity that it can have. Requests from the
/// network cannot carry it.
#[derive(Debug, Clone)]
pub(in crate::http) struct Turned(pub(in crate::http) Identity);

/// Serves until the connection is closed or `stop` is cancelled. `base` is the path below which
/// everything is served here; the other server does not know it.
pub async fn serve_turned(
    connection: Upgraded,
    router: Router,
    base: &str,
    identity: Identity,
    stop: CancellationToken,
) {
    let router = router.with_state(());
    let base = base.to_owned();
    let service = service_fn(move |request: Request<Incoming>| {
        let (mut router, identity, base) = (router.clone(), identity.clone(), base.clone());
        async move {
            let Some(request) = marked(request, &base, identity) else {
                return Ok::<_, Infallible>(problem::no_such_route().await.into_response());
            };
            let response: Result<Response, Infallible> = router.call(request).await;
            response
        }
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(MAX_STREAMS)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(MAX_HEADER_BYTES);
    let serving = builder.serve_connection(connection, service);
    if let Some(Err(error)) = stop.run_until_cancelled(serving).await {
        tracing::debug!(%error, "the connection to the server that this one has joined ended early");
    }
}

/// The request with its mark, below the base path; `None` if its path is not served.
fn marked(request: Request<Incoming>, base: &str, identity: Identity) -> Option<Request> {
    let (mut parts, body) = request.into_parts();
    let target = parts.uri.path_and_query()?;
    if !is_served(target.path()) {
        return None;
    }
    let target: PathAndQuery = format!("{base}{target}").parse().ok()?;
    // Neither a host nor a proxy's header has a meaning here.
    parts.uri = Uri::from(target);
    parts.headers.insert(axum::http::header::HOST, axum::http::HeaderValue::from_static("localhost"));
    parts.extensions.insert(ConnectedFrom(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)));
    parts.extensions.insert(Turned(identity));
    Some(Request::from_parts(parts, Body::new(body)))
}

fn is_served(path: &str) -> bool {
    let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    path == "/healthz" || below("/api") && !below("/api/join")
}

#[cfg(test)]
mod tests {
    use super::is_served;

    #[test]
    fn only_the_api_is_served() {
        for path in ["/healthz", "/api/containers/stream", "/api/engines/web/containers/ab/stop", "/api/joins"] {
            assert!(is_served(path), "{path}");
        }
        for path in ["/", "/sign-in", "/metrics", "/readyz", "/api/join", "/api/join/enrol", "/apis", "//api", "/pkg/a"]
        {
            assert!(!is_served(path), "{path}");
        }
    }
}
