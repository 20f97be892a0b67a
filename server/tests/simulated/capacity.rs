//! Many viewers at once: what each of them costs, and that all of them are told.

use crate::{
    startup::serving,
    support::{SOON, Viewer, eventually, get},
};
use simulator::{Options, Simulator};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

const VIEWERS: usize = 500;
/// Of the server's memory. What a release takes is 13 KiB, and a debug build's futures are larger.
const BYTES_PER_VIEWER: usize = 32 << 10;

/// The value of a series as `/metrics` writes it.
async fn metric(address: SocketAddr, series: &str) -> f64 {
    let text = String::from_utf8(get(address, "/metrics").await.body.to_vec()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

/// Reads a stream until the word comes; keeps nothing, so that this process has room for many.
async fn read_until(address: SocketAddr, word: &'static [u8]) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let question = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    while !text.windows(word.len()).any(|part| part == word) {
        text.drain(..text.len().saturating_sub(word.len()));
        assert!(stream.read_buf(&mut text).await.unwrap() > 0, "the stream goes on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_viewers_stay_and_cost_little_memory_each() {
    let simulator = Simulator::start(Options { scenario: "busy:50".parse().unwrap(), ..Options::default() }).await;
    let simulator = simulator.unwrap();
    let (_program, address) = serving(&["--engine", &simulator.endpoint(), "--stats-interval", "500ms"], &[]).await;
    // What the first one brings along is not counted.
    let mut first = Viewer::open(address, "", &[]).await;
    first.until("samples come", SOON, |picture| picture.sampled_at.is_some()).await;
    let before = metric(address, "process_memory_bytes").await;

    let mut crowd = JoinSet::new();
    for _ in 0..VIEWERS {
        crowd.spawn(read_until(address, b"the-last-change"));
    }
    eventually("all are there", async || metric(address, "quaylight_viewers").await as usize > VIEWERS).await;
    for _ in 0..4 {
        first.next_news().await;
    }
    let grown = metric(address, "process_memory_bytes").await - before;
    assert!(grown <= (VIEWERS * BYTES_PER_VIEWER) as f64, "{} bytes a viewer", grown / VIEWERS as f64);

    let name = first.picture.containers.values().next().unwrap().name.clone();
    simulator.act(|engine, now| engine.rename(&name, "the-last-change", now).unwrap());
    let told = timeout(SOON, crowd.join_all()).await;
    assert_eq!(told.expect("all are told").len(), VIEWERS);
}
