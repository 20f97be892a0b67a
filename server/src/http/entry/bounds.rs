//! Limits the length of a request's path and query, and the words of a search.

use super::guard::refused;
use crate::http::wire::problem::{Problem, ProblemCode};
use app::query::{MAX_SEARCH_WORDS, search_words};
use axum::{extract::Request, middleware::Next, response::Response};

/// Maximum length of path and query. A page of 32 merged logs that resumes where it was cut off
/// takes 5 kB.
const MAX_ADDRESS_BYTES: usize = 16 << 10;

pub(in crate::http) async fn check(request: Request, next: Next) -> Response {
    match refusal(&request) {
        Some(problem) => refused(problem, request.headers()),
        None => next.run(request).await,
    }
}

fn refusal(request: &Request) -> Option<Problem> {
    let bytes = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if bytes > MAX_ADDRESS_BYTES {
        let detail = format!("The path and query are {bytes} bytes long; the limit is {MAX_ADDRESS_BYTES}.");
        return Some(Problem::new(
            ProblemCode::AddressTooLong,
            detail,
            "Select fewer containers, or search for fewer words.",
        ));
    }
    let words = request.uri().query().map_or(0, search_words);
    (words > MAX_SEARCH_WORDS).then(|| {
        let detail = format!("The search has {words} words; the limit is {MAX_SEARCH_WORDS}.");
        Problem::new(ProblemCode::BadQuery, detail, "Search for fewer words.")
    })
}
