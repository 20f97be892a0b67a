//! Requests, one connection each. Each response is checked against the OpenAPI document.

use super::contract;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, body::Incoming};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// A response with its whole body.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl HttpResponse {
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is a complete problem with that status and code, and returns it.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> serde_json::Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: serde_json::Value = self.json();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{problem}");
        for field in ["type", "title", "detail", "hint"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} is missing in {problem}");
        }
        problem
    }
}

/// Builds a request for `method path` with the server's own address as its host.
pub(crate) fn request(address: SocketAddr, method: Method, path: &str) -> hyper::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", address.to_string())
}

/// Sends a request over a new connection. The body has not been read yet.
pub(crate) async fn open(address: SocketAddr, request: Request<Full<Bytes>>) -> Response<Incoming> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    // Ends with the body, or when it is dropped.
    tokio::spawn(connection);
    let (method, target) = (request.method().clone(), request.uri().to_string());
    let response =
        timeout(super::TEST_TIMEOUT, sender.send_request(request)).await.expect("a response arrives").unwrap();
    contract::check_head(&method, &target, response.status(), response.headers());
    response
}

pub(crate) async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> HttpResponse {
    let (method, target) = (request.method().clone(), request.uri().to_string());
    let response = open(address, request).await;
    let (parts, body) = response.into_parts();
    let body = timeout(super::TEST_TIMEOUT, body.collect()).await.expect("the response ends").unwrap().to_bytes();
    contract::check(&method, &target, parts.status, &parts.headers, &body);
    HttpResponse { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> HttpResponse {
    send(address, request(address, Method::GET, path).body(Full::default()).unwrap()).await
}

/// `body` may be empty.
pub(crate) async fn post(address: SocketAddr, path: &str, body: &str) -> HttpResponse {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    send(address, request(address, Method::POST, path).body(body).unwrap()).await
}

pub(crate) async fn delete(address: SocketAddr, path: &str) -> HttpResponse {
    send(address, request(address, Method::DELETE, path).body(Full::default()).unwrap()).await
}

/// Sends raw bytes and returns everything that is received.
pub(crate) async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut response = Vec::new();
    let exchange = async {
        // A server that has read enough may close the connection during this write.
        let _ = stream.write_all(bytes).await;
        let _ = stream.read_to_end(&mut response).await;
    };
    timeout(super::TEST_TIMEOUT, exchange).await.expect("the connection ends");
    String::from_utf8_lossy(&response).into_owned()
}
