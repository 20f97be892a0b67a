//! Connections with TLS. Only the given authority is trusted, and the three files are read again
//! when they change.
//!
//! In: an authority `host:port` and [`TlsFiles`]. Out: a bollard client. [`errors`] names the check
//! that failed, [`expiry`] warns before certificates expire.

pub(in crate::engine) mod errors;
pub(super) mod expiry;
mod verifier;

use super::{LinkError, pool, tcp};
use crate::{
    engine::{EngineError, TlsFiles, certificates::read_certificates},
    process::metrics::Traffic,
};
use axum::http::Uri;
use bollard::Docker;
use expiry::Whose;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, client::Resumption, crypto::ring};
use std::{
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};
use tower::Service as _;
use verifier::Verifier;

/// Creates a client without connecting.
///
/// # Errors
/// If a file cannot be used.
pub(super) fn client(authority: &str, files: TlsFiles, traffic: Traffic) -> Result<Docker, EngineError> {
    let settings = Arc::new(Settings { authority: authority.to_owned(), files, read: Mutex::default() });
    settings.current().map_err(|error| EngineError::Link(Box::new(error)))?;
    let connect = move |uri: Uri| {
        let settings = Arc::clone(&settings);
        Box::pin(async move {
            let connected = connector(&*settings.current()?).call(uri).await;
            connected.map_err(|error| match errors::in_causes(&*error) {
                Some(refused) => Box::new(errors::link_error(refused, &settings.authority, Some(&settings.files))),
                None => tcp::named(error, &settings.authority),
            })
        })
    };
    pool::client(tower::service_fn(connect), &format!("https://{authority}"), traffic)
}

/// Tries a connection with its handshake. Only whether it ends matters, not how.
pub(super) async fn handshake(authority: &str, files: TlsFiles) {
    let settings = Settings { authority: authority.to_owned(), files, read: Mutex::default() };
    if let (Ok(config), Ok(uri)) = (settings.current(), format!("https://{authority}").parse::<Uri>()) {
        drop(connector(&config).call(uri).await);
    }
}

fn connector(config: &ClientConfig) -> HttpsConnector<HttpConnector> {
    let builder = HttpsConnectorBuilder::new().with_tls_config(config.clone()).https_only().enable_http1();
    builder.wrap_connector(tcp::connector())
}

/// Modification times of the three files.
type Stamps = [Option<SystemTime>; 3];

/// Certificate files of an engine, and the configuration that was read from them.
#[derive(Debug)]
struct Settings {
    authority: String,
    files: TlsFiles,
    read: Mutex<Option<(Stamps, Arc<ClientConfig>)>>,
}

impl Settings {
    /// The configuration from the current files.
    fn current(&self) -> Result<Arc<ClientConfig>, LinkError> {
        let TlsFiles { ca, cert, key } = &self.files;
        let stamps = [ca, cert, key].map(|file| fs::metadata(file).and_then(|found| found.modified()).ok());
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, config)) = &*read
            && *known == stamps
        {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.load()?);
        *read = Some((stamps, Arc::clone(&config)));
        Ok(config)
    }

    fn load(&self) -> Result<ClientConfig, LinkError> {
        let certificates = read_certificates(&self.files).map_err(errors::unreadable)?;
        let (provider, roots) = (Arc::new(ring::default_provider()), Arc::new(certificates.roots));
        expiry::check_own(&roots, &certificates.chain, &self.authority, &self.files)?;
        let failed = |error: rustls::Error| errors::link_error(&error, &self.authority, Some(&self.files));
        let verifier = Verifier::new(roots, Arc::clone(&provider), &self.authority).map_err(errors::unreadable)?;
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(failed)?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = builder.with_client_auth_cert(certificates.chain, certificates.key).map_err(failed)?;
        // A resumed session would not check the certificates again.
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

/// Sentences about certificates of an engine that expire soon.
pub(super) fn expiring(authority: &str) -> Vec<String> {
    [Whose::Engine, Whose::Own].into_iter().filter_map(|whose| expiry::text(authority, whose)).collect()
}
