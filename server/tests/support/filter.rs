//! A socket proxy in front of an engine: it allows requests according to its switches, by the rules
//! of Tecnativa's docker-socket-proxy, and records them.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};

type Body = Either<Incoming, Full<Bytes>>;

/// A running proxy; its socket is removed with it.
#[derive(Debug)]
pub(crate) struct Filter {
    folder: TempDir,
    requests: Arc<Mutex<Requests>>,
}

/// Requests such as `GET /containers/{}/json`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Requests {
    pub(crate) passed: BTreeSet<String>,
    pub(crate) denied: BTreeSet<String>,
}

impl Filter {
    /// Starts it for the engine at `engine` (`unix://…`) with these switches.
    pub(crate) fn start(engine: &str, switches: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("proxy.sock")).unwrap();
        let requests: Arc<Mutex<Requests>> = Arc::default();
        let engine = PathBuf::from(engine.strip_prefix("unix://").unwrap());
        let switches: Arc<[String]> = switches.iter().map(|switch| (*switch).to_owned()).collect();
        tokio::spawn(serve(listener, engine, switches, requests.clone()));
        Self { folder, requests }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.folder.path().join("proxy.sock").display())
    }

    pub(crate) fn requests(&self) -> Requests {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(listener: UnixListener, engine: PathBuf, switches: Arc<[String]>, requests: Arc<Mutex<Requests>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (engine, switches, requests) = (engine.clone(), switches.clone(), requests.clone());
        let response = service_fn(move |request: Request<Incoming>| {
            let (engine, shape_of) = (engine.clone(), shape(&request));
            let passes = passes(&switches, request.method(), &shape_of);
            let mut requests = requests.lock().unwrap();
            let kept = if passes { &mut requests.passed } else { &mut requests.denied };
            kept.insert(format!("{} {shape_of}", request.method()));
            drop(requests);
            async move {
                if passes {
                    forward(&engine, request).await
                } else {
                    let body = Full::new(Bytes::from_static(b"<html><body><h1>403 Forbidden</h1></body></html>"));
                    Ok(Response::builder().status(StatusCode::FORBIDDEN).body(Either::Right(body)).unwrap())
                }
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), response));
    }
}

async fn forward(engine: &Path, request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
    let stream = UnixStream::connect(engine).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let response = sender.send_request(Request::from_parts(parts, Full::new(body))).await?;
    Ok(response.map(Either::Left))
}

/// The path without its version, with `{}` for each name.
fn shape(request: &Request<Incoming>) -> String {
    let path = request.uri().path();
    let path = path
        .strip_prefix("/v")
        .and_then(|rest| rest.split_once('/'))
        .map_or(path, |(version, _)| &path[version.len() + 2..]);
    // Ids of a swarm have 25 letters and digits.
    let is_name = |part: &str| part.len() >= 25 || part.starts_with("sha256:");
    path.split('/').map(|part| if is_name(part) { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// A switch enables a group of paths by its name; changes need POST or the switch of the change.
fn passes(switches: &[String], method: &Method, path: &str) -> bool {
    let on = |switch: &str| switches.iter().any(|each| each == switch);
    let group = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_on = on(match group {
        "_ping" => "PING",
        "version" => "VERSION",
        "info" => "INFO",
        "events" => "EVENTS",
        "containers" => "CONTAINERS",
        "images" => "IMAGES",
        "nodes" => "NODES",
        "services" => "SERVICES",
        "tasks" => "TASKS",
        _ => return false,
    });
    is_on && (matches!(*method, Method::GET | Method::HEAD) || on("POST"))
}
