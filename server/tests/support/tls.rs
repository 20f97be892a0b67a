//! Certificates, and a TLS listener in front of an engine's socket.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, date_time_ymd,
};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
        server::WebPkiClientVerifier,
    },
};

/// Days from today, at midnight UTC.
pub(crate) type Days = i64;

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// A certificate and its key in PEM format.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) cert: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A certificate for `names` that is valid from and until some days from now.
    pub(crate) fn identity(&self, names: &[&str], from: Days, until: Days) -> Identity {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let [(year, month, day), end] = [from, until].map(date);
        params.not_before = date_time_ymd(year, month, day);
        params.not_after = date_time_ymd(end.0, end.1, end.2);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { cert: certificate.pem(), key: key.serialize_pem() }
    }
}

/// Year, month and day.
fn date(days: Days) -> (i32, u8, u8) {
    let date = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date();
    let date = date.checked_add(jiff::Span::new().days(days)).unwrap();
    (i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
}

/// Files of a client; replaced like an operator does.
#[derive(Debug)]
pub(crate) struct ClientFiles(TempDir);

impl ClientFiles {
    pub(crate) fn new(ca: &str, identity: &Identity) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write(ca, identity);
        files
    }

    pub(crate) fn write(&self, ca: &str, Identity { cert, key }: &Identity) {
        for (name, text) in [("ca.pem", ca), ("cert.pem", cert), ("key.pem", key)] {
            fs::write(self.path(name), text).unwrap();
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// An engine as in a settings file.
    pub(crate) fn engine(&self, address: &str) -> String {
        let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| self.path(name).display().to_string());
        format!(
            "{{ name = \"far\", address = \"{address}\", tls = {{ ca = \"{ca}\", cert = \"{cert}\", key = \"{key}\" }} }}"
        )
    }
}

/// A listener with TLS in front of a unix socket; ended when dropped.
pub(crate) struct TlsListener {
    pub(crate) address: SocketAddr,
    acceptor: Arc<Mutex<TlsAcceptor>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl TlsListener {
    /// Requires certificates of `clients`.
    pub(crate) async fn start(identity: &Identity, clients: &Authority, socket: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = Arc::new(Mutex::new(acceptor(identity, clients)));
        let connections = Arc::<AtomicUsize>::default();
        let (current, count, socket) = (Arc::clone(&acceptor), Arc::clone(&connections), socket.to_owned());
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                let (acceptor, socket) = (current.lock().unwrap().clone(), socket.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let Ok(mut engine) = UnixStream::connect(socket).await else { return };
                    let _ = copy_bidirectional(&mut stream, &mut engine).await;
                });
            }
        });
        Self { address, acceptor, connections, task }
    }

    /// Uses another certificate for new connections.
    pub(crate) fn replace(&self, identity: &Identity, clients: &Authority) {
        *self.acceptor.lock().unwrap() = acceptor(identity, clients);
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor(identity: &Identity, clients: &Authority) -> TlsAcceptor {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(clients.certificate.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let chain = CertificateDer::pem_slice_iter(identity.cert.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Time until a change of a file has another date, on file systems with whole seconds.
pub(crate) const FILE_DATE_PAUSE: Duration = Duration::from_millis(1_100);
