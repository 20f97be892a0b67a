//! Wraps every call: counts it, and delays, hangs or spoils it according to the faults. Bad
//! responses are made in [`corrupt`].

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::calls::Endpoint;
use crate::daemon::Daemon;
use crate::fault::{BadResponse, ContainerFault, FaultSet};

use super::corrupt;

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
    let bad = if garbage { Some(BadResponse::Garbage) } else { faults.bad_responses.get(&endpoint).copied() };
    let fault = of_container(&daemon, &faults, endpoint, request.uri().path());
    match &fault {
        Some(ContainerFault::Hang) => std::future::pending().await,
        Some(ContainerFault::Status(status)) => return corrupt::refused(*status),
        Some(ContainerFault::Body(body)) => return corrupt::body(body.clone()),
        Some(ContainerFault::Merge(_)) | None => {}
    }
    let response = next.run(request).await;
    daemon.faults.thawed().await;
    let response = match (fault, endpoint) {
        (Some(ContainerFault::Merge(fields)), _) => corrupt::merged(response, &fields).await,
        (_, Endpoint::List) => corrupt::merged_rows(response, &faults.containers).await,
        _ => response,
    };
    match bad {
        Some(bad) => corrupt::corrupt(response, bad).await,
        None => response,
    }
}

/// Fault of a call about a container, which is named by id or name.
fn of_container(daemon: &Daemon, faults: &FaultSet, endpoint: Endpoint, path: &str) -> Option<ContainerFault> {
    if faults.containers.is_empty() || endpoint == Endpoint::List {
        return None;
    }
    let named = path.split('/').skip_while(|part| *part != "containers").nth(1)?;
    let name = daemon.act(|engine, _| engine.find(named).map(|container| container.name.clone())).ok()?;
    faults.containers.get(&name)?.get(&endpoint).cloned()
}
