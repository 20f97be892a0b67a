//! Checks that each event of the stream follows the state that is held.
//!
//! In: a server-sent event. Out: a [`Frame`] that may be applied, or [`OutOfSync`], after which the
//! stream is reopened to start with a snapshot. Owned by the `driver`; has the position only; the
//! content is in `Rows`.

use crate::{
    model::Timestamp,
    protocol::{Delta, Frame, FrameId, Heartbeat, InvalidFrame, Revision, Snapshot, compact},
};

/// The position of this page in the stream.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    position: Option<FrameId>,
    /// True if the last heartbeat named a revision that was not received.
    behind: bool,
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StreamEvent {
    /// Field `event:`.
    pub(super) name: String,
    /// Field `data:`.
    pub(super) data: String,
    /// Newest field `id:` of the stream; empty before the first.
    pub(super) id: String,
}

/// Error: a frame cannot be applied.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutOfSync {
    /// The frame cannot be read.
    #[error(transparent)]
    Unreadable(#[from] InvalidFrame),
    /// There is no state to change.
    #[error("received a delta before any snapshot")]
    NoSnapshot,
    /// The frame belongs to another run of the server.
    #[error("received a delta from a different server run: {0}")]
    ForeignEpoch(String),
    /// The revisions in the frame's id and in its data differ.
    #[error("received a delta to revision {0} with a different id")]
    WrongId(u64),
    /// Frames are missing.
    #[error("the server is at revision {at}, but this page received nothing after revision {held}")]
    Gap {
        /// Revision of the server.
        at: u64,
        /// Revision of this page.
        held: u64,
    },
}

impl Reader {
    /// Creates a reader at this position, or without a position if its epoch is empty.
    pub(super) fn new(position: FrameId) -> Self {
        Self { position: Some(position).filter(|id| !id.epoch.is_empty()), behind: false }
    }

    /// Position, whose id the stream resumes from.
    pub(super) fn position(&self) -> Option<&FrameId> {
        self.position.as_ref()
    }

    /// Reads an event and moves the position.
    ///
    /// # Errors
    /// [`OutOfSync`]; the position does not change.
    pub(super) fn read(&mut self, event: &StreamEvent, held: &compact::Held) -> Result<Frame, OutOfSync> {
        let frame = compact::read(&event.name, &event.data, held)?;
        let is_news = match &frame {
            Frame::Snapshot(snapshot) => self.replace(snapshot),
            Frame::Delta(delta) => self.advance(delta, &event.id)?,
            Frame::Heartbeat(heartbeat) => self.compare(*heartbeat).map(|()| true)?,
        };
        Ok(if is_news { frame } else { self.empty_delta(frame.server_time()) })
    }

    /// An empty delta in place of a frame that leads to an earlier revision: a shared stream may
    /// start before this page's position.
    fn empty_delta(&self, server_time: Timestamp) -> Frame {
        let held = self.position.as_ref().map(|id| id.revision);
        Frame::Delta(Delta::empty(held.unwrap_or_default(), server_time))
    }

    /// Moves to a fetched snapshot if it is newer; returns true if it did.
    pub(super) fn overtake(&mut self, snapshot: &Snapshot) -> bool {
        let is_held = self.position.as_ref() == Some(&position(snapshot));
        !is_held && self.replace(snapshot)
    }

    /// Moves to a snapshot unless it is older; returns true if it did.
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

    fn advance(&mut self, delta: &Delta, id: &str) -> Result<bool, OutOfSync> {
        let held = self.position.as_ref().ok_or(OutOfSync::NoSnapshot)?;
        let id: FrameId = id.parse()?;
        let (Revision(to), Revision(from)) = (delta.revision, held.revision);
        if id.epoch != held.epoch {
            return Err(OutOfSync::ForeignEpoch(id.epoch));
        }
        if id.revision != delta.revision {
            return Err(OutOfSync::WrongId(to));
        }
        let is_news = to >= from;
        if is_news {
            self.move_to(id);
        }
        Ok(is_news)
    }

    /// Compares a heartbeat with the position. One heartbeat may be ahead of a frame that is still
    /// being merged; two in a row mean that frames are missing.
    fn compare(&mut self, heartbeat: Heartbeat) -> Result<(), OutOfSync> {
        let Some(FrameId { revision: Revision(held), .. }) = self.position else {
            return Ok(());
        };
        let Revision(at) = heartbeat.revision;
        let was_behind = std::mem::replace(&mut self.behind, at > held);
        if self.behind && was_behind { Err(OutOfSync::Gap { at, held }) } else { Ok(()) }
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
    fn a_delta_of_the_same_run_advances_and_an_empty_one_does_not() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(reader.read(&small("delta", 7, "a.7"), &Held::new()).is_ok());
        assert!(reader.read(&small("delta", 9, "a.9"), &Held::new()).is_ok());
        assert_eq!(stands_at(&reader), "a.9");
    }

    #[test]
    fn a_page_without_data_accepts_only_a_snapshot() {
        let mut reader = Reader::new(position(&PageData::unknown().snapshot));
        assert!(reader.position().is_none());
        assert!(matches!(reader.read(&small("delta", 1, "a.1"), &Held::new()), Err(OutOfSync::NoSnapshot)));
        let first = event("snapshot", &compact::write_snapshot(&snapshot("a", 3)), "a.3");
        assert!(reader.read(&first, &Held::new()).is_ok());
        assert_eq!(stands_at(&reader), "a.3");
    }

    #[test]
    fn a_frame_out_of_sync_is_rejected_and_the_position_stays() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(
            matches!(reader.read(&small("delta", 8, "b.8"), &Held::new()), Err(OutOfSync::ForeignEpoch(epoch)) if epoch == "b")
        );
        assert!(matches!(reader.read(&small("delta", 8, "a.7"), &Held::new()), Err(OutOfSync::WrongId(8))));
        assert!(matches!(
            reader.read(&small("delta", 8, ""), &Held::new()),
            Err(OutOfSync::Unreadable(InvalidFrame::Id))
        ));
        assert!(matches!(reader.read(&event("delta", "<html>", "a.8"), &Held::new()), Err(OutOfSync::Unreadable(_))));
        assert_eq!(stands_at(&reader), "a.7");
    }

    #[test]
    fn a_frame_to_an_earlier_revision_changes_nothing() {
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
    fn only_a_second_heartbeat_ahead_of_the_position_is_a_gap() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(reader.read(&small("heartbeat", 8, ""), &Held::new()).is_ok());
        assert!(reader.read(&small("delta", 8, "a.8"), &Held::new()).is_ok());
        assert!(reader.read(&small("heartbeat", 9, "a.8"), &Held::new()).is_ok());
        assert!(matches!(
            reader.read(&small("heartbeat", 9, "a.8"), &Held::new()),
            Err(OutOfSync::Gap { at: 9, held: 8 })
        ));
    }

    #[test]
    fn a_fetched_snapshot_is_used_if_it_is_newer_or_of_another_run() {
        let mut reader = Reader::new(position(&snapshot("a", 7)));
        assert!(!reader.overtake(&snapshot("a", 7)));
        assert!(reader.overtake(&snapshot("a", 8)));
        assert!(reader.overtake(&snapshot("b", 1)));
        assert_eq!(stands_at(&reader), "b.1");
    }
}
