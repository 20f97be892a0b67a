//! Checks the engine's certificate, and notes when it expires.

use super::expiry::{self, Whose};
use rustls::{
    DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::sync::Arc;

/// The standard checks of rustls, with the given authorities only.
#[derive(Debug)]
pub(super) struct Verifier {
    checks: Arc<WebPkiServerVerifier>,
    authority: String,
}

impl Verifier {
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        provider: Arc<CryptoProvider>,
        authority: &str,
    ) -> Result<Self, String> {
        let checks = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
        Ok(Self { checks: checks.map_err(|error| error.to_string())?, authority: authority.to_owned() })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.checks.verify_server_cert(certificate, chain, name, ocsp, now)?;
        let later = self.checks.verify_server_cert(certificate, chain, name, ocsp, expiry::soon(now));
        expiry::note(&self.authority, Whose::Engine, expiry::end(later.err().as_ref()));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.checks.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.checks.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.checks.supported_verify_schemes()
    }
}
