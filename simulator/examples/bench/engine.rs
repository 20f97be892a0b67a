//! As much of the Engine API as it takes to make a fleet and change it; blocking, one connection a call.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

/// For any answer; a container takes up to half a second to start.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// An engine behind a socket.
#[derive(Debug, Clone)]
pub(crate) struct Engine(PathBuf);

impl Engine {
    /// The one at `unix://PATH`.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self(url.strip_prefix("unix://").context("the engine listens on a socket")?.into()))
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.0
    }

    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call("GET", path, None)
    }

    /// `null` where the answer has no body.
    pub(crate) fn post(&self, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        self.call("POST", path, body)
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut stream = self.ask(method, path, body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer has a head")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(status.starts_with('2'), "{method} {path}: {status} {body}");
        Ok(if body.trim().is_empty() { Value::Null } else { serde_json::from_str(body)? })
    }

    /// Lines of a stream that goes on, each a document. The head is read when this returns: what happens later is in it.
    pub(crate) fn lines(&self, path: &str) -> anyhow::Result<impl Iterator<Item = Value> + use<>> {
        let mut lines = BufReader::new(self.ask("GET", path, None)?);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            ensure!(lines.read_line(&mut head)? > 0, "{path}: the engine said nothing");
        }
        ensure!(head.split(' ').nth(1) == Some("200"), "{path}: {head}");
        Ok(lines.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()))
    }

    /// HTTP/1.0: the answer is not chunked and ends with the connection.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<UnixStream> {
        let mut stream = UnixStream::connect(&self.0)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        Ok(stream)
    }
}
