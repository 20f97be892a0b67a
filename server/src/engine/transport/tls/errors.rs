//! Errors of TLS: the check that failed, by its name.

use crate::engine::{TlsFiles, transport::LinkError};
use app::model::EngineHop;
use rustls::{
    AlertDescription, CertificateError, Error,
    pki_types::{ServerName, UnixTime},
};
use std::io;

/// The error of rustls in an error or its causes.
pub(in crate::engine) fn in_causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Error> {
    let mut cause = Some(error);
    while let Some(found) = cause {
        let inner = found.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(inner) = inner
            && let Some(error) = in_causes(inner)
        {
            return Some(error);
        }
        if let Some(error) = found.downcast_ref() {
            return Some(error);
        }
        cause = found.source();
    }
    None
}

/// The error for a file that cannot be used.
pub(super) fn unreadable(reason: String) -> LinkError {
    LinkError::new(
        EngineHop::Tls,
        "certificate_unreadable",
        reason,
        "Set ca.pem, cert.pem and key.pem with tls in the settings, or their folder with DOCKER_CERT_PATH; the user of \
         the service must be able to read them.",
    )
}

/// Converts an error of rustls; the message names the failed check. `authority` is the engine's
/// `host:port`.
pub(in crate::engine) fn link_error(error: &Error, authority: &str, files: Option<&TlsFiles>) -> LinkError {
    let tls = |code, message: String, hint: String| LinkError::new(EngineHop::Tls, code, message, hint);
    match error {
        Error::InvalidCertificate(error) => certificate_error(error, authority, files),
        Error::AlertReceived(alert) if concerns_own_certificate(*alert) => LinkError::new(
            EngineHop::Auth,
            "client_certificate_refused",
            format!("the engine at {authority} refuses this server's certificate ({alert:?})"),
            "Create cert.pem and key.pem with the authority that the engine trusts (--tlscacert of dockerd)."
                .to_owned(),
        ),
        Error::InvalidMessage(_) => tls(
            "tls_failed",
            format!("{authority} does not speak TLS"),
            "Check the port: Docker listens with TLS on 2376, and without on 2375 (then use tcp:// without tls)."
                .to_owned(),
        ),
        error => tls(
            "tls_failed",
            format!("the TLS handshake with {authority} failed: {error}"),
            "Check that dockerd runs with --tlsverify, and that no proxy between it and this server interferes."
                .to_owned(),
        ),
    }
}

fn certificate_error(error: &CertificateError, authority: &str, files: Option<&TlsFiles>) -> LinkError {
    use CertificateError as E;
    let subject = format!("the certificate of the engine at {authority}");
    let ca = files
        .map_or_else(|| "the given authority".to_owned(), |files| format!("an authority in {}", files.ca.display()));
    let (code, message, hint) = match error {
        E::ExpiredContext { time: now, not_after } => (
            "certificate_expired",
            format!("{subject} expired at {}", time(*not_after)),
            format!(
                "Renew it on that host and restart its engine. If it should be valid, check this machine's clock, which \
                 shows {}.",
                time(*now)
            ),
        ),
        E::NotValidYetContext { time: now, not_before } => (
            "certificate_not_yet_valid",
            format!(
                "{subject} is valid only from {} on, and this machine's clock shows {}",
                time(*not_before),
                time(*now)
            ),
            "Correct the clock that is wrong: this machine's, or that of the machine that created the certificate."
                .to_owned(),
        ),
        E::NotValidForNameContext { expected, presented } => {
            let names: Vec<_> = presented.iter().map(|name| plain_name(name)).collect();
            let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
            let host = host(expected);
            (
                "certificate_name",
                format!("{subject} is for {names}, not for {host}"),
                format!(
                    "Use one of its names in the engine's address, or add {host} to the certificate (subjectAltName)."
                ),
            )
        }
        E::UnknownIssuer | E::BadSignature => (
            "certificate_unknown",
            format!("{subject} is not signed by {ca}"),
            "Use the ca.pem with which the engine's certificate was created.".to_owned(),
        ),
        error => (
            "tls_failed",
            format!("{subject} is not accepted: {error}"),
            "Create the certificate again, as Docker's manual describes (Protect the Docker daemon socket).".to_owned(),
        ),
    };
    LinkError::new(EngineHop::Tls, code, message, hint)
}

/// Converts `DnsName("a")` and `IpAddress(…)`, which rustls reports, to plain names.
fn plain_name(name: &str) -> &str {
    name.split_once('"').and_then(|(_, rest)| rest.split_once('"')).map_or(name, |(name, _)| name)
}

fn host(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

/// True for alerts with which a server refuses the certificate of a client.
fn concerns_own_certificate(alert: AlertDescription) -> bool {
    use AlertDescription as A;
    matches!(
        alert,
        A::CertificateRequired
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateRevoked
            | A::CertificateExpired
            | A::CertificateUnknown
            | A::UnknownCA
            | A::AccessDenied
            | A::DecryptError
            | A::NoCertificate
    )
}

/// Formats a time as `2026-11-29 14:02:11 UTC`.
pub(super) fn time(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "an unknown time".to_owned(),
    }
}
