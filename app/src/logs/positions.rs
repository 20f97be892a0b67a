//! Positions in the logs of a page, so that a lost stream resumes without a gap, even if one of the
//! containers was removed.

use crate::model::ContainerKey;

/// The parts of the last event id, one per container, in the order of the request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Positions {
    known: Vec<(ContainerKey, String)>,
    requested: Vec<ContainerKey>,
}

impl Positions {
    /// Sets the containers of the next stream.
    pub fn request(&mut self, ids: &[ContainerKey]) {
        self.requested = ids.to_vec();
    }

    /// Records the id of a received line.
    pub fn note(&mut self, event_id: &str) {
        if event_id.split(',').count() != self.requested.len() {
            return;
        }
        for (id, position) in self.requested.iter().zip(event_id.split(',')) {
            match self.known.iter_mut().find(|(other, _)| other == id) {
                Some((_, known)) if known == position => {}
                Some((_, known)) => position.clone_into(known),
                None => self.known.push((*id, position.to_owned())),
            }
        }
    }

    /// Id to resume from; `None` if nothing was received.
    pub fn last_event_id(&self) -> Option<String> {
        let position =
            |id: &ContainerKey| self.known.iter().find(|(other, _)| other == id).map_or("-", |(_, known)| known);
        let positions: Vec<_> = self.requested.iter().map(position).collect();
        positions.iter().any(|position| *position != "-").then(|| positions.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> ContainerKey {
        let id = digit.repeat(64).parse().unwrap_or_else(|_| unreachable!("64 digits"));
        ContainerKey::new(crate::model::EngineName::LOCAL, id)
    }

    #[test]
    fn a_stream_resumes_after_the_last_line_of_each_container() {
        let mut positions = Positions::default();
        positions.request(&[id("a"), id("b")]);
        assert_eq!(positions.last_event_id(), None);
        positions.note("5.1,-");
        positions.note("5.1,7.2~1f");
        assert_eq!(positions.last_event_id().as_deref(), Some("5.1,7.2~1f"));
        positions.note("malformed");
        assert_eq!(positions.last_event_id().as_deref(), Some("5.1,7.2~1f"));
    }

    #[test]
    fn a_removed_container_does_not_affect_the_others() {
        let mut positions = Positions::default();
        positions.request(&[id("a"), id("b"), id("c")]);
        positions.note("5.1,6.1,-");
        positions.request(&[id("b"), id("c")]);
        assert_eq!(positions.last_event_id().as_deref(), Some("6.1,-"));
        positions.request(&[id("c")]);
        assert_eq!(positions.last_event_id(), None);
    }
}
