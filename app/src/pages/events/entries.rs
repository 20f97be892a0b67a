//! Reduces events to the entries worth showing: the steps of one operation become one entry. Pure.
//!
//! Stopping a container, for example, causes up to four events (signals, exit, stop), which become
//! one entry, "Stopped by request".

use super::EventsQuery;
use crate::{
    client::EventList,
    format::{event_detail, listed},
    model::{Cause, ContainerKey, Occurrence, OccurrenceKind as Kind, Timestamp},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// Longest time between the steps of one operation.
const MAX_STEP_INTERVAL: Duration = Duration::from_secs(60);

/// Longest duration of an engine restart: the engine stops its containers one after the other and
/// starts them again.
const MAX_RESTART_DURATION: Duration = Duration::from_secs(180);
/// Id prefix of an entry that combines several exits.
const FOLDED_PREFIX: &str = "engine-";

/// The entries of one day, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// Date: `2026-11-23`.
    pub date: String,
    /// The entries.
    pub events: Vec<Arc<Occurrence>>,
}

/// Events that are not mere steps of another one, oldest first.
pub fn significant_events(book: &EventList) -> Vec<&Arc<Occurrence>> {
    let steps = steps(book.events());
    book.events().filter(|event| !steps.contains(event.id.as_str())).collect()
}

/// The entries that match the query, newest first.
pub fn entries(
    book: &EventList,
    query: &EventsQuery,
    project: impl Fn(ContainerKey) -> Option<String>,
) -> Vec<Arc<Occurrence>> {
    let mut projects: HashMap<ContainerKey, Option<String>> = HashMap::new();
    let significant = significant_events(book);
    let mut wanted = significant.clone();
    wanted.retain(|event| {
        let key = event.key();
        let project = projects.entry(key).or_insert_with(|| project(key));
        query.matches(event, project.as_deref())
    });
    fold_engine_restarts(&wanted, &significant).into_iter().rev().collect()
}

/// Combines the exits caused by one engine restart, and the starts that follow, into one entry at
/// the time of the last exit. Both slices are oldest first; `wanted` is a subset of `significant`.
fn fold_engine_restarts(wanted: &[&Arc<Occurrence>], significant: &[&Arc<Occurrence>]) -> Vec<Arc<Occurrence>> {
    let mut restarts: Vec<EngineRestart<'_>> = Vec::new();
    let mut parts = HashSet::new();
    let is_end = |event: &&Arc<Occurrence>| event.kind == Kind::Died && event.cause == Some(Cause::EngineRestart);
    let ends = wanted.iter().copied().filter(is_end);
    for end in ends {
        let is_same =
            |last: &&mut EngineRestart<'_>| end.at.since(last.at()) <= MAX_RESTART_DURATION && !last.contains(end);
        match restarts.last_mut().filter(is_same) {
            Some(last) => last.ends.push(end),
            None => restarts.push(EngineRestart { ends: vec![end], started: 0 }),
        }
        parts.insert(end.id.as_str());
        let is_start = |event: &&&Arc<Occurrence>| {
            event.key() == end.key()
                && event.kind == Kind::Started
                && event.cause == Some(Cause::RestartPolicy)
                && event.at >= end.at
                && event.at.since(end.at) <= MAX_RESTART_DURATION
        };
        if let (Some(start), Some(restart)) = (significant.iter().find(is_start), restarts.last_mut()) {
            restart.started += 1;
            parts.insert(start.id.as_str());
        }
    }
    let rest = wanted.iter().copied().filter(|event| !parts.contains(event.id.as_str())).cloned();
    let mut folded: Vec<_> = rest.chain(restarts.iter().filter_map(EngineRestart::entry)).collect();
    folded.sort_by_key(|event| event.at);
    folded
}

/// An engine restart and its effects.
struct EngineRestart<'a> {
    /// Exits, oldest first; at least one.
    ends: Vec<&'a Arc<Occurrence>>,
    /// Number of containers that were started again.
    started: usize,
}

impl EngineRestart<'_> {
    fn at(&self) -> Timestamp {
        self.ends.last().map_or_else(Timestamp::default, |end| end.at)
    }

    fn contains(&self, event: &Occurrence) -> bool {
        self.ends.iter().any(|end| end.key() == event.key())
    }

    fn entry(&self) -> Option<Arc<Occurrence>> {
        let last = self.ends.last()?;
        let names: Vec<_> = self.ends.iter().map(|end| end.container_name.as_str()).collect();
        let started = match (self.started, self.ends.len()) {
            (0, _) => "none started again".to_owned(),
            (started, ends) if started == ends => "all started again".to_owned(),
            (started, _) => format!("{started} started again"),
        };
        let detail = match self.ends.as_slice() {
            [_] if self.started == 0 => return Some(Arc::clone(last)),
            [end] => format!("{}, started again", event_detail(end)),
            ends => format!("{} containers stopped, {started}", ends.len()),
        };
        let id = if self.ends.len() > 1 { [FOLDED_PREFIX, &last.id].concat() } else { last.id.clone() };
        Some(Arc::new(Occurrence {
            id,
            container_name: listed(&names),
            detail: Some(detail),
            ..Occurrence::clone(last)
        }))
    }
}

/// True if the entry combines several exits and so has no single container to link to.
pub fn is_folded(event: &Occurrence) -> bool {
    event.id.starts_with(FOLDED_PREFIX)
}

/// Groups entries, newest first, by the day that `date` returns.
pub fn days<'a>(events: impl Iterator<Item = &'a Arc<Occurrence>>, date: impl Fn(Timestamp) -> String) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for event in events {
        let date = date(event.at);
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.events.push(Arc::clone(event)),
            None => days.push(Day { date, events: vec![Arc::clone(event)] }),
        }
    }
    days
}

/// State of one container while the events are scanned.
#[derive(Default)]
struct Track<'a> {
    /// Signals and out-of-memory events that may have caused an exit.
    causes: Vec<&'a Occurrence>,
    /// The last exit and the last start.
    death: Option<&'a Occurrence>,
    start: Option<&'a Occurrence>,
}

/// Ids of events that are steps of another event.
fn steps<'a>(events: impl Iterator<Item = &'a Arc<Occurrence>>) -> HashSet<&'a str> {
    let mut steps = HashSet::new();
    let mut tracks: HashMap<ContainerKey, Track<'a>> = HashMap::new();
    for event in events {
        let track = tracks.entry(event.key()).or_default();
        let soon = |earlier: &&Occurrence| follows(event.at, earlier.at);
        match event.kind {
            Kind::Killed | Kind::Oom => track.causes.push(event),
            Kind::Died => {
                let caused = |cause: &&Occurrence| match cause.kind {
                    Kind::Oom => event.cause == Some(Cause::OutOfMemory),
                    _ => matches!(event.cause, Some(Cause::Request | Cause::EngineRestart)),
                };
                steps.extend(track.causes.drain(..).filter(caused).map(|cause| cause.id.as_str()));
                track.death = Some(event);
            }
            Kind::Stopped if track.death.filter(soon).is_some() => {
                steps.insert(event.id.as_str());
            }
            Kind::Started => {
                track.causes.clear();
                track.start = Some(event);
            }
            Kind::Restarted => {
                let death = track.death.filter(|death| death.cause == Some(Cause::Request));
                let parts = [death, track.start].into_iter().flatten().filter(soon);
                steps.extend(parts.map(|part| part.id.as_str()));
            }
            _ => {}
        }
    }
    steps
}

fn follows(at: Timestamp, earlier: Timestamp) -> bool {
    at.since(earlier) <= MAX_STEP_INTERVAL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pages::events::Show, samples::occurrence};

    fn wanted(events: Vec<Occurrence>, query: &EventsQuery) -> Vec<String> {
        let mut book = EventList::default();
        book.add(events);
        entries(&book, query, |_| Some("shop".to_owned())).iter().map(|event| event.id.clone()).collect()
    }

    fn died(number: u16, second: u64, cause: Cause) -> Occurrence {
        Occurrence { cause: Some(cause), exit_code: Some(137), ..occurrence(number, Kind::Died, second) }
    }

    #[test]
    fn a_stop_is_one_entry_and_a_restart_another() {
        let stop = vec![
            occurrence(1, Kind::Killed, 1),
            occurrence(1, Kind::Killed, 11),
            died(1, 12, Cause::Request),
            occurrence(1, Kind::Stopped, 13),
        ];
        assert_eq!(wanted(stop, &EventsQuery::default()), ["12-1-died"]);
        let restart = vec![
            occurrence(1, Kind::Killed, 1),
            died(1, 2, Cause::Request),
            occurrence(1, Kind::Started, 3),
            occurrence(1, Kind::Restarted, 4),
        ];
        assert_eq!(wanted(restart, &EventsQuery::default()), ["4-1-restarted"]);
    }

    #[test]
    fn an_out_of_memory_event_is_part_of_the_exit_it_caused() {
        let end = vec![occurrence(1, Kind::Oom, 1), died(1, 2, Cause::OutOfMemory)];
        assert_eq!(wanted(end, &EventsQuery::default()), ["2-1-died"]);
        let survived = vec![occurrence(1, Kind::Oom, 1), occurrence(2, Kind::Killed, 1), died(2, 2, Cause::Itself)];
        assert_eq!(wanted(survived, &EventsQuery::default()), ["2-2-died", "1-2-killed", "1-1-oom"]);
    }

    #[test]
    fn events_of_another_container_are_separate_entries() {
        let events = vec![occurrence(2, Kind::Killed, 1), died(1, 2, Cause::Request), occurrence(2, Kind::Stopped, 3)];
        assert_eq!(wanted(events, &EventsQuery::default()).len(), 3);
    }

    #[test]
    fn an_engine_restart_is_one_entry_with_what_it_did() {
        let again = |number, second| Occurrence {
            cause: Some(Cause::RestartPolicy),
            ..occurrence(number, Kind::Started, second)
        };
        let events = vec![
            occurrence(1, Kind::Killed, 1),
            died(2, 2, Cause::EngineRestart),
            died(1, 11, Cause::EngineRestart),
            occurrence(1, Kind::Stopped, 11),
            died(3, 11, Cause::Itself),
            again(1, 20),
            // Crashed after that, and was started again.
            died(1, 30, Cause::Itself),
            again(1, 31),
        ];
        let mut book = EventList::default();
        book.add(events);
        let shown = entries(&book, &EventsQuery::default(), |_| None);
        let ids: Vec<_> = shown.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, ["31-1-started", "30-1-died", "engine-11-1-died", "11-3-died"]);
        let restart = &shown[2];
        assert!(is_folded(restart));
        assert_eq!(restart.container_name, "web-2 and web-1");
        assert_eq!(restart.detail.as_deref(), Some("2 containers stopped, 1 started again"));
        // Starts count even if the query excludes them.
        let ends = entries(&book, &EventsQuery { show: Show::Ends, ..EventsQuery::default() }, |_| None);
        assert!(ends.iter().any(|event| event.detail == restart.detail), "{ends:?}");
        // On the page of one container, the entry is its own exit.
        let mut book = EventList::default();
        book.add(vec![died(1, 11, Cause::EngineRestart), again(1, 20)]);
        let shown = entries(&book, &EventsQuery::default(), |_| None);
        assert_eq!((shown.len(), shown[0].id.as_str()), (1, "11-1-died"));
        assert_eq!(shown[0].detail.as_deref(), Some("Exit code 137: killed (SIGKILL), started again"));
    }

    #[test]
    fn entries_are_filtered_and_grouped_by_day() {
        let night = 14 * 3_600 + 1_700; // 23:58:20
        let events = vec![occurrence(1, Kind::Started, night), died(1, night + 200, Cause::Itself)];
        let query = EventsQuery { show: Show::Trouble, words: "project:shop".to_owned(), ..EventsQuery::default() };
        assert_eq!(wanted(events.clone(), &query).len(), 1);
        let mut book = EventList::default();
        book.add(events);
        let date = |at: Timestamp| at.to_string()[..10].to_owned();
        let days = days(entries(&book, &EventsQuery::default(), |_| None).iter(), date);
        let dates: Vec<_> = days.iter().map(|day| (day.date.as_str(), day.events.len())).collect();
        assert_eq!(dates, [("2026-11-24", 1), ("2026-11-23", 1)]);
    }
}
