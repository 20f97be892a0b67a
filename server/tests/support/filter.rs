//! A socket proxy as people put before an engine: it lets through what its switches say, by the rules of Tecnativa's, and
//! remembers what it was asked for.

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

/// A running proxy; its socket goes with it.
#[derive(Debug)]
pub(crate) struct Filter {
    folder: TempDir,
    asked: Arc<Mutex<Asked>>,
}

/// Requests, as `GET /containers/{}/json`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Asked {
    pub(crate) passed: BTreeSet<String>,
    pub(crate) denied: BTreeSet<String>,
}

impl Filter {
    /// Before the engine at `engine` (`unix://…`), with these switches on.
    pub(crate) fn start(engine: &str, switches: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("proxy.sock")).unwrap();
        let asked: Arc<Mutex<Asked>> = Arc::default();
        let engine = PathBuf::from(engine.strip_prefix("unix://").unwrap());
        let switches: Arc<[String]> = switches.iter().map(|switch| (*switch).to_owned()).collect();
        tokio::spawn(serve(listener, engine, switches, asked.clone()));
        Self { folder, asked }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.folder.path().join("proxy.sock").display())
    }

    pub(crate) fn asked(&self) -> Asked {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(listener: UnixListener, engine: PathBuf, switches: Arc<[String]>, asked: Arc<Mutex<Asked>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (engine, switches, asked) = (engine.clone(), switches.clone(), asked.clone());
        let answer = service_fn(move |request: Request<Incoming>| {
            let (engine, told) = (engine.clone(), shape(&request));
            let passes = passes(&switches, request.method(), &told);
            let mut asked = asked.lock().unwrap();
            let kept = if passes { &mut asked.passed } else { &mut asked.denied };
            kept.insert(format!("{} {told}", request.method()));
            drop(asked);
            async move {
                if passes {
                    forward(&engine, request).await
                } else {
                    let body = Full::new(Bytes::from_static(b"<html><body><h1>403 Forbidden</h1></body></html>"));
                    Ok(Response::builder().status(StatusCode::FORBIDDEN).body(Either::Right(body)).unwrap())
                }
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}

async fn forward(engine: &Path, request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
    let stream = UnixStream::connect(engine).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let answer = sender.send_request(Request::from_parts(parts, Full::new(body))).await?;
    Ok(answer.map(Either::Left))
}

/// The path without its version, and with `{}` for each name.
fn shape(request: &Request<Incoming>) -> String {
    let path = request.uri().path();
    let path = path
        .strip_prefix("/v")
        .and_then(|rest| rest.split_once('/'))
        .map_or(path, |(version, _)| &path[version.len() + 2..]);
    let is_name = |part: &str| part.len() >= 32 || part.starts_with("sha256:");
    path.split('/').map(|part| if is_name(part) { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// A group of addresses is switched on by its name; changes by POST, or by the switch for that change.
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
        _ => return false,
    });
    is_on && (matches!(*method, Method::GET | Method::HEAD) || on("POST"))
}
