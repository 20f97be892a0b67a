//! Serves everything below a path, for proxies that pass it on: `/quaylight/containers` is
//! `/containers` here.
//!
//! In: any request. Out: the request without the path; while the response is written, the path is
//! put in front of every address ([`app::base_path`]). Health checks work at the root, too, for
//! requests that bypass the proxy; [`super::guard`] refuses the others.

use crate::http::wire::{
    problem::{Problem, ProblemCode},
    redirect,
};
use app::base_path::with_base_path;
use axum::{
    Router,
    body::{Body, BodyDataStream},
    extract::{Request, State},
    http::{HeaderValue, Uri, header, uri::PathAndQuery},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use futures::Stream as _;
use std::{future::poll_fn, pin::Pin, sync::Arc};
use tower::Layer as _;

/// Marks a request whose path is not below the base path; contains the base path.
#[derive(Debug, Clone)]
pub(super) struct AtRoot(Arc<str>);

impl AtRoot {
    /// The refusal of a request that comes through a proxy, where the root path belongs to other
    /// programs.
    pub(super) fn refusal(&self) -> Problem {
        outside(&self.0)
    }
}

/// Serves `routes` below `base`, which has no trailing slash.
pub(in crate::http) fn below(base: Arc<str>, routes: Router) -> Router {
    if base.is_empty() {
        return routes;
    }
    // Wraps the router, because a layer runs only after the route is chosen.
    Router::new().fallback_service(from_fn_with_state(base, enter).layer(routes))
}

async fn enter(State(base): State<Arc<str>>, mut request: Request, next: Next) -> Response {
    match place(&base, request.uri()) {
        Place::Inside(uri) => *request.uri_mut() = uri,
        Place::WithoutSlash => return with_base_path(&base, || redirect::permanent("/")),
        Place::Outside => return outside(&base).into_response(),
        Place::Root => {
            request.extensions_mut().insert(AtRoot(base.clone()));
        }
    }
    let mut responding = Box::pin(next.run(request));
    let response = poll_fn(|context| with_base_path(&base, || responding.as_mut().poll(context))).await;
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    // Only pages are rendered while they are sent.
    if kind.is_some_and(|kind| kind.starts_with(b"text/html")) {
        response.map(|body| rendered_below(base, body))
    } else {
        response
    }
}

fn rendered_below(base: Arc<str>, body: Body) -> Body {
    let mut body: BodyDataStream = body.into_data_stream();
    Body::from_stream(futures::stream::poll_fn(move |context| {
        with_base_path(&base, || Pin::new(&mut body).poll_next(context))
    }))
}

fn outside(base: &str) -> Problem {
    let detail = format!("This server's pages and its API are below {base}/.");
    let hint = "The proxy must forward the path unchanged: nginx with `proxy_pass http://quaylight;`, without a slash at its end.";
    Problem::new(ProblemCode::NoSuchRoute, detail, hint)
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Below the base path; with the path that the routes expect.
    Inside(Uri),
    /// The base path without its trailing slash.
    WithoutSlash,
    Outside,
    /// Sent to this server directly, or with a target that is not a path, which the guard refuses.
    Root,
}

fn place(base: &str, uri: &Uri) -> Place {
    let path = uri.path();
    if let Some(rest) = path.strip_prefix(base) {
        if rest.is_empty() {
            return Place::WithoutSlash;
        }
        if rest.starts_with('/') {
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            let mut parts = uri.clone().into_parts();
            parts.path_and_query = format!("{rest}{query}").parse::<PathAndQuery>().ok();
            return Uri::from_parts(parts).map_or(Place::Outside, Place::Inside);
        }
    }
    let is_direct = matches!(path, "/healthz" | "/readyz") || !path.starts_with('/');
    if is_direct { Place::Root } else { Place::Outside }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn the_base_path_is_stripped_from_requests() {
        let place = |text: &str| place("/quay", &text.parse().unwrap());
        for (whole, own) in [
            ("/quay/", "/"),
            ("/quay/containers?q=/quay/&a", "/containers?q=/quay/&a"),
            ("/quay/quay/", "/quay/"),
            ("/quay//evil.example", "//evil.example"),
            ("http://host/quay/events", "http://host/events"),
        ] {
            assert_eq!(place(whole), Place::Inside(own.parse().unwrap()), "{whole}");
        }
        assert_eq!(place("/quay"), Place::WithoutSlash);
        for outside in ["/", "/quays", "/containers", "/api/containers", "/QUAY/", "/quay%2Fcontainers"] {
            assert_eq!(place(outside), Place::Outside, "{outside}");
        }
        for root in ["/healthz", "/readyz", "*", "host:80"] {
            assert_eq!(place(root), Place::Root, "{root}");
        }
    }
}
