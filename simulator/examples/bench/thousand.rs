//! Memory of a server with a thousand containers.

use crate::{
    program::Folder,
    table::Row,
    viewer::{StreamRequest, Viewer},
};
use std::time::{Duration, Instant};

const CONTAINERS: usize = 1_000;
const SCENARIO: &str = "thousand:1000";
/// Default of `BENCH_HISTORY_SECS`; after 300, the fine-grained half of the history is full.
const WATCHED_SECS: u64 = 60;
/// Bytes per point of the history. Each container has 150 points at 2 s and 360 at one minute
/// (`server/src/history.rs`, where a test checks it).
const POINT: u64 = 48;
const FINE: u64 = 150;
const COARSE: u64 = 360;
const MIB: f64 = 1024.0 * 1024.0;

pub(crate) fn measure(folder: &Folder) -> anyhow::Result<Vec<Row>> {
    let seconds = std::env::var("BENCH_HISTORY_SECS").ok().and_then(|value| value.parse().ok()).unwrap_or(WATCHED_SECS);
    let (_simulator, url) = folder.simulator(SCENARIO)?;
    let server = folder.server(&url, &[])?;
    let mut viewer = Viewer::open(server.address, StreamRequest::OF_PAGE)?;
    let (began, mut buffer) = (Instant::now(), vec![0; 1 << 18]);
    while began.elapsed() < Duration::from_secs(seconds) {
        viewer.next(&mut buffer)?;
    }
    let now = server.pss()? as f64 / MIB;
    let sweeps = server.metric("quaylight_sweep_seconds_count")? as u64;
    let (fine, coarse) = (sweeps.min(FINE), (seconds / 60).min(COARSE));
    let missing = (FINE + COARSE - fine - coarse) * POINT * CONTAINERS as u64;
    let full = now + missing as f64 / MIB;
    Ok(vec![
        Row::note(
            "server's memory with 1,000 containers (PSS), one viewer",
            format!("{now:.1} MiB after {seconds} s, {sweeps} samples of each in the history"),
        ),
        Row::promise(
            "— with a full history (missing points at 48 bytes each)",
            format!("{full:.1} MiB"),
            "≤ 64 MiB",
            full <= 64.0,
        ),
    ])
}
