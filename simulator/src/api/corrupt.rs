//! Turns a normal response into a bad one.

use std::io;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::calls::Endpoint;
use crate::fault::{BadResponse, ContainerFault, ContainerFaults};

/// Text that is not JSON, as a broken proxy might send it with status 200.
const GARBAGE: &str = "<html><body>Bad gateway</body></html>";
/// One chunk of spaces.
const SPACES: &[u8] = &[b' '; 64 << 10];
/// One chunk of letters.
const LETTERS: &[u8] = &[b'x'; SPACES.len()];
/// A state that no engine uses.
const UNKNOWN_STATE: &str = "\"levitating\"";

pub(crate) async fn corrupt(response: Response<Body>, bad: BadResponse) -> Response<Body> {
    match bad {
        BadResponse::Garbage => json(StatusCode::OK, Body::from(GARBAGE)),
        BadResponse::Error(bytes) => json(StatusCode::INTERNAL_SERVER_ERROR, Body::from_stream(pieces(bytes, LETTERS))),
        BadResponse::Huge(bytes) => {
            let (status, body) = (response.status(), response.into_body());
            let whole =
                pieces(bytes, SPACES).chain(body.into_data_stream().map(|piece| piece.map_err(io::Error::other)));
            json(status, Body::from_stream(whole))
        }
        BadResponse::Truncated => {
            let status = response.status();
            let first = first_half(response.into_body()).await;
            let cut = stream::iter([Ok(first), Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
            json(status, Body::from_stream(cut))
        }
        BadResponse::Drip(millis) => {
            let status = response.status();
            let whole = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
            let drops = stream::iter(whole).then(move |byte| async move {
                sleep(Duration::from_millis(millis)).await;
                Ok::<_, io::Error>(Bytes::copy_from_slice(&[byte]))
            });
            json(status, Body::from_stream(drops))
        }
        BadResponse::UnknownState => {
            let status = response.status();
            let whole = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&whole).replace("\"running\"", UNKNOWN_STATE);
            json(status, Body::from(text))
        }
    }
}

/// An error response with this status, and a message in the engine's format.
pub(crate) fn refused(status: u16) -> Response<Body> {
    let message = if status == 404 { "No such container: it" } else { "something went wrong with it" };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(status, Body::from(json!({ "message": message }).to_string()))
}

/// A response with status 200 and this text.
pub(crate) fn body(text: String) -> Response<Body> {
    json(StatusCode::OK, Body::from(text))
}

/// Replaces these fields of a response.
pub(crate) async fn merged(response: Response<Body>, fields: &Value) -> Response<Body> {
    changed(response, |response| merge(response, fields)).await
}

/// A list with changed rows for some containers, by name.
pub(crate) async fn merged_rows(response: Response<Body>, faults: &ContainerFaults) -> Response<Body> {
    if faults.values().all(|faults| !faults.contains_key(&Endpoint::List)) {
        return response;
    }
    let change = |response: &mut Value| {
        for row in response.as_array_mut().into_iter().flatten() {
            let name = row["Names"][0].as_str().unwrap_or_default().trim_start_matches('/').to_owned();
            if let Some(ContainerFault::Merge(fields)) =
                faults.get(&name).and_then(|faults| faults.get(&Endpoint::List))
            {
                merge(row, fields);
            }
        }
    };
    changed(response, change).await
}

async fn changed(response: Response<Body>, change: impl FnOnce(&mut Value)) -> Response<Body> {
    let status = response.status();
    let whole = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
    match serde_json::from_slice(&whole) {
        Ok(mut response) => {
            change(&mut response);
            json(status, Body::from(response.to_string()))
        }
        Err(_) => json(status, Body::from(whole)),
    }
}

/// Replaces fields of `value` with those of `fields`. Objects are merged recursively.
fn merge(value: &mut Value, fields: &Value) {
    match (value, fields) {
        (Value::Object(value), Value::Object(fields)) => {
            for (name, field) in fields {
                merge(value.entry(name.clone()).or_insert(Value::Null), field);
            }
        }
        (value, fields) => value.clone_from(fields),
    }
}

fn json(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn pieces(bytes: u64, of: &'static [u8]) -> impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static {
    let piece = of.len() as u64;
    let sizes = (0..bytes.div_ceil(piece)).map(move |at| (bytes - at * piece).min(piece));
    stream::iter(sizes.map(|size| Ok(Bytes::from_static(&of[..usize::try_from(size).unwrap_or(of.len())]))))
}

/// The first half of the first chunk: usually half of the response, or of the first event of an
/// event stream.
async fn first_half(body: Body) -> Bytes {
    let first = body.into_data_stream().next().await.and_then(Result::ok).unwrap_or_default();
    first.slice(..first.len() / 2)
}
