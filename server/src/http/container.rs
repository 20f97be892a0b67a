//! `GET /api/containers/{id}`, `…/inspect` and `…/processes`: what is known of one container, asked of the engine when it is asked here.

use super::{Problem, ProblemCode, caller::Caller, containers::read_id};
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
use std::sync::Arc;

/// The query of what may hold secrets.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SecretsQuery {
    secrets: Option<String>,
}

/// A container and what is known of it, in one flat object.
#[derive(Debug, Serialize)]
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

/// The container itself is told from memory, so that its page lives on while the engine is lost.
pub(super) async fn one(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Answer {
    let id = read_id(path)?;
    let secrets = wanted(&caller, id, query)?;
    let container = caller.state.feed.state().container(id).cloned().ok_or_else(Problem::no_such_container)?;
    let (details, problem) = match caller.state.engine() {
        Ok(client) => match inspected(&client, id, secrets, caller.visibility()).await {
            Ok(details) => (Some(details), None),
            Err(error) if error.status() == Some(404) => return Err(Problem::no_such_container()),
            Err(error) => (None, Some(error.problem())),
        },
        Err(problem) => (None, Some(EngineProblem::from(problem))),
    };
    let last_end = last_end(&container, &caller.state.timeline.of(id), now());
    fresh(bulk::run(move || written(&One { container, report: ContainerReport { last_end, details, problem } })).await)
}

async fn inspected(
    client: &EngineClient,
    id: ContainerId,
    secrets: Secrets,
    visibility: Visibility,
) -> Result<Details, EngineError> {
    let inspect = client.inspect_document(id).await?;
    let image = match inspect["Image"].as_str() {
        // An image may be gone, or a proxy deny it: then the docker run line is longer.
        Some(digest) => client.image_document(digest).await.ok(),
        None => None,
    };
    Ok(bulk::run(move || {
        let inspect = visibility.applied(inspect);
        details::details(&inspect, image.as_ref(), secrets)
    })
    .await)
}

pub(super) async fn inspect(
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<SecretsQuery>, QueryRejection>,
) -> Answer {
    let id = read_id(path)?;
    let secrets = wanted(&caller, id, query)?;
    let inspect = caller.state.engine()?.inspect_document(id).await?;
    let visibility = caller.visibility();
    fresh(bulk::run(move || written(&details::document(&visibility.applied(inspect), secrets))).await)
}

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
