//! Engines over ssh: one connection and one authentication per host, and a channel in it for each
//! HTTP connection.
//!
//! In: `ssh://[user@]host[:port][/path/of/socket]`. Out: a bollard client. [`link`] holds the
//! connection of a host, which all its engines share; [`route`] finds the hosts on the way to it in
//! `~/.ssh/config`; [`session`] connects to them; [`endpoint`] opens the engine's socket.

mod auth;
mod backlog;
mod channel;
mod config_file;
mod endpoint;
mod home;
mod host_key;
mod known_hosts;
mod link;
mod pattern;
mod route;
mod session;
pub(in crate::engine) mod target;
pub(in crate::engine) mod trust;

use super::{LinkError, pool};
use crate::engine::{EngineAddress, EngineError};
use app::model::EngineHop;
use bollard::Docker;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use target::Target;

/// Creates a client without connecting.
///
/// # Errors
/// If the address is invalid.
pub(super) fn client(address: &EngineAddress) -> Result<Docker, EngineError> {
    let target = Target::of(address).map_err(EngineError::Other)?;
    let (link, socket, address) = (link::find(target.host), target.socket, Arc::new(address.clone()));
    let connect = move |_: axum::http::Uri| {
        let (link, socket, address) = (link.clone(), socket.clone(), Arc::clone(&address));
        Box::pin(async move {
            let opened = async { link.session().await?.open(socket.as_deref()).await }.await;
            opened.map(TokioIo::new).map_err(|error: LinkError| error.for_engine(&address))
        })
    };
    pool::client(tower::service_fn(connect), "http://docker")
}

/// The step that failed if no response came in time.
pub(super) async fn hop_of_timeout(address: &EngineAddress) -> EngineHop {
    match Target::of(address) {
        Ok(target) => link::find(target.host).hop_of_timeout().await,
        Err(_) => EngineHop::Ssh,
    }
}
