//! The measured programs, started as by a user.

use crate::processes;
use anyhow::{Context as _, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// Timeout for everything without a documented limit.
const TEST_TIMEOUT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// Folder of the programs.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: &str) -> anyhow::Result<Self> {
        let path = Path::new(path).canonicalize().with_context(|| format!("there is no folder {path}"))?;
        ensure!(path.join("quaylight").is_file(), "there is no quaylight in {}", path.display());
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Starts Quaylight for `engine`, and waits until it is ready.
    pub(crate) fn server(&self, engine: &str, flags: &[&str]) -> anyhow::Result<Server> {
        let mut command = Command::new(self.0.join("quaylight"));
        command.args(["--listen", "127.0.0.1:0", "--log", "warn", "--engine", engine]).args(flags);
        let (program, line) = Program::start(command)?;
        let address =
            line.split_once("http://").and_then(|(_, rest)| rest.split_once(',')).context("it prints its address")?;
        let server = Server { program, address: address.0.parse()? };
        let started = Instant::now();
        while !server.get("/readyz").is_ok_and(|response| response.contains(" 200 ")) {
            ensure!(started.elapsed() < TEST_TIMEOUT, "the server does not get ready");
            sleep(POLL);
        }
        Ok(server)
    }

    /// Starts a simulated engine that samples without delay. Returns its `DOCKER_HOST` value.
    pub(crate) fn simulator(&self, scenario: &str) -> anyhow::Result<(Program, String)> {
        let mut command = Command::new(self.0.join("quaylight-simulator"));
        command.args(["--modern", "--scenario", scenario]);
        let (program, line) = Program::start(command)?;
        let url = line.strip_prefix("listening on ").context("it prints its address")?.trim().to_owned();
        Ok((program, url))
    }
}

/// A running program; stopped when dropped.
#[derive(Debug)]
pub(crate) struct Program(Child);

impl Program {
    /// Starts it and reads its first line.
    fn start(mut command: Command) -> anyhow::Result<(Self, String)> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut program = Self(child.with_context(|| format!("could not start {command:?}"))?);
        let mut line = String::new();
        let stdout = program.0.stdout.take().context("its output is a pipe")?;
        ensure!(BufReader::new(stdout).read_line(&mut line)? > 0, "{command:?} ended at once");
        Ok((program, line))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // With SIGTERM, so that a simulator removes its socket.
        if let Ok(pid) = i32::try_from(self.0.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = self.0.wait();
    }
}

/// A running Quaylight server.
#[derive(Debug)]
pub(crate) struct Server {
    program: Program,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.program.pid()
    }

    pub(crate) fn cpu_time(&self) -> Duration {
        processes::cpu_time(&[self.pid()])
    }

    pub(crate) fn pss(&self) -> anyhow::Result<u64> {
        processes::pss(self.pid()).context("/proc does not have its memory")
    }

    /// A series of `/metrics`; 0 before its first count.
    pub(crate) fn metric(&self, series: &str) -> anyhow::Result<f64> {
        let text = self.get("/metrics")?;
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        Ok(line.map(str::parse).transpose()?.unwrap_or_default())
    }

    /// Waits until a series reaches `least`.
    pub(crate) fn until_metric(&self, series: &str, least: f64) -> anyhow::Result<()> {
        let started = Instant::now();
        while self.metric(series)? < least {
            ensure!(started.elapsed() < TEST_TIMEOUT, "{series} does not come to {least}");
            sleep(5 * POLL);
        }
        Ok(())
    }

    /// The whole response, including its head.
    fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(TEST_TIMEOUT))?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes())?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response)?;
        Ok(String::from_utf8_lossy(&response).into_owned())
    }
}
