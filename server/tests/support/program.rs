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
        let mut command = Command::new(env!("CARGO_BIN_EXE_quaylight"));
        command.env_clear().envs(variables.iter().copied()).args(arguments);
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits for its end; how it ended.
    pub(crate) async fn status(&mut self) -> ExitStatus {
        eventually("the program ends", async || self.0.try_wait().unwrap().is_some()).await;
        self.0.wait().unwrap()
    }

    pub(crate) async fn ended(mut self) -> Said {
        let status = self.status().await;
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.0.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
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

    /// By the system's own `kill`: std can only send SIGKILL.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
