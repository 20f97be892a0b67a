//! Connections over a Unix socket.

use super::pool;
use crate::{engine::EngineError, process::metrics::Traffic};
use axum::http::Uri;
use bollard::Docker;
use hyper_util::rt::TokioIo;
use std::{path::Path, sync::Arc};
use tokio::net::UnixStream;

/// Creates a client without connecting.
///
/// # Errors
/// If there is no socket at this path.
pub(super) fn client(path: &str, traffic: Traffic) -> Result<Docker, EngineError> {
    if !Path::new(path).exists() {
        return Err(EngineError::NoSocket(path.to_owned()));
    }
    let path: Arc<Path> = Path::new(path).into();
    let connect = move |_: Uri| {
        let path = Arc::clone(&path);
        Box::pin(async move { UnixStream::connect(path).await.map(TokioIo::new) })
    };
    pool::client(tower::service_fn(connect), "http://docker", traffic)
}
