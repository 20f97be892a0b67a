//! Many viewers at once: memory per viewer, delivery to all, and the behavior without free
//! descriptors.

use crate::{
    process::startup::serving,
    support::{
        CHANGE_TIMEOUT, Program, RECONNECT_TIMEOUT, TEST_TIMEOUT, Viewer, eventually, get, idler, link_of, state_of,
    },
};
use app::{
    model::{ContainerState, EngineLink},
    protocol::Picture,
};
use simulator::{DaemonState, Options, Simulator, SimulatorHandle};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::timeout,
};

const VIEWERS: usize = 500;
/// Memory of the server per viewer. A release build takes 13 KiB; the futures of a debug build are
/// larger.
const BYTES_PER_VIEWER: usize = 32 << 10;

/// Returns the value of a series in `/metrics`.
pub(crate) async fn metric(address: SocketAddr, series: &str) -> f64 {
    let text = String::from_utf8(get(address, "/metrics").await.body.to_vec()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

/// Reads a stream until `word`; keeps nothing, so that this process can hold many.
async fn read_until(address: SocketAddr, word: &'static [u8]) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    while !text.windows(word.len()).any(|part| part == word) {
        text.drain(..text.len().saturating_sub(word.len()));
        assert!(stream.read_buf(&mut text).await.unwrap() > 0, "the stream continues");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_viewers_use_little_memory_each() {
    let simulator = Simulator::start(Options { scenario: "busy:20".parse().unwrap(), ..Options::default() }).await;
    let simulator = simulator.unwrap();
    let (program, address) = serving(&["--engine", &simulator.endpoint(), "--stats-interval", "500ms"], &[]).await;
    // The first viewer's one-time cost is not counted.
    let mut first = Viewer::open(address, "", &[]).await;
    first.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    let before = program.own_memory();

    let mut crowd = JoinSet::new();
    for _ in 0..VIEWERS {
        crowd.spawn(read_until(address, b"the-last-change"));
    }
    eventually("all are there", async || metric(address, "quaylight_viewers").await as usize > VIEWERS).await;
    for _ in 0..3 {
        first.next_data().await;
    }
    let each = program.own_memory().zip(before).map(|(after, before)| after.saturating_sub(before) / VIEWERS);
    assert!(each.is_some() || !cfg!(target_os = "linux"));
    assert!(each <= Some(BYTES_PER_VIEWER), "{each:?} bytes a viewer");

    let name = first.picture.containers.values().next().unwrap().name.clone();
    simulator.act(|engine, now| engine.rename(&name, "the-last-change", now).unwrap());
    let result = timeout(TEST_TIMEOUT, crowd.join_all()).await;
    assert_eq!(result.expect("all get the change").len(), VIEWERS);
}

const QUIET: [&str; 4] = ["--listen", "127.0.0.1:0", "--engine", "demo:quiet:1"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_descriptor_limit_is_raised_to_the_hard_limit() {
    let mut program = Program::start_limited("-S -n 64", &QUIET);
    let address = program.address().await.0;
    let (_, hard) = rlimit::Resource::NOFILE.get().unwrap();
    assert!(hard > 64);
    assert_eq!(metric(address, "process_max_fds").await, hard as f64);
}

/// More than the rest of [`DESCRIPTORS`].
const CROWD: usize = 80;
const DESCRIPTORS: &str = "-n 64";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_wait_for_a_descriptor_without_affecting_others() {
    let mut program = Program::start_limited(DESCRIPTORS, &QUIET);
    let address = program.address().await.0;
    let mut viewer = Viewer::open(address, "", &[]).await;
    viewer.next().await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await.unwrap();
        crowd.push(stream);
    }
    // The shortage lasts for two heartbeats.
    for _ in 0..2 {
        viewer.next().await;
    }
    // In order of arrival: each closed connection frees a descriptor for a waiting one.
    for mut stream in crowd {
        let mut status = [0; 15];
        timeout(TEST_TIMEOUT, stream.read_exact(&mut status)).await.expect("a response arrives").unwrap();
        assert_eq!(&status, b"HTTP/1.1 200 OK");
    }
    viewer.next().await;
    assert!(metric(address, "quaylight_accepts_failed_total").await >= 1.0);
    program.signal("TERM");
    let result = program.ended().await.stderr;
    assert_eq!(result.matches("connections have to wait").count(), 1, "{result}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_reconnects_while_viewers_use_every_descriptor() {
    let simulator = Simulator::start(Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() }).await;
    let simulator = simulator.unwrap();
    let arguments = ["--listen", "127.0.0.1:0", "--engine", &simulator.endpoint()];
    let mut program = Program::start_limited(DESCRIPTORS, &arguments);
    let address = program.address().await.0;
    let mut viewer = Viewer::open(address, "", &[]).await;
    viewer.until("the link is up", TEST_TIMEOUT, |now| link_of(now) == Some(EngineLink::Up)).await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        crowd.push(stream);
    }
    // The last one waits forever, because no other disconnects.
    let last = crowd.last_mut().unwrap();
    assert!(timeout(CHANGE_TIMEOUT, last.read_u8()).await.is_err(), "there was room for all");
    simulator.faults().set_daemon(DaemonState::Restart(100)).await;
    viewer.until("the loss shows", CHANGE_TIMEOUT, |now| link_of(now) == Some(EngineLink::Lost)).await;
    let began = Instant::now();
    viewer.until("the link is up", RECONNECT_TIMEOUT, |now| link_of(now) == Some(EngineLink::Up)).await;
    println!("without a free descriptor: the engine is back after {:?}", began.elapsed());
    simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    let paused = |now: &Picture| state_of(now, "shop-web-1") == Some(ContainerState::Paused);
    viewer.until("changes go on", CHANGE_TIMEOUT, paused).await;
}

/// Number of viewers that never read.
const STALLED_VIEWERS: usize = 8;
/// Size of a container's frames; a socket buffer holds only some of [`CHANGES`].
const LARGE: usize = 128 << 10;
const CHANGES: usize = 100;
/// A third of the size of all frames: none is kept for viewers that do not read.
const KEPT_FOR_ALL_OF_THEM: usize = CHANGES * LARGE / 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_that_never_read_delay_no_one_and_queue_nothing() {
    let simulator = Simulator::start(Options { scenario: "quiet:0".parse().unwrap(), ..Options::default() }).await;
    let simulator = simulator.unwrap();
    let mut spec = idler("heavy");
    spec.labels.insert("cargo".to_owned(), "x".repeat(LARGE));
    simulator.act(|engine, now| {
        engine.create(spec, now).unwrap();
        engine.start("heavy", now).unwrap();
    });
    let (program, address) = serving(&["--engine", &simulator.endpoint()], &[]).await;
    let mut reading = Viewer::open(address, "", &[]).await;
    let alone = p99(&simulator, &mut reading).await;

    let before = program.own_memory();
    let mut stalled = Vec::new();
    for _ in 0..STALLED_VIEWERS {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let request = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stalled.push(stream);
    }
    eventually("all are there", async || metric(address, "quaylight_viewers").await as usize > STALLED_VIEWERS).await;
    let beside_them = p99(&simulator, &mut reading).await;
    let grown = program.own_memory().zip(before).map(|(after, before)| after.saturating_sub(before));
    assert!(grown <= Some(KEPT_FOR_ALL_OF_THEM), "{grown:?} bytes");
    // Includes the slack of a busy machine. Waiting for a full socket would take forever.
    assert!(beside_them <= 2 * alone + CHANGE_TIMEOUT / 4, "{beside_them:?}, and {alone:?} alone");
}

/// The 99th percentile of the delay from the engine to a viewer.
async fn p99(simulator: &SimulatorHandle, reading: &mut Viewer) -> Duration {
    let mut delays = Vec::new();
    for change in 0..CHANGES {
        let wanted = if change % 2 == 0 { ContainerState::Paused } else { ContainerState::Running };
        let began = Instant::now();
        simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("heavy", now).unwrap(),
            _ => engine.unpause("heavy", now).unwrap(),
        });
        reading.until("each change shows", TEST_TIMEOUT, |now| state_of(now, "heavy") == Some(wanted)).await;
        delays.push(began.elapsed());
    }
    delays.sort();
    delays[CHANGES - 2]
}
