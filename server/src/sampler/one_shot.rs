//! Counters from the engine, one call per container.

use super::{Counters, SamplingLink};
use crate::{engine::EngineError, now};
use app::model::{Container, Timestamp};
use futures::{StreamExt as _, stream};
use std::{sync::Arc, time::Instant};

/// What the engine said of a container, and when, by the clock and steadily.
pub(super) type Answer = (Arc<Container>, Result<Counters, EngineError>, (Timestamp, Instant));

/// Asks for all of them, as many at once as suits the engine.
pub(super) async fn ask(link: &SamplingLink, containers: Vec<Arc<Container>>) -> Vec<Answer> {
    let asked = containers.into_iter().map(|container| async move {
        let counters = link.client.counters(container.id).await;
        (container, counters, (now(), Instant::now()))
    });
    stream::iter(asked).buffer_unordered(link.concurrency).collect().await
}

/// How many one-shot calls suit an engine of this version.
///
/// From 23.0.8, 24.0.7 and 25.0 on a call is answered at once, and 8 keep an engine busy without crowding others out. Older
/// ones answer all that wait together, once a second: there, asking for all at once costs 0.3 CPU seconds per 100 samples,
/// where a stream per container costs 0.4 and cannot go slower than 1 s.
pub fn concurrency(version: Option<&str>) -> usize {
    const DIRECT: usize = 8;
    const ALL_AT_ONCE: usize = 512;
    let mut parts = version.unwrap_or_default().split(['.', '-', '+']).map_while(|part| part.parse::<u32>().ok());
    let version = (parts.next(), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    match version {
        (Some(major), minor, patch) if major < 23 || (major == 23 && minor == 0 && patch < 8) => {
            // Podman's own numbers (4.x, 5.x) do not follow Docker's; it answers at once.
            if major < 17 { DIRECT } else { ALL_AT_ONCE }
        }
        (Some(24), 0, patch) if patch < 7 => ALL_AT_ONCE,
        _ => DIRECT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_engines_are_asked_for_all_samples_at_once() {
        for old in ["20.10.24+dfsg1", "19.03.1", "23.0.7", "24.0.6"] {
            assert_eq!(concurrency(Some(old)), 512, "{old}");
        }
        for new in ["23.0.8", "24.0.7", "25.0.0", "28.5.2", "29.1.0-rc1", "5.4.0"] {
            assert_eq!(concurrency(Some(new)), 8, "{new}");
        }
        assert_eq!(concurrency(None), 8);
    }
}
