//! From all that happened to what is worth telling: of the steps of one thing, the one that says most. Pure.
//!
//! A container that is stopped tells of a signal, perhaps another, an end and a stop; that is one entry, "Stopped by request".

use super::EventsQuery;
use crate::{
    client::Book,
    model::{Cause, ContainerId, Occurrence, OccurrenceKind as Kind, Timestamp},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// A step follows the one it belongs to within this.
const SAME_THING: Duration = Duration::from_secs(60);

/// The entries of one day, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// `2026-11-23`, UTC.
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
    let mut wanted = told(book);
    wanted.retain(|event| {
        let id = event.container_id;
        let project = projects.entry(id).or_insert_with(|| project(id));
        query.wants(event, project.as_deref())
    });
    wanted.into_iter().rev().cloned().collect()
}

/// Entries by day; they come newest first.
pub fn days<'a>(events: impl Iterator<Item = &'a Arc<Occurrence>>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for event in events {
        let date = event.at.to_string().get(..10).unwrap_or_default().to_owned();
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
                    _ => event.cause == Some(Cause::Request),
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
    use crate::{components::examples::occurrence, pages::events::Show};

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
    fn the_query_chooses_and_days_divide() {
        let night = 14 * 3_600 + 1_700; // 23:58:20
        let events = vec![occurrence(1, Kind::Started, night), died(1, night + 200, Cause::Itself)];
        let query = EventsQuery { show: Show::Trouble, words: "project:shop".to_owned(), ..EventsQuery::default() };
        assert_eq!(wanted(events.clone(), &query).len(), 1);
        let mut book = Book::default();
        book.add(events);
        let days = days(story(&book, &EventsQuery::default(), |_| None).iter());
        let dates: Vec<_> = days.iter().map(|day| (day.date.as_str(), day.events.len())).collect();
        assert_eq!(dates, [("2026-11-24", 1), ("2026-11-23", 1)]);
    }
}
