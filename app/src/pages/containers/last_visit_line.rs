//! A line above the list that summarizes what happened since the last visit.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{TimelineQuery, fetch_events, use_realtime_containers},
    format::ago,
    model::{Cause, Occurrence, OccurrenceKind as Kind, Timestamp},
    parts::icon::{Glyph, Icon},
    prefs::last_visit::use_last_visit,
};
use leptos::task::spawn_local;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Number of events to request: more than a day's events on most hosts. Of more events, only the
/// newest are counted.
const EVENT_LIMIT: usize = 5_000;
const KINDS: &str = "died,started,oom,health";

/// "Since your last visit …", until the user dismisses the line or follows its link. Empty if
/// nothing noteworthy happened.
///
/// # Server-side
/// Empty.
#[component]
pub fn LastVisitLine() -> Erased {
    let last_visit = use_last_visit();
    let now = use_realtime_containers().now;
    let shown = RwSignal::new(None::<(Timestamp, String)>);
    Effect::new(move |_| {
        let Some(since) = last_visit.get() else {
            shown.set(None);
            return;
        };
        spawn_local(async move {
            let wanted = TimelineQuery { kinds: KINDS, since: Some(since.to_string()), ..TimelineQuery::default() };
            if let Ok(events) = fetch_events(&wanted, EVENT_LIMIT).await {
                shown.try_set(Some((since, summary(&events))).filter(|(_, words)| !words.is_empty()));
            }
        });
    });
    let line = move |(since, words): (Timestamp, String)| {
        view! {
            <section class="last-visit-line" aria-label="Since your last visit">
                <Icon glyph=Glyph::Clock />
                <p class="last-visit-line__text">
                    "Since your last visit (" {ago(now.get_untracked(), since)} "): " <strong>{words}</strong> " "
                    <a href=address(&format!("/events?since={since}")) on:click=move |_| last_visit.set(None)>
                        "Show"
                    </a>
                </p>
                <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| last_visit.set(None)>
                    <Icon glyph=Glyph::Close />
                </button>
            </section>
        }
    };
    (move || shown.get().map(line).erased()).erased()
}

/// Summary such as `3 stopped, 1 out of memory`. Counts containers, not events.
fn summary(events: &[Arc<Occurrence>]) -> String {
    let of = |wanted: fn(&Occurrence) -> bool| {
        let keys: BTreeSet<_> = events.iter().filter(|event| wanted(event)).map(|event| event.key()).collect();
        keys.len()
    };
    // The newest event of these kinds for each container.
    let last = |kinds: [Kind; 2]| {
        let mut last = BTreeMap::new();
        for event in events.iter().filter(|event| kinds.contains(&event.kind)) {
            last.insert(event.key(), event);
        }
        last
    };
    let stopped = last([Kind::Died, Kind::Started]).values().filter(|event| event.kind == Kind::Died).count();
    let unhealthy =
        last([Kind::Health; 2]).values().filter(|event| event.detail.as_deref() == Some("unhealthy")).count();
    let counts = [
        (stopped, "stopped"),
        (of(|event| event.kind == Kind::Oom || event.cause == Some(Cause::OutOfMemory)), "out of memory"),
        (of(|event| event.cause == Some(Cause::RestartPolicy)), "restarted by policy"),
        (unhealthy, "unhealthy"),
    ];
    let nonzero = counts.into_iter().filter(|(count, _)| *count > 0);
    nonzero.map(|(count, words)| format!("{count} {words}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::occurrence;

    #[test]
    fn containers_are_counted_by_their_current_state() {
        let restarted = Occurrence { cause: Some(Cause::RestartPolicy), ..occurrence(2, Kind::Started, 4) };
        let unhealthy = Occurrence { detail: Some("unhealthy".to_owned()), ..occurrence(4, Kind::Health, 5) };
        let events = [
            occurrence(1, Kind::Died, 1),
            occurrence(2, Kind::Oom, 2),
            Occurrence { cause: Some(Cause::OutOfMemory), ..occurrence(2, Kind::Died, 3) },
            restarted,
            occurrence(3, Kind::Started, 1),
            occurrence(3, Kind::Died, 5),
            unhealthy,
        ];
        let events: Vec<_> = events.into_iter().map(Arc::new).collect();
        assert_eq!(summary(&events), "2 stopped, 1 out of memory, 1 restarted by policy, 1 unhealthy");
        assert_eq!(summary(&[Arc::new(occurrence(1, Kind::Started, 1))]), "");
    }
}
