//! Certificates that expire within two weeks.
//!
//! The date is found by checking a certificate as if it were two weeks later; the error has it.

use super::errors;
use crate::engine::{TlsFiles, transport::LinkError};
use app::model::EngineHop;
use rustls::{
    CertificateError, Error, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, UnixTime},
    server::WebPkiClientVerifier,
};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Remaining validity below which a certificate is reported.
const MIN_VALIDITY: Duration = Duration::from_secs(14 * 24 * 3_600);
/// Interval between log lines about the same certificate.
const WARNING_INTERVAL: Duration = Duration::from_secs(24 * 3_600);

/// Owner of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::engine::transport) enum Whose {
    Engine,
    /// This server, as a client of the engine.
    Own,
}

/// A certificate that expires soon.
struct Expiring {
    end: UnixTime,
    logged_at: Instant,
}

/// Certificates that expire soon, by the engine's `host:port`.
static EXPIRING: LazyLock<Mutex<HashMap<(String, Whose), Expiring>>> = LazyLock::new(Mutex::default);

/// The time until which certificates have to be valid to count as not expiring.
pub(super) fn soon(now: UnixTime) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()) + MIN_VALIDITY)
}

/// The end of a certificate's validity, if a check failed because of it.
pub(super) fn end(error: Option<&Error>) -> Option<UnixTime> {
    match error {
        Some(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => Some(*not_after),
        _ => None,
    }
}

/// Records whether a certificate expires soon, and logs it once a day if so.
pub(super) fn note(authority: &str, whose: Whose, end: Option<UnixTime>) {
    let mut expiring = EXPIRING.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (authority.to_owned(), whose);
    let Some(end) = end else {
        expiring.remove(&key);
        return;
    };
    let known = expiring.get(&key);
    if known.is_some_and(|known| known.end == end && known.logged_at.elapsed() < WARNING_INTERVAL) {
        return;
    }
    expiring.insert(key, Expiring { end, logged_at: Instant::now() });
    tracing::warn!(engine.host = authority, "{}", sentence(authority, whose, end));
}

/// A sentence about a certificate that expires soon.
pub(super) fn text(authority: &str, whose: Whose) -> Option<String> {
    let expiring = EXPIRING.lock().unwrap_or_else(PoisonError::into_inner);
    let found = expiring.get(&(authority.to_owned(), whose))?;
    Some(sentence(authority, whose, found.end))
}

fn sentence(authority: &str, whose: Whose, end: UnixTime) -> String {
    let whose = match whose {
        Whose::Engine => "the certificate of the engine",
        Whose::Own => "this server's certificate for the engine",
    };
    format!("{whose} at {authority} expires at {}; renew it", errors::time(end))
}

/// Checks the validity of this server's own certificate. One of an authority outside `roots` cannot
/// be checked, and is accepted.
///
/// # Errors
/// If the certificate is not valid now.
pub(super) fn check_own(
    roots: &Arc<RootCertStore>,
    chain: &[CertificateDer<'static>],
    authority: &str,
    files: &TlsFiles,
) -> Result<(), LinkError> {
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), Arc::new(ring::default_provider())).build();
    let (Ok(verifier), Some((certificate, chain))) = (verifier, chain.split_first()) else { return Ok(()) };
    let now = UnixTime::now();
    let check = |at| verifier.verify_client_cert(certificate, chain, at).err();
    let expired = |end: UnixTime| {
        LinkError::new(
            EngineHop::Tls,
            "client_certificate_expired",
            format!("the certificate in {} expired at {}", files.cert.display(), errors::time(end)),
            "Create a new one with the authority that the engine trusts, and replace the files; they are read again.",
        )
    };
    match end(check(now).as_ref()) {
        Some(end) => Err(expired(end)),
        None => {
            note(authority, Whose::Own, end(check(soon(now)).as_ref()));
            Ok(())
        }
    }
}
