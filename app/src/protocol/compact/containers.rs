//! Containers, column by column, in the order of [`COLUMNS`]. The first element is the ids, or the
//! fingerprint of the containers that the reader holds ([`known`]); then names are omitted, too.
//!
//! Times are milliseconds before another time: creation before the frame, start before the
//! creation, end before the start. Enums are written as their index. Project and service are
//! derived from the labels.

use super::{Held, Scanner, engines::read_problem, id, known};
#[cfg(any(feature = "ssr", test))]
use super::{engines::write_problem, writer::Writer};
#[cfg(any(feature = "ssr", test))]
use crate::model::Labels;
use crate::model::{
    Cause, Container, ContainerId, ContainerKey, ContainerState, EngineName, Health, Mount, Port, Timestamp,
};
use std::sync::Arc;

/// Reads one field into a container. A time may depend on fields that were read before.
type Read = fn(&mut Scanner<'_>, &mut Container, Timestamp) -> Option<()>;

/// Character in place of ids, followed by a fingerprint; no id starts with it.
const HELD: char = '=';
/// Index of the name column.
const NAME: usize = 1;

/// Readers by column. New columns go to the end.
const COLUMNS: [Read; 23] = [
    |s, c, _| EngineName::new(&s.text()?).ok().map(|name| c.engine = name),
    |s, c, _| s.text().map(|text| c.name = text),
    |s, c, _| s.text().map(|text| c.image = text),
    |s, c, _| s.text().map(|text| c.image_id = text),
    |s, c, _| s.text().map(|text| c.command = text),
    |s, c, _| {
        c.state = *ContainerState::ALL.get(usize::try_from(s.natural()?).ok()?)?;
        Some(())
    },
    |s, c, _| {
        let Some(place) = s.maybe_natural()? else { return Some(()) };
        c.health = Some(*Health::ALL.get(usize::try_from(place).ok()?)?);
        Some(())
    },
    |s, c, _| s.maybe_integer().map(|code| c.exit_code = code),
    |s, c, _| s.integer().map(|is| c.oom_killed = is == 1),
    |s, c, _| s.integer().map(|count| c.restart_count = count),
    |s, c, _| s.maybe_text().map(|text| c.error = text),
    |s, c, now| s.maybe_integer().map(|age| c.created_at = instant(age, now)),
    |s, c, now| s.maybe_integer().map(|age| c.started_at = instant(age, c.created_at.unwrap_or(now))),
    |s, c, now| s.maybe_integer().map(|age| c.finished_at = instant(age, c.started_at.unwrap_or(now))),
    read_ports,
    |s, c, _| list(s, |s| s.text()).map(|names| c.networks = names),
    |s, c, _| {
        let Some(text) = s.maybe_text()? else { return Some(()) };
        c.network_of = id::read_all(&text)?.first().copied();
        Some(())
    },
    read_mounts,
    read_labels,
    |s, c, _| s.maybe_natural().map(|limit| c.nano_cpus = limit),
    |s, c, _| s.integer().map(|is| c.image_outdated = is == 1),
    |s, c, _| s.integer().map(|is| c.process_oom_killed = is == 1),
    |s, c, _| {
        let Some(place) = s.maybe_natural()? else { return Some(()) };
        c.end_cause = Some(*Cause::ALL.get(usize::try_from(place).ok()?)?);
        Some(())
    },
];

#[cfg(any(feature = "ssr", test))]
type Write = fn(&mut Writer, &Container, Timestamp);

/// Writers by column, in the same order.
#[cfg(any(feature = "ssr", test))]
const WRITERS: [Write; COLUMNS.len()] = [
    |w, c, _| w.text(c.engine.as_str()),
    |w, c, _| w.text(&c.name),
    |w, c, _| w.text(&c.image),
    |w, c, _| w.text(&c.image_id),
    |w, c, _| w.text(&c.command),
    |w, c, _| w.natural(place(&ContainerState::ALL, c.state)),
    |w, c, _| w.maybe_natural(c.health.map(|health| place(&Health::ALL, health))),
    |w, c, _| w.maybe_integer(c.exit_code),
    |w, c, _| w.integer(c.oom_killed.into()),
    |w, c, _| w.integer(c.restart_count),
    |w, c, _| w.maybe_text(c.error.as_deref()),
    |w, c, now| w.maybe_integer(before(c.created_at, now)),
    |w, c, now| w.maybe_integer(before(c.started_at, c.created_at.unwrap_or(now))),
    |w, c, now| w.maybe_integer(before(c.finished_at, c.started_at.unwrap_or(now))),
    |w, c, _| w.list(|w| c.ports.iter().for_each(|port| write_port(w, port))),
    |w, c, _| w.list(|w| c.networks.iter().for_each(|name| w.text(name))),
    |w, c, _| match c.network_of {
        Some(id) => w.ids([id].into_iter()),
        None => w.null(),
    },
    |w, c, _| w.list(|w| c.mounts.iter().for_each(|mount| write_mount(w, mount))),
    |w, c, _| w.list(|w| write_labels(w, &c.labels)),
    |w, c, _| w.maybe_natural(c.nano_cpus),
    |w, c, _| w.integer(c.image_outdated.into()),
    |w, c, _| w.integer(c.process_oom_killed.into()),
    |w, c, _| w.maybe_natural(c.end_cause.map(|cause| place(&Cause::ALL, cause))),
];

/// Labels that Compose keeps for itself; users do not search by them.
#[cfg(any(feature = "ssr", test))]
const BOOKKEEPING: [&str; 9] = [
    "com.docker.compose.config-hash",
    "com.docker.compose.container-number",
    "com.docker.compose.depends_on",
    "com.docker.compose.image",
    "com.docker.compose.oneoff",
    "com.docker.compose.project.config_files",
    "com.docker.compose.project.working_dir",
    "com.docker.compose.replace",
    "com.docker.compose.version",
];

#[cfg(any(feature = "ssr", test))]
pub(super) fn write(writer: &mut Writer, containers: &[&Container], held: Option<u64>, server_time: Timestamp) {
    writer.list(|writer| {
        match held {
            Some(fingerprint) => writer.text(&format!("{HELD}{fingerprint:x}")),
            None => writer.ids(containers.iter().map(|container| container.id)),
        }
        // A frame without containers ends here.
        if containers.is_empty() {
            return;
        }
        for (place, write) in WRITERS.iter().enumerate() {
            let written: &[&Container] = if held.is_some() && place == NAME { &[] } else { containers };
            writer.list(|writer| written.iter().for_each(|container| write(writer, container, server_time)));
        }
        writer.list(|writer| write_inspect_errors(writer, containers));
    });
}

pub(super) fn read(scanner: &mut Scanner<'_>, held: &Held, server_time: Timestamp) -> Option<Vec<Arc<Container>>> {
    scanner.open()?;
    let ids = scanner.text()?;
    let (mut containers, known_names) = match ids.strip_prefix(HELD) {
        Some(fingerprint) => (of_held(fingerprint, held)?, true),
        None => (id::read_all(&ids)?.into_iter().map(of_id).collect(), false),
    };
    let columns = if containers.is_empty() { &[] } else { &COLUMNS[..] };
    for (place, read) in columns.iter().enumerate() {
        scanner.open()?;
        let count = if known_names && place == NAME { 0 } else { containers.len() };
        for container in &mut containers[..count] {
            read(scanner, container, server_time)?;
        }
        scanner.close()?;
    }
    // The server may be older than this page.
    if !containers.is_empty() && scanner.more() {
        read_inspect_errors(scanner, &mut containers)?;
    }
    scanner.close()?;
    Some(containers.into_iter().map(Arc::new).collect())
}

/// Writes the index and the problem of each container that has one, because few do.
#[cfg(any(feature = "ssr", test))]
fn write_inspect_errors(writer: &mut Writer, containers: &[&Container]) {
    for (place, container) in containers.iter().enumerate() {
        if let Some(problem) = &container.inspect_error {
            writer.natural(place as u64);
            write_problem(writer, Some(problem));
        }
    }
}

fn read_inspect_errors(scanner: &mut Scanner<'_>, containers: &mut [Container]) -> Option<()> {
    scanner.open()?;
    while scanner.more() {
        let place = usize::try_from(scanner.natural()?).ok()?;
        containers.get_mut(place)?.inspect_error = read_problem(scanner)?;
    }
    scanner.close()
}

/// A container with this id. Its engine is in a column.
fn of_id(id: ContainerId) -> Container {
    Container::unknown(ContainerKey::new(EngineName::LOCAL, id))
}

/// The held containers, with ids and names only; `None` if the fingerprint is that of other
/// containers.
fn of_held(fingerprint: &str, held: &Held) -> Option<Vec<Container>> {
    let order = known::in_order(held.values().map(|container| &**container));
    let meant = u64::from_str_radix(fingerprint, 16).ok();
    let named = |each: &&Container| Container { name: each.name.clone(), ..Container::unknown(each.key()) };
    (meant.is_some() && known::fingerprint_in_order(&order) == meant).then(|| order.iter().map(named).collect())
}

#[cfg(any(feature = "ssr", test))]
fn place<T: PartialEq + Copy>(all: &[T], wanted: T) -> u64 {
    all.iter().position(|each| *each == wanted).unwrap_or_default() as u64
}

#[cfg(any(feature = "ssr", test))]
fn before(instant: Option<Timestamp>, later: Timestamp) -> Option<i64> {
    instant.map(|instant| later.as_millis() as i64 - instant.as_millis() as i64)
}

fn instant(age: Option<i64>, later: Timestamp) -> Option<Timestamp> {
    age.map(|age| Timestamp::from_millis((later.as_millis() as i64).wrapping_sub(age) as u64))
}

fn list<T>(scanner: &mut Scanner<'_>, read: fn(&mut Scanner<'_>) -> Option<T>) -> Option<Vec<T>> {
    scanner.open()?;
    let mut values = Vec::new();
    while scanner.more() {
        values.push(read(scanner)?);
    }
    scanner.close()?;
    Some(values)
}

#[cfg(any(feature = "ssr", test))]
fn write_port(writer: &mut Writer, Port { ip, private_port, public_port, protocol, open }: &Port) {
    writer.maybe_text(ip.as_deref());
    writer.natural((*private_port).into());
    writer.maybe_natural(public_port.map(Into::into));
    writer.text(protocol);
    writer.integer((*open).into());
}

fn read_ports(scanner: &mut Scanner<'_>, container: &mut Container, _: Timestamp) -> Option<()> {
    let port = |scanner: &mut Scanner<'_>| {
        Some(Port {
            ip: scanner.maybe_text()?,
            private_port: u16::try_from(scanner.natural()?).ok()?,
            public_port: scanner.maybe_natural()?.and_then(|port| u16::try_from(port).ok()),
            protocol: scanner.text()?,
            open: scanner.integer()? == 1,
        })
    };
    list(scanner, port).map(|ports| container.ports = ports)
}

#[cfg(any(feature = "ssr", test))]
fn write_mount(writer: &mut Writer, Mount { kind, source, destination, read_only }: &Mount) {
    writer.text(kind);
    writer.text(source);
    writer.text(destination);
    writer.integer((*read_only).into());
}

fn read_mounts(scanner: &mut Scanner<'_>, container: &mut Container, _: Timestamp) -> Option<()> {
    let mount = |scanner: &mut Scanner<'_>| {
        Some(Mount {
            kind: scanner.text()?,
            source: scanner.text()?,
            destination: scanner.text()?,
            read_only: scanner.integer()? == 1,
        })
    };
    list(scanner, mount).map(|mounts| container.mounts = mounts)
}

#[cfg(any(feature = "ssr", test))]
fn write_labels(writer: &mut Writer, labels: &Labels) {
    for (name, value) in labels.iter().filter(|(name, _)| !BOOKKEEPING.contains(&name.as_str())) {
        writer.text(name);
        writer.text(value);
    }
}

fn read_labels(scanner: &mut Scanner<'_>, container: &mut Container, _: Timestamp) -> Option<()> {
    scanner.open()?;
    while scanner.more() {
        container.labels.insert(scanner.text()?, scanner.text()?);
    }
    container.place_in_compose();
    scanner.close()
}
