//! A minimal, blocking HTTP client to check an engine and import an image; one connection per call.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::RealEngineError;

/// Timeout for one read: an import of a few megabytes takes about one second.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Response of an engine.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: String,
}

pub(super) fn get(url: &str, path: &str) -> Result<Response, RealEngineError> {
    call(url, &format!("GET {path} HTTP/1.0\r\nHost: engine\r\n\r\n"), &[])
}

pub(super) fn post_tar(url: &str, path: &str, tar: &[u8]) -> Result<Response, RealEngineError> {
    let length = tar.len();
    let head = format!(
        "POST {path} HTTP/1.0\r\nHost: engine\r\nContent-Type: application/x-tar\r\nContent-Length: {length}\r\n\r\n"
    );
    call(url, &head, tar)
}

fn call(url: &str, head: &str, body: &[u8]) -> Result<Response, RealEngineError> {
    let failed = |source| RealEngineError::Io("send a request to the engine", source);
    if let Some(path) = url.strip_prefix("unix://") {
        let stream = UnixStream::connect(path).map_err(failed)?;
        stream.set_read_timeout(Some(READ_TIMEOUT)).map_err(failed)?;
        return exchange(stream, head, body).map_err(failed);
    }
    if let Some(address) = url.strip_prefix("tcp://") {
        let stream = TcpStream::connect(address).map_err(failed)?;
        stream.set_read_timeout(Some(READ_TIMEOUT)).map_err(failed)?;
        return exchange(stream, head, body).map_err(failed);
    }
    Err(RealEngineError::Address(url.to_owned()))
}

/// Sends a request and reads the response. Uses HTTP/1.0, so that the response is not chunked and
/// ends with the connection.
fn exchange(mut stream: impl Read + Write, head: &str, body: &[u8]) -> io::Result<Response> {
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    let response = String::from_utf8_lossy(&response);
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let status =
        status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the engine's response has no status"))?;
    Ok(Response { status, body: body.to_owned() })
}
