//! The program itself, started as by a user.

use super::{TEST_TIMEOUT, eventually};
use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
};
use tokio::time::timeout;

/// A started program; killed when dropped.
#[derive(Debug)]
pub(crate) struct Program(Child);

/// Result of a program that has exited.
#[derive(Debug)]
pub(crate) struct ProgramOutput {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// Starts it with these arguments and only these environment variables.
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(binary());
        command.env_clear().envs(variables.iter().copied()).args(arguments);
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The same, with limits in the syntax of the shell's `ulimit`: `-n 64`, `-S -n 64`.
    pub(crate) fn start_limited(limit: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("/bin/sh");
        let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
        command.env_clear().args(["-c", &script, &binary()]).args(arguments);
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits for its exit and returns the status.
    pub(crate) async fn status(&mut self) -> ExitStatus {
        eventually("the program ends", async || self.0.try_wait().unwrap().is_some()).await;
        self.0.wait().unwrap()
    }

    /// Waits for its exit and returns its output, without the line that [`Program::address`] has
    /// read.
    pub(crate) async fn ended(mut self) -> ProgramOutput {
        let status = self.status().await;
        let (mut stdout, mut stderr) = (String::new(), String::new());
        if let Some(mut unread) = self.0.stdout.take() {
            unread.read_to_string(&mut stdout).unwrap();
        }
        self.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        ProgramOutput { status, stdout, stderr }
    }

    /// Reads its first line, and the address in it.
    pub(crate) async fn address(&mut self) -> (SocketAddr, String) {
        let stdout = self.0.stdout.take().unwrap();
        let reading = tokio::task::spawn_blocking(|| BufReader::new(stdout).lines().next());
        let line = timeout(TEST_TIMEOUT, reading).await.expect("it prints its address").unwrap().unwrap().unwrap();
        let address = line.strip_prefix("Quaylight on http://").and_then(|rest| rest.split_once(',')).unwrap().0;
        (address.parse().unwrap(), line)
    }

    /// Private memory in bytes (Linux). The share of memory of other instances would change
    /// whenever one of them starts or ends.
    pub(crate) fn own_memory(&self) -> Option<usize> {
        self.status_field("RssAnon:")
    }

    /// A field of `/proc/PID/status` in bytes, by its name with the colon (Linux).
    pub(crate) fn status_field(&self, name: &str) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024)
    }

    /// Pid, for `/proc`.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Uses the system's `kill`, because std can only send SIGKILL.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap().success());
    }
}

/// The program built with the tests, unless another one is set.
fn binary() -> String {
    std::env::var("QUAYLIGHT_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_quaylight").to_owned())
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
