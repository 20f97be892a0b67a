//! A column of engine names as runs, `[name, count, name, count …]`: containers are ordered by
//! engine. Omitted, or `null`, if all names are `local`.

use super::Scanner;
#[cfg(any(feature = "ssr", test))]
use super::writer::Writer;
use crate::model::EngineName;

/// Writes the engines of elements, or nothing if all are `local`. Must be the last element that is
/// written, because it is optional.
#[cfg(any(feature = "ssr", test))]
pub(super) fn write(writer: &mut Writer, engines: impl Iterator<Item = EngineName> + Clone) {
    if engines.clone().all(|engine| engine == EngineName::LOCAL) {
        return;
    }
    let mut runs: Vec<(EngineName, u64)> = Vec::new();
    for engine in engines {
        match runs.last_mut() {
            Some((last, count)) if *last == engine => *count += 1,
            _ => runs.push((engine, 1)),
        }
    }
    writer.list(|writer| {
        for (engine, count) in runs {
            writer.text(engine.as_str());
            writer.natural(count);
        }
    });
}

/// Reads the engines of `count` elements; `None` if the column has another number of them.
pub(super) fn read(scanner: &mut Scanner<'_>, count: usize) -> Option<Vec<EngineName>> {
    if !scanner.more() || scanner.null() {
        return Some(vec![EngineName::LOCAL; count]);
    }
    let mut engines = Vec::with_capacity(count);
    scanner.open()?;
    while scanner.more() {
        let engine = EngineName::new(&scanner.text()?).ok()?;
        let end = engines.len().saturating_add(usize::try_from(scanner.natural()?).ok()?);
        if end > count {
            return None;
        }
        engines.resize(end, engine);
    }
    scanner.close()?;
    (engines.len() == count).then_some(engines)
}
