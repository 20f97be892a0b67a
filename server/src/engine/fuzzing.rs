//! Any bytes as answers of the engine; the first says of which call.

use super::{EventMessage, convert, words::in_any_words};
use crate::{timeline::Timeline, watcher};
use bollard::models::{ContainerInspectResponse, ContainerStatsResponse, ContainerSummary, SystemInfo, SystemVersion};

pub(crate) fn answer(bytes: &[u8]) {
    let Some((kind, answer)) = bytes.split_first() else { return };
    match kind % 5 {
        0 => drop(
            in_any_words::<Vec<ContainerSummary>>(answer)
                .map(|rows| rows.into_iter().filter_map(convert::listed).count()),
        ),
        1 => drop(in_any_words::<ContainerInspectResponse>(answer).map(convert::inspected)),
        2 => drop(in_any_words::<ContainerStatsResponse>(answer).map(|answer| convert::counters(&answer))),
        3 => {
            let version = in_any_words::<SystemVersion>(answer).unwrap_or_default();
            drop(convert::facts(version, in_any_words::<SystemInfo>(answer).ok()));
        }
        _ => {
            let Ok(event) = serde_json::from_slice::<EventMessage>(answer) else { return };
            watcher::read_event(&event);
            Timeline::default().record(&event);
        }
    }
}
