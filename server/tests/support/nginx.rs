//! A real nginx in front of a server, with all its files in its own folder.

use super::eventually;
use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// The documented configuration of `docs/RELIABILITY.md` and the guide to proxies.
pub(crate) const RECOMMENDED: &str = "
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection \"\";
    proxy_buffering off;
";

/// An authority, and a certificate for 127.0.0.1 that it signed.
const CERTIFICATES: [(&str, &str); 3] = [
    ("ca.pem", include_str!("certificates/ca.pem")),
    ("cert.pem", include_str!("certificates/cert.pem")),
    ("key.pem", include_str!("certificates/key.pem")),
];

/// A running nginx; ended when dropped.
#[derive(Debug)]
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    upstream: SocketAddr,
    with_tls: bool,
    folder: TempDir,
    master: Child,
}

impl Nginx {
    /// Starts it in front of `upstream`, with these directives in its only location. Returns `None`
    /// with a message without nginx.
    pub(crate) async fn start(upstream: SocketAddr, directives: &str) -> Option<Self> {
        Self::listen(upstream, directives, false).await
    }

    /// Starts it with TLS and the recommended directives. Its certificate is for 127.0.0.1.
    pub(crate) async fn start_with_tls(upstream: SocketAddr) -> Option<Self> {
        Self::start_with_tls_and(upstream, RECOMMENDED).await
    }

    /// The same with these directives.
    pub(crate) async fn start_with_tls_and(upstream: SocketAddr, directives: &str) -> Option<Self> {
        Self::listen(upstream, directives, true).await
    }

    /// File of the authority that signed its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    async fn listen(upstream: SocketAddr, directives: &str, with_tls: bool) -> Option<Self> {
        let binary = binary()?;
        let folder = tempfile::tempdir().unwrap();
        // Was free a moment ago and is very likely still free.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        write(folder.path(), address, upstream, directives, with_tls);
        let file = folder.path().join("nginx.conf");
        let mut command = Command::new(binary);
        command.arg("-p").arg(folder.path()).args(["-e", "stderr", "-c"]).arg(file);
        let master = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let nginx = Self { address, upstream, with_tls, folder, master };
        eventually("nginx listens", async || TcpStream::connect(address).is_ok()).await;
        Some(nginx)
    }

    /// Reloads it with other directives, as an operator does; open connections have one second to
    /// end.
    pub(crate) fn reload(&self, directives: &str) {
        write(self.folder.path(), self.address, self.upstream, directives, self.with_tls);
        assert!(Command::new("kill").args(["-s", "HUP", &self.master.id().to_string()]).status().unwrap().success());
    }

    /// Statuses of its responses; an open stream counts when it ends.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
        log.lines().filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM, because a killed master leaves its workers.
        let _ = Command::new("kill").arg(self.master.id().to_string()).status();
        let _ = self.master.wait();
    }
}

fn write(folder: &Path, address: SocketAddr, upstream: SocketAddr, directives: &str, with_tls: bool) {
    let at = folder.display();
    let mut tls = String::new();
    if with_tls {
        for (name, text) in CERTIFICATES {
            fs::write(folder.join(name), text).unwrap();
        }
        tls = format!(" ssl; ssl_protocols TLSv1.3; ssl_certificate {at}/cert.pem; ssl_certificate_key {at}/key.pem");
    }
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {at}/{name};\n"))
        .concat();
    // Started by root, its workers would run as a user who cannot write here.
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
    let user = if is_root { "user root;\n" } else { "" };
    let text = format!(
        "daemon off;\n{user}worker_processes 1;\nworker_shutdown_timeout 1s;\npid {at}/nginx.pid;\nevents {{ worker_connections 512; }}\n\
         http {{\nlog_format status '$status $request_uri';\naccess_log {at}/access.log status;\n{temporary}\
         server {{ listen {address}{tls}; location / {{ proxy_pass http://{upstream}; {directives} }} }}\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), text).unwrap();
}

fn binary() -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
    let found = path.split(':').map(|folder| Path::new(folder).join("nginx")).find(|file| file.is_file());
    assert!(
        found.is_some() || std::env::var("REQUIRE_DOCKER").as_deref() != Ok("1"),
        "REQUIRE_DOCKER=1, but nginx is not installed (Debian: apt-get install nginx-light)"
    );
    if found.is_none() {
        eprintln!("skipped: nginx is not installed (Debian: apt-get install nginx-light)");
    }
    found
}
