//! Settings of the simulated engine.

use std::time::Duration;

use crate::clock::Moment;

/// The engine release to imitate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// 20.10.24, API 1.41: one-shot samples wait for the collector's tick; the list lags behind
    /// `die`.
    #[default]
    V20_10,
    /// 28.5.2, API 1.51: one-shot samples are immediate; the list is up to date when `die` arrives.
    V28_5,
}

impl Release {
    /// Version of the engine.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::V20_10 => "20.10.24",
            Self::V28_5 => "28.5.2",
        }
    }

    /// Highest API version of the engine, as (major, minor).
    #[must_use]
    pub fn api(self) -> (u16, u16) {
        match self {
            Self::V20_10 => (1, 41),
            Self::V28_5 => (1, 51),
        }
    }

    /// Lowest API version of the engine, as (major, minor).
    #[must_use]
    pub fn min_api(self) -> (u16, u16) {
        match self {
            Self::V20_10 => (1, 12),
            Self::V28_5 => (1, 24),
        }
    }
}

/// Control group version of the host, which determines the format of stats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CgroupVersion {
    /// Version 1: stats have `total_inactive_file`, `Read` and `Write`, and CPU time per core.
    #[default]
    V1,
    /// Version 2: stats have `inactive_file`, `read` and `write`, and no CPU time per core.
    V2,
}

/// Precision of log timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// A different time for each line, as in Docker.
    #[default]
    Nanoseconds,
    /// Whole seconds, as in Podman.
    Seconds,
}

/// Facts about the engine and its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Release to imitate.
    pub release: Release,
    /// Control group version of the host.
    pub cgroup: CgroupVersion,
    /// Name of the host.
    pub host_name: String,
    /// Number of cores of the host.
    pub cpus: u32,
    /// Memory of the host in bytes.
    pub memory_bytes: u64,
    /// Boot time of the host; the base of `system_cpu_usage`.
    pub booted_at: Moment,
    /// True if the containers of the scenario are probed; containers that are created later always
    /// are.
    pub probes_residents: bool,
    /// Time for which the list shows the state before `die`; measured on 20.10: p50 89 ms.
    pub list_lag: Duration,
    /// Interval of the stats collector, for which a one-shot sample waits; zero for immediate
    /// samples.
    pub collector_period: Duration,
    /// Precision of the engine's log timestamps.
    pub log_stamps: Stamps,
    /// Time from `die` to the return of the call that caused it; measured on 20.10: 56 to 78 ms.
    pub reply_lag: Duration,
}

impl Settings {
    /// Settings of a small host that has been up for a week and a half at `now`.
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

    /// The same settings without built-in delays, for a manual clock.
    #[must_use]
    pub fn without_waits(self) -> Self {
        Self { list_lag: Duration::ZERO, reply_lag: Duration::ZERO, collector_period: Duration::ZERO, ..self }
    }

    /// CPU time of all cores since boot, in the kernel's steps of 10 ms.
    #[must_use]
    pub fn system_cpu_nanos(&self, now: Moment) -> u64 {
        const STEP: u64 = 10_000_000;
        let uptime = u64::try_from(now.since(self.booted_at).as_nanos()).unwrap_or(u64::MAX);
        uptime / STEP * STEP * u64::from(self.cpus)
    }
}
