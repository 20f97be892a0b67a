//! Stands in front of every call: counts it, and delays, hangs or garbles it as the faults say.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::calls::Endpoint;
use crate::daemon::Daemon;

/// Text that is not JSON, as a broken proxy might send it with status 200.
const GARBAGE: &str = "<html><body>Bad gateway</body></html>";

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
    if faults.garbage_list && endpoint == Endpoint::List {
        return (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], GARBAGE).into_response();
    }
    let response = next.run(request).await;
    daemon.faults.thawed().await;
    response
}
