//! From all that happened to what is worth telling: of the steps of one thing, the one that says most. Pure.
//!
//! A container that is stopped tells of a signal, perhaps another, an end and a stop; that is one entry, "Stopped by request".

use super::EventsQuery;
use crate::{
    client::Book,
    format::{happening_detail, listed},
    model::{Cause, ContainerId, Occurrence, OccurrenceKind as Kind, Timestamp},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// A step follows the one it belongs to within this.
const SAME_THING: Duration = Duration::from_secs(60);

/// An engine that stops waits for its containers one after the other, and starts them again within this.
const ONE_RESTART: Duration = Duration::from_secs(180);
/// How the id of an entry begins that stands for several ends.
const FOLDED: &str = "engine-";

/// The entries of one day, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// `2026-11-23`.
    pub date: String,
    /// What happened.
    pub events: Vec<Arc<Occurrence>>,
}

/// All that is worth telling, oldest first.
pub fn told(book: &Book) -> Vec<&Arc<Occurrence>> {
    let steps = steps(book.events());
    book.events().filter(|event| !steps.contains(event.id.as_str())).collect()
}

/// What the query wants, newest first.
pub fn story(
    book: &Book,
    query: &EventsQuery,
    project: impl Fn(ContainerId) -> Option<String>,
) -> Vec<Arc<Occurrence>> {
    let mut projects: HashMap<ContainerId, Option<String>> = HashMap::new();
    let told = told(book);
    let mut wanted = told.clone();
    wanted.retain(|event| {
        let id = event.container_id;
        let project = projects.entry(id).or_insert_with(|| project(id));
        query.wants(event, project.as_deref())
    });
    fold_engine_restarts(&wanted, &told).into_iter().rev().collect()
}

/// The ends that one restart of the engine explains, as one entry at the time of the last of them; the starts that follow from it belong
/// to it. `wanted` and `told` are oldest first; not all that is told is wanted.
fn fold_engine_restarts(wanted: &[&Arc<Occurrence>], told: &[&Arc<Occurrence>]) -> Vec<Arc<Occurrence>> {
    let mut restarts: Vec<EngineRestart<'_>> = Vec::new();
    let mut parts = HashSet::new();
    let is_end = |event: &&Arc<Occurrence>| event.kind == Kind::Died && event.cause == Some(Cause::EngineRestart);
    let ends = wanted.iter().copied().filter(is_end);
    for end in ends {
        let is_same = |last: &&mut EngineRestart<'_>| end.at.since(last.at()) <= ONE_RESTART && !last.holds(end);
        match restarts.last_mut().filter(is_same) {
            Some(last) => last.ends.push(end),
            None => restarts.push(EngineRestart { ends: vec![end], started: 0 }),
        }
        parts.insert(end.id.as_str());
        let is_start = |event: &&&Arc<Occurrence>| {
            event.container_id == end.container_id
                && event.kind == Kind::Started
                && event.cause == Some(Cause::RestartPolicy)
                && event.at >= end.at
                && event.at.since(end.at) <= ONE_RESTART
        };
        if let (Some(start), Some(restart)) = (told.iter().find(is_start), restarts.last_mut()) {
            restart.started += 1;
            parts.insert(start.id.as_str());
        }
    }
    let rest = wanted.iter().copied().filter(|event| !parts.contains(event.id.as_str())).cloned();
    let mut folded: Vec<_> = rest.chain(restarts.iter().filter_map(EngineRestart::entry)).collect();
    folded.sort_by_key(|event| event.at);
    folded
}

/// A restart of the engine, by what it did.
struct EngineRestart<'a> {
    /// Oldest first; at least one.
    ends: Vec<&'a Arc<Occurrence>>,
    /// How many of them were started again.
    started: usize,
}

impl EngineRestart<'_> {
    fn at(&self) -> Timestamp {
        self.ends.last().map_or_else(Timestamp::default, |end| end.at)
    }

    fn holds(&self, event: &Occurrence) -> bool {
        self.ends.iter().any(|end| end.container_id == event.container_id)
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
            [end] => format!("{}, started again", happening_detail(end)),
            ends => format!("{} containers stopped, {started}", ends.len()),
        };
        let id = if self.ends.len() > 1 { [FOLDED, &last.id].concat() } else { last.id.clone() };
        Some(Arc::new(Occurrence {
            id,
            container_name: listed(&names),
            detail: Some(detail),
            ..Occurrence::clone(last)
        }))
    }
}

/// Whether this is several ends in one entry, so that it has no one container's page.
pub fn is_folded(event: &Occurrence) -> bool {
    event.id.starts_with(FOLDED)
}

/// Entries by day, as `date` has them; they come newest first.
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

/// What is known of a container on the way.
#[derive(Default)]
struct Track<'a> {
    /// Signals and lack of memory, which an end may follow from.
    causes: Vec<&'a Occurrence>,
    /// The last end, and the last start.
    death: Option<&'a Occurrence>,
    start: Option<&'a Occurrence>,
}

/// The ids of those that another one tells of.
fn steps<'a>(events: impl Iterator<Item = &'a Arc<Occurrence>>) -> HashSet<&'a str> {
    let mut steps = HashSet::new();
    let mut tracks: HashMap<ContainerId, Track<'a>> = HashMap::new();
    for event in events {
        let track = tracks.entry(event.container_id).or_default();
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
    at.since(earlier) <= SAME_THING
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pages::events::Show, samples::occurrence};

    fn wanted(events: Vec<Occurrence>, query: &EventsQuery) -> Vec<String> {
        let mut book = Book::default();
        book.add(events);
        story(&book, query, |_| Some("shop".to_owned())).iter().map(|event| event.id.clone()).collect()
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
    fn lack_of_memory_is_told_by_the_end_it_led_to() {
        let end = vec![occurrence(1, Kind::Oom, 1), died(1, 2, Cause::OutOfMemory)];
        assert_eq!(wanted(end, &EventsQuery::default()), ["2-1-died"]);
        let survived = vec![occurrence(1, Kind::Oom, 1), occurrence(2, Kind::Killed, 1), died(2, 2, Cause::Itself)];
        assert_eq!(wanted(survived, &EventsQuery::default()), ["2-2-died", "1-2-killed", "1-1-oom"]);
    }

    #[test]
    fn another_containers_steps_are_its_own() {
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
        let mut book = Book::default();
        book.add(events);
        let told = story(&book, &EventsQuery::default(), |_| None);
        let ids: Vec<_> = told.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, ["31-1-started", "30-1-died", "engine-11-1-died", "11-3-died"]);
        let restart = &told[2];
        assert!(is_folded(restart));
        assert_eq!(restart.container_name, "web-2 and web-1");
        assert_eq!(restart.detail.as_deref(), Some("2 containers stopped, 1 started again"));
        // What is not wanted counts all the same.
        let ends = story(&book, &EventsQuery { show: Show::Ends, ..EventsQuery::default() }, |_| None);
        assert!(ends.iter().any(|event| event.detail == restart.detail), "{ends:?}");
        // One container's page has its own end.
        let mut book = Book::default();
        book.add(vec![died(1, 11, Cause::EngineRestart), again(1, 20)]);
        let told = story(&book, &EventsQuery::default(), |_| None);
        assert_eq!((told.len(), told[0].id.as_str()), (1, "11-1-died"));
        assert_eq!(told[0].detail.as_deref(), Some("Exit code 137: killed (SIGKILL), started again"));
    }

    #[test]
    fn the_query_chooses_and_days_divide() {
        let night = 14 * 3_600 + 1_700; // 23:58:20
        let events = vec![occurrence(1, Kind::Started, night), died(1, night + 200, Cause::Itself)];
        let query = EventsQuery { show: Show::Trouble, words: "project:shop".to_owned(), ..EventsQuery::default() };
        assert_eq!(wanted(events.clone(), &query).len(), 1);
        let mut book = Book::default();
        book.add(events);
        let date = |at: Timestamp| at.to_string()[..10].to_owned();
        let days = days(story(&book, &EventsQuery::default(), |_| None).iter(), date);
        let dates: Vec<_> = days.iter().map(|day| (day.date.as_str(), day.events.len())).collect();
        assert_eq!(dates, [("2026-11-24", 1), ("2026-11-23", 1)]);
    }
}
