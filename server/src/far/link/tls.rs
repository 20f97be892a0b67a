//! The certificates that are trusted for another Quaylight server: the system's, or one file's.

use crate::process::small_file;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use std::{path::Path, sync::Arc, time::Duration};

/// Timeout for opening a TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Interval of TCP keepalives. A half-open connection is found after three of them.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Opens connections with TLS or, to this machine only, without.
pub(super) type Connector = HttpsConnector<HttpConnector>;

/// Creates a connector. `authority` replaces the system's certificates.
///
/// # Errors
/// When the certificates cannot be read.
pub(super) fn connector(authority: Option<&Path>) -> Result<Connector, String> {
    let builder = HttpsConnectorBuilder::new();
    let builder = match authority {
        Some(file) => builder.with_tls_config(config(file)?),
        None => builder.with_native_roots().map_err(|error| format!("there are no certificates to trust: {error}"))?,
    };
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_keepalive(Some(KEEPALIVE_INTERVAL));
    connector.set_keepalive_interval(Some(KEEPALIVE_INTERVAL));
    connector.set_nodelay(true);
    Ok(builder.https_or_http().enable_http1().wrap_connector(connector))
}

/// Checks a file of certificates.
///
/// # Errors
/// The reason why the file cannot be used.
pub fn check_authority(file: &Path) -> Result<(), String> {
    config(file).map(drop)
}

fn config(file: &Path) -> Result<ClientConfig, String> {
    let shown = file.display();
    let text = small_file::read(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| format!("{shown} is not valid PEM: {error}"))?;
    let mut roots = RootCertStore::empty();
    if roots.add_parsable_certificates(certificates).0 == 0 {
        return Err(format!("{shown} contains no valid certificate in PEM format"));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
