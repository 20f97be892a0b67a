//! Engines: few, so each is an array of its fields in order.

use super::Scanner;
#[cfg(any(feature = "ssr", test))]
use super::writer::Writer;
use crate::model::{
    Engine, EngineHop, EngineKind, EngineLink, EngineName, EngineProblem, Labels, StatsSource, Timestamp,
};

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
        kind,
        labels,
        hop,
        round_trip_millis,
        clock_offset_millis,
        clock_error_millis,
        same_engine_as,
        engine_link,
        notice,
        engine_id: _,
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
        writer.natural(EngineKind::ALL.iter().position(|each| each == kind).unwrap_or_default() as u64);
        writer.list(|writer| labels.iter().flat_map(|(name, value)| [name, value]).for_each(|text| writer.text(text)));
        writer
            .maybe_natural(hop.and_then(|hop| EngineHop::ALL.iter().position(|each| *each == hop)).map(|at| at as u64));
        writer.maybe_natural(*round_trip_millis);
        writer.maybe_integer(*clock_offset_millis);
        writer.maybe_natural(*clock_error_millis);
        writer.list(|writer| same_engine_as.iter().for_each(|name| writer.text(name.as_str())));
        let at = engine_link.and_then(|link| LINKS.iter().position(|each| *each == link));
        writer.maybe_natural(at.map(|at| at as u64));
        writer.maybe_text(notice.as_deref());
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

/// Reads the engines: `Some(None)` for `null`, which means that they did not change.
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
    let mut engine = Engine {
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
        kind: EngineKind::Docker,
        labels: Labels::new(),
        hop: None,
        engine_link: None,
        notice: None,
        round_trip_millis: None,
        clock_offset_millis: None,
        clock_error_millis: None,
        same_engine_as: Vec::new(),
        engine_id: None,
    };
    // The server may be older than this page.
    if scanner.more() {
        read_rest(scanner, &mut engine)?;
    }
    scanner.close()?;
    Some(engine)
}

fn read_rest(scanner: &mut Scanner<'_>, engine: &mut Engine) -> Option<()> {
    engine.kind = *EngineKind::ALL.get(usize::try_from(scanner.natural()?).ok()?)?;
    scanner.open()?;
    while scanner.more() {
        engine.labels.insert(scanner.text()?, scanner.text()?);
    }
    scanner.close()?;
    engine.hop = scanner.maybe_natural()?.and_then(|at| EngineHop::ALL.get(usize::try_from(at).ok()?).copied());
    engine.round_trip_millis = scanner.maybe_natural()?;
    engine.clock_offset_millis = scanner.maybe_integer()?;
    engine.clock_error_millis = scanner.maybe_natural()?;
    scanner.open()?;
    while scanner.more() {
        engine.same_engine_as.push(EngineName::new(&scanner.text()?).ok()?);
    }
    scanner.close()?;
    if scanner.more() {
        engine.engine_link = scanner.maybe_natural()?.and_then(|at| LINKS.get(usize::try_from(at).ok()?).copied());
    }
    if scanner.more() {
        engine.notice = scanner.maybe_text()?;
    }
    Some(())
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
