//! Reads and checks the files for TLS to an engine.

use super::TlsFiles;
use crate::process::small_file;
use rustls::{
    RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};
use std::path::Path;

/// Parsed content of the certificate files.
pub(super) struct Certificates {
    /// Authorities that may have signed the engine's certificate.
    pub(super) roots: RootCertStore,
    /// Certificate of this server, followed by intermediate certificates.
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Checks the files.
///
/// # Errors
/// The file that cannot be used, and the reason.
pub fn check_certificates(files: &TlsFiles) -> Result<(), String> {
    read_certificates(files).map(|_| ())
}

/// Reads and checks the files.
pub(super) fn read_certificates(files: &TlsFiles) -> Result<Certificates, String> {
    let TlsFiles { ca, cert, key } = files;
    let read = |path: &Path| small_file::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
    let shown = |path: &Path| path.display().to_string();
    let certificates = |path: &Path| {
        let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(path)?).collect();
        match parsed {
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) => Err(format!("{} contains no certificate in PEM format", shown(path))),
            Err(error) => Err(format!("{} is not valid PEM: {error}", shown(path))),
        }
    };
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates(ca)?);
    if added == 0 {
        return Err(format!("{} contains no valid certificate", shown(ca)));
    }
    let chain = certificates(cert)?;
    let keys: Result<Vec<_>, _> = PrivateKeyDer::pem_slice_iter(&read(key)?).collect();
    let private = match keys.map(|mut keys| (keys.pop(), keys.is_empty())) {
        Ok((Some(private), true)) => private,
        Ok((None, _)) => return Err(format!("{} contains no private key in PEM format", shown(key))),
        Ok((Some(_), false)) => return Err(format!("{} contains more than one private key", shown(key))),
        Err(error) => return Err(format!("{} is not valid PEM: {error}", shown(key))),
    };
    match CertifiedKey::from_der(chain.clone(), private.clone_key(), &ring::default_provider()) {
        Ok(_) => Ok(Certificates { roots, chain, key: private }),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(format!("the key in {} does not belong to {}", shown(key), shown(cert)))
        }
        Err(error) => Err(format!("{} and {} cannot be used: {error}", shown(cert), shown(key))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]
    use super::*;
    use std::fs;

    const CERTIFICATE: &str = include_str!("certificates/cert.pem");
    const KEY: &str = include_str!("certificates/key.pem");
    const OTHER_KEY: &str = include_str!("certificates/other-key.pem");

    fn check(files: [&str; 3]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in ["ca.pem", "cert.pem", "key.pem"].into_iter().zip(files) {
            if !text.is_empty() {
                fs::write(folder.path().join(name), text).unwrap();
            }
        }
        check_certificates(&TlsFiles::in_folder(folder.path()))
    }

    #[test]
    fn unusable_certificate_files_are_named() {
        assert_eq!(check([CERTIFICATE, CERTIFICATE, KEY]), Ok(()));
        for (files, words) in [
            (["", CERTIFICATE, KEY], ["cannot read", "ca.pem"]),
            ([CERTIFICATE, "", KEY], ["cannot read", "cert.pem"]),
            ([CERTIFICATE, CERTIFICATE, ""], ["cannot read", "key.pem"]),
            ([KEY, CERTIFICATE, KEY], ["ca.pem", "no certificate"]),
            ([CERTIFICATE, "text", KEY], ["cert.pem", "no certificate"]),
            ([CERTIFICATE, CERTIFICATE, CERTIFICATE], ["key.pem", "no private key"]),
            ([CERTIFICATE, CERTIFICATE, &KEY.repeat(2)], ["key.pem", "more than one"]),
            ([CERTIFICATE, CERTIFICATE, OTHER_KEY], ["key.pem", "does not belong to"]),
            (["-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n", CERTIFICATE, KEY], ["ca.pem", "PEM"]),
        ] {
            let error = check(files).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{words:?}: {error}");
        }
    }
}
