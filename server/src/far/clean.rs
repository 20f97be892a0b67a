//! Cleans and limits the texts of another server, as those of an engine: no escape sequences, no
//! control characters, and of limited length. The other server may be older, or not be one. Pure.
//!
//! The only place where texts of its frames and events become safe; [`super::link`] does the same
//! for its error responses.

use super::link::shortened;
use crate::{
    secrets,
    text::{
        plain::{plain, plain_line},
        printable::is_hidden,
    },
};
use app::{
    model::{Container, Engine, EngineProblem, Labels, Occurrence},
    protocol::Frame,
};
use serde_json::Value;
use std::sync::Arc;

/// Maximum length of a word, such as a version or a code, in bytes.
const MAX_WORD_BYTES: usize = 128;
/// Maximum length of the labels of a container, as for an engine of this server.
const MAX_LABELS_BYTES: usize = 768 << 10;
/// Maximum number of ports, of networks, of mounts and of signals.
const MAX_ITEMS: usize = 1_000;

/// Cleans all texts of a frame.
pub(super) fn frame(frame: &mut Frame) {
    let (engines, containers) = match frame {
        Frame::Snapshot(snapshot) => {
            word(&mut snapshot.epoch);
            (Some(&mut snapshot.engines), &mut snapshot.containers)
        }
        Frame::Delta(delta) => (delta.engines.as_mut(), &mut delta.upserted),
        Frame::Heartbeat(_) => return,
    };
    engines.into_iter().flatten().for_each(engine);
    containers.iter_mut().for_each(|row| container(Arc::make_mut(row)));
}

fn engine(engine: &mut Engine) {
    let Engine { name, version, api_version, os, arch, error, notice, .. } = engine;
    line(name);
    [version, api_version, os, arch].into_iter().flatten().for_each(word);
    error.iter_mut().for_each(problem);
    notice.iter_mut().for_each(message);
}

fn container(container: &mut Container) {
    let Container { name, image, image_id, command, error, ports, networks, mounts, labels, .. } = container;
    [name, image, image_id].into_iter().for_each(line);
    text(command);
    error.iter_mut().for_each(message);
    ports.truncate(MAX_ITEMS);
    for port in ports {
        port.ip.iter_mut().for_each(word);
        word(&mut port.protocol);
    }
    networks.truncate(MAX_ITEMS);
    networks.iter_mut().for_each(line);
    mounts.truncate(MAX_ITEMS);
    for mount in mounts {
        word(&mut mount.kind);
        line(&mut mount.source);
        line(&mut mount.destination);
    }
    clean_labels(labels);
    [&mut container.project, &mut container.service].into_iter().flatten().for_each(line);
    container.inspect_error.iter_mut().for_each(problem);
}

/// Cleans all texts of an event.
pub(super) fn occurrence(occurrence: &mut Occurrence) {
    let Occurrence { id, container_name, signal, detail, evidence, .. } = occurrence;
    word(id);
    line(container_name);
    signal.iter_mut().for_each(word);
    detail.iter_mut().for_each(line);
    if let Some(evidence) = evidence {
        evidence.signals.truncate(MAX_ITEMS);
        evidence.signals.iter_mut().filter_map(|sent| sent.signal.as_mut()).for_each(word);
    }
}

/// Cleans all texts of a JSON document, which may have several lines.
pub(crate) fn json(value: &mut Value) {
    match value {
        Value::String(text) if has_control(text) => *text = plain(text),
        Value::Array(items) => items.iter_mut().for_each(json),
        Value::Object(fields) => fields.values_mut().for_each(json),
        _ => {}
    }
}

fn problem(problem: &mut EngineProblem) {
    word(&mut problem.code);
    message(&mut problem.message);
    message(&mut problem.hint);
}

fn clean_labels(labels: &mut Labels) {
    let mut left = MAX_LABELS_BYTES;
    labels.retain(|name, value| {
        let rest = left.checked_sub(name.len() + value.len());
        left = rest.unwrap_or(left);
        rest.is_some()
    });
    if labels.iter().any(|(name, value)| has_control(name) || has_control(value)) {
        *labels = labels.iter().map(|(name, value)| (plain_line(name), plain(value))).collect();
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Text that may have several lines.
fn text(text: &mut String) {
    if has_control(text) {
        *text = plain(text);
    }
    limit(text);
}

/// A name, a path or the like.
fn line(text: &mut String) {
    limit(text);
    if text.chars().any(is_hidden) {
        *text = shortened(text);
    }
}

/// A short name, such as a version.
pub(super) fn word(text: &mut String) {
    if text.len() > MAX_WORD_BYTES {
        text.truncate(text.floor_char_boundary(MAX_WORD_BYTES));
    }
    line(text);
}

/// A sentence for people.
fn message(text: &mut String) {
    *text = shortened(text);
}

fn limit(text: &mut String) {
    let limited = secrets::truncated(text);
    if limited.len() != text.len() {
        *text = limited;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use app::{
        model::{ContainerState, OccurrenceKind, Timestamp},
        protocol::{Delta, Revision},
        samples,
    };

    const EVIL: &str = "\u{1b}[31mEVIL\r\n\u{202e}<b>\u{0}";

    fn evil() -> String {
        format!("{EVIL}{}", "M".repeat(100_000))
    }

    #[test]
    fn texts_of_a_frame_are_plain_and_short() {
        let evil_problem = || EngineProblem { code: evil(), message: evil(), hint: evil() };
        let mut engine = samples::engine();
        engine.name = evil();
        [&mut engine.version, &mut engine.api_version, &mut engine.os, &mut engine.arch]
            .into_iter()
            .for_each(|text| *text = Some(evil()));
        engine.error = Some(evil_problem());
        let mut row = samples::container(1, "web", ContainerState::Running);
        [&mut row.name, &mut row.image, &mut row.image_id, &mut row.command]
            .into_iter()
            .for_each(|text| *text = evil());
        [&mut row.error, &mut row.project, &mut row.service].into_iter().for_each(|text| *text = Some(evil()));
        row.networks = vec![evil(); 5_000];
        row.labels =
            [(EVIL.to_owned(), EVIL.to_owned()), ("big".to_owned(), "b".repeat(1 << 20))].into_iter().collect();
        row.inspect_error = Some(evil_problem());
        let mut delta = Delta::empty(Revision(1), Timestamp::from_millis(1));
        (delta.engines, delta.upserted) = (Some(vec![engine]), vec![Arc::new(row)]);
        let mut cleaned = Frame::Delta(delta);
        frame(&mut cleaned);
        let Frame::Delta(delta) = cleaned else { panic!() };
        let engine = &delta.engines.unwrap()[0];
        let error = engine.error.clone().unwrap();
        for word in [engine.version.clone(), engine.api_version.clone(), engine.os.clone(), Some(error.code)] {
            let word = word.unwrap();
            assert!(word.starts_with("EVIL ") && word.len() < 200 && !word.contains(is_hidden), "{word:?}");
        }
        for text in [error.message, error.hint] {
            assert!(text.starts_with("EVIL ") && text.len() <= 500 && !text.contains(is_hidden), "{text:?}");
        }
        let row = &delta.upserted[0];
        for text in [&row.name, &row.image, &row.image_id, row.error.as_ref().unwrap(), &row.networks[0]] {
            assert!(text.starts_with("EVIL ") && text.len() <= 5_000 && !text.contains(is_hidden), "{text:?}");
        }
        assert!(row.command.starts_with("EVIL\n") && row.command.len() < 5_000);
        assert_eq!((row.networks.len(), row.labels.len()), (1_000, 1));
        assert!(row.labels.iter().all(|(name, value)| !name.contains(char::is_control) && !value.contains('\u{1b}')));
    }

    #[test]
    fn texts_that_are_plain_stay_as_they_are() {
        let row = Arc::new(samples::container(1, "web", ContainerState::Running));
        let mut delta = Delta::empty(Revision(1), Timestamp::from_millis(1));
        (delta.engines, delta.upserted) = (Some(vec![samples::engine()]), vec![row]);
        let mut cleaned = Frame::Delta(delta.clone());
        frame(&mut cleaned);
        assert_eq!(cleaned, Frame::Delta(delta));
    }

    #[test]
    fn texts_of_a_document_are_plain() {
        let mut document = serde_json::json!({ "checks": [{ "output": "\u{1b}[31mno\r\nroute\u{7}", "exitCode": 1 }] });
        json(&mut document);
        assert_eq!(document, serde_json::json!({ "checks": [{ "output": "no\nroute", "exitCode": 1 }] }));
    }

    #[test]
    fn texts_of_an_event_are_plain_and_short() {
        let row = samples::container(1, "web", ContainerState::Running);
        let mut event = Occurrence {
            id: "1-0".to_owned(),
            at: Timestamp::from_millis(1),
            engine: row.engine,
            container_id: row.id,
            container_name: evil(),
            kind: OccurrenceKind::Died,
            exit_code: None,
            signal: Some(evil()),
            detail: Some(evil()),
            cause: None,
            evidence: None,
        };
        occurrence(&mut event);
        for text in [event.container_name, event.signal.unwrap(), event.detail.unwrap()] {
            assert!(text.starts_with("EVIL ") && text.len() <= 5_000 && !text.contains(is_hidden), "{text:?}");
        }
    }
}
