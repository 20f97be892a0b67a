//! `GET /api/audit?limit=`: who did what, oldest first.

use super::{Problem, ProblemCode, caller::Caller};
use crate::{
    audit::Entry,
    auth::{Means, Role},
};
use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderName, header},
};
use serde::{Deserialize, Serialize};

/// Told unless another number is asked for.
const USUAL: usize = 500;

/// The query.
#[derive(Debug, Deserialize)]
pub(super) struct AuditQuery {
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(super) struct Entries {
    entries: Vec<Entry>,
}

pub(super) async fn audit(
    caller: Caller,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<([(HeaderName, &'static str); 1], Json<Entries>), Problem> {
    let Query(AuditQuery { limit }) = query
        .map_err(|_| Problem::new(ProblemCode::BadQuery, "limit is a number.", "Leave it out for the newest 500."))?;
    let (role, scope) = (caller.identity.role, &caller.identity.scope);
    let is_admin = role == Role::Admin && scope.is_all();
    if !is_admin && caller.identity.means != Means::Nothing {
        // Another role would not be enough for who sees some containers only.
        let hint = if scope.is_all() {
            caller.role_hint(Role::Admin)
        } else {
            "Sign in as an admin who sees every container.".to_owned()
        };
        let detail = "The audit log is for admins who see every container.";
        return Err(Problem::new(ProblemCode::Role, detail, hint));
    }
    let entries = caller.state.audit.newest(limit.unwrap_or(USUAL));
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Entries { entries })))
}
