//! Connections to engines, below bollard: Unix socket, tcp, TLS and ssh.
//!
//! In: an [`EngineAddress`]. Out: a bollard client whose requests go through a pool of connections
//! of ours, so that a call costs one round trip; bollard opens one per call. Errors that name the
//! failing step are [`LinkError`]s.

mod counted;
mod link_error;
mod pool;
pub(super) mod ssh;
mod tcp;
pub(super) mod tls;
mod unix;

pub use link_error::LinkError;
pub use ssh::{
    target::SshFiles,
    trust::{HostKey, Trust},
};

use super::{EngineAddress, EngineError};
use crate::process::metrics::Traffic;
use app::model::EngineHop;
use bollard::Docker;

/// bollard's timeout for response headers, in seconds. Each call has its own, shorter timeout;
/// those that may take longer raise this one.
const BOLLARD_TIMEOUT_SECS: u64 = 120;

/// Creates a client without sending a request. Its bytes are added to `traffic`.
///
/// # Errors
/// If the address is invalid, there is no socket, or a file for TLS cannot be used.
pub(super) fn client(address: &EngineAddress, traffic: Traffic) -> Result<Docker, EngineError> {
    match address.url.split_once("://") {
        Some(("unix", path)) => unix::client(path, traffic),
        Some(("ssh", _)) => ssh::client(address, traffic),
        _ => tcp::client(address, traffic),
    }
}

/// The step that failed if no response came in time: a frozen engine still accepts connections.
pub(super) async fn hop_of_timeout(address: &EngineAddress) -> EngineHop {
    match address.url.split_once("://") {
        Some(("ssh", _)) => ssh::hop_of_timeout(address).await,
        Some(("unix", _)) | None => EngineHop::Engine,
        Some(_) => tcp::hop_of_timeout(address).await,
    }
}

/// Sentences about certificates of an engine that expire soon; known after the first connection.
pub fn expiring_certificates(address: &EngineAddress) -> Vec<String> {
    tls::expiring(&tcp::authority(address, true))
}
