//! Answers as bytes, so that what an engine says is bounded before it is held, and read as needed here.
//!
//! bollard holds an answer of any length, reads an event from its beginning again with every piece of it that comes, drops fields and
//! fails on words that its models do not know, and takes the bytes of a terminal for headers. It has one call that answers in plain
//! bytes, the export of a container; a modifier leads that call to another address, over whatever connection bollard made.

use super::{EngineClient, EngineError, words::in_any_words};
use axum::http::{Uri, uri::PathAndQuery};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio_util::codec::{Decoder as _, LinesCodec};

/// An inspect is a few kilobytes, and a list of processes not much more.
pub(super) const LONGEST_DOCUMENT: usize = 8 << 20;
/// An event carries the labels of its container.
const LONGEST_LINE: usize = 4 << 20;

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
    pub(super) async fn document<T: DeserializeOwned>(
        &self,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<T, EngineError> {
        self.document_up_to(LONGEST_DOCUMENT, name, limit, target).await
    }

    /// The same, of `longest` bytes at most.
    ///
    /// # Errors
    /// As [`Self::document`].
    pub(super) async fn document_up_to<T: DeserializeOwned>(
        &self,
        longest: usize,
        name: &'static str,
        limit: Duration,
        target: PathAndQuery,
    ) -> Result<T, EngineError> {
        self.within(name, limit, async {
            let document = self.whole(target, longest).await?;
            in_any_words(&document).map_err(|error| EngineError::Nonsense(error.to_string()))
        })
        .await
    }

    /// All that `GET target` answers, if that is no more than `longest` bytes.
    pub(super) async fn whole(&self, target: PathAndQuery, longest: usize) -> Result<BytesMut, EngineError> {
        let mut pieces = self.bytes(target);
        let mut whole = BytesMut::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if whole.len() + piece.len() > longest {
                return Err(EngineError::Nonsense(format!("it is longer than {} KiB", longest >> 10)));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    /// What `GET target` answers line by line, each as JSON, as they come.
    pub(super) fn lines<T: DeserializeOwned>(
        &self,
        target: PathAndQuery,
    ) -> impl Stream<Item = Result<T, EngineError>> + Send + use<T> {
        let lines = Lines { pieces: self.bytes(target), unread: BytesMut::new(), codec: codec() };
        stream::unfold(lines, |mut lines| async move {
            let line = lines.next().await?;
            Some((line.and_then(|line| read_line(&line)), lines))
        })
    }
}

fn codec() -> LinesCodec {
    LinesCodec::new_with_max_length(LONGEST_LINE)
}

fn read_line<T: DeserializeOwned>(line: &str) -> Result<T, EngineError> {
    serde_json::from_str(line).map_err(|error| EngineError::Nonsense(error.to_string()))
}

/// Pieces in, lines out; held is no more than the longest of them may have.
struct Lines<S> {
    pieces: S,
    unread: BytesMut,
    codec: LinesCodec,
}

impl<S: Stream<Item = Result<Bytes, EngineError>> + Unpin> Lines<S> {
    /// The next that is not empty; half a line at the end is none.
    async fn next(&mut self) -> Option<Result<String, EngineError>> {
        loop {
            match self.codec.decode(&mut self.unread) {
                Ok(Some(line)) if line.trim().is_empty() => {}
                Ok(Some(line)) => return Some(Ok(line)),
                Ok(None) => match self.pieces.next().await? {
                    Ok(piece) => self.unread.extend_from_slice(&piece),
                    Err(error) => return Some(Err(error)),
                },
                Err(error) => return Some(Err(EngineError::Nonsense(error.to_string()))),
            }
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

    async fn lines(pieces: &[&'static [u8]]) -> Vec<Result<String, EngineError>> {
        let pieces: Vec<Result<Bytes, EngineError>> =
            pieces.iter().map(|piece| Ok(Bytes::from_static(piece))).collect();
        let mut lines = Lines { pieces: stream::iter(pieces), unread: BytesMut::new(), codec: codec() };
        let mut told = Vec::new();
        while let Some(line) = lines.next().await {
            let is_last = line.is_err();
            told.push(line);
            if is_last {
                break;
            }
        }
        told
    }

    #[tokio::test]
    async fn lines_come_whole_however_they_were_cut() {
        let told = lines(&[b"{\"a\":", b"1}\n{\"b\"", b":2}\r\n\n", b"{\"half\":"]).await;
        let told: Vec<_> = told.into_iter().map(Result::unwrap).collect();
        assert_eq!(told, ["{\"a\":1}", "{\"b\":2}"]);
    }

    #[tokio::test]
    async fn a_line_that_does_not_end_and_one_that_is_no_text_are_nonsense() {
        static SPACES: [u8; 1 << 20] = [b' '; 1 << 20];
        for pieces in [[SPACES.as_slice(); 5].as_slice(), &[b"\xff\xfe\n"]] {
            let told = lines(pieces).await;
            assert!(matches!(told.as_slice(), [Err(EngineError::Nonsense(_))]), "{told:?}");
        }
    }
}
