//! `GET /api/containers/{id}`, `…/inspect` and `…/processes`: details of one container, requested
//! from the engine each time.

use crate::{
    audit::{Entry, Outcome},
    details::{self, Secrets, Visibility},
    engine::{EngineClient, EngineError},
    http::{
        entry::{caller::Caller, container_path::ContainerPath},
        wire::problem::{Problem, ProblemCode, problems},
    },
    now,
    process::bulk,
};
use app::model::{
    Container, ContainerId, ContainerKey, ContainerReport, Details, EngineProblem, Processes, last_end::last_end,
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    http::header,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

/// The query of responses that may contain secrets.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct SecretsQuery {
    /// `show` shows secrets to users who may act; `mask`, the default, masks them.
    #[param(inline, value_type = Option<SecretsShown>)]
    secrets: Option<String>,
}

/// Values of [`SecretsQuery::secrets`].
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[allow(dead_code, reason = "for the OpenAPI document")]
enum SecretsShown {
    Mask,
    Show,
}

/// A container with its details, in one flat object.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContainerWithDetails, description = "A container with its last end and the inspect facts.")]
struct ContainerWithDetails {
    #[serde(flatten)]
    container: Arc<Container>,
    #[serde(flatten)]
    report: ContainerReport,
}

type JsonResponse = Result<([(header::HeaderName, &'static str); 2], Vec<u8>), Problem>;

/// Serializes on the current thread, which created the body: a container may make it large.
fn to_json(body: &impl Serialize) -> Vec<u8> {
    // Plain structs with string keys always serialize.
    serde_json::to_vec(body).unwrap_or_default()
}

fn json_response(body: Vec<u8>) -> JsonResponse {
    Ok(([(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")], body))
}

problems!(
    OneProblems:
    BadId,
    Malformed,
    SignInNeeded,
    ReadOnly,
    Role,
    NoEngine,
    NoSuchContainer,
    Ambiguous,
    EngineLost
);

/// One container, with its last end and the details that only inspect has.
///
/// The container comes from memory, even while the engine is lost; then `details` is null, and
/// `problem` has the reason.
#[utoipa::path(
    get,
    path = "/api/containers/{id}",
    operation_id = "getContainer",
    tag = "Containers",
    params(("id" = ContainerId, Path, description = "Full id of the container."), SecretsQuery),
    responses((status = 200, description = "The container.", body = ContainerWithDetails), OneProblems)
)]
// The container itself comes from memory, so that its page works while the engine is lost.
pub(in crate::http) async fn one(
    caller: Caller,
    path: Result<ContainerPath, Problem>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> JsonResponse {
    let key = caller.container(&path?)?;
    let secrets = requested_secrets(&caller, key, query)?;
    let Some(container) = caller.feed.state().container(key).cloned() else {
        // While the engine is lost, it is not known whether it has this container.
        return Err(caller.engine(key.engine).err().unwrap_or_else(Problem::no_such_container));
    };
    let (details, problem) = match caller.engine(key.engine) {
        Ok(client) => match inspected(&client, &container, secrets, caller.visibility(key.engine)).await {
            Ok(details) => (Some(details), None),
            // Inspect may fail for a container that the list has. If the list has it neither, it
            // was just removed.
            Err(error) if error.status() == Some(404) && !client.lists(key.id).await.unwrap_or(true) => {
                return Err(Problem::no_such_container());
            }
            Err(error) if error.may_concern_one_container() => (None, Some(error.inspect_problem())),
            Err(error) => (None, Some(error.problem())),
        },
        Err(problem) => (None, Some(EngineProblem::from(problem))),
    };
    let last_end = last_end(&container, &caller.timeline.of(key), now());
    json_response(
        bulk::run(move || {
            to_json(&ContainerWithDetails { container, report: ContainerReport { last_end, details, problem } })
        })
        .await,
    )
}

/// Creates the body of [`one`] from an inspect document of another source, from which everything
/// the user may not see has been removed.
pub(super) async fn from_inspect(
    caller: &Caller,
    key: ContainerKey,
    inspect: Value,
    secrets: Secrets,
) -> Result<Vec<u8>, Problem> {
    let container = caller.feed.state().container(key).cloned().ok_or_else(Problem::no_such_container)?;
    let last_end = last_end(&container, &caller.timeline.of(key), now());
    let body = move || {
        let details = Some(details::details(&inspect, None, secrets));
        to_json(&ContainerWithDetails { container, report: ContainerReport { last_end, details, problem: None } })
    };
    Ok(bulk::run(body).await)
}

/// Timeout after an earlier inspect has failed; shorter, so that the page soon shows the rest.
const FAILED_INSPECT_TIMEOUT: Duration = Duration::from_secs(1);

async fn inspected(
    client: &EngineClient,
    container: &Container,
    secrets: Secrets,
    visibility: Visibility,
) -> Result<Details, EngineError> {
    let inspect = client.inspect_document(container.id);
    let inspect = if container.inspect_error.is_some() {
        timeout(FAILED_INSPECT_TIMEOUT, inspect).await.unwrap_or(Err(EngineError::Timeout(FAILED_INSPECT_TIMEOUT)))?
    } else {
        inspect.await?
    };
    let image = match inspect["Image"].as_str() {
        // The image may be removed, or a proxy may deny it. Then the docker run command
        // repeats the image defaults.
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
    NoEngine,
    NoSuchContainer,
    Ambiguous,
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
    responses((status = 200, description = "The inspect document of the engine.", body = Object), InspectProblems)
)]
pub(in crate::http) async fn inspect(
    caller: Caller,
    path: Result<ContainerPath, Problem>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> JsonResponse {
    let key = caller.container(&path?)?;
    let secrets = requested_secrets(&caller, key, query)?;
    let inspect = caller.engine(key.engine)?.inspect_document(key.id).await?;
    let visibility = caller.visibility(key.engine);
    json_response(bulk::run(move || to_json(&details::document(&visibility.redact(inspect), secrets))).await)
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
pub(in crate::http) async fn processes(
    caller: Caller,
    path: Result<ContainerPath, Problem>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> JsonResponse {
    let key = caller.container(&path?)?;
    let secrets = requested_secrets(&caller, key, query)?;
    let top = caller.engine(key.engine)?.top(key.id, &details::columns()).await?;
    let at = now();
    let body = move || Processes {
        engine: key.engine,
        container_id: key.id,
        at,
        processes: details::processes(&top, at, secrets),
    };
    json_response(bulk::run(move || to_json(&body())).await)
}

/// Checks that they may see the secrets of a container, if requested, and records that they do.
/// Users who may kill a container may see its secrets.
fn requested_secrets(
    caller: &Caller,
    key: ContainerKey,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Result<Secrets, Problem> {
    let secrets = allowed_secrets(caller, key, query)?;
    if secrets == Secrets::Shown {
        caller.audit.record(secrets_entry(caller, key));
    }
    Ok(secrets)
}

/// Entry for the audit log: secrets were shown.
pub(super) fn secrets_entry(caller: &Caller, key: ContainerKey) -> Entry {
    caller.entry_on("showSecrets", key)
}

/// As [`requested_secrets`], but records only a refusal.
pub(super) fn allowed_secrets(
    caller: &Caller,
    key: ContainerKey,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Result<Secrets, Problem> {
    let requested_secrets = query.map(|Query(query)| query.secrets);
    match requested_secrets.as_ref().map(Option::as_deref) {
        Ok(None | Some("mask")) => Ok(Secrets::Masked),
        Ok(Some("show")) => {
            let allowed = caller.may_act("This server is read-only and shows no secrets.");
            if allowed.is_err() {
                caller.audit.record(secrets_entry(caller, key).ended(Outcome::Denied, None));
            }
            allowed.map(|()| Secrets::Shown)
        }
        _ => {
            Err(Problem::new(ProblemCode::Malformed, "secrets must be show or mask.", "Leave it out to mask secrets."))
        }
    }
}
