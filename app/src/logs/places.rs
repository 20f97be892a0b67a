//! Where each log of a page stands, so that a stream that breaks goes on without a gap, also when one of them is gone.

use crate::model::ContainerId;

/// The parts of the last event's id, one a container, in the order in which they were asked for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Places {
    of: Vec<(ContainerId, String)>,
    asked: Vec<ContainerId>,
}

impl Places {
    /// A stream of these containers is about to be opened.
    pub fn ask(&mut self, ids: &[ContainerId]) {
        self.asked = ids.to_vec();
    }

    /// A line came with this id.
    pub fn note(&mut self, event_id: &str) {
        if event_id.split(',').count() != self.asked.len() {
            return;
        }
        for (id, place) in self.asked.iter().zip(event_id.split(',')) {
            match self.of.iter_mut().find(|(other, _)| other == id) {
                Some((_, kept)) if kept == place => {}
                Some((_, kept)) => place.clone_into(kept),
                None => self.of.push((*id, place.to_owned())),
            }
        }
    }

    /// The id to go on from; `None` where nothing has come.
    pub fn last_event_id(&self) -> Option<String> {
        let place = |id: &ContainerId| self.of.iter().find(|(other, _)| other == id).map_or("-", |(_, place)| place);
        let places: Vec<_> = self.asked.iter().map(place).collect();
        places.iter().any(|place| *place != "-").then(|| places.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> ContainerId {
        digit.repeat(64).parse().unwrap_or_else(|_| unreachable!("64 digits"))
    }

    #[test]
    fn a_stream_goes_on_behind_the_last_line_of_each() {
        let mut places = Places::default();
        places.ask(&[id("a"), id("b")]);
        assert_eq!(places.last_event_id(), None);
        places.note("5.1,-");
        places.note("5.1,7.2~1f");
        assert_eq!(places.last_event_id().as_deref(), Some("5.1,7.2~1f"));
        places.note("nonsense");
        assert_eq!(places.last_event_id().as_deref(), Some("5.1,7.2~1f"));
    }

    #[test]
    fn one_that_is_gone_leaves_the_others_where_they_were() {
        let mut places = Places::default();
        places.ask(&[id("a"), id("b"), id("c")]);
        places.note("5.1,6.1,-");
        places.ask(&[id("b"), id("c")]);
        assert_eq!(places.last_event_id().as_deref(), Some("6.1,-"));
        places.ask(&[id("c")]);
        assert_eq!(places.last_event_id(), None);
    }
}
