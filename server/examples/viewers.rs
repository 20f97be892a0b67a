//! Many viewers at once, for benchmarks: opens streams of a running server and says what they cost and when frames came.
//!
//! ```text
//! cargo run --release -p server --example viewers -- 127.0.0.1:3000 1000 20
//! ```
//! Prints one line of JSON: viewers connected, frames and bytes received, and the spread of a frame, which is how long after the
//! first viewer the last one has it, in milliseconds.

#![allow(clippy::print_stdout, reason = "its answer")]

use anyhow::Context as _;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout_at,
};

/// Connections being opened at a time: a listener's backlog is 1,024.
const OPENING: usize = 200;

/// Of one frame: how many have it, since when, until when.
type Arrivals = Arc<Mutex<HashMap<Vec<u8>, (usize, Instant, Instant)>>>;

#[derive(Debug, Default)]
struct Seen {
    frames: u64,
    bytes: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, viewers, seconds] = arguments.as_slice() else {
        anyhow::bail!("usage: viewers ADDRESS:PORT VIEWERS SECONDS");
    };
    let viewers: usize = viewers.parse().context("VIEWERS is a number")?;
    server::process::allow_open_files();
    let until = Instant::now() + Duration::from_secs(seconds.parse().context("SECONDS is a number")?);
    let (arrivals, mut open) = (Arrivals::default(), JoinSet::new());
    let opening = Arc::new(tokio::sync::Semaphore::new(OPENING));
    for _ in 0..viewers {
        let (address, arrivals, opening) = (address.clone(), Arc::clone(&arrivals), Arc::clone(&opening));
        open.spawn(async move { view(&address, until, &arrivals, &opening).await });
    }
    let (mut connected, mut all) = (0, Seen::default());
    while let Some(viewer) = open.join_next().await {
        if let Ok(Ok(seen)) = viewer {
            connected += 1;
            all = Seen { frames: all.frames + seen.frames, bytes: all.bytes + seen.bytes };
        }
    }
    let arrivals = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    let whole = arrivals.values().filter(|(count, ..)| *count == connected);
    let mut spreads: Vec<f64> =
        whole.map(|(_, first, last)| last.duration_since(*first).as_secs_f64() * 1000.0).collect();
    spreads.sort_by(f64::total_cmp);
    let quantile = |share: f64| spreads.get(((spreads.len() as f64 - 1.0) * share).round() as usize).copied();
    let answer = serde_json::json!({
        "viewers": connected, "frames": all.frames, "bytes": all.bytes, "framesOfAll": spreads.len(),
        "spreadMedianMillis": quantile(0.5), "spreadP99Millis": quantile(0.99),
    });
    println!("{answer}");
    Ok(())
}

/// Reads until the time is up; fails when the stream ends before.
async fn view(
    address: &str,
    until: Instant,
    arrivals: &Arrivals,
    opening: &tokio::sync::Semaphore,
) -> anyhow::Result<Seen> {
    let permit = opening.acquire().await?;
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /api/containers/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let (mut seen, mut buffer) = (Seen::default(), vec![0; 16 << 10]);
    let mut permit = Some(permit);
    while let Ok(read) = timeout_at(until.into(), stream.read(&mut buffer)).await {
        let read = read?;
        anyhow::ensure!(read > 0, "the stream ended");
        permit.take();
        seen.bytes += read as u64;
        // A frame's first bytes come in one piece; snapshots differ from viewer to viewer.
        let text = &buffer[..read];
        if let Some(id) = id_of_delta(text) {
            seen.frames += 1;
            let now = Instant::now();
            let mut arrivals = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
            let (count, _, last) = arrivals.entry(id.to_vec()).or_insert((0, now, now));
            *count += 1;
            *last = now;
        }
    }
    Ok(seen)
}

fn id_of_delta(text: &[u8]) -> Option<&[u8]> {
    const MARK: &[u8] = b"event: delta\nid: ";
    let begin = text.windows(MARK.len()).take(64).position(|bytes| bytes == MARK)? + MARK.len();
    text[begin..].split(|byte| *byte == b'\n').next()
}
