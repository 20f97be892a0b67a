//! The program itself, started as a person would.

use super::{SOON, eventually};
use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
};
use tokio::time::timeout;

/// A started program; killed when dropped.
#[derive(Debug)]
pub(crate) struct Program(Child);

/// What a program said that has ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// Starts it with these arguments and in an environment of these variables alone.
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(binary());
        command.env_clear().envs(variables.iter().copied()).args(arguments);
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The same, with limits on files and sockets as the shell's `ulimit` takes them: `-n 64`, `-S -n 64`.
    pub(crate) fn start_limited(limit: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("/bin/sh");
        let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
        command.env_clear().args(["-c", &script, &binary()]).args(arguments);
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits for its end; how it ended.
    pub(crate) async fn status(&mut self) -> ExitStatus {
        eventually("the program ends", async || self.0.try_wait().unwrap().is_some()).await;
        self.0.wait().unwrap()
    }

    /// Waits for its end; what it said, but for what [`Program::address`] has read.
    pub(crate) async fn ended(mut self) -> Said {
        let status = self.status().await;
        let (mut stdout, mut stderr) = (String::new(), String::new());
        if let Some(mut unread) = self.0.stdout.take() {
            unread.read_to_string(&mut stdout).unwrap();
        }
        self.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Said { status, stdout, stderr }
    }

    /// The first line it prints, and the address in it.
    pub(crate) async fn address(&mut self) -> (SocketAddr, String) {
        let stdout = self.0.stdout.take().unwrap();
        let reading = tokio::task::spawn_blocking(|| BufReader::new(stdout).lines().next());
        let line = timeout(SOON, reading).await.expect("it prints its address").unwrap().unwrap().unwrap();
        let address = line.strip_prefix("Quaylight on http://").and_then(|rest| rest.split_once(',')).unwrap().0;
        (address.parse().unwrap(), line)
    }

    /// Bytes of memory of its own, where the system tells (Linux). Of what it shares with other programs of this kind, its part
    /// changes whenever one of them starts or ends.
    pub(crate) fn own_memory(&self) -> Option<usize> {
        self.status_field("RssAnon:")
    }

    /// Bytes, of a field of `/proc/PID/status` with its colon, where the system tells (Linux).
    pub(crate) fn status_field(&self, name: &str) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024)
    }

    /// For `/proc`.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// By the system's own `kill`: std can only send SIGKILL.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap().success());
    }
}

/// The one that was built with the tests, unless another is to be tested.
fn binary() -> String {
    std::env::var("QUAYLIGHT_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_quaylight").to_owned())
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
