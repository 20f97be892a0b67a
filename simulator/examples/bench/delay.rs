//! Delay from the engine's time of an event to the arrival of its frame.

use crate::{
    engine::Engine,
    figures::Figures,
    fleet::Fleet,
    program::Folder,
    table::Row,
    viewer::{Frame, StreamRequest, Viewer},
};
use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::{
    collections::HashMap,
    thread,
    time::{Duration, Instant},
};

/// Each round kills 25 containers and pauses 25, then starts and unpauses them.
const ROUNDS: usize = 3;
/// Timeout for the changes of a round.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(60);

/// Number of attempts for a change, and the pause between them.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(100);

/// A container and its new state.
type Change = (String, String);
/// Times in nanoseconds since 1970.
type Times = HashMap<Change, i64>;

pub(crate) fn measure(folder: &Folder, fleet: &Fleet) -> anyhow::Result<Vec<Row>> {
    let server = folder.server(fleet.url(), &[])?;
    let mut reader = Reader::open(server.address)?;
    let mut delays = Vec::new();
    for _ in 0..ROUNDS {
        let (reported, arrived);
        (reported, arrived, reader) = round(fleet, reader)?;
        for (change, at) in &reported {
            let arrived = arrived.get(change).with_context(|| format!("{change:?} was missed"))?;
            delays.push((arrived - at) as f64 / 1e6);
        }
    }
    let (count, delays) = (delays.len(), Figures::of(delays).context("changes")?);
    let (median, p99) = (delays.median(), delays.quantile(0.99));
    Ok(vec![
        Row::note("engine's event to frame, median", format!("{median:.1} ms of {count} changes, none missed")),
        Row::promise("engine's event to frame, p99", format!("{p99:.1} ms"), "≤ 150 ms (contract: 50)", p99 <= 150.0),
        Row::note("— maximum", format!("{:.1} ms", delays.most())),
    ])
}

/// Makes the changes and waits until all of them were reported and shown.
fn round(fleet: &Fleet, mut reader: Reader) -> anyhow::Result<(Times, Times, Reader)> {
    let wanted = 2 * fleet.ids.len();
    let lines = fleet.engine.lines("/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D")?;
    let reporter = thread::spawn(move || lines.filter_map(|event| change(&event)).take(wanted).collect::<Times>());
    let showing = thread::spawn(move || {
        let arrived = reader.changes(wanted)?;
        anyhow::Ok((arrived, reader))
    });
    change_all(&fleet.engine, &fleet.ids)?;
    let failed = |_| anyhow::anyhow!("a thread failed");
    let (arrived, reader) = showing.join().map_err(failed)??;
    let reported = reporter.join().map_err(failed)?;
    ensure!(reported.len() == wanted, "the engine reported {} of {wanted} changes", reported.len());
    Ok((reported, arrived, reader))
}

fn change_all(engine: &Engine, ids: &[String]) -> anyhow::Result<()> {
    for verbs in [["kill", "pause"], ["start", "unpause"]] {
        for (number, id) in ids.iter().enumerate() {
            change_one(engine, &format!("/containers/{id}/{}", verbs[number % 2]))?;
        }
    }
    Ok(())
}

/// The runtime cannot freeze a container while it creates processes; retrying succeeds.
fn change_one(engine: &Engine, path: &str) -> anyhow::Result<()> {
    for _ in 1..TRIES {
        match engine.post(path, None) {
            Err(error) if error.to_string().contains("unable to freeze") => thread::sleep(PAUSE),
            other => return other.map(drop),
        }
    }
    engine.post(path, None).map(drop)
}

fn change(event: &Value) -> Option<(Change, i64)> {
    let state = match event["Action"].as_str()? {
        "die" => "exited",
        "pause" => "paused",
        "start" | "unpause" => "running",
        _ => return None,
    };
    Some(((event["Actor"]["ID"].as_str()?.to_owned(), state.to_owned()), event["timeNano"].as_i64()?))
}

/// Reads the states in frames.
struct Reader {
    viewer: Viewer,
    buffer: Vec<u8>,
    states: HashMap<String, String>,
}

impl Reader {
    fn open(address: std::net::SocketAddr) -> anyhow::Result<Self> {
        let viewer = Viewer::open(address, StreamRequest::default())?.keeping();
        let mut reader = Self { viewer, buffer: vec![0; 1 << 16], states: HashMap::new() };
        while reader.states.is_empty() {
            let frame = reader.viewer.next(&mut reader.buffer)?;
            reader.take(&frame);
        }
        Ok(reader)
    }

    fn changes(&mut self, wanted: usize) -> anyhow::Result<Times> {
        let (began, mut arrived) = (Instant::now(), Times::new());
        while arrived.len() < wanted {
            ensure!(began.elapsed() < ARRIVAL_TIMEOUT, "{} changes of {wanted} arrived", arrived.len());
            // A heartbeat arrives at least every 3 s.
            let frame = self.viewer.next(&mut self.buffer)?;
            arrived.extend(self.take(&frame).into_iter().map(|change| (change, frame.at)));
        }
        Ok(arrived)
    }

    /// Returns the containers whose state has changed.
    fn take(&mut self, frame: &Frame) -> Vec<Change> {
        let text = String::from_utf8_lossy(&frame.data);
        let data = text.lines().find_map(|line| line.strip_prefix("data: "));
        let output: Value = data.and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
        let rows = output["containers"].as_array().into_iter().chain(output["upserted"].as_array()).flatten();
        let named = rows.filter_map(|row| Some((row["id"].as_str()?.to_owned(), row["state"].as_str()?.to_owned())));
        named.filter(|(id, state)| self.states.insert(id.clone(), state.clone()).as_ref() != Some(state)).collect()
    }
}
