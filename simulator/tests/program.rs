//! The program: output, control API and exit.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running program and its folder, both removed when dropped.
struct Program {
    child: Child,
    control: String,
    folder: PathBuf,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("engine.sock");
        let mut child = Command::new(env!("CARGO_BIN_EXE_quaylight-simulator"))
            .args([
                "--listen",
                &format!("unix://{}", socket.display()),
                "--scenario",
                "busy:5",
                "--control",
                "127.0.0.1:0",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert_eq!(lines.next().unwrap(), format!("listening on unix://{}", socket.display()));
        let control = lines.next().unwrap().strip_prefix("control on http://").unwrap().to_owned();
        Self { child, control, folder: folder.to_owned() }
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("engine.sock")
    }

    fn control(&self, method: &str, path: &str, body: &str) -> String {
        exchange(TcpStream::connect(&self.control).unwrap(), method, path, body)
    }

    fn engine(&self, path: &str) -> String {
        exchange(UnixStream::connect(self.socket()).unwrap(), "GET", path, "")
    }

    /// SIGTERM by the shell's `kill`, because std can only send SIGKILL.
    fn terminate(&mut self) -> std::process::ExitStatus {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exchange(mut stream: impl Read + Write, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let head = "HTTP/1.0\r\nHost: simulator\r\nContent-Type: application/json\r\nContent-Length";
    write!(stream, "{method} {path} {head}: {length}\r\n\r\n{body}").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

fn status(response: &str) -> &str {
    response.split_whitespace().nth(1).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ql-program-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_control_api_works_while_the_daemon_is_down() {
    let folder = folder("control");
    let program = Program::start(&folder);
    assert_eq!(status(&program.engine("/v1.41/containers/json")), "200");
    assert_eq!(status(&program.control("POST", "/_simulator/faults", r#"{"daemon": "down"}"#)), "204");
    assert!(UnixStream::connect(program.socket()).is_err());
    let faults = program.control("GET", "/_simulator/faults", "");
    assert!(faults.ends_with(r#","daemon":"down"}"#), "{faults}");
    assert_eq!(status(&program.control("POST", "/_simulator/faults", r#"{"daemon": {"restart": 50}}"#)), "204");
    assert_eq!(status(&program.engine("/_ping")), "200");
    let calls = program.control("GET", "/_simulator/calls", "");
    assert!(calls.ends_with(r#"{"calls":{"ping":1,"list":1},"open":{}}"#), "{calls}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_unknown_fault_is_refused() {
    let folder = folder("refused");
    let program = Program::start(&folder);
    let response = program.control("POST", "/_simulator/faults", r#"{"lightning": true}"#);
    assert_eq!(status(&response), "422");
    assert!(response.contains("lightning") && response.contains("eventGap"), "{response}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_control_api_crashes_a_process_and_fails_a_probe() {
    let folder = folder("crash");
    let program = Program::start(&folder);
    let crashed = program.control("POST", "/_simulator/containers/shop-cache-1/crash", r#"{"outOfMemory": true}"#);
    assert_eq!(status(&crashed), "204");
    assert!(program.engine("/containers/shop-cache-1/json").contains(r#""OOMKilled":true"#));
    let sick = program.control("POST", "/_simulator/containers/shop-db-1/health", r#"{"healthy": false}"#);
    assert_eq!(status(&sick), "204");
    assert!(program.engine("/containers/shop-db-1/json").contains(r#""Status":"unhealthy""#));
    assert_eq!(status(&program.control("POST", "/_simulator/containers/nobody/crash", "{}")), "404");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn sigterm_ends_the_program_and_removes_the_socket() {
    let folder = folder("sigterm");
    let mut program = Program::start(&folder);
    assert!(program.terminate().success());
    assert!(!program.socket().exists());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_stale_socket_is_replaced_and_one_in_use_is_not() {
    let folder = folder("leftover");
    drop(Program::start(&folder));
    assert!(folder.join("engine.sock").exists());
    let program = Program::start(&folder);
    assert_eq!(status(&program.engine("/_ping")), "200");
    let listen = format!("unix://{}", program.socket().display());
    let second = Command::new(env!("CARGO_BIN_EXE_quaylight-simulator")).args(["--listen", &listen]).output().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("could not listen on"));
    assert_eq!(status(&program.engine("/_ping")), "200");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_unknown_scenario_is_an_error_with_the_valid_names() {
    let output = Command::new(env!("CARGO_BIN_EXE_quaylight-simulator")).args(["--scenario", "buzy"]).output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    for word in ["buzy", "quiet", "busy", "crash-loop", "thousand", "swarm"] {
        assert!(text.contains(word), "{text}");
    }
}
