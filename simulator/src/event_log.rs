//! Events for replay and for live subscribers.
//!
//! The bounds are the engine's own: 256 events are kept, before any filter; a subscriber may be
//! 1,024 events behind, and then misses the oldest without notice.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::broadcast;

use crate::clock::Moment;
use crate::engine::Event;

/// Number of events kept for replay.
const REPLAY_CAPACITY: usize = 256;
/// Maximum number of events that a subscriber may be behind.
const SUBSCRIBER_CAPACITY: usize = 1_024;

/// An event, and its line, which is encoded once.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) event: Event,
    pub(crate) line: Bytes,
}

/// The requested past events, followed by future ones without a gap.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) past: VecDeque<Arc<Logged>>,
    pub(crate) live: broadcast::Receiver<Arc<Logged>>,
}

#[derive(Debug)]
pub(crate) struct EventLog {
    ring: VecDeque<Arc<Logged>>,
    live: broadcast::Sender<Arc<Logged>>,
}

impl Default for EventLog {
    fn default() -> Self {
        Self { ring: VecDeque::with_capacity(REPLAY_CAPACITY), live: broadcast::Sender::new(SUBSCRIBER_CAPACITY) }
    }
}

impl EventLog {
    pub(crate) fn publish(&mut self, event: Event) {
        // An event is made of strings and numbers; writing it cannot fail.
        let mut line = serde_json::to_vec(&event).unwrap_or_default();
        line.push(b'\n');
        let logged = Arc::new(Logged { event, line: line.into() });
        if self.ring.len() == REPLAY_CAPACITY {
            self.ring.pop_front();
        }
        self.ring.push_back(Arc::clone(&logged));
        // Fails without subscribers, which is fine.
        let _ = self.live.send(logged);
    }

    /// Subscribes to events. Without both bounds, no past events are replayed; `since` and `until`
    /// are inclusive.
    pub(crate) fn subscribe(&self, since: Option<Moment>, until: Option<Moment>) -> Subscription {
        let wanted = |logged: &&Arc<Logged>| {
            let at = Moment::from_nanos(logged.event.time_nano);
            since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until)
        };
        let past = if since.is_none() && until.is_none() {
            VecDeque::new()
        } else {
            self.ring.iter().filter(wanted).cloned().collect()
        };
        Subscription { past, live: self.live.subscribe() }
    }

    pub(crate) fn forget(&mut self) {
        self.ring.clear();
    }
}
