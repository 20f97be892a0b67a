//! Fetches the snapshot, `GET /api/containers`: while there is no stream, and when the user
//! requests it.

use super::{action::Problem, browser, connection::FetchProblem};
use crate::base_path::address;
use crate::protocol::{
    Snapshot,
    compact::{Held, Scanner, read_snapshot},
};
use gloo_net::http::{Request, Response};
use web_sys::{AbortSignal, RequestCache};

/// Timeout for a snapshot; shorter than the interval of the fetches in Static.
const SNAPSHOT_TIMEOUT_MILLIS: u32 = 8_000;

/// Fetches all containers.
///
/// # Errors
/// [`FetchProblem`], with the server's message if there is one.
pub(super) async fn fetch_snapshot() -> Result<Snapshot, FetchProblem> {
    let timeout = AbortSignal::timeout_with_u32(SNAPSHOT_TIMEOUT_MILLIS);
    let request = Request::get(&address("/api/containers?format=compact"))
        .cache(RequestCache::NoStore)
        .abort_signal(Some(&timeout));
    let response = request.send().await.map_err(|_| unreachable())?;
    let status = response.status();
    let body = text(response).await?;
    read(status, &body)
}

/// True if the server requires sign-in and this browser is not signed in.
pub(super) async fn requires_sign_in() -> bool {
    let request = Request::get(&address("/api/cost")).cache(RequestCache::NoStore);
    request.send().await.is_ok_and(|response| response.status() == 401)
}

async fn text(response: Response) -> Result<String, FetchProblem> {
    response.text().await.map_err(|_| unreachable())
}

fn unreachable() -> FetchProblem {
    if browser::is_online() { FetchProblem::Unreachable } else { FetchProblem::Offline }
}

/// Interprets a response.
fn read(status: u16, body: &str) -> Result<Snapshot, FetchProblem> {
    if (200..300).contains(&status) {
        return read_snapshot(&mut Scanner::new(body), &Held::new()).ok_or(FetchProblem::Unreadable);
    }
    Err(FetchProblem::Status(status, Problem::read(body).detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_a_snapshot_an_error_or_unreadable() {
        let snapshot = r#"["a",1,1795426200000,null,[],[""],[""]]"#;
        assert!(read(200, snapshot).is_ok());
        assert_eq!(read(200, "<html>Please log in</html>"), Err(FetchProblem::Unreadable));
        assert_eq!(read(502, "<html>Bad gateway</html>"), Err(FetchProblem::Status(502, None)));
        let refusal = r#"{"type":"about:blank","status":503,"detail":"The engine is lost."}"#;
        assert_eq!(read(503, refusal), Err(FetchProblem::Status(503, Some("The engine is lost.".to_owned()))));
    }
}
