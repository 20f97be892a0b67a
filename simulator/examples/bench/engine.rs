//! A minimal client of the Engine API to create and change a fleet; blocking, one connection per
//! call.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

/// Timeout of a response; starting a container takes up to half a second.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

/// An engine behind a socket.
#[derive(Debug, Clone)]
pub(crate) struct Engine(PathBuf);

impl Engine {
    /// Connects to `unix://PATH`.
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self(url.strip_prefix("unix://").context("the engine listens on a socket")?.into()))
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.0
    }

    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call("GET", path, None)
    }

    /// `null` if the response has no body.
    pub(crate) fn post(&self, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        self.call("POST", path, body)
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut stream = self.fetch(method, path, body)?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let (head, body) = response.split_once("\r\n\r\n").context("a response has a head")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        ensure!(status.starts_with('2'), "{method} {path}: {status} {body}");
        Ok(if body.trim().is_empty() { Value::Null } else { serde_json::from_str(body)? })
    }

    /// Lines of an endless stream, each a JSON document. The response head has been read on return,
    /// so that all later events are included.
    pub(crate) fn lines(&self, path: &str) -> anyhow::Result<impl Iterator<Item = Value> + use<>> {
        let mut lines = BufReader::new(self.fetch("GET", path, None)?);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            ensure!(lines.read_line(&mut head)? > 0, "{path}: the engine sent nothing");
        }
        ensure!(head.split(' ').nth(1) == Some("200"), "{path}: {head}");
        Ok(lines.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()))
    }

    /// HTTP/1.0: the response is not chunked and ends with the connection.
    fn fetch(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<UnixStream> {
        let mut stream = UnixStream::connect(&self.0)?;
        stream.set_read_timeout(Some(RESPONSE_TIMEOUT))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        Ok(stream)
    }
}
