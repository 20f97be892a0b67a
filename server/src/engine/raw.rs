//! Answers as bytes, so that what an engine says is bounded before it is held, and read as needed here.
//!
//! bollard holds an answer of any length, reads an event from its beginning again with every piece of it that comes, loses a whole list
//! to one word that its models do not know, and takes the bytes of a terminal for headers. It has one call that answers in plain
//! bytes, the export of a container; a modifier leads that call to another address, over whatever connection bollard made.

use super::{
    EngineClient, EngineError,
    json::{self, Document, Lines, Rows, TooLong},
};
use axum::http::{Uri, uri::PathAndQuery};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use serde_json::Value;
use std::time::Duration;

/// An inspect is a few kilobytes, and a list of processes not much more.
const MAX_DOCUMENT_BYTES: usize = 8 << 20;
/// The rows of a list, labels cut to [`MAX_ROW_TEXT_BYTES`]: room for more than ten thousand.
const MAX_LIST_BYTES: usize = 32 << 20;
/// Bytes that are read of a document, whatever is kept of them: two labels of 30 MB.
const MAX_DOCUMENT_READ_BYTES: usize = 64 << 20;
/// The same of a list.
const MAX_LIST_READ_BYTES: usize = 256 << 20;
/// No argument or environment value of a process is longer than 128 KiB, by the kernel's `MAX_ARG_STRLEN`.
const MAX_TEXT_BYTES: usize = 256 << 10;
/// What the list says stands in for inspect only.
const MAX_ROW_TEXT_BYTES: usize = 16 << 10;
/// Attributes of an event are the container's name, its image and its labels.
const MAX_EVENT_TEXT_BYTES: usize = 16 << 10;

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
    /// As any call; `Nonsense` for what is no JSON, or too long.
    pub(super) async fn document(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<Value, EngineError> {
        let document = self.within(name, limit, async {
            let mut document = Document::new(MAX_TEXT_BYTES);
            self.each_piece(target, MAX_DOCUMENT_READ_BYTES, |piece| {
                document.push(piece);
                document.bytes().len() <= MAX_DOCUMENT_BYTES
            })
            .await?;
            json::read(document.bytes()).map_err(|error| EngineError::Nonsense(error.to_string()))
        });
        document.await
    }

    /// The rows of the list that `GET target` answers, each as JSON.
    ///
    /// # Errors
    /// As any call; `Nonsense` for what is no list, or too long.
    pub(super) async fn rows(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<Vec<Bytes>, EngineError> {
        let rows = self.within(name, limit, async {
            let mut rows = Rows::new(MAX_ROW_TEXT_BYTES);
            self.each_piece(target, MAX_LIST_READ_BYTES, |piece| {
                rows.push(piece);
                rows.kept_bytes() <= MAX_LIST_BYTES
            })
            .await?;
            rows.finish().ok_or_else(|| EngineError::Nonsense("it is not a whole list".to_owned()))
        });
        rows.await
    }

    /// Reads a short response and forgets it.
    pub(super) async fn skim(&self, target: PathAndQuery, max_bytes: usize) -> Result<(), EngineError> {
        self.each_piece(target, max_bytes, |_| true).await
    }

    /// Hands the pieces of a response over, up to `max_bytes` and as long as `takes` has room.
    async fn each_piece(
        &self,
        target: PathAndQuery,
        max_bytes: usize,
        mut takes: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), EngineError> {
        let mut pieces = self.bytes(target);
        let mut read_bytes = 0;
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            read_bytes += piece.len();
            if read_bytes > max_bytes || !takes(&piece) {
                return Err(EngineError::Nonsense(format!("it is too long: {} KiB so far", read_bytes >> 10)));
            }
        }
        Ok(())
    }

    /// What `GET target` answers line by line, each as JSON, as they come. A line that cannot be read is `Nonsense`, and others follow.
    pub(super) fn lines(&self, target: PathAndQuery) -> impl Stream<Item = Result<Value, EngineError>> + Send + use<> {
        stream::unfold((self.bytes(target), Lines::new(MAX_EVENT_TEXT_BYTES)), |(mut pieces, mut lines)| async move {
            let line = next_line(&mut pieces, &mut lines).await?;
            Some((line, (pieces, lines)))
        })
    }
}

async fn next_line(
    pieces: &mut (impl Stream<Item = Result<Bytes, EngineError>> + Unpin),
    lines: &mut Lines,
) -> Option<Result<Value, EngineError>> {
    loop {
        if let Some(line) = lines.next() {
            return Some(match line {
                Ok(line) => json::read(&line).map_err(|error| EngineError::Nonsense(error.to_string())),
                Err(TooLong) => Err(EngineError::Nonsense("a line is too long".to_owned())),
            });
        }
        match pieces.next().await? {
            Ok(piece) => lines.push(&piece),
            Err(error) => return Some(Err(error)),
        }
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

    #[tokio::test]
    async fn a_line_that_cannot_be_read_is_followed_by_others() {
        let pieces: [Result<Bytes, EngineError>; 2] =
            [Ok(Bytes::from_static(b"{\"a\":")), Ok(Bytes::from_static(b"1}\n{\"half\n\xff\n{\"b\":2}\n{\"half\":"))];
        let (mut pieces, mut lines) = (stream::iter(pieces), Lines::new(64));
        let mut read = Vec::new();
        while let Some(line) = next_line(&mut pieces, &mut lines).await {
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
