//! `GET /api/containers/{id}`, `…/inspect` and `…/processes`: what is known of one container, asked of the engine when it is asked here.

use super::{Problem, ProblemCode, caller::Caller, containers::read_id, problem::problems};
use crate::{
    audit::Outcome,
    bulk,
    details::{self, Secrets, Visibility},
    engine::{EngineClient, EngineError},
    now,
};
use app::{
    last_end::last_end,
    model::{Container, ContainerId, ContainerReport, Details, EngineProblem, Processes},
};
use axum::{
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::header,
};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

/// The query of what may hold secrets.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SecretsQuery {
    /// `show` shows secrets to users who may act; `mask`, the default, masks them.
    #[param(inline, value_type = Option<SecretsShown>)]
    secrets: Option<String>,
}

/// Values of [`SecretsQuery`].
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "for the OpenAPI document")]
enum SecretsShown {
    Mask,
    Show,
}

/// A container and what is known of it, in one flat object.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContainerWithDetails, description = "A container with its last end and the inspect facts.")]
struct One {
    #[serde(flatten)]
    container: Arc<Container>,
    #[serde(flatten)]
    report: ContainerReport,
}

type Answer = Result<([(header::HeaderName, &'static str); 2], Vec<u8>), Problem>;

/// JSON that is written where it is computed: a container may make it large.
fn written(body: &impl Serialize) -> Vec<u8> {
    // Plain structs with string keys always serialise.
    serde_json::to_vec(body).unwrap_or_default()
}

fn fresh(body: Vec<u8>) -> Answer {
    Ok(([(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")], body))
}

problems!(OneProblems: BadId, Malformed, SignInNeeded, ReadOnly, Role, NoSuchContainer);

/// One container, with its last end and the facts only inspect knows.
///
/// The container is answered from memory, also while the engine is lost: `details` is null then, and `problem` says why.
#[utoipa::path(
    get,
    path = "/api/containers/{id}",
    operation_id = "getContainer",
    tag = "Containers",
    params(("id" = ContainerId, Path, description = "Full id of the container."), SecretsQuery),
    responses((status = 200, description = "The container.", body = One), OneProblems)
)]
// The container itself is told from memory, so that its page lives on while the engine is lost.
pub(super) async fn one(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Answer {
    let id = read_id(path)?;
    let secrets = wanted(&caller, id, query)?;
    let container = caller.state.feed.state().container(id).cloned().ok_or_else(Problem::no_such_container)?;
    let (details, problem) = match caller.state.engine() {
        Ok(client) => match inspected(&client, &container, secrets, caller.visibility()).await {
            Ok(details) => (Some(details), None),
            // Inspect may not find what the list has; without either, it was removed a moment ago.
            Err(error) if error.status() == Some(404) && !client.lists(id).await.unwrap_or(true) => {
                return Err(Problem::no_such_container());
            }
            Err(error) if error.may_concern_one_container() => (None, Some(error.inspect_problem())),
            Err(error) => (None, Some(error.problem())),
        },
        Err(problem) => (None, Some(EngineProblem::from(problem))),
    };
    let last_end = last_end(&container, &caller.state.timeline.of(id), now());
    fresh(bulk::run(move || written(&One { container, report: ContainerReport { last_end, details, problem } })).await)
}

/// Where the engine has not been answering for a container, it is given this long, so that its page shows what is known.
const TROUBLED_LIMIT: Duration = Duration::from_secs(1);

async fn inspected(
    client: &EngineClient,
    container: &Container,
    secrets: Secrets,
    visibility: Visibility,
) -> Result<Details, EngineError> {
    let inspect = client.inspect_document(container.id);
    let inspect = if container.inspect_error.is_some() {
        timeout(TROUBLED_LIMIT, inspect).await.unwrap_or(Err(EngineError::Timeout(TROUBLED_LIMIT)))?
    } else {
        inspect.await?
    };
    let image = match inspect["Image"].as_str() {
        // An image may be gone, or a proxy deny it: then the docker run line is longer.
        Some(digest) => client.image_document(digest).await.ok(),
        None => None,
    };
    Ok(bulk::run(move || {
        let inspect = visibility.redact(inspect);
        details::details(&inspect, image.as_ref(), secrets)
    })
    .await)
}

problems!(
    InspectProblems:
    BadId,
    Malformed,
    SignInNeeded,
    ReadOnly,
    Role,
    NoSuchContainer,
    Refused,
    EngineLost
);

/// The engine's own inspect document of a container; secrets are masked.
#[utoipa::path(
    get,
    path = "/api/containers/{id}/inspect",
    operation_id = "inspectContainer",
    tag = "Containers",
    params(("id" = ContainerId, Path, description = "Full id of the container."), SecretsQuery),
    responses((status = 200, description = "Inspect, as the engine answers it.", body = Object), InspectProblems)
)]
pub(super) async fn inspect(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Answer {
    let id = read_id(path)?;
    let secrets = wanted(&caller, id, query)?;
    let inspect = caller.state.engine()?.inspect_document(id).await?;
    let visibility = caller.visibility();
    fresh(bulk::run(move || written(&details::document(&visibility.redact(inspect), secrets))).await)
}

/// Processes of a running container.
#[utoipa::path(
    get,
    path = "/api/containers/{id}/processes",
    operation_id = "getContainerProcesses",
    tag = "Containers",
    params(("id" = ContainerId, Path, description = "Full id of the container."), SecretsQuery),
    responses((status = 200, description = "The processes.", body = Processes), InspectProblems)
)]
pub(super) async fn processes(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Answer {
    let id = read_id(path)?;
    let secrets = wanted(&caller, id, query)?;
    let top = caller.state.engine()?.top(id).await?;
    let at = now();
    let body = move || Processes { container_id: id, at, processes: details::processes(&top, at, secrets) };
    fresh(bulk::run(move || written(&body())).await)
}

/// Whether they see the container, and with its secrets: whoever may kill it may read those, and nobody else.
fn wanted(
    caller: &Caller,
    id: ContainerId,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Result<Secrets, Problem> {
    caller.sees(id)?;
    let wanted = query.map(|Query(query)| query.secrets);
    match wanted.as_ref().map(Option::as_deref) {
        Ok(None | Some("mask")) => Ok(Secrets::Masked),
        Ok(Some("show")) => {
            let (audit, entry) = (&caller.state.audit, caller.entry("showSecrets").to(id, caller.name_of(id)));
            let allowed = caller.may_act("This server is read only, and shows no secrets.");
            let outcome = if allowed.is_ok() { Outcome::Done } else { Outcome::Denied };
            audit.record(entry.ended(outcome, None));
            allowed.map(|()| Secrets::Shown)
        }
        _ => Err(Problem::new(ProblemCode::Malformed, "secrets is show or mask.", "Leave it out to have them masked.")),
    }
}
