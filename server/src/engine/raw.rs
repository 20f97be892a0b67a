//! Response bodies as bytes, so that their length is limited before they are buffered.
//!
//! In: a request target, and a body to send. Out: a stream of bytes, a JSON document, the rows of
//! an array or JSON lines.
//!
//! bollard buffers responses of any length, parses an event from its start with each chunk, rejects
//! a whole list for one unknown value and takes terminal output for frame headers. Its only call
//! that returns plain bytes is the export of a container, so a request modifier redirects that call
//! to another target on bollard's connection. Parsing is in [`super::json`].

use super::{
    EngineClient, EngineError,
    json::{self, Document, Lines, Rows, TooLong},
};
use axum::http::{HeaderValue, Method, Uri, header, uri::PathAndQuery};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http_body_util::{Either, Full};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::time::Duration;
use tokio::task::consume_budget;

/// Maximum bytes kept of a document. An inspect response has a few kilobytes, and a list of
/// processes not much more.
const MAX_DOCUMENT_BYTES: usize = 8 << 20;
/// Maximum bytes kept of a list, with labels truncated to [`MAX_ROW_STRING_BYTES`]; enough for more
/// than ten thousand containers.
const MAX_LIST_BYTES: usize = 32 << 20;
/// Maximum bytes read of a document, kept or not; enough for two labels of 30 MB.
const MAX_DOCUMENT_READ_BYTES: usize = 64 << 20;
/// Maximum bytes read of a list, kept or not.
const MAX_LIST_READ_BYTES: usize = 256 << 20;
/// Maximum length of a string in a document. Arguments and environment values have at most 128 KiB
/// (the kernel's `MAX_ARG_STRLEN`).
const MAX_STRING_BYTES: usize = 256 << 10;
/// Maximum length of a string in a row, which is only used if an inspect response is missing.
const MAX_ROW_STRING_BYTES: usize = 16 << 10;
/// Maximum length of a string in an event, whose attributes are the container's name, image and
/// labels.
const MAX_EVENT_STRING_BYTES: usize = 16 << 10;

impl EngineClient {
    /// Streams the body of `GET target`. Refusals are errors; headers are not available.
    pub(super) fn bytes(
        &self,
        target: PathAndQuery,
    ) -> impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin + use<> {
        self.response(target, None)
    }

    /// Streams the body of `GET target`; of `POST target`, if there is a JSON body to send.
    fn response(
        &self,
        target: PathAndQuery,
        body: Option<Bytes>,
    ) -> impl Stream<Item = Result<Bytes, EngineError>> + Send + Unpin + use<> {
        let permissions = self.permissions.clone();
        let docker = self.docker.clone().with_request_modifier(move |mut request| {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(target.clone());
            // Only an address without a path would be refused here, and this one has one.
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
            if let Some(body) = body.clone() {
                *request.method_mut() = Method::POST;
                request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                *request.body_mut() = Either::Left(Full::new(body));
            }
            permissions.checked(request)
        });
        Box::pin(docker.export_container("none").map(|chunk| chunk.map_err(EngineError::from)))
    }

    /// Sends `POST target` with a JSON body, and discards the response.
    ///
    /// # Errors
    /// As any call.
    pub(super) async fn post(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
        body: Bytes,
    ) -> Result<(), EngineError> {
        let sent = self.timed_call(name, limit, async {
            let mut chunks = self.response(target, Some(body));
            while let Some(chunk) = chunks.next().await {
                chunk?;
            }
            Ok::<_, EngineError>(())
        });
        sent.await
    }

    /// Returns the body of `GET target` as JSON, with nothing truncated or repaired: for documents
    /// that are sent back.
    ///
    /// # Errors
    /// As any call; `InvalidResponse` if it is not JSON or too long.
    pub(super) async fn exact_document(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<Value, EngineError> {
        let document = self.timed_call(name, limit, async {
            let mut bytes = Vec::new();
            self.for_each_chunk(target, MAX_DOCUMENT_BYTES, |chunk| {
                bytes.extend_from_slice(chunk);
                true
            })
            .await?;
            serde_json::from_slice(&bytes).map_err(|error| EngineError::InvalidResponse(error.to_string()))
        });
        document.await
    }

    /// Returns the body of `GET target` as JSON.
    ///
    /// # Errors
    /// As any call; `InvalidResponse` if it is not JSON or too long.
    pub(super) async fn document(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<Value, EngineError> {
        let document = self.timed_call(name, limit, async {
            let mut document = Document::new(MAX_STRING_BYTES);
            self.for_each_chunk(target, MAX_DOCUMENT_READ_BYTES, |chunk| {
                document.push(chunk);
                document.bytes().len() <= MAX_DOCUMENT_BYTES
            })
            .await?;
            json::read(document.bytes()).map_err(|error| EngineError::InvalidResponse(error.to_string()))
        });
        document.await
    }

    /// Returns the rows of the array from `GET target`, each as JSON.
    ///
    /// # Errors
    /// As any call; `InvalidResponse` if it is not an array or too long.
    pub(super) async fn rows(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<Vec<Bytes>, EngineError> {
        let rows = self.timed_call(name, limit, async {
            let mut rows = Rows::new(MAX_ROW_STRING_BYTES);
            self.for_each_chunk(target, MAX_LIST_READ_BYTES, |chunk| {
                rows.push(chunk);
                rows.kept_bytes() <= MAX_LIST_BYTES
            })
            .await?;
            rows.finish().ok_or_else(|| EngineError::InvalidResponse("it is not a complete list".to_owned()))
        });
        rows.await
    }

    /// Reads a short response and discards it.
    pub(super) async fn read_and_discard(&self, target: PathAndQuery, max_bytes: usize) -> Result<(), EngineError> {
        self.for_each_chunk(target, max_bytes, |_| true).await
    }

    /// Passes each chunk of a response to `accept`. Fails after `max_bytes`, or if `accept` returns
    /// false.
    async fn for_each_chunk(
        &self,
        target: PathAndQuery,
        max_bytes: usize,
        mut accept: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), EngineError> {
        let mut chunks = self.bytes(target);
        let mut read_bytes = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            read_bytes += chunk.len();
            if read_bytes > max_bytes || !accept(&chunk) {
                return Err(EngineError::InvalidResponse(format!("it is too long: {} KiB so far", read_bytes >> 10)));
            }
        }
        Ok(())
    }

    /// Streams the lines of `GET target` as JSON. An unreadable line is an `InvalidResponse`, and
    /// the stream continues.
    pub(super) fn lines(&self, target: PathAndQuery) -> impl Stream<Item = Result<Value, EngineError>> + Send + use<> {
        stream::unfold((self.bytes(target), Lines::new(MAX_EVENT_STRING_BYTES)), |(mut chunks, mut lines)| async move {
            let line = next_line(&mut chunks, &mut lines).await?;
            Some((line, (chunks, lines)))
        })
    }
}

async fn next_line(
    chunks: &mut (impl Stream<Item = Result<Bytes, EngineError>> + Unpin),
    lines: &mut Lines,
) -> Option<Result<Value, EngineError>> {
    loop {
        // Other tasks run between the lines, however fast they arrive.
        consume_budget().await;
        if let Some(line) = lines.next() {
            return Some(match line {
                Ok(line) => json::read(&line).map_err(|error| EngineError::InvalidResponse(error.to_string())),
                Err(TooLong) => Err(EngineError::InvalidResponse("a line is too long".to_owned())),
            });
        }
        match chunks.next().await? {
            Ok(chunk) => lines.push(&chunk),
            Err(error) => return Some(Err(error)),
        }
    }
}

/// Characters of a query value that are percent-encoded: all but the unreserved ones.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Builds a request target from a path and query parameters, with percent-encoded values.
pub(super) fn target(path: &str, query: &[(&str, &str)]) -> Result<PathAndQuery, EngineError> {
    let mut target = path.to_owned();
    for (index, (name, value)) in query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.extend(utf8_percent_encode(value, &ENCODED));
    }
    target.parse().map_err(|_| EngineError::Other(format!("{target} is not a valid request target")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn query_values_are_percent_encoded() {
        let written =
            target("/a/b", &[("ps_args", "-eo pid,args"), ("x", "&=?#é")]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(written.as_str(), "/a/b?ps_args=-eo%20pid%2Cargs&x=%26%3D%3F%23%C3%A9");
        assert_eq!(target("/a", &[]).unwrap().as_str(), "/a");
    }

    #[tokio::test]
    async fn lines_after_an_unreadable_one_are_read() {
        let chunks: [Result<Bytes, EngineError>; 2] =
            [Ok(Bytes::from_static(b"{\"a\":")), Ok(Bytes::from_static(b"1}\n{\"half\n\xff\n{\"b\":2}\n{\"half\":"))];
        let (mut chunks, mut lines) = (stream::iter(chunks), Lines::new(64));
        let mut read = Vec::new();
        while let Some(line) = next_line(&mut chunks, &mut lines).await {
            read.push(line.map_err(|error| error.code()));
        }
        let [a, b] = ["a", "b"].map(|name| read.iter().flatten().any(|value| value[name].is_number()));
        assert_eq!(
            (a, b, read.len(), read.iter().filter(|line| line.is_err()).count()),
            (true, true, 4, 2),
            "{read:?}"
        );
    }
}
