//! Containers, column by column, in the order of [`COLUMNS`]; before them the ids.
//!
//! Times are told in milliseconds before another: creation before the frame, start before the creation, end before the start. Enums are told
//! by their place in their own order. Project and service are read off the labels.

use super::{Scanner, id, writer::Writer};
use crate::model::{Container, ContainerState, EngineId, Health, Mount, Port, Timestamp};
use std::{collections::BTreeMap, sync::Arc};

type Write = fn(&mut Writer, &Container, Timestamp);
type Read = fn(&mut Scanner<'_>, &mut Container, Timestamp) -> Option<()>;

/// New columns go to the end. A time is read with the help of those before it.
const COLUMNS: [(Write, Read); 19] = [
    (|w, c, _| w.text(c.engine.as_str()), |s, c, _| s.text().map(|id| c.engine = EngineId::new(&id))),
    (|w, c, _| w.text(&c.name), |s, c, _| s.text().map(|text| c.name = text)),
    (|w, c, _| w.text(&c.image), |s, c, _| s.text().map(|text| c.image = text)),
    (|w, c, _| w.text(&c.image_id), |s, c, _| s.text().map(|text| c.image_id = text)),
    (|w, c, _| w.text(&c.command), |s, c, _| s.text().map(|text| c.command = text)),
    (
        |w, c, _| w.natural(place(&ContainerState::ALL, c.state)),
        |s, c, _| {
            let place = usize::try_from(s.natural()?).ok()?;
            c.state = *ContainerState::ALL.get(place)?;
            Some(())
        },
    ),
    (
        |w, c, _| w.maybe_natural(c.health.map(|health| place(&Health::ALL, health))),
        |s, c, _| {
            let Some(place) = s.maybe_natural()? else { return Some(()) };
            c.health = Some(*Health::ALL.get(usize::try_from(place).ok()?)?);
            Some(())
        },
    ),
    (|w, c, _| w.maybe_integer(c.exit_code), |s, c, _| s.maybe_integer().map(|code| c.exit_code = code)),
    (|w, c, _| w.integer(c.oom_killed.into()), |s, c, _| s.integer().map(|is| c.oom_killed = is == 1)),
    (|w, c, _| w.integer(c.restart_count), |s, c, _| s.integer().map(|count| c.restart_count = count)),
    (|w, c, _| w.maybe_text(c.error.as_deref()), |s, c, _| s.maybe_text().map(|text| c.error = text)),
    (
        |w, c, now| w.maybe_integer(before(c.created_at, now)),
        |s, c, now| s.maybe_integer().map(|age| c.created_at = instant(age, now)),
    ),
    (
        |w, c, now| w.maybe_integer(before(c.started_at, c.created_at.unwrap_or(now))),
        |s, c, now| s.maybe_integer().map(|age| c.started_at = instant(age, c.created_at.unwrap_or(now))),
    ),
    (
        |w, c, now| w.maybe_integer(before(c.finished_at, c.started_at.unwrap_or(now))),
        |s, c, now| s.maybe_integer().map(|age| c.finished_at = instant(age, c.started_at.unwrap_or(now))),
    ),
    (|w, c, _| w.list(|w| c.ports.iter().for_each(|port| write_port(w, port))), read_ports),
    (
        |w, c, _| w.list(|w| c.networks.iter().for_each(|name| w.text(name))),
        |s, c, _| list(s, |s| s.text()).map(|names| c.networks = names),
    ),
    (
        |w, c, _| w.maybe_text(c.network_of.map(id::write).as_deref()),
        |s, c, _| {
            let Some(text) = s.maybe_text()? else { return Some(()) };
            c.network_of = id::read_all(&text)?.first().copied();
            Some(())
        },
    ),
    (|w, c, _| w.list(|w| c.mounts.iter().for_each(|mount| write_mount(w, mount))), read_mounts),
    (|w, c, _| w.list(|w| write_labels(w, &c.labels)), read_labels),
];

/// What Compose keeps its books with; nobody looks for a container by it.
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

pub(super) fn write(writer: &mut Writer, containers: &[&Container], server_time: Timestamp) {
    writer.list(|writer| {
        writer.text(&containers.iter().map(|container| id::write(container.id)).collect::<String>());
        // A frame of samples alone ends here.
        if containers.is_empty() {
            return;
        }
        for (write, _) in COLUMNS {
            writer.list(|writer| containers.iter().for_each(|container| write(writer, container, server_time)));
        }
    });
}

pub(super) fn read(scanner: &mut Scanner<'_>, server_time: Timestamp) -> Option<Vec<Arc<Container>>> {
    scanner.open()?;
    let ids = id::read_all(&scanner.text()?)?;
    let mut containers: Vec<_> = ids.into_iter().map(Container::unknown).collect();
    let columns = if containers.is_empty() { &[] } else { &COLUMNS[..] };
    for (_, read) in columns {
        scanner.open()?;
        for container in &mut containers {
            read(scanner, container, server_time)?;
        }
        scanner.close()?;
    }
    scanner.close()?;
    Some(containers.into_iter().map(Arc::new).collect())
}

fn place<T: PartialEq>(all: &[T], wanted: T) -> u64 {
    all.iter().position(|each| *each == wanted).unwrap_or_default() as u64
}

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

fn write_port(writer: &mut Writer, Port { ip, private_port, public_port, protocol }: &Port) {
    writer.maybe_text(ip.as_deref());
    writer.natural((*private_port).into());
    writer.maybe_natural(public_port.map(Into::into));
    writer.text(protocol);
}

fn read_ports(scanner: &mut Scanner<'_>, container: &mut Container, _: Timestamp) -> Option<()> {
    let port = |scanner: &mut Scanner<'_>| {
        Some(Port {
            ip: scanner.maybe_text()?,
            private_port: u16::try_from(scanner.natural()?).ok()?,
            public_port: scanner.maybe_natural()?.and_then(|port| u16::try_from(port).ok()),
            protocol: scanner.text()?,
        })
    };
    list(scanner, port).map(|ports| container.ports = ports)
}

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

fn write_labels(writer: &mut Writer, labels: &BTreeMap<String, String>) {
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
