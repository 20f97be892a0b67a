//! The path below which everything is, behind a proxy that passes it on: `/quaylight/containers` is `/containers` here.
//!
//! In: any request. Out: the request without the path, and while it is answered, the path in front of every address that is written
//! ([`app::base`]). The health of this server is at the root, too, for those that ask it directly.

use crate::http::wire::{
    problem::{Problem, ProblemCode},
    redirect,
};
use app::base::while_below;
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

/// `routes` below `base`, which has no slash at its end.
pub(in crate::http) fn below(base: Arc<str>, routes: Router) -> Router {
    if base.is_empty() {
        return routes;
    }
    // Around the routes: a layer of theirs would come after they are chosen.
    Router::new().fallback_service(from_fn_with_state(base, enter).layer(routes))
}

async fn enter(State(base): State<Arc<str>>, mut request: Request, next: Next) -> Response {
    match place(&base, request.uri()) {
        Place::Inside(uri) => *request.uri_mut() = uri,
        Place::Door => return while_below(&base, || redirect::permanent("/")),
        Place::Outside => return outside(&base),
        Place::Root => {}
    }
    let mut answer = Box::pin(next.run(request));
    let response = poll_fn(|context| while_below(&base, || answer.as_mut().poll(context))).await;
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    // Pages alone are drawn while they are sent.
    if kind.is_some_and(|kind| kind.starts_with(b"text/html")) {
        response.map(|body| drawn(base, body))
    } else {
        response
    }
}

fn drawn(base: Arc<str>, body: Body) -> Body {
    let mut body: BodyDataStream = body.into_data_stream();
    Body::from_stream(futures::stream::poll_fn(move |context| {
        while_below(&base, || Pin::new(&mut body).poll_next(context))
    }))
}

fn outside(base: &str) -> Response {
    let detail = format!("This server's pages and its API are below {base}/.");
    let hint = "The proxy has to pass the path on as it is: nginx with `proxy_pass http://quaylight;`, without a slash at its end.";
    Problem::new(ProblemCode::NoSuchRoute, detail, hint).into_response()
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// With the address as the routes know it.
    Inside(Uri),
    /// The path without the slash that makes it a folder.
    Door,
    Outside,
    /// Asked of this server directly; or what is no path at all, which the guard refuses.
    Root,
}

fn place(base: &str, uri: &Uri) -> Place {
    let path = uri.path();
    if let Some(rest) = path.strip_prefix(base) {
        if rest.is_empty() {
            return Place::Door;
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
    fn what_is_below_the_path_is_known_without_it() {
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
        assert_eq!(place("/quay"), Place::Door);
        for outside in ["/", "/quays", "/containers", "/api/containers", "/QUAY/", "/quay%2Fcontainers"] {
            assert_eq!(place(outside), Place::Outside, "{outside}");
        }
        for root in ["/healthz", "/readyz", "*", "host:80"] {
            assert_eq!(place(root), Place::Root, "{root}");
        }
    }
}
