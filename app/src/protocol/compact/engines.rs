//! Engines: few, so each is an array of its fields in order.

use super::Scanner;
#[cfg(any(feature = "ssr", test))]
use super::writer::Writer;
use crate::model::{Engine, EngineLink, EngineName, EngineProblem, StatsSource, Timestamp};

const LINKS: [EngineLink; 3] = [EngineLink::Connecting, EngineLink::Up, EngineLink::Lost];

#[cfg(any(feature = "ssr", test))]
pub(super) fn write(writer: &mut Writer, engine: &Engine) {
    let Engine {
        id,
        name,
        endpoint,
        demo,
        link,
        since,
        error,
        version,
        api_version,
        os,
        arch,
        cpus,
        memory_total,
        stats_source,
        stats_interval_millis,
    } = engine;
    writer.list(|writer| {
        writer.text(id.as_str());
        writer.text(name);
        writer.text(endpoint);
        writer.integer((*demo).into());
        writer.natural(LINKS.iter().position(|each| each == link).unwrap_or_default() as u64);
        writer.natural(since.as_millis());
        write_problem(writer, error.as_ref());
        for text in [version, api_version, os, arch] {
            writer.maybe_text(text.as_deref());
        }
        writer.maybe_natural(cpus.map(Into::into));
        writer.maybe_natural(*memory_total);
        writer.maybe_natural(stats_source.map(|source| u64::from(source == StatsSource::Api)));
        writer.maybe_natural(*stats_interval_millis);
    });
}

#[cfg(any(feature = "ssr", test))]
pub(super) fn write_problem(writer: &mut Writer, problem: Option<&EngineProblem>) {
    match problem {
        None => writer.null(),
        Some(EngineProblem { code, message, hint }) => {
            writer.list(|writer| [code, message, hint].into_iter().for_each(|text| writer.text(text)));
        }
    }
}

/// Returns `Some(None)` for `null`: the engines did not change.
pub(super) fn read(scanner: &mut Scanner<'_>) -> Option<Option<Vec<Engine>>> {
    if scanner.null() {
        return Some(None);
    }
    let mut engines = Vec::new();
    scanner.open()?;
    while scanner.more() {
        engines.push(read_one(scanner)?);
    }
    scanner.close()?;
    Some(Some(engines))
}

fn read_one(scanner: &mut Scanner<'_>) -> Option<Engine> {
    scanner.open()?;
    let engine = Engine {
        id: EngineName::new(&scanner.text()?).ok()?,
        name: scanner.text()?,
        endpoint: scanner.text()?,
        demo: scanner.integer()? == 1,
        link: *LINKS.get(usize::try_from(scanner.natural()?).ok()?)?,
        since: Timestamp::from_millis(scanner.natural()?),
        error: read_problem(scanner)?,
        version: scanner.maybe_text()?,
        api_version: scanner.maybe_text()?,
        os: scanner.maybe_text()?,
        arch: scanner.maybe_text()?,
        cpus: scanner.maybe_natural()?.and_then(|cpus| u32::try_from(cpus).ok()),
        memory_total: scanner.maybe_natural()?,
        stats_source: scanner
            .maybe_natural()?
            .map(|is_api| if is_api == 1 { StatsSource::Api } else { StatsSource::Files }),
        stats_interval_millis: scanner.maybe_natural()?,
    };
    scanner.close()?;
    Some(engine)
}

pub(super) fn read_problem(scanner: &mut Scanner<'_>) -> Option<Option<EngineProblem>> {
    if scanner.null() {
        return Some(None);
    }
    scanner.open()?;
    let problem = EngineProblem { code: scanner.text()?, message: scanner.text()?, hint: scanner.text()? };
    scanner.close()?;
    Some(Some(problem))
}
