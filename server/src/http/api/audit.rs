//! `GET /api/audit?limit=`: the audit log, oldest first.

use crate::{
    audit::Entry,
    auth::{AuthMethod, Role},
    http::{
        entry::caller::Caller,
        wire::problem::{Problem, ProblemCode, problems},
    },
};
use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderName, header},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Default number of entries in a response.
const DEFAULT_LIMIT: usize = 500;

/// Query of the audit log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct AuditQuery {
    /// Maximum number of entries, the newest; 500 if omitted.
    #[param(value_type = Option<u64>)]
    limit: Option<String>,
}

/// Entries of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditLog)]
pub(in crate::http) struct Entries {
    /// Oldest first.
    entries: Vec<Entry>,
}

problems!(AuditProblems: BadQuery, SignInNeeded, Role);

/// Audit log: who did what. For admins who see every container.
#[utoipa::path(
    get,
    path = "/api/audit",
    operation_id = "getAudit",
    tag = "Server",
    params(AuditQuery),
    responses((status = 200, description = "The newest entries.", body = Entries), AuditProblems)
)]
pub(in crate::http) async fn audit(
    caller: Caller,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<([(HeaderName, &'static str); 1], Json<Entries>), Problem> {
    let limit =
        query.ok().and_then(|Query(AuditQuery { limit })| limit.map_or(Some(DEFAULT_LIMIT), |limit| number(&limit)));
    let limit = limit.ok_or_else(|| {
        Problem::new(ProblemCode::BadQuery, "limit must be a number.", "Leave it out for the newest 500.")
    })?;
    let (role, scope) = (caller.identity.role, &caller.identity.scope);
    let is_admin = role == Role::Admin && scope.is_all();
    if !is_admin && caller.identity.method != AuthMethod::None {
        // No role would be enough for users who see some containers only.
        let hint = if scope.is_all() {
            caller.role_hint(Role::Admin)
        } else {
            "Sign in as an admin who sees every container.".to_owned()
        };
        let detail = "The audit log is for admins who see every container.";
        return Err(Problem::new(ProblemCode::Role, detail, hint));
    }
    let entries = caller.audit.newest(limit);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Entries { entries })))
}

/// Parses digits only, up to the maximum of int64, which the OpenAPI document states.
fn number(text: &str) -> Option<usize> {
    let number = text.parse::<i64>().ok().filter(|_| text.bytes().all(|digit| digit.is_ascii_digit()))?;
    usize::try_from(number).ok()
}
