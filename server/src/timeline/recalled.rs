//! Events derived from a container's times, where the engine's own are missing.

use super::{
    SAME_EVENT_TOLERANCE,
    log::{Log, Recorded},
};
use app::model::{Basis, Cause, Container, ContainerKey, Evidence, Occurrence, OccurrenceKind, Timestamp, signals};
use std::collections::{HashMap, HashSet};

/// Times of known events, to find duplicates.
#[derive(Default)]
pub(super) struct Times(HashMap<(ContainerKey, OccurrenceKind), Vec<Timestamp>>);

impl Times {
    /// Collects the events of the same containers.
    pub(super) fn of(log: &Log, occurrences: &[(u64, Occurrence)]) -> Self {
        let signaled: HashSet<_> = occurrences.iter().map(|(_, occurrence)| occurrence.key()).collect();
        let mut times: HashMap<_, Vec<_>> = HashMap::new();
        for Recorded { occurrence, .. } in log.iter().filter(|one| signaled.contains(&one.occurrence.key())) {
            times.entry((occurrence.key(), occurrence.kind)).or_default().push(occurrence.at);
        }
        Self(times)
    }

    /// True if a similar event is known: same container, same kind, about the same time.
    pub(super) fn contains(&self, occurrence: &Occurrence) -> bool {
        let known = self.0.get(&(occurrence.key(), occurrence.kind));
        let apart = |at: &Timestamp| at.since(occurrence.at).max(occurrence.at.since(*at));
        known.into_iter().flatten().any(|at| apart(at) <= SAME_EVENT_TOLERANCE)
    }
}

/// Events derived from a container's times.
pub(super) fn past(container: &Container) -> Vec<(u64, Occurrence)> {
    use OccurrenceKind::{Created, Died, Started};
    let ended = !container.state.has_processes();
    let facts = [(Created, container.created_at), (Started, container.started_at), (Died, container.finished_at)];
    let occurrence = |(kind, at): (OccurrenceKind, Option<Timestamp>)| {
        let at = at?;
        let died = kind == Died && ended;
        let exit_code = container.exit_code.filter(|_| died);
        let killed = died && container.oom_killed;
        let occurrence = Occurrence {
            id: String::new(),
            at,
            engine: container.engine,
            container_id: container.id,
            container_name: container.name.clone(),
            kind,
            exit_code,
            signal: exit_code.and_then(signals::of_exit).map(str::to_owned),
            detail: (kind == Created).then(|| container.image.clone()),
            cause: killed.then_some(Cause::OutOfMemory),
            // The engine's flag does not show which process was killed.
            evidence: killed.then(|| Evidence { basis: Basis::OomFlag, probable: true, signals: Vec::new() }),
        };
        Some((at.as_millis().saturating_mul(1_000_000), occurrence))
    };
    facts.into_iter().filter_map(occurrence).collect()
}
