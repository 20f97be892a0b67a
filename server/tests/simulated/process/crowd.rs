//! All viewers connect within a second: each gets the whole list and the next change.

use crate::{
    process::capacity::metric,
    process::startup::serving,
    support::{TEST_TIMEOUT, Viewer, eventually},
};
use simulator::{Options, Simulator};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

/// A thousand in every run; five thousand with `--ignored`, because they are sockets of two
/// processes.
const CROWD: u32 = 1_000;
const LARGE_CROWD: u32 = 5_000;
/// Time over which they connect evenly.
const ARRIVAL: Duration = Duration::from_secs(1);
/// Timeout for all of them, on a machine that also runs other tests.
const SERVE_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads a whole snapshot and then until `word`, and reports both. Keeps nothing, so that this
/// process can hold many.
async fn read(address: SocketAddr, word: &'static [u8], served_sender: mpsc::UnboundedSender<Instant>) -> Instant {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\naccept-encoding: identity\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    until(&mut stream, &mut text, b"event: snapshot").await;
    until(&mut stream, &mut text, b"\n\n").await;
    let _ = served_sender.send(Instant::now());
    until(&mut stream, &mut text, word).await;
    Instant::now()
}

async fn until(stream: &mut TcpStream, text: &mut Vec<u8>, word: &[u8]) {
    loop {
        if let Some(at) = text.windows(word.len()).position(|part| part == word) {
            text.drain(..at + word.len());
            return;
        }
        text.drain(..text.len().saturating_sub(word.len()));
        assert!(stream.read_buf(text).await.unwrap() > 0, "the stream continues");
    }
}

async fn arrives(crowd: u32) {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let simulator =
        Simulator::start(Options { scenario: "busy:20".parse().unwrap(), ..Options::default() }).await.unwrap();
    let (_program, address) = serving(&["--engine", &simulator.endpoint()], &[]).await;
    let mut first = Viewer::open(address, "", &[]).await;
    first.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;

    let (served_sender, mut served) = mpsc::unbounded_channel();
    let mut readers = JoinSet::new();
    let began = Instant::now();
    for number in 0..crowd {
        sleep_until(began + ARRIVAL * number / crowd).await;
        readers.spawn(read(address, b"the-last-change", served_sender.clone()));
    }
    drop(served_sender);
    let mut waited = Vec::new();
    let all = async {
        while waited.len() < crowd as usize {
            waited.push(served.recv().await.expect("no client gave up") - began);
        }
    };
    timeout(SERVE_TIMEOUT, all).await.expect("all have the list");
    eventually("all are counted", async || metric(address, "quaylight_viewers").await > f64::from(crowd)).await;

    let name = first.picture.containers.values().next().unwrap().name.clone();
    let changed = Instant::now();
    simulator.act(|engine, now| engine.rename(&name, "the-last-change", now).unwrap());
    let served_sender = timeout(SERVE_TIMEOUT, readers.join_all()).await.expect("all get the change");
    assert_eq!(served_sender.len(), crowd as usize);
    let last = served_sender.into_iter().max().unwrap() - changed;
    println!(
        "{crowd} viewers in {ARRIVAL:?}: the last had the list after {:?}, a change reached the last after {last:?}",
        waited.last().unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_viewers_in_one_second_are_all_served() {
    arrives(CROWD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "ten thousand sockets: cargo test -p server --test simulated_engine five_thousand -- --ignored"]
async fn five_thousand_viewers_in_one_second_are_all_served() {
    arrives(LARGE_CROWD).await;
}

/// A thousand streams that are closed before anything was read leak nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_that_disconnect_immediately_leak_nothing() {
    let (program, address) = serving(&["--engine", "demo:quiet:3"], &[]).await;
    let mut first = Viewer::open(address, "", &[]).await;
    first.next().await;
    let files = || std::fs::read_dir(format!("/proc/{}/fd", program.id())).map(Iterator::count).unwrap_or_default();
    let before = files();
    let (leave, left) = watch::channel(false);
    let mut readers = JoinSet::new();
    for _ in 0..CROWD {
        let mut left = left.clone();
        readers.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
            let _ = stream.write_all(request.as_bytes()).await;
            let _ = left.wait_for(|leave| *leave).await;
        });
    }
    eventually("they are there", async || metric(address, "quaylight_viewers").await >= f64::from(CROWD) / 2.0).await;
    leave.send(true).unwrap();
    readers.join_all().await;
    eventually("no viewer is left", async || metric(address, "quaylight_viewers").await == 1.0).await;
    eventually("and so are their sockets", async || files() <= before + 2).await;
    first.next().await;
}
