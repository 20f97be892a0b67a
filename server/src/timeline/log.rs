//! Storage of the timeline: at most 24 hours, 20,000 events and 8 MiB; the oldest are evicted.
//!
//! Ten containers that crash once a minute cause 40,000 events a day; fifty stable ones cause
//! hundreds.

use app::model::{ContainerKey, EngineName, Occurrence, SentSignal};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    fmt,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

/// Maximum age of an event.
pub const MAX_AGE: Duration = Duration::from_secs(24 * 3600);
/// Maximum number of events.
const MAX_EVENTS: usize = if cfg!(test) { 50 } else { 20_000 };
/// Maximum memory, estimated.
const MAX_BYTES: usize = if cfg!(test) { 100_000 } else { 8 << 20 };

/// Identity of an event: the time, and a digest of engine, container and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) nanos: u64,
    digest: u32,
}

impl Key {
    pub(super) fn of(nanos: u64, occurrence: &Occurrence) -> Self {
        // Without the name of the default engine, so that ids of events stay what they were.
        let engine = if occurrence.engine == EngineName::LOCAL { "" } else { occurrence.engine.as_str() };
        let text = format!("{engine}{}{}", occurrence.container_id, occurrence.kind.as_str());
        // FNV-1a, which is short and the same in every version of this server.
        let digest =
            text.bytes().fold(0x811c_9dc5, |digest: u32, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self { nanos, digest }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.nanos, self.digest)
    }
}

impl FromStr for Key {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (nanos, digest) = text.split_once('-').ok_or(())?;
        Ok(Self { nanos: nanos.parse().map_err(drop)?, digest: u32::from_str_radix(digest, 16).map_err(drop)? })
    }
}

/// A recorded event. To save memory, its id is derived from the key, and the name is shared by a
/// container's events.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) key: Key,
    /// The event, without its id and its container's name.
    pub(super) occurrence: Occurrence,
    name: Arc<str>,
    /// Relation to other records with the same key.
    revision: Revision,
}

/// Relation of a record to others with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Revision {
    /// The only record.
    Only,
    /// Replaced by a later record, and only kept as a position for readers.
    Superseded,
    /// Replaces an earlier record.
    Newest,
}

impl Recorded {
    /// Returns the complete event.
    pub(super) fn to_occurrence(&self) -> Occurrence {
        Occurrence { id: self.key.to_string(), container_name: self.name.to_string(), ..self.occurrence.clone() }
    }

    fn bytes(&self) -> usize {
        let Occurrence { signal, detail, evidence, .. } = &self.occurrence;
        let texts = [signal, detail].into_iter().flatten().map(String::capacity);
        let evidence = evidence.as_ref().map_or(0, |evidence| evidence.signals.len() * size_of::<SentSignal>());
        size_of::<Self>() + self.name.len() + texts.sum::<usize>() + evidence
    }
}

/// Events in the order of recording, which is the order of time except for recalled ones.
#[derive(Debug, Default)]
pub(super) struct Log {
    recorded: VecDeque<Recorded>,
    known: HashSet<Key>,
    /// Number of the first kept record, counted from 0.
    first: u64,
    bytes: usize,
    /// Time of the latest event of each engine, in nanoseconds since 1970.
    newest: HashMap<EngineName, u64>,
}

impl Log {
    pub(super) fn push(&mut self, key: Key, mut occurrence: Occurrence, oldest_nanos: u64) {
        let name = std::mem::take(&mut occurrence.container_name);
        let before = self.of(occurrence.key()).next_back().map(|before| &before.name);
        let name = before.filter(|before| ***before == *name).cloned().unwrap_or_else(|| name.into());
        self.append(Recorded { key, occurrence, name, revision: Revision::Only }, oldest_nanos);
    }

    /// Records a revised event. Does nothing if the original was evicted.
    pub(super) fn revise(&mut self, mut occurrence: Occurrence) {
        occurrence.container_name = String::new();
        let Ok(key) = std::mem::take(&mut occurrence.id).parse::<Key>() else { return };
        let Some(former) = self.recorded.iter_mut().rfind(|recorded| recorded.key == key) else { return };
        // Better evidence for the same cause needs no new record.
        if former.occurrence.cause == occurrence.cause {
            let before = former.bytes();
            former.occurrence = occurrence;
            self.bytes = self.bytes - before + former.bytes();
            return;
        }
        former.revision = Revision::Superseded;
        let name = Arc::clone(&former.name);
        self.append(Recorded { key, occurrence, name, revision: Revision::Newest }, 0);
    }

    /// Ignores the event with this key from now on, because it was merged into another. Few events
    /// are merged, so the keys are never removed.
    pub(super) fn hold(&mut self, key: Key) {
        self.known.insert(key);
    }

    fn append(&mut self, recorded: Recorded, oldest_nanos: u64) {
        let newest = self.newest.entry(recorded.occurrence.engine).or_default();
        *newest = recorded.key.nanos.max(*newest);
        self.bytes += recorded.bytes();
        self.known.insert(recorded.key);
        self.recorded.push_back(recorded);
        while self.recorded.len() > MAX_EVENTS
            || self.bytes > MAX_BYTES
            || self.recorded.front().is_some_and(|first| first.key.nanos < oldest_nanos)
        {
            let Some(gone) = self.recorded.pop_front() else { return };
            self.bytes -= gone.bytes();
            if gone.revision != Revision::Superseded {
                self.known.remove(&gone.key);
            }
            self.first += 1;
        }
    }

    pub(super) fn contains(&self, key: Key) -> bool {
        self.known.contains(&key)
    }

    pub(super) fn newest(&self, engine: EngineName) -> Option<u64> {
        self.newest.get(&engine).copied()
    }

    /// Number of the next record.
    pub(super) fn end(&self) -> u64 {
        self.first + self.recorded.len() as u64
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.recorded.iter().filter(|recorded| recorded.revision != Revision::Superseded)
    }

    pub(super) fn of(&self, key: ContainerKey) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.iter().filter(move |recorded| recorded.occurrence.key() == key)
    }

    /// Records from the number `from` on, with their numbers.
    pub(super) fn from(&self, from: u64) -> impl Iterator<Item = (u64, &Recorded)> {
        let skipped = usize::try_from(from.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let numbered = (self.first..).zip(&self.recorded).skip(skipped);
        numbered.filter(|(_, recorded)| recorded.revision != Revision::Superseded)
    }

    /// Number of the record with this key. For a revised event, the number of the first record, so
    /// that events in between are not skipped.
    pub(super) fn number(&self, key: Key) -> Option<u64> {
        // Reconnecting readers usually need recent records.
        let mut place = self.recorded.iter().rposition(|recorded| recorded.key == key)?;
        while self.recorded.get(place)?.revision != Revision::Only {
            let Some(former) = self.recorded.iter().take(place).rposition(|recorded| recorded.key == key) else {
                break;
            };
            place = former;
        }
        Some(self.first + place as u64)
    }
}
