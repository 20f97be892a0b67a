//! A private dockerd: own data, own socket, no network, reliably stopped.
//!
//! A small shell script starts it and waits for the end of its input, which this process holds
//! open. However this process ends, even if killed, the script then stops the daemon by its process
//! id, waits for it and removes its folder.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{RealEngineError, http};

/// Timeout for the start of a daemon, which takes seconds on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Interval of readiness checks.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Script that runs dockerd: `$1` is the folder, the rest are arguments. Mounts left behind by a
/// killed daemon must be removed before the folder.
const SCRIPT: &str = r#"
dir=$1; shift
dockerd "$@" </dev/null >"$dir/dockerd.log" 2>&1 & pid=$!
cat >/dev/null
kill "$pid" 2>/dev/null
tenths=0
while kill -0 "$pid" 2>/dev/null && [ "$tenths" -lt 200 ]; do sleep 0.1; tenths=$((tenths + 1)); done
kill -9 "$pid" 2>/dev/null
wait "$pid"
awk -v dir="$dir/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
rm -rf "$dir"
"#;

/// A private dockerd. Dropping this stops it and waits for its end.
#[derive(Debug)]
pub(super) struct Supervisor {
    script: Child,
    folder: PathBuf,
}

impl Supervisor {
    /// Starts a dockerd and waits until it responds.
    pub(super) fn start(storage_driver: Option<&str>) -> Result<Self, RealEngineError> {
        if !installed("dockerd") {
            return Err(RealEngineError::Missing("DOCKER_HOST is not set and dockerd is not installed"));
        }
        let folder = new_folder().map_err(|source| RealEngineError::Io("create a folder for dockerd", source))?;
        let script = command(&folder, storage_driver).spawn();
        let script = script.map_err(|source| RealEngineError::Io("start dockerd", source))?;
        let supervisor = Self { script, folder };
        let started = Instant::now();
        while started.elapsed() < START_TIMEOUT {
            if http::get(&supervisor.url(), "/_ping").is_ok_and(|response| response.status == 200) {
                return Ok(supervisor);
            }
            sleep(POLL_INTERVAL);
        }
        Err(RealEngineError::NotReady(supervisor.end_of_log()))
    }

    pub(super) fn url(&self) -> String {
        format!("unix://{}", socket(&self.folder).display())
    }

    fn end_of_log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("dockerd.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // The script cleans up at the end of its input.
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("docker.sock")
}

fn command(folder: &Path, storage_driver: Option<&str>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "dockerd-for-tests"]).arg(folder);
    command.arg("--data-root").arg(folder.join("data")).arg("--exec-root").arg(folder.join("exec"));
    command
        .arg("--pidfile")
        .arg(folder.join("dockerd.pid"))
        .arg("--host")
        .arg(format!("unix://{}", socket(folder).display()));
    command.args(["--bridge=none", "--iptables=false", "--ip6tables=false"]);
    if let Some(driver) = storage_driver {
        command.arg("--storage-driver").arg(driver);
    }
    // A separate process group: Ctrl-C in the terminal must reach the script only as the end of
    // its input.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command
}

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Creates a folder with a short path, because paths of unix sockets are limited and dockerd
/// creates some deep below the folder.
fn new_folder() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("ql-{:08x}", fastrand::u32(..)));
    std::fs::create_dir(&folder)?;
    Ok(folder)
}
