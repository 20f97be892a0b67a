#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use axum::{
    body::Bytes,
    routing::{get, post},
};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::JoinHandle,
    time::{Instant, sleep},
};

const HEAD: Duration = Duration::from_millis(300);
const DRAIN: Duration = Duration::from_millis(300);
/// Timeout for expected events, long enough for a busy machine.
const TEST_TIMEOUT: Duration = Duration::from_secs(10);

struct Serving {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn serving() -> Serving {
    let never = || std::future::pending::<&'static str>();
    let router = Router::new()
        .route("/", get(|| async { "well" }))
        .route("/never", get(never))
        .route("/body", post(|_: Bytes| async { "read" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let timeouts = Timeouts { head: HEAD, drain: DRAIN };
    let task = tokio::spawn(serve(listener, router, timeouts, Metrics::default(), stop.clone()));
    Serving { address, stop, task }
}

impl Serving {
    async fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }
}

/// Reads until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // Closing with unread data is a reset, which is also fine.
    let _ = timeout(TEST_TIMEOUT, stream.read_to_end(&mut text)).await.expect("the connection ends");
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_slow_request_head_times_out() {
    let serving = serving().await;
    let began = Instant::now();
    let mut stuck = serving.send("GET / HTTP/1.1\r\nhost: a\r\n").await;
    let dripping = serving.send("GET / HTTP/1.1\r\nhost: a\r\n").await;
    let (mut reading, mut writing) = dripping.into_split();
    let drip = async {
        while writing.write_all(b"x: y\r\n").await.is_ok() {
            sleep(HEAD / 20).await;
        }
    };
    let mut response = Vec::new();
    let _ =
        timeout(TEST_TIMEOUT, async { tokio::join!(drip, reading.read_to_end(&mut response)) }).await.expect("it ends");
    assert_eq!((response.as_slice(), rest(&mut stuck).await.as_str()), (&[] as &[u8], ""));
    assert!(began.elapsed() >= HEAD, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_slow_request_body_times_out() {
    let serving = serving().await;
    let began = Instant::now();
    let dripping = serving.send("POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n").await;
    let (mut reading, mut writing) = dripping.into_split();
    let drip = async {
        while writing.write_all(b"x").await.is_ok() {
            sleep(HEAD / 20).await;
        }
    };
    let mut response = Vec::new();
    let _ =
        timeout(TEST_TIMEOUT, async { tokio::join!(drip, reading.read_to_end(&mut response)) }).await.expect("it ends");
    assert!(began.elapsed() >= HEAD, "{:?}", began.elapsed());
    let response = String::from_utf8(response).unwrap();
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 400"), "{response}");
}

#[tokio::test]
async fn an_idle_keep_alive_connection_is_closed() {
    let serving = serving().await;
    let mut stream = serving.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await.matches("well").count(), 2);
}

#[tokio::test]
async fn a_response_may_take_longer_than_a_request() {
    let serving = serving().await;
    let mut waiting = serving.send("GET /never HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(timeout(HEAD * 3, waiting.read_u8()).await.is_err(), "it is still open");
}

#[tokio::test]
async fn a_stop_refuses_connections_and_ends_after_the_drain_timeout() {
    let serving = serving().await;
    let mut waiting = serving.send("GET /never HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut served = serving.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    served.read_u8().await.unwrap();
    let stopped = Instant::now();
    serving.stop.cancel();
    timeout(TEST_TIMEOUT, serving.task).await.expect("it returns").unwrap();
    assert!(stopped.elapsed() >= DRAIN && stopped.elapsed() < DRAIN + TEST_TIMEOUT / 2, "{:?}", stopped.elapsed());
    assert!(rest(&mut waiting).await.is_empty());
    assert!(TcpStream::connect(serving.address).await.is_err());
}
