//! CPU and memory of a sample, prepared for a meter. Pure.

use crate::{
    client::Host,
    format::{bytes, percent, tenths, to_tenths},
    model::{Container, ContainerStats, memory_percent},
    query::{CpuScale, MemoryScale, cpu_share},
};

/// A value, its scale, and the fill of its bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Name of the measurement.
    pub name: &'static str,
    /// The value as text.
    pub figure: String,
    /// Short description of the scale.
    pub scale: String,
    /// Value and scale in full, for assistive technology and tooltips.
    pub text: String,
    /// Value of `aria-valuenow`.
    pub now: String,
    /// Value of `aria-valuemax`.
    pub max: String,
    /// Fill of the bar in tenths of a percent: 0 to 1000.
    pub fill: u64,
    /// Severity.
    pub level: Level,
}

/// Severity of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// No concern.
    Normal,
    /// CPU usage is above the scale, so that the bar is full.
    Over,
    /// Memory usage is at least 80 % of the limit.
    High,
    /// Memory usage is at least 95 % of the limit; the kernel may kill the container at any time.
    Critical,
}

impl Level {
    /// The value in class names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Over => "over",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

const NO_SAMPLE: &str = "No sample yet";

/// CPU usage as a share of one core, as in `docker stats`, of the container's limit, or of all
/// cores of the host. 100 % fills the bar.
///
/// # Errors
/// The reason why there is no value.
pub fn cpu_reading(
    stats: Option<&ContainerStats>,
    container: &Container,
    host: Option<Host>,
    scale: CpuScale,
) -> Result<Reading, &'static str> {
    let used = stats.ok_or(NO_SAMPLE)?.cpu_percent.ok_or("CPU needs two samples; waiting for the second")?;
    let cpus = host.and_then(|host| host.cpus).unwrap_or(1);
    let (most, of) = match (scale, container.nano_cpus) {
        (CpuScale::Core, _) => (u64::from(cpus) * 100, "of one core".to_owned()),
        (CpuScale::Limit, Some(limit)) => (100, format!("of {}", cores(limit))),
        (CpuScale::Host | CpuScale::Limit, _) => (100, "of the host".to_owned()),
    };
    let used = cpu_share(scale, used, container, cpus);
    let used_tenths = to_tenths(used);
    Ok(Reading {
        name: "CPU",
        figure: percent(used),
        text: format!("{} {of}", percent(used)),
        scale: of,
        now: tenths(used),
        max: most.max(used_tenths.div_ceil(10)).max(100).to_string(),
        fill: used_tenths.min(1_000),
        level: if used_tenths > 1_000 { Level::Over } else { Level::Normal },
    })
}

/// Formats a limit: `1.5 cores`.
fn cores(nano_cpus: u64) -> String {
    let hundredths = nano_cpus.div_ceil(10_000_000);
    let number = match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    };
    format!("{number} core{}", if hundredths == 100 { "" } else { "s" })
}

/// Memory usage, as in `docker stats` or with the file cache, as a share of the limit or of the
/// host's memory.
///
/// # Errors
/// The reason why there is no value.
pub fn memory_reading(
    stats: Option<&ContainerStats>,
    host: Option<Host>,
    scale: MemoryScale,
) -> Result<Reading, &'static str> {
    let stats = stats.ok_or(NO_SAMPLE)?;
    let working_set = stats.memory_usage.ok_or("The engine reports no memory usage")?;
    let host = host.and_then(|host| host.memory_total);
    let (usage, limit, cache) = match scale {
        MemoryScale::Limit => (working_set, stats.memory_limit, ""),
        MemoryScale::Host => (working_set, host.or(stats.memory_limit), ""),
        MemoryScale::Cache => match stats.memory_cache {
            Some(cache) => (working_set + cache, stats.memory_limit, " with cache"),
            None => (working_set, stats.memory_limit, ""),
        },
    };
    let share = memory_percent(Some(usage), limit).unwrap_or_default();
    let share_tenths = to_tenths(share);
    let (scale, of) = match limit {
        Some(limit) if host.is_some_and(|host| limit >= host) => {
            ("of host".to_owned(), format!(" of the host's {}", bytes(limit)))
        }
        Some(limit) => (format!("of {}", bytes(limit)), format!(" of {}", bytes(limit))),
        None => (String::new(), String::new()),
    };
    let figure = bytes(usage);
    Ok(Reading {
        name: "Memory",
        text: format!("{figure}{cache}{of} ({})", percent(share)),
        figure,
        scale,
        now: tenths(share),
        max: "100".to_owned(),
        fill: share_tenths.min(1_000),
        level: match share_tenths {
            950.. => Level::Critical,
            800..950 => Level::High,
            _ => Level::Normal,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::ContainerState,
        samples::{container, engine, stats},
    };

    fn web() -> Container {
        container(1, "web-1", ContainerState::Running)
    }

    fn sample(cpu: Option<f64>, memory: Option<u64>) -> ContainerStats {
        stats(&web(), cpu, memory)
    }

    #[test]
    fn one_core_fills_the_cpu_bar_and_the_value_can_exceed_it() {
        for (used, figure, now, max, fill, level) in [
            (0.0, "0%", "0", "400", 0, Level::Normal),
            (12.34, "12.3%", "12.3", "400", 123, Level::Normal),
            (100.0, "100%", "100", "400", 1_000, Level::Normal),
            (250.0, "250%", "250", "400", 1_000, Level::Over),
            (401.5, "401.5%", "401.5", "402", 1_000, Level::Over),
        ] {
            let reading =
                cpu_reading(Some(&sample(Some(used), None)), &web(), Some(Host::of(&engine())), CpuScale::Core);
            let reading = reading.map(|found| (found.figure, found.now, found.max, found.fill, found.level));
            assert_eq!(reading, Ok((figure.to_owned(), now.to_owned(), max.to_owned(), fill, level)), "{used}");
        }
    }

    #[test]
    fn memory_shows_its_limit_and_warns_before_it_is_reached() {
        // Of 1 GiB: 512 MiB is 50 %, 900 MiB 87.9 %, 1000 MiB 97.7 %.
        for (mebibytes, now, level) in
            [(512, "50", Level::Normal), (900, "87.9", Level::High), (1_000, "97.7", Level::Critical)]
        {
            let reading = memory_reading(
                Some(&sample(None, Some(mebibytes << 20))),
                Some(Host::of(&engine())),
                MemoryScale::Limit,
            );
            let reading = reading.map(|found| (found.figure, found.scale, found.now, found.level));
            let figure = format!("{mebibytes} MiB");
            assert_eq!(reading, Ok((figure, "of 1 GiB".to_owned(), now.to_owned(), level)));
        }
    }

    #[test]
    fn without_a_limit_the_scale_is_the_host() {
        let mut sample = sample(None, Some(1 << 30));
        (sample.memory_usage, sample.memory_limit, sample.memory_percent) = (Some(8 << 30), Some(8 << 30), Some(100.0));
        let reading = memory_reading(Some(&sample), Some(Host::of(&engine())), MemoryScale::Limit);
        let words = reading.map(|found| (found.scale, found.text));
        assert_eq!(words, Ok(("of host".to_owned(), "8 GiB of the host's 8 GiB (100%)".to_owned())));
    }

    #[test]
    fn a_missing_reading_has_a_reason() {
        assert_eq!(cpu_reading(None, &web(), None, CpuScale::Core), Err(NO_SAMPLE));
        assert!(cpu_reading(Some(&sample(None, None)), &web(), None, CpuScale::Core).is_err());
        assert!(memory_reading(Some(&sample(None, None)), None, MemoryScale::Limit).is_err());
    }

    #[test]
    fn on_the_host_scale_a_full_bar_is_the_whole_host() {
        // 4 cores and 8 GiB: 250 % of a core is 62.5 % of them, 512 MiB are 6.25 %.
        let cpu = cpu_reading(Some(&sample(Some(250.0), None)), &web(), Some(Host::of(&engine())), CpuScale::Host);
        let cpu = cpu.map(|found| (found.text, found.max, found.fill, found.level));
        assert_eq!(cpu, Ok(("62.5% of the host".to_owned(), "100".to_owned(), 625, Level::Normal)));
        let memory = memory_reading(Some(&sample(None, Some(512 << 20))), Some(Host::of(&engine())), MemoryScale::Host);
        let memory = memory.map(|found| (found.text, found.scale));
        assert_eq!(memory, Ok(("512 MiB of the host's 8 GiB (6.3%)".to_owned(), "of host".to_owned())));
    }

    #[test]
    fn on_the_limit_scale_a_full_bar_is_the_limit() {
        for (limit, used, text, level) in [
            (Some(1_500_000_000), 75.0, "50% of 1.5 cores", Level::Normal),
            (Some(1_000_000_000), 100.0, "100% of 1 core", Level::Normal),
            (Some(250_000_000), 26.0, "104% of 0.25 cores", Level::Over),
            (None, 100.0, "25% of the host", Level::Normal),
        ] {
            let web = Container { nano_cpus: limit, ..web() };
            let reading =
                cpu_reading(Some(&sample(Some(used), None)), &web, Some(Host::of(&engine())), CpuScale::Limit);
            assert_eq!(reading.map(|found| (found.text, found.level)), Ok((text.to_owned(), level)));
        }
    }

    #[test]
    fn the_cache_scale_includes_the_file_cache() {
        let mut sample = sample(None, Some(512 << 20));
        sample.memory_cache = Some(256 << 20);
        let text = |scale| memory_reading(Some(&sample), Some(Host::of(&engine())), scale).map(|found| found.text);
        assert_eq!(text(MemoryScale::Limit), Ok("512 MiB of 1 GiB (50%)".to_owned()));
        assert_eq!(text(MemoryScale::Cache), Ok("768 MiB with cache of 1 GiB (75%)".to_owned()));
    }
}
