//! Bytes on the wire: the snapshot of a thousand containers, and a round in which a hundred of them
//! changed.
//!
//! Counted are the bytes of the HTTP body including its chunk headers, uncompressed and with gzip,
//! which every browser requests; in JSON, and in the compact format if the server has it.

use crate::{
    engine::Engine,
    figures::{Figures, grouped},
    program::{Folder, Server},
    table::Row,
    viewer::{Frame, StreamRequest, Viewer},
};
use anyhow::{Context as _, ensure};
use std::time::{Duration, Instant};

const ALL: &str = "thousand:1000";
/// Nothing changes by itself in this scenario.
const QUIET: &str = "quiet:1000";
const CHANGING: usize = 100;
const TICKS: usize = 5;
/// Frames of a sampling round are identified by their size: a hundred rows have at least this.
const MIN_TICK_BYTES: usize = 1_500;
/// Timeout until the paused containers and their last numbers are shown.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(20);
const SNAPSHOT_PROMISED: usize = 60_000;
const TICK_PROMISED: usize = 6_000;

/// The encodings: a name and a query.
const ENCODINGS: [(&str, &str); 2] = [("JSON", ""), ("compact", "?format=compact")];

pub(crate) fn measure(folder: &Folder) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let (_simulator, url) = folder.simulator(ALL)?;
    let server = folder.server(&url, &[])?;
    // So that the snapshot has numbers.
    wait_for_samples(&server)?;
    let plain = snapshot(&server, StreamRequest::default())?;
    let offered = ENCODINGS.into_iter().filter(|(_, query)| {
        // A server without this format sends its default.
        let differs = |frame: Frame| frame.on_wire.abs_diff(plain.on_wire) > plain.on_wire / 10;
        query.is_empty() || snapshot(&server, StreamRequest { query, gzip: false }).is_ok_and(differs)
    });
    let offered: Vec<_> = offered.collect();
    for (index, (name, query)) in offered.iter().enumerate() {
        for gzip in [false, true] {
            let (bytes, of_page) =
                (snapshot(&server, StreamRequest { query, gzip })?.on_wire, index + 1 == offered.len());
            rows.push(row("snapshot of 1,000 containers", of_page, (name, gzip), bytes, SNAPSHOT_PROMISED));
        }
    }
    rows.extend(coming_back(&server, &Engine::new(&url)?)?);
    drop(server);
    rows.extend(ticks(folder, &offered)?);
    if offered.len() < ENCODINGS.len() {
        rows.push(Row::note("compact encoding", "not offered by this server"));
    }
    Ok(rows)
}

/// Size of the response to a page that lost its position (after a restart of the server or a long
/// absence) and has the same containers.
fn coming_back(server: &Server, engine: &Engine) -> anyhow::Result<Option<Row>> {
    let held = fingerprint(&engine.get("/containers/json?all=true")?)?;
    let query = format!("?format=compact&lastEventId=0.1&held={held:x}");
    let (request, whole) = (StreamRequest { query: &query, gzip: true }, StreamRequest::OF_PAGE);
    let (bytes, whole) = (snapshot(server, request)?.on_wire, snapshot(server, whole)?.on_wire);
    // A server without this feature sends everything.
    let what = "— to a page that already has the same containers".to_owned();
    let row = || {
        Row::promise(
            what,
            format!("{} bytes", grouped(bytes)),
            format!("≤ {}", grouped(SNAPSHOT_PROMISED)),
            bytes <= SNAPSHOT_PROMISED,
        )
    };
    Ok((bytes < whole - whole / 10).then(row))
}

/// FNV-1a over ids and names in the order of names: the page's fingerprint of its containers.
fn fingerprint(list: &serde_json::Value) -> anyhow::Result<u64> {
    let mut held: Vec<(&str, &str)> = Vec::new();
    for container in list.as_array().context("a list")? {
        let name = container["Names"][0].as_str().context("a name")?;
        held.push((name.trim_start_matches('/'), container["Id"].as_str().context("an id")?));
    }
    held.sort_unstable();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (name, id) in held {
        let id = (0..id.len() / 2).map(|place| u8::from_str_radix(&id[2 * place..2 * place + 2], 16));
        let id = id.collect::<Result<Vec<_>, _>>()?;
        for byte in id.iter().chain(name.as_bytes()).chain(&[0]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    Ok(hash)
}

/// The documented value is for the pages: the last format with gzip, which every browser accepts.
fn row(what: &str, of_page: bool, (name, gzip): (&str, bool), bytes: usize, promised: usize) -> Row {
    let what = format!("{what}, {name}{}", if gzip { ", gzip" } else { "" });
    let measured = format!("{} bytes", grouped(bytes));
    if of_page && gzip {
        return Row::promise(what, measured, format!("≤ {}", grouped(promised)), bytes <= promised);
    }
    Row::note(what, measured)
}

/// The second frame, after the preamble.
fn snapshot(server: &Server, request: StreamRequest<'_>) -> anyhow::Result<Frame> {
    let mut viewer = Viewer::open(server.address, request)?;
    let mut buffer = vec![0; 1 << 18];
    viewer.next(&mut buffer)?;
    viewer.next(&mut buffer)
}

fn wait_for_samples(server: &Server) -> anyhow::Result<()> {
    let _viewer = Viewer::open(server.address, StreamRequest::default())?;
    server.until_metric("quaylight_sweep_seconds_count", 3.0)
}

/// All but a hundred do not change, because they are paused or stopped.
fn ticks(folder: &Folder, offered: &[(&str, &str)]) -> anyhow::Result<Vec<Row>> {
    let (_simulator, url) = folder.simulator(QUIET)?;
    pause_all_but_some(&Engine::new(&url)?)?;
    let server = folder.server(&url, &[])?;
    let mut plain = Viewer::open(server.address, StreamRequest::default())?.keeping();
    until_settled(&mut plain)?;
    let mut rows = Vec::new();
    for (index, (name, query)) in offered.iter().enumerate() {
        for gzip in [false, true] {
            let (bytes, of_page) =
                (tick(&server, StreamRequest { query, gzip })?.most() as usize, index + 1 == offered.len());
            rows.push(row("an update of 100 of 1,000 containers", of_page, (name, gzip), bytes, TICK_PROMISED));
        }
    }
    Ok(rows)
}

fn pause_all_but_some(engine: &Engine) -> anyhow::Result<()> {
    let running = engine.get("/containers/json?filters=%7B%22status%22%3A%5B%22running%22%5D%7D")?;
    let running = running.as_array().context("a list")?;
    ensure!(running.len() > CHANGING, "{} run", running.len());
    for container in &running[CHANGING..] {
        let id = container["Id"].as_str().context("an id")?;
        engine.post(&format!("/containers/{id}/pause"), None)?;
    }
    Ok(())
}

/// Waits for a frame with exactly a hundred changes.
fn until_settled(viewer: &mut Viewer) -> anyhow::Result<()> {
    let (began, mut buffer) = (Instant::now(), vec![0; 1 << 18]);
    loop {
        ensure!(began.elapsed() < SETTLE_TIMEOUT, "no tick of {CHANGING} changes comes");
        let frame = viewer.next(&mut buffer)?;
        let text = String::from_utf8_lossy(&frame.data);
        let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")) else { continue };
        let output: serde_json::Value = serde_json::from_str(data)?;
        if output["stats"].as_array().map(Vec::len) == Some(CHANGING)
            && output["upserted"].is_null()
            && output["epoch"].is_null()
        {
            return Ok(());
        }
    }
}

fn tick(server: &Server, request: StreamRequest<'_>) -> anyhow::Result<Figures> {
    let mut viewer = Viewer::open(server.address, request)?;
    let (mut sizes, mut buffer) = (Vec::new(), vec![0; 1 << 18]);
    // The preamble and the snapshot.
    viewer.next(&mut buffer)?;
    viewer.next(&mut buffer)?;
    while sizes.len() < TICKS {
        let frame = viewer.next(&mut buffer)?;
        if frame.on_wire >= MIN_TICK_BYTES {
            sizes.push(frame.on_wire as f64);
        }
    }
    Figures::of(sizes).context("ticks")
}
