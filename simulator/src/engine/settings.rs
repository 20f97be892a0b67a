//! Which engine this one pretends to be.

use std::time::Duration;

use crate::clock::Moment;

/// An engine release whose habits are imitated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// 20.10.24, API 1.41: one-shot samples wait for the collector's tick; the list lags behind
    /// `die`.
    #[default]
    V20_10,
    /// 28.5.2, API 1.51: one-shot samples come at once; the list is up to date when `die` arrives.
    V28_5,
}

impl Release {
    /// The engine's version.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::V20_10 => "20.10.24",
            Self::V28_5 => "28.5.2",
        }
    }

    /// The newest API version it speaks, as (major, minor).
    #[must_use]
    pub fn api(self) -> (u16, u16) {
        match self {
            Self::V20_10 => (1, 41),
            Self::V28_5 => (1, 51),
        }
    }

    /// The oldest API version it speaks.
    #[must_use]
    pub fn min_api(self) -> (u16, u16) {
        match self {
            Self::V20_10 => (1, 12),
            Self::V28_5 => (1, 24),
        }
    }
}

/// Which control groups the host has: the two differ in the shape of stats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CgroupVersion {
    /// `total_inactive_file`, `Read` and `Write`, CPU time per core.
    #[default]
    V1,
    /// `inactive_file`, `read` and `write`, no CPU time per core.
    V2,
}

/// How fine the times of log lines are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// Each line has one of its own, as with Docker.
    #[default]
    Nanoseconds,
    /// Whole seconds, as with Podman.
    Seconds,
}

/// Facts about the engine and its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which release it is.
    pub release: Release,
    /// Which control groups its host has.
    pub cgroup: CgroupVersion,
    /// Its host's name.
    pub host_name: String,
    /// Its host's cores.
    pub cpus: u32,
    /// Its host's memory.
    pub memory_bytes: u64,
    /// When its host was started; the base of `system_cpu_usage`.
    pub booted_at: Moment,
    /// Whether the containers of the scenario are probed; those made later always are.
    pub probes_residents: bool,
    /// How long the list goes on showing the state before `die`; measured on 20.10: p50 89 ms.
    pub list_lag: Duration,
    /// From tick to tick of the stats collector, which a one-shot sample waits for; zero: samples
    /// come at once.
    pub collector_period: Duration,
    /// How it stamps log lines.
    pub log_stamps: Stamps,
    /// How long after `die` the call that caused it returns; measured on 20.10: 56 to 78 ms.
    pub reply_lag: Duration,
}

impl Settings {
    /// A small host, up for a week and a half at `now`.
    #[must_use]
    pub fn new(release: Release, cgroup: CgroupVersion, now: Moment) -> Self {
        let (list_lag, reply_lag, collector_period) = match release {
            Release::V20_10 => (Duration::from_millis(50), Duration::from_millis(65), Duration::from_secs(1)),
            Release::V28_5 => (Duration::ZERO, Duration::from_millis(20), Duration::ZERO),
        };
        Self {
            release,
            cgroup,
            host_name: "harbour".to_owned(),
            cpus: 8,
            memory_bytes: 16 << 30,
            booted_at: now.minus(Duration::from_secs(11 * 86_400)),
            probes_residents: true,
            list_lag,
            collector_period,
            log_stamps: Stamps::default(),
            reply_lag,
        }
    }

    /// The same engine without any waiting of its own: for a clock that only moves by hand.
    #[must_use]
    pub fn without_waits(self) -> Self {
        Self { list_lag: Duration::ZERO, reply_lag: Duration::ZERO, collector_period: Duration::ZERO, ..self }
    }

    /// Time all cores have counted since boot, in the kernel's steps of 10 ms.
    #[must_use]
    pub fn system_cpu_nanos(&self, now: Moment) -> u64 {
        const STEP: u64 = 10_000_000;
        let uptime = u64::try_from(now.since(self.booted_at).as_nanos()).unwrap_or(u64::MAX);
        uptime / STEP * STEP * u64::from(self.cpus)
    }
}
