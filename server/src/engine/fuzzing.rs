//! Fuzz target: arbitrary bytes as engine responses. The first byte selects the call and the chunk
//! size.

use super::{
    EventMessage, JsonRef, convert,
    json::{self, Document, Lines, Rows},
};
use crate::{
    details::{self, Secrets},
    timeline::Timeline,
    watcher,
};
use app::model::{ContainerId, ContainerKey, EngineName, Timestamp};

/// Maximum length of strings; short, so that strings of a few bytes are truncated.
const MAX_STRING_BYTES: usize = 64;

pub(crate) fn response(bytes: &[u8]) {
    let Some((kind, response)) = bytes.split_first() else { return };
    let chunks = response.chunks(usize::from(kind / 5) + 1);
    match kind % 5 {
        0 => {
            let mut rows = Rows::new(MAX_STRING_BYTES);
            chunks.for_each(|chunk| rows.push(chunk));
            let Some(rows) = rows.finish() else { return };
            let count = rows.len();
            let listing = convert::container_list(EngineName::LOCAL, rows);
            assert_eq!(listing.rows.len() + listing.unreadable, count, "a row was lost");
            for row in &listing.rows {
                assert_eq!(convert::from_row(row).id, row.id, "a row is of another container");
            }
        }
        1 => {
            let key = ContainerKey::new(EngineName::LOCAL, ContainerId::from_bytes([0xab; 32]));
            let Some(inspect) = document(chunks) else { return };
            let _ = convert::inspected(key, &inspect);
            for secrets in [Secrets::Masked, Secrets::Shown] {
                let _ = details::details(&inspect, Some(&inspect), secrets);
            }
        }
        2 => drop(document(chunks).map(|response| convert::counters(&response))),
        3 => {
            let Some(response) = document(chunks) else { return };
            let _ = convert::facts(JsonRef(&response), JsonRef(&response));
            let _ = details::processes(&response, Timestamp::default(), Secrets::Masked);
        }
        _ => {
            let mut lines = Lines::new(MAX_STRING_BYTES);
            chunks.for_each(|chunk| lines.push(chunk));
            while let Some(line) = lines.next() {
                let Some(event) = line.ok().and_then(|line| json::read(&line).ok()) else { continue };
                let event = EventMessage::read(&event);
                watcher::read_event(&event);
                Timeline::default().record(EngineName::LOCAL, &event);
            }
        }
    }
}

fn document<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Option<serde_json::Value> {
    let mut document = Document::new(MAX_STRING_BYTES);
    chunks.for_each(|chunk| document.push(chunk));
    json::read(document.bytes()).ok()
}
