//! The program itself: arguments, output, exit codes.

use crate::support::{Program, Viewer, delete, eventually, get, one_in, post, send};
use app::{
    model::ContainerState,
    protocol::{Frame, Picture, Snapshot},
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use simulator::{Options, Simulator};
use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};

/// Documented time limit for a stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);
const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// Starts a serving program with these arguments on a free port.
pub(crate) async fn serving(arguments: &[&str], variables: &[(&str, &str)]) -> (Program, SocketAddr) {
    let mut program = Program::start(&[&ANY_PORT, arguments].concat(), variables);
    let (address, _) = program.address().await;
    eventually("it is ready", async || get(address, "/readyz").await.status == 200).await;
    (program, address)
}

async fn fetched(address: SocketAddr) -> Picture {
    let mut picture = Picture::default();
    let snapshot: Snapshot = get(address, "/api/containers").await.json();
    picture.apply(Frame::Snapshot(snapshot));
    picture
}

async fn assert_refused(arguments: &[&str], variables: &[(&str, &str)], word: &str) {
    let output = Program::start(arguments, variables).ended().await;
    let stderr = &output.stderr;
    assert_eq!(output.status.code(), Some(2), "{arguments:?} {variables:?}: {stderr}");
    assert!(
        stderr.starts_with("quaylight: ") && stderr.ends_with('\n') && stderr.lines().count() == 1,
        "one line: {stderr}"
    );
    assert!(stderr.contains(word) && stderr.contains("--help") && !stderr.contains('\u{1b}'), "{word}: {stderr}");
    assert_eq!(output.stdout, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_value_is_reported_in_one_line_with_exit_code_2() {
    for (flag, value) in [
        ("--engine", "docker"),
        ("--engine", "unix:/run/docker.sock"),
        ("--engine", "tcp://a:b"),
        ("--engine", "npipe://me@host"),
        ("--engine", "demo:nonsense"),
        ("--engine", "demo:busy:many"),
        ("--listen", "here"),
        ("--listen", "127.0.0.1:99999"),
        ("--stats-interval", "0s"),
        ("--refresh-interval", "2h"),
        ("--refresh-interval", "fast"),
        ("--allowed-hosts", "http://quay.example"),
        ("--allowed-hosts", "quay.example:8080"),
        ("--stats-source", "kernel"),
        ("--log", "loud"),
        ("--log", "server=loud"),
        ("--site-root", "/no/such/folder"),
    ] {
        assert_refused(&[flag, value], &[], &format!("'{value}' for '{flag} ")).await;
    }
    assert_refused(&["--verbose"], &[], "--verbose").await;
    assert_refused(&["demo"], &[], "demo").await;
    assert_refused(&["--listen"], &[], "--listen").await;
    assert_refused(&["--allow-actions=yes"], &[], "--allow-actions").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn startup_errors_are_reported_before_anything_starts() {
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    let site: (&[&str], &[(&str, &str)], &str) = (&["--engine", "demo", "--site-root", empty], &[], "--site-root");
    for (arguments, variables, word) in [
        site,
        (&[], &[("DOCKER_HOST", "garbage")], "DOCKER_HOST is garbage"),
        (&[], &[("DOCKER_HOST", "npipe://me@host")], "unix:///PATH"),
    ] {
        let arguments = [arguments, &["--listen", "127.0.0.1:0"]].concat();
        let output = Program::start(&arguments, variables).ended().await;
        assert_eq!((output.status.code(), output.stdout.as_str()), (Some(1), ""), "{}", output.stderr);
        assert!(output.stderr.starts_with("quaylight: ") && output.stderr.lines().count() == 1, "{}", output.stderr);
        assert!(output.stderr.contains(word), "{}", output.stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_variable_is_reported_like_a_flag() {
    for (variable, value, flag) in [
        ("QUAYLIGHT_ENGINE", "docker", "--engine"),
        ("QUAYLIGHT_LISTEN", "3000", "--listen"),
        ("QUAYLIGHT_ALLOW_ACTIONS", "perhaps", "--allow-actions"),
        ("QUAYLIGHT_DEMO_FALLBACK", "perhaps", "--demo-fallback"),
        ("QUAYLIGHT_ALLOWED_HOSTS", "quay.example,*", "--allowed-hosts"),
        ("QUAYLIGHT_STATS_INTERVAL", "2", "--stats-interval"),
        ("QUAYLIGHT_REFRESH_INTERVAL", "1ms", "--refresh-interval"),
        ("QUAYLIGHT_STATS_SOURCE", "", "--stats-source"),
        ("QUAYLIGHT_LOG", "verbose", "--log"),
        ("QUAYLIGHT_SITE_ROOT", "/no/such/folder", "--site-root"),
    ] {
        assert_refused(&[], &[(variable, value)], flag).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_reported_at_any_log_level() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for log in ["info", "off"] {
        let arguments = ["--listen", address.as_str(), "--engine", "demo:quiet:1", "--log", log];
        let output = Program::start(&arguments, &[]).ended().await;
        assert_eq!((output.status.code(), output.stdout.as_str()), (Some(1), ""));
        let stderr = &output.stderr;
        assert!(stderr.starts_with("quaylight: cannot listen on") && stderr.lines().count() == 1, "{stderr}");
        for words in [address.as_str(), "--listen", "in use"] {
            assert!(stderr.contains(words), "{words}: {stderr}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_json_log_has_one_object_per_line() {
    for (arguments, variables) in [
        ([ANY_PORT[0], ANY_PORT[1], "--engine", "demo:quiet:3", "--log-format", "json"].as_slice(), [].as_slice()),
        (&[ANY_PORT[0], ANY_PORT[1], "--engine", "demo:quiet:3"], &[("QUAYLIGHT_LOG_FORMAT", "json")]),
    ] {
        let mut program = Program::start(arguments, variables);
        let (address, _) = program.address().await;
        eventually("the engine is up", async || get(address, "/readyz").await.status == 200).await;
        program.signal("TERM");
        let output = program.ended().await;
        let lines: Vec<serde_json::Value> =
            output.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        let up = lines.iter().find(|line| line["message"] == "engine up").expect(&output.stderr);
        assert_eq!((&up["level"], &up["target"]), (&"INFO".into(), &"server::watcher".into()), "{up}");
        assert!(up["timestamp"].is_string() && up["engine.host"].is_string(), "{up}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_names_every_flag_with_its_variable_and_default() {
    let output = Program::start(&["--help"], &[]).ended().await;
    assert_eq!((output.status.code(), output.stderr.as_str()), (Some(0), ""));
    for (flag, default) in [
        ("engine", "auto"),
        ("listen", "127.0.0.1:3000"),
        ("container-metrics", ""),
        ("log-format", "text"),
        ("allow-actions", ""),
        ("allowed-hosts", ""),
        ("demo-fallback", ""),
        ("refresh-interval", "3s"),
        ("stats-interval", "2s"),
        ("stats-source", "auto"),
        ("log", "info"),
        ("site-root", ""),
    ] {
        let variable = format!("[env: QUAYLIGHT_{}=", flag.replace('-', "_").to_uppercase());
        for words in [format!("--{flag}"), variable, format!("[default: {default}]")] {
            assert!(output.stdout.contains(&words) || words == "[default: ]", "{words} in {}", output.stdout);
        }
    }
    let version = Program::start(&["--version"], &[]).ended().await;
    assert_eq!(version.stdout, format!("quaylight {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_prints_its_address_and_the_engine_it_watches() {
    let mut demo = Program::start(&[&ANY_PORT[..], &["--engine", "demo:quiet:3"]].concat(), &[]);
    let (address, line) = demo.address().await;
    assert!(address.ip().is_loopback() && address.port() > 0);
    assert_eq!(line, format!("Quaylight on http://{address}, watching the demo engine (simulated)"));
    eventually("the demo is there", async || fetched(address).await.containers.len() == 3).await;

    let simulator = Simulator::start(Options::default()).await.unwrap();
    let endpoint = simulator.endpoint();
    let mut program = Program::start(&[&ANY_PORT[..], &["--engine", &endpoint]].concat(), &[]);
    let (address, line) = program.address().await;
    assert_eq!(line, format!("Quaylight on http://{address}, watching {endpoint}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn variables_set_the_same_settings_and_flags_override_them() {
    let variables = [
        ("QUAYLIGHT_ENGINE", "demo:quiet:2"),
        ("QUAYLIGHT_ALLOW_ACTIONS", "1"),
        ("QUAYLIGHT_ALLOWED_HOSTS", "quay.example, dock.example"),
        ("QUAYLIGHT_INSECURE_NO_AUTH", "true"),
        ("QUAYLIGHT_DEMO_FALLBACK", "no"),
        ("QUAYLIGHT_LOG", "server=debug"),
    ];
    let (_program, address) = serving(&[], &variables).await;
    let picture = fetched(address).await;
    assert_eq!(picture.containers.len(), 2);
    let id = one_in(&picture, ContainerState::Running);
    assert_eq!(post(address, &format!("/api/containers/{id}/pause"), "").await.status, 204);
    for (host, status) in [("quay.example", 200), ("dock.example", 200), ("evil.example", 421)] {
        let request = Request::builder().uri("/healthz").header("host", host).body(Full::<Bytes>::default()).unwrap();
        assert_eq!(send(address, request).await.status, status, "{host}");
    }
    let (_program, address) = serving(&["--engine", "demo:quiet:5"], &variables).await;
    assert_eq!(fetched(address).await.containers.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn false_and_empty_variables_allow_nothing() {
    let variables = [("QUAYLIGHT_ALLOW_ACTIONS", "false"), ("QUAYLIGHT_ALLOWED_HOSTS", "")];
    let (_program, address) = serving(&["--engine", "demo:quiet:2"], &variables).await;
    let id = one_in(&fetched(address).await, ContainerState::Running);
    delete(address, &format!("/api/containers/{id}")).await.problem(403, "read_only");
    for host in [".", ""] {
        let request = Request::builder().uri("/healthz").header("host", host).body(Full::<Bytes>::default()).unwrap();
        send(address, request).await.problem(421, "host_not_allowed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auto_uses_docker_host_and_the_demo_only_with_the_flag() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let endpoint = simulator.endpoint();
    for flags in [&[] as &[&str], &["--demo-fallback"]] {
        let mut program = Program::start(&[&ANY_PORT, flags].concat(), &[("DOCKER_HOST", &endpoint)]);
        assert!(program.address().await.1.ends_with(&format!("watching {endpoint}")));
    }
    if ["/var/run/docker.sock", "/run/podman/podman.sock"].iter().any(|path| Path::new(path).exists()) {
        return; // a machine with an engine of its own finds that, rightly
    }
    let mut patient = Program::start(&ANY_PORT, &[]);
    let (address, line) = patient.address().await;
    assert!(line.ends_with("watching unix:///var/run/docker.sock"), "{line}");
    eventually("it reports the missing engine", async || {
        let response = get(address, "/readyz").await;
        response.status == 503 && String::from_utf8_lossy(&response.body).contains("--engine")
    })
    .await;
    let mut demo = Program::start(&[&ANY_PORT[..], &["--demo-fallback"]].concat(), &[]);
    assert!(demo.address().await.1.ends_with("watching the demo engine (simulated)"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_streams_and_stalled_requests_in_time() {
    for signal in ["TERM", "INT"] {
        let (mut program, address) = serving(&["--engine", "demo:busy:20"], &[]).await;
        let mut viewer = Viewer::open(address, "", &[]).await;
        viewer.next().await;
        // One sent half a request, one is silent, one does not read its response.
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"GET /healthz HTTP/1.1\r\nhost: ").await.unwrap();
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut stalled = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stalled.write_all(request.as_bytes()).await.unwrap();

        let started = Instant::now();
        program.signal(signal);
        viewer.until_ended(STOP_TIMEOUT).await;
        assert_eq!(program.status().await.code(), Some(0), "{signal}");
        let took = started.elapsed();
        assert!(took <= STOP_TIMEOUT, "{signal}: {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_right_after_the_start_is_handled() {
    let mut program = Program::start(&[&ANY_PORT[..], &["--engine", "demo:quiet:1"]].concat(), &[]);
    program.address().await;
    program.signal("TERM");
    assert_eq!(program.status().await.code(), Some(0));
}

/// cargo-leptos builds without default features unless it is told otherwise, and `make run` needs the
/// demo engine on machines without Docker.
#[test]
fn the_release_build_has_the_default_features() {
    let manifest = include_str!("../../../../Cargo.toml").parse::<toml::Table>().unwrap();
    let leptos = manifest["workspace"]["metadata"]["leptos"][0].as_table().unwrap();
    assert_eq!(leptos.get("bin-default-features").and_then(toml::Value::as_bool), Some(true));
}
