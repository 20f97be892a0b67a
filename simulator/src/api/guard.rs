//! Stands in front of every call: counts it, and delays, hangs or garbles it as the faults say. Bad answers are made in [`spoil`].

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::calls::Endpoint;
use crate::daemon::Daemon;
use crate::fault::BadAnswer;

use super::spoil;

/// Applies the faults in force to one call.
pub(crate) async fn guard(State(daemon): State<Arc<Daemon>>, request: Request, next: Next) -> Response {
    let endpoint = Endpoint::of_request(request.method() == Method::DELETE, request.uri().path());
    daemon.calls.record(endpoint);
    let faults = daemon.faults.current();
    if let Some(millis) = faults.slow.get(&endpoint) {
        tokio::time::sleep(Duration::from_millis(*millis)).await;
    }
    if faults.hang.contains(&endpoint) {
        std::future::pending::<()>().await;
    }
    daemon.faults.thawed().await;
    let garbage = faults.garbage_list && endpoint == Endpoint::List;
    let bad = if garbage { Some(BadAnswer::Garbage) } else { faults.answers.get(&endpoint).copied() };
    let response = next.run(request).await;
    daemon.faults.thawed().await;
    match bad {
        Some(bad) => spoil::spoil(response, bad).await,
        None => response,
    }
}
