//! `quaylight-simulator`: a simulated Docker Engine as a separate program.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use simulator::{CgroupVersion, Listen, Options, Release, Scenario, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A simulated Docker Engine. Use it with a Docker client: `docker -H unix:///tmp/engine.sock ps`.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Address of the Engine API: unix:///PATH or tcp://ADDRESS:PORT [default: a socket in a
    /// temporary folder]
    #[arg(long)]
    listen: Option<Listen>,
    /// Scenario: quiet, busy, crash-loop, thousand or swarm, with an optional number of containers, as
    /// in busy:50
    #[arg(long, default_value = "quiet")]
    scenario: Scenario,
    /// Equal seeds give equal ids, values and actions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Address of the control API, such as 127.0.0.1:PORT; port 0 selects a free one [default: the
    /// engine's address only]
    #[arg(long)]
    control: Option<SocketAddr>,
    /// Imitate engine 28.5 instead of 20.10: immediate one-shot samples
    #[arg(long)]
    modern: bool,
    /// Use the stats format of cgroup v2 instead of v1
    #[arg(long)]
    cgroup_v2: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    // Before printing "ready": a signal that arrives right after it must not be missed.
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for SIGINT")?;
    let simulator = Simulator::start(options(arguments)).await.context("could not start the simulator")?;
    announce(&format!("listening on {}", simulator.endpoint()))?;
    if let Some(control) = simulator.control() {
        announce(&format!("control on http://{control}"))?;
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    simulator.shutdown().await;
    Ok(())
}

fn options(arguments: Arguments) -> Options {
    let Arguments { listen, scenario, seed, control, modern, cgroup_v2 } = arguments;
    Options {
        scenario,
        seed,
        listen: listen.unwrap_or_default(),
        control,
        release: if modern { Release::V28_5 } else { Release::V20_10 },
        cgroup: if cgroup_v2 { CgroupVersion::V2 } else { CgroupVersion::V1 },
        ..Options::default()
    }
}

/// Prints one line for the caller to wait for.
fn announce(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("could not write to stdout")
}
