//! `GET /api/diagnosis/stream`: a stream that a page measures its own way by, through whatever stands between.
//!
//! It says at once how the question arrived, then sends stamped pings, one padded frame among them, is silent if asked to, and ends with
//! a farewell, so that a reader can tell an end from a cut. `/realtime-test` reads it; `app::diagnosis` judges. Next: [`Plan`].

mod plan;

use super::{
    Problem, ProblemCode,
    caller::Caller,
    document::{EventDescription, EventStream, Streamed},
    problem::problems,
    sse::Events,
};
use crate::{
    auth::Means,
    feed::{self, ContentEncoding},
    shares::{self, ClientLimits, LimitReached},
};
use axum::{
    body::{Body, Bytes},
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, Version, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use plan::{Plan, Step};
use serde::Serialize;
use std::convert::Infallible;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// Streams at once, for all who measure: a test opens four.
const STREAMS: usize = 32;
/// Streams of one client: two tests at once.
const STREAMS_OF_ONE: usize = 8;
/// Of what a proxy writes about itself, this much is told back.
const LONGEST_VIA: usize = 200;
/// What a proxy tells of where a question came from, by which one is known.
const FORWARDED: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-server", "x-real-ip", "cf-connecting-ip"];

/// Hands out the right to measure; clones share the count.
#[derive(Debug, Clone)]
pub struct Diagnoses {
    of_users: ClientLimits,
    all: ClientLimits,
}

impl Default for Diagnoses {
    fn default() -> Self {
        Self { of_users: ClientLimits::new(STREAMS, STREAMS_OF_ONE), all: ClientLimits::new(STREAMS, STREAMS) }
    }
}

/// How the request arrived at the server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DiagnosisBegin)]
pub(super) struct Begin {
    /// HTTP version of the request.
    protocol: &'static str,
    /// `Via` header of the request; null without one.
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
pub(super) struct Stamp {
    /// Milliseconds since the stream began.
    sent_millis: u64,
    /// The padding, random letters; left out in other events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<String>,
}

problems!(DiagnosisProblems: SignInNeeded, TooMany);

/// Events of the diagnostic stream.
pub(super) struct DiagnosisEvents;

impl EventStream for DiagnosisEvents {
    const DESCRIPTION: &str = "A stream that ends after its last ping.";

    fn events() -> Vec<EventDescription> {
        vec![
            EventDescription::of::<Begin>("begin", "First: how the request arrived."),
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
pub(super) async fn stream(
    caller: Caller,
    query: Result<Query<plan::PlanQuery>, QueryRejection>,
    version: Version,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Where nobody signs in, all of them are for whoever sets the server up.
    let Diagnoses { of_users, all } = &caller.state.diagnoses;
    let shares = if caller.identity.means == Means::Nothing { all } else { of_users };
    let place = shares.take(&caller.share()).map_err(too_many)?;
    let plan = Plan::new(&query.map(|Query(query)| query).unwrap_or_default());
    let coding = plan.coding;
    let begin = begin(version, &headers, plan.padding_bytes);
    let telling = Telling { plan, step: 0, began: Instant::now(), begin, stop: caller.state.stop, _place: place };
    let chunks = stream::unfold(telling, |mut telling| async move {
        let bytes = telling.next().await?;
        Some((Ok::<_, Infallible>(bytes), telling))
    });
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    // As the streams it stands for have them, or it would measure something else.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    if coding == ContentEncoding::Gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn too_many(full: LimitReached) -> Problem {
    let detail = match full {
        LimitReached::Total => format!("{STREAMS} diagnostic streams are open already."),
        LimitReached::Client => format!("You have {STREAMS_OF_ONE} diagnostic streams open already."),
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
        via: via.map(|via| via.chars().take(LONGEST_VIA).collect()),
        forwarded: FORWARDED.into_iter().filter(|name| headers.contains_key(*name)).collect(),
        padding_bytes,
    }
}

/// One stream, on its way through its plan.
struct Telling {
    plan: Plan,
    step: usize,
    began: Instant,
    begin: Begin,
    stop: CancellationToken,
    _place: shares::Permit,
}

impl Telling {
    /// The next frame, when its time has come.
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
        // The page takes an end for a cut, unless it was told.
        Some(if step == Step::Begin { [feed::preamble("", coding), frame].concat().into() } else { frame })
    }
}

/// Random, so that no compression makes it small enough to hide in a buffer.
fn padding(bytes: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(bytes).collect()
}
