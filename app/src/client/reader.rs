//! Does what came over the stream fit what is held?
//!
//! In: one server-sent event as the browser hands it over. Out: a [`Frame`] that may be applied, or a [`Misfit`], after which the stream
//! is opened anew to begin with a snapshot. Owned by the `driver`; knows the position only, the content is in `Rows`.

use crate::{
    model::Timestamp,
    protocol::{Delta, Frame, FrameId, Heartbeat, InvalidFrame, Revision, Snapshot, compact},
};

/// Where this page stands.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    position: Option<FrameId>,
    /// The last heartbeat named a revision that never came.
    behind: bool,
}

/// One server-sent event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StreamEvent {
    /// Its `event:`.
    pub(super) name: String,
    /// Its `data:`.
    pub(super) data: String,
    /// The newest `id:` of the stream; empty before the first.
    pub(super) id: String,
}

/// Why a frame cannot be applied.
#[derive(Debug, thiserror::Error)]
pub(super) enum Misfit {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] InvalidFrame),
    /// There is nothing it could change.
    #[error("a delta came before any snapshot")]
    NoSnapshot,
    /// It belongs to another run of the server.
    #[error("a delta of another server run came: {0}")]
    ForeignEpoch(String),
    /// Its id names another revision than its data.
    #[error("a delta to revision {0} came under another id")]
    WrongId(u64),
    /// Something before it is missing.
    #[error("the server is at revision {at}, but nothing came since {held}")]
    Gap {
        /// Where the server is.
        at: u64,
        /// Where this page stands.
        held: u64,
    },
}

impl Reader {
    /// Stands there; nowhere, if that is in no server run.
    pub(super) fn new(position: FrameId) -> Self {
        Self { position: Some(position).filter(|id| !id.epoch.is_empty()), behind: false }
    }

    /// The id to resume from.
    pub(super) fn position(&self) -> Option<&FrameId> {
        self.position.as_ref()
    }

    /// Reads one event and moves on.
    ///
    /// # Errors
    /// [`Misfit`]; the position stays.
    pub(super) fn read(&mut self, event: &StreamEvent, held: &compact::Held) -> Result<Frame, Misfit> {
        let frame = compact::read(&event.name, &event.data, held)?;
        let is_news = match &frame {
            Frame::Snapshot(snapshot) => self.replace(snapshot),
            Frame::Delta(delta) => self.advance(delta, &event.id)?,
            Frame::Heartbeat(heartbeat) => self.compare(*heartbeat).map(|()| true)?,
        };
        Ok(if is_news { frame } else { self.nothing_new(frame.server_time()) })
    }

    /// What leads to a revision before the one held brings nothing: a shared stream may begin before this page's own picture.
    fn nothing_new(&self, server_time: Timestamp) -> Frame {
        let held = self.position.as_ref().map(|id| id.revision);
        Frame::Delta(Delta::empty(held.unwrap_or_default(), server_time))
    }

    /// Moves to a fetched snapshot if it is newer than what is held; says whether it is.
    pub(super) fn overtake(&mut self, snapshot: &Snapshot) -> bool {
        let is_held = self.position.as_ref() == Some(&position(snapshot));
        !is_held && self.replace(snapshot)
    }

    /// Moves there, unless that is back; says whether it did.
    fn replace(&mut self, snapshot: &Snapshot) -> bool {
        let to = position(snapshot);
        let is_back = self.position.as_ref().is_some_and(|held| held.epoch == to.epoch && held.revision > to.revision);
        if !is_back {
            self.move_to(to);
        }
        !is_back
    }

    fn move_to(&mut self, position: FrameId) {
        self.position = Some(position);
        self.behind = false;
    }

    fn advance(&mut self, delta: &Delta, id: &str) -> Result<bool, Misfit> {
        let held = self.position.as_ref().ok_or(Misfit::NoSnapshot)?;
        let id: FrameId = id.parse()?;
        let (Revision(to), Revision(from)) = (delta.revision, held.revision);
        if id.epoch != held.epoch {
            return Err(Misfit::ForeignEpoch(id.epoch));
        }
        if id.revision != delta.revision {
            return Err(Misfit::WrongId(to));
        }
        let is_news = to >= from;
        if is_news {
            self.move_to(id);
        }
        Ok(is_news)
    }

    /// One heartbeat may run ahead of a frame that is being folded; two in a row may not.
    fn compare(&mut self, heartbeat: Heartbeat) -> Result<(), Misfit> {
        let Some(FrameId { revision: Revision(held), .. }) = self.position else {
            return Ok(());
        };
        let Revision(at) = heartbeat.revision;
        let was_behind = std::mem::replace(&mut self.behind, at > held);
        if self.behind && was_behind { Err(Misfit::Gap { at, held }) } else { Ok(()) }
    }
}

fn position(snapshot: &Snapshot) -> FrameId {
    FrameId { epoch: snapshot.epoch.clone(), revision: snapshot.revision }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot make its own data has failed")]

    use super::*;
    use crate::{client::PageData, protocol::compact::Held};

    const TIME: Timestamp = Timestamp::from_millis(1_795_426_200_000);

    fn snapshot(epoch: &str, revision: u64) -> Snapshot {
        Snapshot { epoch: epoch.to_owned(), revision: Revision(revision), ..PageData::unknown().snapshot }
    }

    fn event(name: &str, data: &str, id: &str) -> StreamEvent {
        StreamEvent { name: name.to_owned(), data: data.to_owned(), id: id.to_owned() }
    }

    fn small(name: &str, revision: u64, id: &str) -> StreamEvent {
        let data = match name {
            "delta" => compact::write_delta(&Delta::empty(Revision(revision), TIME)),
            _ => compact::write_heartbeat(Heartbeat { revision: Revision(revision), server_time: TIME }),
        };
        event(name, &data, id)
    }

    fn stands_at(reader: &Reader) -> String {
        reader.position().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn a_delta_of_the_same_run_moves_on_and_an_empty_one_stays() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(reader.read(&small("delta", 7, "a.7"), &Held::new()).is_ok());
        assert!(reader.read(&small("delta", 9, "a.9"), &Held::new()).is_ok());
        assert_eq!(stands_at(&reader), "a.9");
    }

    #[test]
    fn a_page_without_data_stands_nowhere_and_takes_only_a_snapshot() {
        let mut reader = Reader::new(position(&PageData::unknown().snapshot));
        assert!(reader.position().is_none());
        assert!(matches!(reader.read(&small("delta", 1, "a.1"), &Held::new()), Err(Misfit::NoSnapshot)));
        let first = event("snapshot", &compact::write_snapshot(&snapshot("a", 3)), "a.3");
        assert!(reader.read(&first, &Held::new()).is_ok());
        assert_eq!(stands_at(&reader), "a.3");
    }

    #[test]
    fn what_does_not_fit_is_named_and_moves_nothing() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(
            matches!(reader.read(&small("delta", 8, "b.8"), &Held::new()), Err(Misfit::ForeignEpoch(epoch)) if epoch == "b")
        );
        assert!(matches!(reader.read(&small("delta", 8, "a.7"), &Held::new()), Err(Misfit::WrongId(8))));
        assert!(matches!(reader.read(&small("delta", 8, ""), &Held::new()), Err(Misfit::Unreadable(InvalidFrame::Id))));
        assert!(matches!(reader.read(&event("delta", "<html>", "a.8"), &Held::new()), Err(Misfit::Unreadable(_))));
        assert_eq!(stands_at(&reader), "a.7");
    }

    #[test]
    fn what_leads_to_before_what_is_held_says_only_that_the_server_lives() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        let earlier = event("snapshot", &compact::write_snapshot(&snapshot("a", 6)), "a.6");
        for event in [small("delta", 6, "a.6"), earlier] {
            let Ok(Frame::Delta(delta)) = reader.read(&event, &Held::new()) else { panic!("no delta") };
            assert_eq!(delta, Delta::empty(Revision(7), delta.server_time));
            assert_eq!(stands_at(&reader), "a.7");
        }
        assert!(matches!(reader.read(&small("delta", 9, "a.9"), &Held::new()), Ok(Frame::Delta(_))));
        assert_eq!(stands_at(&reader), "a.9");
    }

    #[test]
    fn only_a_second_heartbeat_ahead_of_what_came_is_a_gap() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(reader.read(&small("heartbeat", 8, ""), &Held::new()).is_ok());
        assert!(reader.read(&small("delta", 8, "a.8"), &Held::new()).is_ok());
        assert!(reader.read(&small("heartbeat", 9, "a.8"), &Held::new()).is_ok());
        assert!(matches!(
            reader.read(&small("heartbeat", 9, "a.8"), &Held::new()),
            Err(Misfit::Gap { at: 9, held: 8 })
        ));
    }

    #[test]
    fn a_fetched_snapshot_counts_if_it_is_newer_or_of_another_run() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(!reader.overtake(&snapshot("a", 7)));
        assert!(reader.overtake(&snapshot("a", 8)));
        assert!(reader.overtake(&snapshot("b", 1)));
        assert_eq!(stands_at(&reader), "b.1");
    }
}
