//! `GET /api/join` and `POST /api/join/enrol`: other Quaylight servers open the connection on which
//! this server then sends its requests.
//!
//! In: a key or an invitation as a bearer token. They are of no use for anything else, and tokens and
//! sessions of users are of no use here. A right one is always accepted; wrong ones are limited like
//! wrong passwords.

use crate::{
    audit::{Audit, Entry, Outcome},
    auth::{AuthMethod, Digest},
    far::link::{Enrolled, Enrolment, JoinedHosts, PROTOCOL, VERSION_HEADER, joined::JoinChange},
    http::{
        entry::{
            identify::{Bearer, bearer},
            peer::Peer,
        },
        state::AccessState,
        wire::problem::{Problem, ProblemCode, problems},
    },
};
use axum::{
    Json,
    extract::{Extension, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper::upgrade::OnUpgrade;

problems!(JoinProblems: SignInNeeded, UpgradeNeeded, TooMany);
problems!(EnrolProblems: Malformed, SignInNeeded, TooMany, InternalError);

/// Opens the connection of another Quaylight server that joins this one.
///
/// For Quaylight itself. The token is the key that `POST /api/join/enrol` has accepted. Afterwards,
/// this server sends HTTP/2 requests on the connection.
#[utoipa::path(
    get,
    path = "/api/join",
    operation_id = "join",
    tag = "Engines",
    responses((status = 101, description = "The connection is open."), JoinProblems),
    security(("join" = []))
)]
pub(in crate::http) async fn join(
    State(access): State<AccessState>,
    Extension(peer): Extension<Peer>,
    upgrade: Option<Extension<OnUpgrade>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = secret(&headers);
    let host = key.and_then(|key| access.joined.of_key(&key));
    let (Some(key), Some(host)) = (key, host) else {
        return Err(wrong(&access, &peer, "join", "its key is not valid"));
    };
    let asks = headers.get(header::UPGRADE).is_some_and(|protocol| protocol == PROTOCOL);
    let Some(Extension(upgrade)) = upgrade.filter(|_| asks) else {
        return Err(Problem::new(
            ProblemCode::UpgradeNeeded,
            format!("The request does not ask for the protocol {PROTOCOL}."),
            "A proxy in between must pass on the headers Connection and Upgrade of this path, as for WebSockets.",
        ));
    };
    let version = headers.get(VERSION_HEADER).and_then(|version| version.to_str().ok()).map(short);
    access.audit.record(entry("join", host.as_str(), &peer).because(&format!("version {}", version.unwrap_or("?"))));
    tokio::spawn(serve(access.joined, key, upgrade));
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::UPGRADE, HeaderValue::from_static(PROTOCOL)),
        (VERSION_HEADER, HeaderValue::from_static(env!("CARGO_PKG_VERSION"))),
    ];
    Ok((StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
}

async fn serve(joined: JoinedHosts, key: Digest, upgrade: OnUpgrade) {
    match upgrade.await {
        Ok(connection) => joined.serve(key, connection).await,
        Err(error) => tracing::debug!(%error, "a server that joins closed its connection"),
    }
}

/// Accepts an invitation: the key of which this is the digest may open the connection from now on.
///
/// For Quaylight itself. The token is the one that `quaylight engine invite` has printed. It works
/// once; if the response was lost, also again with the same key.
#[utoipa::path(
    post,
    path = "/api/join/enrol",
    operation_id = "enrol",
    tag = "Engines",
    request_body = Enrolment,
    responses((status = 200, description = "The key is accepted.", body = Enrolled), EnrolProblems),
    security(("join" = []))
)]
pub(in crate::http) async fn enrol(
    State(access): State<AccessState>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Result<Json<Enrolment>, JsonRejection>,
) -> Result<Json<Enrolled>, Problem> {
    let Json(Enrolment { key_digest }) = body.map_err(|error| {
        let hint = "Send {\"keyDigest\": SHA-256 of the key as 64 hexadecimal digits}.";
        Problem::new(ProblemCode::Malformed, error.body_text(), hint)
    })?;
    let invalid = "its invitation is not valid, has expired or was used";
    let Some(invitation) = secret(&headers) else { return Err(wrong(&access, &peer, "enrol", invalid)) };
    // Reading the file costs more than a refusal. It may have changed a moment ago.
    let is_known = access.joined.has_invitation(&invitation);
    if !is_known {
        limited(&access, &peer)?;
    }
    let joined = access.joined.clone();
    let accepting = tokio::task::spawn_blocking(move || joined.accept(&invitation, key_digest));
    let (name, changes) = match accepting.await {
        Ok(Ok(accepted)) => accepted,
        Ok(Err(error)) => return Err(failed(&error.to_string())),
        Err(error) => return Err(failed(&error.to_string())),
    };
    for change in changes {
        record(&access.audit, change);
    }
    let Some(name) = name else {
        return Err(if is_known {
            wrong(&access, &peer, "enrol", invalid)
        } else {
            refusal(&access, &peer, "enrol", invalid)
        });
    };
    tracing::info!(engine.name = %name, from = %peer.address, "another Quaylight has accepted its invitation");
    access.audit.record(entry("enrol", name.as_str(), &peer));
    Ok(Json(Enrolled { name }))
}

/// Records what a command has changed.
pub fn record(audit: &Audit, change: JoinChange) {
    match change {
        JoinChange::Invited(name) => audit.record_command("inviteEngine", name.as_str()),
        JoinChange::Revoked(name) => audit.record_command("revokeEngine", name.as_str()),
    }
}

fn secret(headers: &HeaderMap) -> Option<Digest> {
    match bearer(headers) {
        Bearer::Token(secret) => Some(Digest::of(secret)),
        Bearer::Nothing | Bearer::Unreadable => None,
    }
}

fn entry(action: &str, who: &str, peer: &Peer) -> Entry {
    Entry::new(action, who, AuthMethod::Join.as_str(), peer.address)
}

/// Counts a wrong secret.
///
/// # Errors
/// When there were too many.
fn limited(access: &AccessState, peer: &Peer) -> Result<(), Problem> {
    access.auth.count_wrong_join(peer.address).map_err(|wait| {
        let hint = format!("Try again in {} seconds.", wait.as_secs().max(1));
        Problem::new(ProblemCode::TooMany, "There were too many wrong keys or invitations.", hint)
    })
}

/// Counts and records a wrong secret.
fn wrong(access: &AccessState, peer: &Peer, action: &str, detail: &str) -> Problem {
    limited(access, peer).err().unwrap_or_else(|| refusal(access, peer, action, detail))
}

/// Records a wrong secret.
fn refusal(access: &AccessState, peer: &Peer, action: &str, detail: &str) -> Problem {
    access.audit.record(entry(action, "nobody", peer).ended(Outcome::Denied, Some(detail)));
    let hint = "On this server: quaylight engine invite NAME prints a new invitation.";
    Problem::new(ProblemCode::SignInNeeded, format!("The server cannot join: {detail}."), hint)
}

fn failed(error: &str) -> Problem {
    tracing::error!(error, "cannot store the key of a server that joins");
    Problem::new(ProblemCode::InternalError, "The key could not be stored.", "The log of this server has the reason.")
}

fn short(text: &str) -> &str {
    text.get(..32).unwrap_or(text)
}
