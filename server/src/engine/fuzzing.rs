//! Any bytes as answers of the engine; the first says of which call, and how they are cut into pieces.

use super::{
    Answer, EventMessage, convert,
    json::{self, Document, Lines, Rows},
};
use crate::{
    details::{self, Secrets},
    timeline::Timeline,
    watcher,
};
use app::model::{ContainerId, Timestamp};

/// Short, so that texts of a few bytes are cut.
const MAX_TEXT_BYTES: usize = 64;

pub(crate) fn answer(bytes: &[u8]) {
    let Some((kind, answer)) = bytes.split_first() else { return };
    let pieces = answer.chunks(usize::from(kind / 5) + 1);
    match kind % 5 {
        0 => {
            let mut rows = Rows::new(MAX_TEXT_BYTES);
            pieces.for_each(|piece| rows.push(piece));
            let Some(rows) = rows.finish() else { return };
            let count = rows.len();
            let listing = convert::listing(rows);
            assert_eq!(listing.rows.len() + listing.unreadable, count, "a row was lost");
            for row in &listing.rows {
                assert_eq!(convert::from_row(row).id, row.id, "a row is of another container");
            }
        }
        1 => {
            let id = ContainerId::from_bytes([0xab; 32]);
            let Some(inspect) = document(pieces) else { return };
            let _ = convert::inspected(id, &inspect);
            for secrets in [Secrets::Masked, Secrets::Shown] {
                let _ = details::details(&inspect, Some(&inspect), secrets);
            }
        }
        2 => drop(document(pieces).map(|answer| convert::counters(&answer))),
        3 => {
            let Some(answer) = document(pieces) else { return };
            let _ = convert::facts(Answer(&answer), Answer(&answer));
            let _ = details::processes(&answer, Timestamp::default(), Secrets::Masked);
        }
        _ => {
            let mut lines = Lines::new(MAX_TEXT_BYTES);
            pieces.for_each(|piece| lines.push(piece));
            while let Some(line) = lines.next() {
                let Some(event) = line.ok().and_then(|line| json::read(&line).ok()) else { continue };
                let event = EventMessage::read(&event);
                watcher::read_event(&event);
                Timeline::default().record(&event);
            }
        }
    }
}

fn document<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Option<serde_json::Value> {
    let mut document = Document::new(MAX_TEXT_BYTES);
    pieces.for_each(|piece| document.push(piece));
    json::read(document.bytes()).ok()
}
