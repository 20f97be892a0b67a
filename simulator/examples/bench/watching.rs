//! Cost for the whole host of watching fifty containers: with files, with the Engine API, and with
//! `docker stats`.
//!
//! The methods alternate in rounds, with an unwatched round in between, so that all have the same
//! conditions. Counted is the CPU time of the server (or the docker command), dockerd, containerd
//! and all shims, minus the time that the engine and its fleet use anyway. The containers' own time
//! is excluded, and so is the viewer: here a socket, elsewhere a browser.

use crate::{
    figures::Figures,
    fleet::{CONTAINERS, Fleet, Processes},
    processes,
    program::{Folder, Server},
    table::Row,
    viewer::{StreamRequest, Viewer},
};
use anyhow::Context as _;
use std::{
    process::{Child, Command, Stdio},
    thread::{self, sleep},
    time::{Duration, Instant},
};

/// Default of `BENCH_ROUNDS`.
const ROUNDS: usize = 5;
/// Duration of each method per round. Samples are taken every 2 s, docker's every second.
const WINDOW: Duration = Duration::from_secs(12);
/// Excludes the cost of starting.
const SETTLE: Duration = Duration::from_secs(4);
/// The other documented limits.
const MIB: f64 = 1024.0 * 1024.0;
const MEMORY_PROMISED: f64 = 16.0;

/// Method of watching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Baseline,
    Docker,
    Files,
    Api,
    /// A server without an open page.
    Unwatched,
}

const WAYS: [Way; 5] = [Way::Baseline, Way::Docker, Way::Files, Way::Api, Way::Unwatched];

/// CPU milliseconds per second of each process.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// The server, or the docker command.
    own: f64,
    dockerd: f64,
    containerd: f64,
    shims: f64,
}

impl Cost {
    fn all(&self) -> f64 {
        self.own + self.dockerd + self.containerd + self.shims
    }
}

pub(crate) fn measure(folder: &Folder, fleet: &Fleet) -> anyhow::Result<Vec<Row>> {
    let rounds = std::env::var("BENCH_ROUNDS").ok().and_then(|value| value.parse().ok()).unwrap_or(ROUNDS);
    let watch = Watch { folder, fleet, engine: fleet.processes()? };
    let mut costs: Vec<(Way, Vec<Cost>)> = WAYS.map(|way| (way, Vec::new())).into();
    let mut seen = Seen::default();
    for round in 0..rounds {
        // The order changes each time, because the first method after a change of load has other
        // conditions.
        for turn in 0..WAYS.len() {
            let (way, measured) = &mut costs[(turn + round) % WAYS.len()];
            measured.push(watch.one(*way, &mut seen)?);
        }
    }
    let of =
        |wanted: Way| costs.iter().find(|(way, _)| *way == wanted).map(|(_, costs)| costs.clone()).unwrap_or_default();
    rows(fleet, rounds, of, &seen)
}

/// Additional measurements.
#[derive(Debug, Default)]
struct Seen {
    pss: Option<u64>,
    unwatched_calls: f64,
    unwatched_sweeps: f64,
}

struct Watch<'a> {
    folder: &'a Folder,
    fleet: &'a Fleet,
    engine: Processes,
}

impl Watch<'_> {
    fn one(&self, way: Way, seen: &mut Seen) -> anyhow::Result<Cost> {
        match way {
            Way::Baseline => self.window(&[]),
            Way::Docker => {
                let mut docker = docker_stats(self.fleet.url())?;
                sleep(SETTLE);
                let cost = self.window(&[docker.id()]);
                docker.kill().and_then(|()| docker.wait()).context("docker stats does not end")?;
                cost
            }
            Way::Files => {
                let server = self.server("files")?;
                let cost = self.watched(&server)?;
                seen.pss = seen.pss.max(Some(server.pss()?));
                Ok(cost)
            }
            Way::Api => self.watched(&self.server("api")?),
            Way::Unwatched => {
                let server = self.server("api")?;
                sleep(SETTLE);
                let cost = self.window(&[server.pid()])?;
                seen.unwatched_calls +=
                    server.metric("quaylight_engine_calls_total{call=\"stats\",engine=\"local\"}")?;
                seen.unwatched_sweeps += server.metric("quaylight_sweep_seconds_count")?;
                Ok(cost)
            }
        }
    }

    fn server(&self, source: &str) -> anyhow::Result<Server> {
        self.folder.server(self.fleet.url(), &["--stats-source", source])
    }

    /// With one viewer that reads on its own thread.
    fn watched(&self, server: &Server) -> anyhow::Result<Cost> {
        let mut viewer = Viewer::open(server.address, StreamRequest::OF_PAGE)?;
        let reading = thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            // Until the server is stopped.
            loop {
                if let Err(error) = viewer.next(&mut buffer) {
                    return error;
                }
            }
        });
        server.until_metric("quaylight_sweep_seconds_count", 2.0)?;
        sleep(SETTLE);
        let cost = self.window(&[server.pid()]);
        match reading.is_finished().then(|| reading.join()) {
            None => cost,
            Some(Ok(error)) => Err(error.context("the viewer lost its stream")),
            Some(Err(_)) => anyhow::bail!("the viewer panicked"),
        }
    }

    fn window(&self, own: &[u32]) -> anyhow::Result<Cost> {
        let Processes { dockerd, containerd, shims } = &self.engine;
        let groups = [own, dockerd, containerd, shims];
        let (began, before) = (Instant::now(), groups.map(processes::cpu_time));
        sleep(WINDOW);
        let (took, after) = (began.elapsed().as_secs_f64(), groups.map(processes::cpu_time));
        let mut used = before.into_iter().zip(after).map(|(before, after)| (after - before).as_secs_f64() * 1e3 / took);
        let mut next = || used.next().context("four groups");
        Ok(Cost { own: next()?, dockerd: next()?, containerd: next()?, shims: next()? })
    }
}

/// As in an open terminal, without the terminal.
fn docker_stats(url: &str) -> anyhow::Result<Child> {
    let mut command = Command::new("docker");
    command.args(["--host", url, "stats"]).stdin(Stdio::null()).stdout(Stdio::null());
    Ok(command.spawn()?)
}

fn rows(fleet: &Fleet, rounds: usize, of: impl Fn(Way) -> Vec<Cost>, seen: &Seen) -> anyhow::Result<Vec<Row>> {
    let figures = |costs: &[Cost], part: fn(&Cost) -> f64| Figures::of(costs.iter().map(part)).context("a round");
    let baseline = of(Way::Baseline);
    let idle = figures(&baseline, Cost::all)?;
    let idle_daemons = figures(&baseline, |cost| cost.dockerd + cost.containerd)?;
    // Subtracts the usage of the engine and its fleet: the median of all rounds.
    let less = |way: Way| -> anyhow::Result<Figures> {
        let base = idle.median();
        Figures::of(of(way).iter().map(|cost| cost.all() - base)).context("a round")
    };
    let (docker, files, api) = (less(Way::Docker)?, less(Way::Files)?, less(Way::Api)?);
    let detail = |way: Way| -> anyhow::Result<String> {
        let costs = of(way);
        let median = |part: fn(&Cost) -> f64| Ok::<_, anyhow::Error>(figures(&costs, part)?.median());
        Ok(format!(
            "own {:.2}, dockerd {:.2}, containerd {:.2}, shims {:.2}",
            median(|cost| cost.own)?,
            median(|cost| cost.dockerd)?,
            median(|cost| cost.containerd)?,
            median(|cost| cost.shims)?
        ))
    };
    let share = |cost: &Figures| cost.median() / docker.median();
    let unwatched = figures(&of(Way::Unwatched), |cost| cost.own / 10.0)?;
    let pss = seen.pss.context("memory")? as f64 / MIB;
    let calls = seen.unwatched_calls + seen.unwatched_sweeps;
    Ok(vec![
        Row::note(
            "engine",
            format!("dockerd {}, {CONTAINERS} containers, one in ten busy, {rounds} rounds", fleet.version()),
        ),
        Row::note("engine and containers without monitoring, CPU ms per second", format!("{idle:.2}")),
        Row::note("— dockerd and containerd only", format!("{idle_daemons:.2}")),
        Row::note("`docker stats`, additional CPU ms per second", format!("{docker:.2}")),
        Row::note("— by process", detail(Way::Docker)?),
        Row::note("Quaylight with files, additional CPU ms per second", format!("{files:.2}")),
        Row::note("— by process", detail(Way::Files)?),
        Row::note("Quaylight with the API, additional CPU ms per second", format!("{api:.2}")),
        Row::note("— by process", detail(Way::Api)?),
        Row::promise(
            "cost with files, relative to `docker stats`",
            format!("1/{:.0}", 1.0 / share(&files)),
            "≤ 1/20",
            share(&files) <= 0.05,
        ),
        Row::promise(
            "cost with the API, relative to `docker stats`",
            format!("{:.2}", share(&api)),
            "≤ 2/3",
            share(&api) <= 2.0 / 3.0,
        ),
        Row::promise("samples without viewers", format!("{calls}"), "0", calls == 0.0),
        Row::promise(
            "server without viewers, % of a core",
            format!("{unwatched:.3}"),
            "≤ 0.1 %",
            unwatched.median() <= 0.1,
        ),
        Row::promise(
            "server's memory with 50 containers (PSS)",
            format!("{pss:.1} MiB"),
            "≤ 16 MiB",
            pss <= MEMORY_PROMISED,
        ),
    ])
}
