//! Answers as bytes, for what bollard reads otherwise than needed here.
//!
//! bollard's models drop fields that they do not know and fail on words that they do not know, and its reader of logs takes the
//! bytes of a terminal for headers and holds a line of any length. It has one call that answers in plain bytes, the export of a
//! container; a modifier leads that call to another address, over whatever connection bollard made.

use super::{EngineClient, EngineError};
use axum::http::{Uri, uri::PathAndQuery};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use serde_json::Value;
use std::time::Duration;

/// An inspect is a few kilobytes, and a list of processes not much more.
const LONGEST_DOCUMENT: usize = 8 << 20;

impl EngineClient {
    /// What `GET target` answers, as it comes. Refusals are errors; headers are not told.
    pub(super) fn bytes(
        &self,
        target: PathAndQuery,
    ) -> impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin + use<> {
        let permissions = self.permissions.clone();
        let docker = self.docker.clone().with_request_modifier(move |mut request| {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(target.clone());
            // Only an address without a path would be refused here, and this one has one.
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
            permissions.checked(request)
        });
        Box::pin(docker.export_container("none").map(|piece| piece.map_err(EngineError::from)))
    }

    /// What `GET target` answers, as JSON.
    ///
    /// # Errors
    /// As any call; `Nonsense` for what is no JSON.
    pub(super) async fn document(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<Value, EngineError> {
        self.within(name, limit, async {
            let mut pieces = self.bytes(target);
            let mut document = BytesMut::new();
            while let Some(piece) = pieces.next().await {
                document.extend_from_slice(&piece?);
                if document.len() > LONGEST_DOCUMENT {
                    return Err(EngineError::Nonsense("it does not end".to_owned()));
                }
            }
            serde_json::from_slice(&document).map_err(|error| EngineError::Nonsense(error.to_string()))
        })
        .await
    }
}

/// A path, and a query whose values are written as one.
pub(super) fn target(path: &str, query: &[(&str, &str)]) -> Result<PathAndQuery, EngineError> {
    let mut target = path.to_owned();
    for (index, (name, value)) in query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.extend(value.bytes().map(encoded));
    }
    target.parse().map_err(|_| EngineError::Other(format!("{target} is no address")))
}

fn encoded(byte: u8) -> String {
    match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn values_of_a_query_are_encoded() {
        let written =
            target("/a/b", &[("ps_args", "-eo pid,args"), ("x", "&=?#é")]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(written.as_str(), "/a/b?ps_args=-eo%20pid%2Cargs&x=%26%3D%3F%23%C3%A9");
        assert_eq!(target("/a", &[]).unwrap().as_str(), "/a");
    }
}
