//! The `/v1.NN` prefix and the headers that identify the engine.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{DATE, HeaderName, HeaderValue, SERVER};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::sentence;
use crate::daemon::Daemon;
use crate::engine::Release;

/// The API version that a client requested, as (major, minor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RequestedVersion(u16, u16);

/// Removes `/v1.NN` from the path and stores it.
pub(crate) fn strip<B>(mut request: axum::http::Request<B>) -> Result<axum::http::Request<B>, StatusCode> {
    let whole = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let Some((requested, rest)) = split(whole) else { return Ok(request) };
    let uri: Uri = rest.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    *request.uri_mut() = uri;
    request.extensions_mut().insert(requested);
    Ok(request)
}

fn split(path: &str) -> Option<(RequestedVersion, &str)> {
    let after = path.strip_prefix("/v")?;
    let end = after.find('/')?;
    let (major, minor) = after[..end].split_once('.')?;
    Some((RequestedVersion(major.parse().ok()?, minor.parse().ok()?), &after[end..]))
}

/// Rejects versions outside the engine's range, and adds dockerd's headers.
pub(crate) async fn versioned(State(daemon): State<Arc<Daemon>>, request: Request, next: Next) -> Response {
    let release = daemon.act(|engine, _| engine.settings.release);
    let mut response = match refused(release, request.extensions().get::<RequestedVersion>().copied()) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let (major, minor) = release.api();
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, text: String| {
        // Versions and dates are plain ASCII.
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    };
    add(HeaderName::from_static("api-version"), format!("{major}.{minor}"));
    add(HeaderName::from_static("ostype"), "linux".to_owned());
    add(HeaderName::from_static("docker-experimental"), "false".to_owned());
    add(SERVER, format!("Docker/{} (linux)", release.version()));
    add(DATE, daemon.clock.now().http_date());
    response
}

fn refused(release: Release, requested: Option<RequestedVersion>) -> Option<Response> {
    let RequestedVersion(major, minor) = requested?;
    let ((max_major, max_minor), (min_major, min_minor)) = (release.api(), release.min_api());
    if (major, minor) > (max_major, max_minor) {
        let limit = format!("Maximum supported API version is {max_major}.{max_minor}");
        let text = format!("client version {major}.{minor} is too new. {limit}");
        return Some(sentence(StatusCode::BAD_REQUEST, &text));
    }
    if (major, minor) < (min_major, min_minor) {
        let limit = format!("Minimum supported API version is {min_major}.{min_minor}");
        let text = format!(
            "client version {major}.{minor} is too old. {limit}, please upgrade your client to a newer version\n"
        );
        return Some((StatusCode::BAD_REQUEST, text).into_response());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_removed_from_the_path() {
        assert_eq!(split("/v1.41/containers/json?all=1"), Some((RequestedVersion(1, 41), "/containers/json?all=1")));
        assert_eq!(split("/version"), None);
        assert_eq!(split("/containers/v1.2/json"), None);
    }
}
