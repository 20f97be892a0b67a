//! A thousand viewers, then five thousand: their cost, the spread of one frame among them, and the
//! effect of viewers that stop reading on the others.
//!
//! One thread reads all connections that have data. It shares the machine with the server, so it
//! does as little as possible. Arrival times are the kernel's timestamps ([`crate::viewer`]),
//! however late this thread reads.

use crate::{
    figures::{Figures, grouped},
    processes,
    program::{Folder, Server},
    table::Row,
    viewer::{FrameKey, StreamRequest, Viewer},
};
use anyhow::{Context as _, ensure};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

const CONTAINERS: &str = "busy:200";
const VIEWERS: usize = 1_000;
const MANY: usize = 5_000;
/// Number of viewers that stop reading.
const STALLED_VIEWERS: usize = 50;
/// Duration of a measurement: ten frames of numbers.
const WINDOW: Duration = Duration::from_secs(20);
/// Connections opened concurrently: the backlog of a listener is 1,024.
const OPENING: usize = 200;
/// Heartbeats are shorter than this and differ per viewer.
const MIN_SHARED_BYTES: usize = 200;
/// Timeout for the first frames of all viewers.
const OPEN_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) fn measure(folder: &Folder) -> anyhow::Result<Vec<Row>> {
    let (simulator, url) = folder.simulator(CONTAINERS)?;
    let mut rows = Vec::new();
    for (coding, request) in [("page format", StreamRequest::OF_PAGE), ("JSON", StreamRequest::default())] {
        rows.extend(thousand(folder, &url, coding, request)?);
    }
    rows.push(five_thousand(folder, &url)?);
    drop(simulator);
    Ok(rows)
}

fn thousand(folder: &Folder, url: &str, coding: &str, request: StreamRequest<'_>) -> anyhow::Result<Vec<Row>> {
    let server = folder.server(url, &[])?;
    // The first viewer's one-time cost is not counted.
    let mut crowd = Crowd::open(server.address, 1, request)?;
    crowd.read_for(Duration::from_secs(5))?;
    let before = processes::own_memory(server.pid()).context("memory")?;
    crowd.join(VIEWERS - 1, request)?;
    crowd.read_for(Duration::from_secs(5))?;
    let alone = crowd.measure(&server)?;
    let each = (processes::own_memory(server.pid()).context("memory")?.saturating_sub(before)) as usize / (VIEWERS - 1);
    ensure!(crowd.lost == 0, "{} viewers lost their stream", crowd.lost);
    let mut rows = vec![
        Row::promise(
            format!("1,000 viewers on 200 changing containers ({coding}): server, % of a core"),
            format!("{:.1}", alone.percent),
            "≤ 40 %",
            alone.percent <= 40.0,
        ),
        Row::promise(
            format!("— memory per viewer ({coding})"),
            format!("{} bytes", grouped(each)),
            "≤ 32 KiB",
            each <= 32 << 10,
        ),
        Row::promise(
            format!("— from the first viewer to 99 % of viewers ({coding})"),
            format!("{:.1} ms, the slowest of {} frames {:.1} ms", alone.p99.median(), alone.frames, alone.p99.most()),
            "≤ 100 ms",
            alone.p99.most() <= 100.0,
        ),
        Row::note(
            format!("— from the first viewer to the last ({coding})"),
            format!("{:.1} ms, the slowest {:.1} ms", alone.last.median(), alone.last.most()),
        ),
        Row::note(
            format!("— bytes per viewer and second ({coding})"),
            grouped((alone.bytes as f64 / VIEWERS as f64 / alone.seconds) as u64),
        ),
    ];
    if request.gzip {
        crowd.stop_reading(STALLED_VIEWERS);
        let beside = crowd.measure(&server)?;
        rows.push(Row::note(
            format!("— when {STALLED_VIEWERS} viewers stop reading"),
            format!("{:.1} %, {:.1} ms, the slowest {:.1} ms", beside.percent, beside.p99.median(), beside.p99.most()),
        ));
    }
    Ok(rows)
}

fn five_thousand(folder: &Folder, url: &str) -> anyhow::Result<Row> {
    let server = folder.server(url, &[])?;
    let mut crowd = Crowd::open(server.address, MANY, StreamRequest::OF_PAGE)?;
    let measured = crowd.measure(&server)?;
    let counted = server.metric("quaylight_viewers")?;
    let stayed = MANY - crowd.lost;
    Ok(Row::promise(
        "5,000 viewers of the same containers",
        format!(
            "{stayed} connected, {counted} by the server's count; {:.0} % of a core, {:.1} ms to 99 %",
            measured.percent,
            measured.p99.median()
        ),
        "all connected",
        stayed == MANY && counted >= MANY as f64,
    ))
}

/// Results of one window.
#[derive(Debug)]
struct Measured {
    percent: f64,
    frames: usize,
    /// Milliseconds from the first viewer to 99 % of them, per frame.
    p99: Figures,
    /// The same to the last viewer.
    last: Figures,
    bytes: u64,
    seconds: f64,
}

/// Viewers, and the arrival times of their frames.
struct Crowd {
    address: SocketAddr,
    epoll: Epoll,
    viewers: Vec<Viewer>,
    deaf: usize,
    lost: usize,
    frames: HashMap<FrameKey, Vec<i64>>,
    bytes: u64,
    buffer: Vec<u8>,
}

impl Crowd {
    fn open(address: SocketAddr, count: usize, request: StreamRequest<'_>) -> anyhow::Result<Self> {
        let mut crowd = Self {
            address,
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            viewers: Vec::new(),
            deaf: 0,
            lost: 0,
            frames: HashMap::new(),
            bytes: 0,
            buffer: vec![0; 1 << 18],
        };
        crowd.join(count, request)?;
        Ok(crowd)
    }

    fn join(&mut self, count: usize, request: StreamRequest<'_>) -> anyhow::Result<()> {
        let all = self.viewers.len() + count;
        while self.viewers.len() < all {
            for _ in 0..OPENING.min(all - self.viewers.len()) {
                let viewer = Viewer::open(self.address, request)?;
                let number = self.viewers.len() as u64;
                self.epoll.add(&viewer, EpollEvent::new(EpollFlags::EPOLLIN, number))?;
                self.viewers.push(viewer);
            }
            let began = Instant::now();
            // The preamble and the first frame.
            while self.viewers.iter().any(|viewer| viewer.frames() < 2) {
                ensure!(began.elapsed() < OPEN_TIMEOUT && self.lost == 0, "not all viewers get their first frame");
                self.read_for(Duration::from_millis(20))?;
            }
        }
        Ok(())
    }

    /// Makes the first viewers stop reading.
    fn stop_reading(&mut self, count: usize) {
        for viewer in &self.viewers[..count] {
            // Connections outside epoll are not read, but must stay open.
            let _ = self.epoll.delete(viewer);
        }
        self.deaf = count;
    }

    fn read_for(&mut self, time: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + time;
        let mut events = [EpollEvent::empty(); 256];
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let timeout = EpollTimeout::try_from(left.as_millis().min(1_000) as i32 + 1)?;
            let ready = self.epoll.wait(&mut events, timeout)?;
            for event in &events[..ready] {
                self.read(event.data() as usize)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, number: usize) -> anyhow::Result<()> {
        let viewer = &mut self.viewers[number];
        if viewer.read(&mut self.buffer, false).is_err() {
            self.lost += 1;
            return Ok(self.epoll.delete(&*viewer)?);
        }
        for frame in viewer.whole() {
            self.bytes += frame.on_wire as u64;
            if frame.key.length >= MIN_SHARED_BYTES {
                self.frames.entry(frame.key).or_default().push(frame.at);
            }
        }
        Ok(())
    }

    fn measure(&mut self, server: &Server) -> anyhow::Result<Measured> {
        // Skips a frame that began before the window.
        self.read_for(Duration::from_millis(500))?;
        (self.bytes, self.frames) = (0, HashMap::new());
        let (began, before) = (Instant::now(), server.cpu_time());
        self.read_for(WINDOW)?;
        let (seconds, used) = (began.elapsed().as_secs_f64(), server.cpu_time() - before);
        // Reads frames that are still in transit.
        self.read_for(Duration::from_millis(500))?;
        let reading = self.viewers.len() - self.deaf - self.lost;
        let whole: Vec<&mut Vec<i64>> = self.frames.values_mut().filter(|times| times.len() == reading).collect();
        let spreads = whole.into_iter().map(|times| {
            times.sort_unstable();
            let after = |index: usize| (times[index] - times[0]) as f64 / 1e6;
            (after((times.len() - 1) * 99 / 100), after(times.len() - 1))
        });
        let spreads: Vec<(f64, f64)> = spreads.collect();
        Ok(Measured {
            percent: used.as_secs_f64() * 100.0 / seconds,
            frames: spreads.len(),
            p99: Figures::of(spreads.iter().map(|(p99, _)| *p99)).context("no frame came to all viewers")?,
            last: Figures::of(spreads.iter().map(|(_, last)| *last)).context("no frame came to all viewers")?,
            bytes: self.bytes,
            seconds,
        })
    }
}
