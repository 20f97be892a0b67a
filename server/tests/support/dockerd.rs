//! A dockerd that a test may kill, freeze and replace: with its own data and socket, without a
//! network, and always cleaned up.
//!
//! As in the simulator's `real_engine`, a shell script owns the daemon and cleans up at the end of
//! its input, however this process ends. This one also accepts commands, one per line, and replies
//! to each with a line.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

/// `$1` is the folder; the other arguments are put before `dockerd` and its own arguments. A killed
/// daemon leaves stale pid files, its containerd, and mounts.
const SCRIPT: &str = r#"
dir=$1; shift
leave() {
  for process in /proc/[0-9]*; do
    if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -qF "$dir"; then
      [ "${process#/proc/}" = $$ ] || kill -9 "${process#/proc/}" 2>/dev/null
    fi
  done
}
begin() {
  rm -f "$dir/dockerd.pid" "$dir/exec/containerd/containerd.pid"
  "$@" </dev/null >>"$dir/dockerd.log" 2>&1 & pid=$!
}
end() {
  kill "$pid" 2>/dev/null
  tenths=0
  while kill -0 "$pid" 2>/dev/null && [ "$tenths" -lt 200 ]; do sleep 0.1; tenths=$((tenths + 1)); done
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
}
while read -r order words; do
  case $order in
    start) begin $words dockerd "$@" ;;
    kill) kill -9 "$pid"; wait "$pid" 2>/dev/null ;;
    stop) end ;;
    freeze) kill -STOP "$pid" ;;
    thaw) kill -CONT "$pid" ;;
    mount) mkdir -p "$dir/data"; mount -t tmpfs -o "size=$words" tmpfs "$dir/data" ;;
  esac
  echo done
done
kill -CONT "$pid" 2>/dev/null
end
leave
awk -v dir="$dir/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
rm -rf "$dir"
"#;

/// A daemon under a test's control; dropping it ends it and all its containers.
#[derive(Debug)]
pub(crate) struct Dockerd {
    script: Child,
    orders: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    pub(crate) folder: PathBuf,
}

impl Dockerd {
    /// Not started yet. `None` if it cannot run: without root, without dockerd, or if `DOCKER_HOST`
    /// names another engine.
    pub(crate) fn new(more: &[&str]) -> Option<Self> {
        let root =
            std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
        let other = std::env::var("DOCKER_HOST").is_ok_and(|url| !url.is_empty());
        let installed = ["/usr/sbin/dockerd", "/usr/bin/dockerd", "/usr/local/bin/dockerd"]
            .iter()
            .any(|path| Path::new(path).exists());
        if other || !root || !installed {
            assert!(
                other || std::env::var("REQUIRE_DOCKER").as_deref() != Ok("1"),
                "REQUIRE_DOCKER=1, but no dockerd can be started"
            );
            eprintln!("skipped: it takes root and a dockerd to start and kill, and no DOCKER_HOST");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("ql-{:08x}", fastrand::u32(..)));
        std::fs::create_dir(&folder).unwrap();
        let at = |name: &str| folder.join(name).display().to_string();
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "dockerd-for-tests"]).arg(&folder);
        command.args(["--data-root", &at("data"), "--exec-root", &at("exec"), "--pidfile", &at("dockerd.pid")]);
        command.args(["--host", &format!("unix://{}", at("docker.sock"))]);
        command.args(["--bridge=none", "--iptables=false", "--ip6tables=false"]).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut script = command.spawn().unwrap();
        let (orders, replies) = (script.stdin.take(), BufReader::new(script.stdout.take().unwrap()));
        Some(Self { script, orders, replies, folder })
    }

    /// Runs `start`, `kill`, `stop`, `freeze`, `thaw` or `mount SIZE`, and waits until it is done.
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
        let mut reply = String::new();
        self.replies.read_line(&mut reply).unwrap();
        assert_eq!(reply, "done\n", "{order}");
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("docker.sock")
    }

    /// Value for `DOCKER_HOST`.
    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Runs the docker command and returns its output.
    pub(crate) fn docker(&self, words: &[&str]) -> Result<String, String> {
        let done = Command::new("docker").env("DOCKER_HOST", self.url()).args(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
    }

    /// Starts it, waits until it responds, and imports the image.
    pub(crate) fn begin(&mut self) {
        self.order("start");
        self.wait_until_ready(Duration::from_secs(60));
        simulator::RealEngine::give_image(&self.url()).unwrap();
    }

    pub(crate) fn wait_until_ready(&self, within: Duration) {
        let began = Instant::now();
        while self.docker(&["version"]).is_err() {
            assert!(began.elapsed() < within, "dockerd does not respond:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("dockerd.log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.script.wait();
    }
}
