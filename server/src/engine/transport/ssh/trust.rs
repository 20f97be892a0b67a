//! Keys of hosts that are not known yet, for `quaylight engine trust`.

use super::{
    host_key::{self, Rejected},
    known_hosts::{self, Verdict},
    link::Step,
    route,
    session::{Failure, Session},
    target::Target,
};
use crate::engine::{EngineAddress, transport::LinkError};
use app::model::EngineHop;
use russh::keys::PublicKey;
use std::{io, path::PathBuf};

/// The key of a host that is not known.
#[derive(Debug, Clone)]
pub struct HostKey {
    /// Name of the host, with the port unless that is 22.
    pub name: String,
    /// Type of the key, such as `ED25519`.
    pub kind: &'static str,
    /// Fingerprint: `SHA256:…`.
    pub fingerprint: String,
    /// The known hosts file to which the key can be added.
    pub file: PathBuf,
    key: PublicKey,
}

/// Result of a look-up.
#[derive(Debug)]
pub enum Trust {
    /// All hosts on the way are known.
    Known,
    /// The first host on the way that is not known.
    Unknown(Box<HostKey>),
}

impl HostKey {
    /// Connects to a host, and returns its key if that is not known.
    ///
    /// # Errors
    /// If a host cannot be reached, its known key has changed, or a jump host refuses the sign-in.
    pub async fn find(address: &EngineAddress) -> Result<Trust, LinkError> {
        let invalid = |error: String| LinkError::new(EngineHop::Ssh, "ssh_failed", error, "Check the address.");
        let hops = route::find(&Target::of(address).map_err(invalid)?.host)?;
        let is_direct = hops.len() == 1;
        match Session::connect(hops, &Step::default()).await {
            Ok(_) => Ok(Trust::Known),
            Err(Failure { rejected: Some(Rejected { hop, key, verdict: Verdict::Unknown }), error }) => {
                let Some(file) = hop.known_hosts.first().cloned() else { return Err(error) };
                let (name, kind, fingerprint) =
                    (hop.known_name(), host_key::kind(&key), known_hosts::fingerprint(&key));
                Ok(Trust::Unknown(Box::new(HostKey { name, kind, fingerprint, file, key })))
            }
            // The host's key was accepted before.
            Err(Failure { error, rejected: None }) if is_direct && error.hop == EngineHop::Auth => Ok(Trust::Known),
            Err(Failure { error, .. }) => Err(error.for_engine(address)),
        }
    }

    /// Adds the key to the known hosts file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&self) -> io::Result<()> {
        known_hosts::add(&self.file, &self.name, &self.key)
    }
}
