//! `GET /api/diagnosis/stream`: a stream by which a page measures its connection, including any
//! proxies.
//!
//! It starts with a description of the request, then sends pings with timestamps and one padded
//! event, stays silent if requested, and finishes with an `end` event, so that a client can
//! distinguish the end from a cut. `/realtime-test` reads it; `app::diagnosis` evaluates it. Next:
//! [`Plan`].

mod plan;

use crate::{
    auth::AuthMethod,
    feed::{self, ContentEncoding},
    http::{
        entry::caller::Caller,
        state::{Diagnoses, MAX_DIAGNOSES, MAX_DIAGNOSES_PER_CLIENT, StreamState},
        wire::{
            event_stream::{EventDescription, EventStream, Streamed},
            problem::{Problem, ProblemCode, problems},
            sse::{self, Events},
        },
    },
    process::shares::{self, LimitReached},
};
use axum::{
    body::Bytes,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, Version, header},
    response::Response,
};
use plan::{Plan, Step};
use serde::Serialize;
use std::convert::Infallible;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// Maximum length at which the `Via` header is quoted in the response.
const MAX_VIA_CHARS: usize = 200;
/// Headers in which proxies report the client; their presence shows a proxy.
const FORWARDING_HEADERS: [&str; 5] =
    ["forwarded", "x-forwarded-for", "x-forwarded-server", "x-real-ip", "cf-connecting-ip"];

/// Properties of the request as the server received it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DiagnosisBegin)]
pub(in crate::http) struct Begin {
    /// HTTP version of the request.
    protocol: &'static str,
    /// `Via` header of the request; null if there is none.
    via: Option<String>,
    /// Names of the forwarding headers of the request.
    forwarded: Vec<&'static str>,
    /// Size of the padding that will be sent, in bytes.
    padding_bytes: usize,
}

/// A stamped event of the diagnostic stream.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DiagnosisStamp)]
pub(in crate::http) struct Stamp {
    /// Milliseconds since the stream began.
    sent_millis: u64,
    /// The padding, random letters; omitted in other events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<String>,
}

problems!(DiagnosisProblems: SignInNeeded, TooMany);

/// Events of the diagnostic stream.
pub(in crate::http) struct DiagnosisEvents;

impl EventStream for DiagnosisEvents {
    const DESCRIPTION: &str = "A stream that ends after its last ping.";

    fn events() -> Vec<EventDescription> {
        vec![
            EventDescription::of::<Begin>("begin", "First: the request as the server received it."),
            EventDescription::of::<Stamp>("ping", "One per interval."),
            EventDescription::of::<Stamp>("padding", "With the middle ping: fills the buffers of proxies."),
            EventDescription::of::<Stamp>("end", "Last. Without it, the stream was cut off."),
        ]
    }
}

/// A stream for measuring the connection: shows what a proxy does to the other streams.
#[utoipa::path(
    get,
    path = "/api/diagnosis/stream",
    operation_id = "streamDiagnosis",
    tag = "Server",
    params(plan::PlanQuery),
    responses(Streamed<DiagnosisEvents>, DiagnosisProblems)
)]
pub(in crate::http) async fn stream(
    caller: Caller,
    State(streams): State<StreamState>,
    query: Result<Query<plan::PlanQuery>, QueryRejection>,
    version: Version,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Without sign-in, the person who sets up the server may use all of them.
    let Diagnoses { of_users, all } = &streams.diagnoses;
    let shares = if caller.identity.method == AuthMethod::None { all } else { of_users };
    let place = shares.take(&caller.share()).map_err(too_many)?;
    let plan = Plan::new(&query.map(|Query(query)| query).unwrap_or_default());
    let coding = plan.coding;
    let begin = begin(version, &headers, plan.padding_bytes);
    let stream = DiagnosticStream { plan, step: 0, began: Instant::now(), begin, stop: caller.stop, _place: place };
    let chunks = futures::stream::unfold(stream, |mut stream| async move {
        let bytes = stream.next().await?;
        Some((Ok::<_, Infallible>(bytes), stream))
    });
    // With the headers of the other streams, so that it measures the same.
    let mut response = sse::stream_response(chunks);
    if coding == ContentEncoding::Gzip {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn too_many(full: LimitReached) -> Problem {
    let detail = match full {
        LimitReached::Total => format!("{MAX_DIAGNOSES} diagnostic streams are open already."),
        LimitReached::Client => format!("You have {MAX_DIAGNOSES_PER_CLIENT} diagnostic streams open already."),
    };
    Problem::new(ProblemCode::TooMany, detail, "Try again in a minute.")
}

fn begin(version: Version, headers: &HeaderMap, padding_bytes: usize) -> Begin {
    let protocol = match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        Version::HTTP_2 => "HTTP/2",
        _ => "another version of HTTP",
    };
    let via = headers.get(header::VIA).and_then(|via| via.to_str().ok());
    Begin {
        protocol,
        via: via.map(|via| via.chars().take(MAX_VIA_CHARS).collect()),
        forwarded: FORWARDING_HEADERS.into_iter().filter(|name| headers.contains_key(*name)).collect(),
        padding_bytes,
    }
}

/// A stream that follows its plan.
struct DiagnosticStream {
    plan: Plan,
    step: usize,
    began: Instant,
    begin: Begin,
    stop: CancellationToken,
    _place: shares::Permit,
}

impl DiagnosticStream {
    /// Waits for the next event.
    async fn next(&mut self) -> Option<Bytes> {
        let (step, after) = self.plan.step(self.step)?;
        self.step += 1;
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            () = sleep_until(self.began + after) => {}
        }
        let mut events = Events::default();
        let sent_millis = self.began.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let text = (step == Step::Padding).then(|| padding(self.plan.padding_bytes));
        match step {
            Step::Begin => events.push("begin", None, &self.begin),
            Step::Ping | Step::Padding | Step::End => {
                events.push(step.as_str(), None, &Stamp { sent_millis, text });
            }
        }
        let coding = self.plan.coding;
        let frame = feed::short_frame(events.take(), coding);
        // The page takes an end without an `end` event for a cut.
        Some(if step == Step::Begin { [feed::preamble("", coding), frame].concat().into() } else { frame })
    }
}

/// Random letters, so that compression cannot make the padding small enough to stay in a buffer.
fn padding(bytes: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(bytes).collect()
}
