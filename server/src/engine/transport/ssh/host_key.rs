//! Accepts a host only if its key is known.

use super::{
    known_hosts::{self, Verdict},
    route::Hop,
};
use crate::engine::transport::LinkError;
use app::model::EngineHop;
use russh::{
    Preferred,
    client::Handler,
    keys::{Algorithm, EcdsaCurve, HashAlg, PublicKey, PublicKeyOrCertificate},
};
use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

/// A host key that was not accepted.
#[derive(Debug, Clone)]
pub(super) struct Rejected {
    pub(super) hop: Hop,
    pub(super) key: PublicKey,
    pub(super) verdict: Verdict,
}

/// Checks the host key of one hop.
#[derive(Debug)]
pub(super) struct HostKeyCheck {
    hop: Hop,
    rejected: Arc<Mutex<Option<Rejected>>>,
}

impl HostKeyCheck {
    /// Creates a check, and the slot that receives a rejected key.
    pub(super) fn new(hop: Hop) -> (Self, RejectedSlot) {
        let rejected = Arc::<Mutex<_>>::default();
        (Self { hop, rejected: Arc::clone(&rejected) }, RejectedSlot(rejected))
    }
}

/// Slot for the key that a check has not accepted.
#[derive(Debug)]
pub(super) struct RejectedSlot(Arc<Mutex<Option<Rejected>>>);

impl RejectedSlot {
    pub(super) fn take(&self) -> Option<Rejected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Handler for HostKeyCheck {
    type Error = russh::Error;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = presented else { return Ok(false) };
        let verdict = known_hosts::check(&self.hop, key);
        if verdict == Verdict::Known {
            return Ok(true);
        }
        let rejected = Rejected { hop: self.hop.clone(), key: key.clone(), verdict };
        *self.rejected.lock().unwrap_or_else(PoisonError::into_inner) = Some(rejected);
        Ok(false)
    }
}

impl Rejected {
    /// The error for the key in the slot. Its hint names the engine: `quaylight engine trust NAME`.
    pub(super) fn error(&self) -> LinkError {
        let Self { hop, key, verdict } = self;
        let (name, presented, kind) = (hop.known_name(), known_hosts::fingerprint(key), kind(key));
        let (code, message, hint) = match verdict {
            Verdict::Unknown | Verdict::Known if let Some((file, error)) = known_hosts::unreadable(hop) => (
                "host_key_unknown",
                format!("the keys of known hosts in {} cannot be read: {error}", file.display()),
                "Make the user of this server the owner of that file.".to_owned(),
            ),
            Verdict::Unknown | Verdict::Known => (
                "host_key_unknown",
                format!("the host key of {name} is not known: {kind} {presented}"),
                "Compare the fingerprint with that of the host, then run: quaylight engine trust NAME".to_owned(),
            ),
            Verdict::Changed { known, place } => (
                "host_key_changed",
                format!(
                    "the host key of {name} has changed: it is {kind} {presented}, but {} is known ({place})",
                    known.join(", ")
                ),
                format!(
                    "An attacker may be intercepting the connection. Only if the host was reinstalled: remove the old \
                     key as the user of this server with ssh-keygen -R '{name}' -f {}, then trust the new one.",
                    place.rsplit_once(':').map_or(&**place, |(file, _)| file)
                ),
            ),
            Verdict::Revoked { place } => (
                "host_key_revoked",
                format!("the host key of {name} is revoked: {kind} {presented} ({place})"),
                "Give the host a new key (ssh-keygen -A), and trust that one.".to_owned(),
            ),
        };
        LinkError::new(EngineHop::Ssh, code, message, hint)
    }
}

/// Type of a key, as `ssh-keygen -l` prints it.
pub(super) fn kind(key: &PublicKey) -> &'static str {
    match key.algorithm() {
        Algorithm::Ed25519 => "ED25519",
        Algorithm::Ecdsa { .. } => "ECDSA",
        Algorithm::Rsa { .. } => "RSA",
        _ => "key",
    }
}

/// Algorithms to negotiate. Those of known keys come first, because a host has several keys. RSA
/// keys with SHA-1 are excluded.
pub(super) fn preferred(hop: &Hop) -> Preferred {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let mut keys = vec![
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    let known = known_hosts::algorithms(hop);
    let is_known = |key: &Algorithm| match key {
        Algorithm::Rsa { .. } => known.iter().any(|known| matches!(known, Algorithm::Rsa { .. })),
        other => known.contains(other),
    };
    keys.sort_by_key(|key| !is_known(key));
    Preferred { key: Cow::Owned(keys), ..Preferred::DEFAULT }
}
