//! Converts log lines to server-sent events.

use crate::{
    http::wire::sse::{Events, Source},
    logs::{LogEvent, Merge, Place, visible},
};
use app::model::{ContainerKey, LogEnd, LogGap, LogLine, LogResume};
use std::fmt;

/// Log lines of one or several containers, as events.
#[derive(Debug)]
pub(super) struct TailSource {
    /// The containers, if there are several, in the order of `places`.
    pub(super) keys: Option<Vec<ContainerKey>>,
    /// Place in each log after the last line that was sent.
    pub(super) places: Vec<Place>,
    pub(super) merge: Merge,
}

impl Source for TailSource {
    async fn next(&mut self, events: &mut Events) -> bool {
        let Some((number, tailed)) = self.merge.next().await else { return false };
        let key = self.keys.as_ref().and_then(|keys| keys.get(number));
        let (container_id, engine) = (key.map(|key| key.id), key.map(|key| key.engine));
        match tailed {
            LogEvent::Line(line, position) => {
                // After an incomplete line, the position is the one before it.
                if let (Some(place), Some(position)) = (self.places.get_mut(number), position) {
                    *place = Place::Behind(position);
                }
                let data = LogLine {
                    container_id,
                    engine,
                    stream: line.stream,
                    timestamp: line.time.timestamp(),
                    text: visible(&line.text),
                    truncated: line.truncated,
                };
                events.push("log", Some(&Places(&self.places)), &data);
            }
            LogEvent::Gap(gap) => events.push("gap", None, &LogGap { container_id, engine, ..gap }),
            LogEvent::End(end) => events.push("end", None, &LogEnd { container_id, engine, ..end }),
            LogEvent::Resume => events.push("resume", None, &LogResume { container_id, engine }),
        }
        true
    }

    fn place(&self) -> Option<impl fmt::Display> {
        Some(Places(&self.places))
    }
}

/// Places in all logs as one event id, separated by commas.
struct Places<'a>(&'a [Place]);

impl fmt::Display for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, place) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            place.fmt(f)?;
        }
        Ok(())
    }
}

/// Parses the places in an event id; none if the id belongs to another stream. A client may omit a
/// place with `-`.
pub(super) fn places(id: &str, count: usize) -> Vec<Option<Place>> {
    let places: Vec<_> = id.split(',').map(|place| place.parse().ok()).collect();
    if places.len() == count { places } else { vec![None; count] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_has_the_place_in_every_log() {
        let id = "5.1,@6,7.2~1f";
        let read: Option<Vec<_>> = places(id, 3).into_iter().collect();
        assert_eq!(read.map(|read| Places(&read).to_string()).as_deref(), Some(id));
        let left_out: Vec<_> = places("5.1,-", 2).iter().map(Option::is_some).collect();
        assert_eq!(left_out, [true, false]);
        for other in ["", "5.1", "5.1,6.1,7.1,8.1", "x,y,z"] {
            assert_eq!(places(other, 3), [None; 3], "{other}");
        }
    }
}
