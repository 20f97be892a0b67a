//! An OpenSSH server of its own on a free port of loopback, with all its files in its own folder.

use super::eventually;
use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A running sshd; ended when dropped. Its host key, its user's key and `known_hosts` are in
/// [`Sshd::folder`].
#[derive(Debug)]
pub(crate) struct Sshd {
    pub(crate) port: u16,
    folder: TempDir,
    options: String,
    process: Option<Child>,
}

impl Sshd {
    /// Starts one with these lines in its configuration. Returns `None` with a message without sshd.
    pub(crate) async fn start(options: &str) -> Option<Self> {
        let _ = program("sshd")?;
        let folder = tempfile::tempdir().unwrap();
        // Was free a moment ago and is very likely still free.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for name in ["host_key", "id"] {
            generate_key(&folder.path().join(name), "");
        }
        fs::copy(folder.path().join("id.pub"), folder.path().join("authorized_keys")).unwrap();
        let mut sshd = Self { port, folder, options: options.to_owned(), process: None };
        sshd.trust();
        sshd.restart().await;
        Some(sshd)
    }

    /// Starts it again on the same port; the log is kept.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        let at = self.folder.path().display();
        let text = format!(
            "Port {}\nListenAddress 127.0.0.1\nHostKey {at}/host_key\nPidFile {at}/pid\n\
             AuthorizedKeysFile {at}/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
             LogLevel VERBOSE\n{}\n",
            self.port, self.options
        );
        let config = self.folder.path().join("sshd_config");
        fs::write(&config, text).unwrap();
        // sshd requires its folder for processes without permissions.
        let _ = fs::create_dir_all("/run/sshd");
        let mut command = Command::new(program("sshd").unwrap());
        command.args(["-D", "-f"]).arg(&config).arg("-E").arg(self.folder.path().join("log"));
        self.process = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let port = self.port;
        eventually("sshd listens", async || TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
    }

    /// Kills it with its sessions.
    pub(crate) fn kill(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        // Each session has two processes.
        let below = descendants(process.id());
        let _ = process.kill();
        let _ = process.wait();
        for pid in below {
            let _ = Command::new("kill").args(["-s", "KILL", &pid.to_string()]).stderr(Stdio::null()).status();
        }
    }

    /// Sends a signal to its sessions, not to the listener.
    pub(crate) fn signal_sessions(&self, signal: &str) {
        for pid in descendants(self.process.as_ref().unwrap().id()) {
            let _ = Command::new("kill").args(["-s", signal, &pid.to_string()]).status();
        }
    }

    /// Writes `known_hosts` with its present host key.
    pub(crate) fn trust(&self) {
        let key = fs::read_to_string(self.path("host_key.pub")).unwrap();
        fs::write(self.path("known_hosts"), format!("[127.0.0.1]:{} {key}", self.port)).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address of the engine at `socket`, with the files of this server, as in a settings file.
    pub(crate) fn engine(&self, socket: &str) -> String {
        format!(
            "{{ name = \"far\", address = \"ssh://{}@127.0.0.1:{}{socket}\", identity-file = \"{}\", known-hosts = \"{}\" }}",
            user(),
            self.port,
            self.path("id").display(),
            self.path("known_hosts").display()
        )
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Successful sign-ins so far.
    pub(crate) fn sign_ins(&self) -> usize {
        self.log().matches("Accepted publickey").count()
    }

    /// Failed sign-ins so far.
    pub(crate) fn refusals(&self) -> usize {
        self.log().matches("Failed publickey").count()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Creates a key without comment.
pub(crate) fn generate_key(file: &Path, passphrase: &str) {
    let _ = fs::remove_file(file);
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-C", "", "-N", passphrase, "-f"]).arg(file);
    assert!(command.status().unwrap().success());
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o77, 0);
}

/// Fingerprint of a key as OpenSSH prints it.
pub(crate) fn fingerprint(file: &Path) -> String {
    let output = Command::new("ssh-keygen").arg("-lf").arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

/// The user of this process.
pub(crate) fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Processes below a process.
fn descendants(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children: Vec<u32> = children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
    children.iter().flat_map(|child| descendants(*child).into_iter().chain([*child])).collect()
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
    let found = path.split(':').map(|folder| Path::new(folder).join(name)).find(|file| file.is_file());
    assert!(
        found.is_some() || std::env::var("REQUIRE_DOCKER").as_deref() != Ok("1"),
        "REQUIRE_DOCKER=1, but {name} is not installed (Debian: apt-get install openssh-server)"
    );
    if found.is_none() {
        eprintln!("skipped: {name} is not installed (Debian: apt-get install openssh-server)");
    }
    found
}
