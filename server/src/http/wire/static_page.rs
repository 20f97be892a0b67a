//! HTML pages without JavaScript: for signing in, and for refused requests. Rendered once, not
//! hydrated.

use super::{
    problem::{Problem, problems},
    redirect,
};
use app::base_path::address;
use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse as _, Response},
};
use leptos::prelude::*;

/// Path of the style sheet of static pages.
pub(in crate::http) const STYLE: &str = "/still.css";
/// Content security policy of static pages, which run no script and load nothing but [`STYLE`].
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// A complete page with this title and body.
pub(in crate::http) fn page(
    title: &'static str,
    head: impl IntoView + 'static,
    body: impl IntoView + 'static,
) -> Response {
    // Rendering needs an owner; nothing here is reactive.
    let html = Owner::new().with(|| {
        let document = view! {
            <html lang="en">
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <meta name="robots" content="noindex" />
                    <link rel="icon" href=address("/favicon.svg") type="image/svg+xml" />
                    <link rel="stylesheet" href=address(STYLE) />
                    {head}
                    <title>{format!("{title} · Quaylight")}</title>
                </head>
                <body>
                    <main>
                        <p class="brand">"Quaylight"</p>
                        {body}
                    </main>
                </body>
            </html>
        };
        format!("<!DOCTYPE html>{}", document.to_html())
    });
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Page for a refused request: what happened and what to do about it.
pub(in crate::http) fn problem(problem: &Problem) -> Response {
    let (status, detail, hint) = problem.words();
    let body = view! {
        <h1>"Request refused"</h1>
        <p>{detail.to_owned()}</p>
        <p class="hint">{hint.to_owned()}</p>
    };
    let mut response = page("Request refused", (), body);
    *response.status_mut() = status;
    response
}

/// Page that reloads a URL. Browsers do not send the session cookie when a link on another site is
/// followed, but send it with the reload.
pub(in crate::http) fn reload(target: &str) -> Response {
    let content = format!("0; url={}", address(redirect::own_path(target)));
    page("One moment", view! { <meta http-equiv="refresh" content=content /> }, view! { <p>"One moment …"</p> })
}

problems!(StyleProblems:);

/// Style sheet of the pages that need no JavaScript.
#[utoipa::path(
    get,
    path = STYLE,
    operation_id = "getStyle",
    tag = "Sign-in",
    security(()),
    responses((status = 200, description = "The style sheet.", body = String, content_type = "text/css"), StyleProblems)
)]
pub(in crate::http) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("static_page.css")).into_response()
}
