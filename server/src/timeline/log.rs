//! What is kept: 24 hours, 20,000 events, 8 MiB, whichever ends first; the oldest go.
//!
//! Ten containers that crash once a minute tell 40,000 events a day; fifty that run tell some hundreds.

use app::model::{ContainerId, Occurrence, SentSignal};
use std::{
    collections::{HashSet, VecDeque},
    fmt,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

/// How long an event is kept.
pub const MOST_AGE: Duration = Duration::from_secs(24 * 3600);
/// How many.
const MOST: usize = if cfg!(test) { 50 } else { 20_000 };
/// How much memory, by a rough count.
const MOST_BYTES: usize = if cfg!(test) { 100_000 } else { 8 << 20 };

/// What an occurrence is known by: the engine's time of it, and to whom what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) nanos: u64,
    digest: u32,
}

impl Key {
    pub(super) fn of(nanos: u64, occurrence: &Occurrence) -> Self {
        let text = format!("{}{}", occurrence.container_id, occurrence.kind.as_str());
        // FNV-1a: short, and the same in every version of this server.
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

/// One of them. Many are kept for long, so what the key tells is not kept as a text, and a name once for what happened to one container.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) key: Key,
    /// Without its id and its container's name.
    pub(super) occurrence: Occurrence,
    name: Arc<str>,
    /// Where one with the same key stands that knows more, or knew less.
    revision: Revision,
}

/// What a record is among those of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Revision {
    /// The only one.
    Only,
    /// Another one, recorded later, knows more. Kept as a place only, for those who read it.
    Superseded,
    /// It takes the place of another one.
    Newest,
}

impl Recorded {
    /// As it is told.
    pub(super) fn told(&self) -> Occurrence {
        Occurrence { id: self.key.to_string(), container_name: self.name.to_string(), ..self.occurrence.clone() }
    }

    fn bytes(&self) -> usize {
        let Occurrence { signal, detail, evidence, .. } = &self.occurrence;
        let texts = [signal, detail].into_iter().flatten().map(String::capacity);
        let evidence = evidence.as_ref().map_or(0, |evidence| evidence.signals.len() * size_of::<SentSignal>());
        size_of::<Self>() + self.name.len() + texts.sum::<usize>() + evidence
    }
}

/// In the order they were recorded, which is that of time but for what was recalled.
#[derive(Debug, Default)]
pub(super) struct Log {
    recorded: VecDeque<Recorded>,
    known: HashSet<Key>,
    /// The number of the first that is kept; they are counted from 0.
    first: u64,
    bytes: usize,
    newest: Option<u64>,
}

impl Log {
    pub(super) fn push(&mut self, key: Key, mut occurrence: Occurrence, oldest_nanos: u64) {
        let name = std::mem::take(&mut occurrence.container_name);
        let before = self.of(occurrence.container_id).next_back().map(|before| &before.name);
        let name = before.filter(|before| ***before == *name).cloned().unwrap_or_else(|| name.into());
        self.append(Recorded { key, occurrence, name, revision: Revision::Only }, oldest_nanos);
    }

    /// Records again what is recorded already and now known better; nothing happens where it is no longer kept.
    pub(super) fn revise(&mut self, mut occurrence: Occurrence) {
        occurrence.container_name = String::new();
        let Ok(key) = std::mem::take(&mut occurrence.id).parse::<Key>() else { return };
        let Some(former) = self.recorded.iter_mut().rfind(|recorded| recorded.key == key) else { return };
        // Better evidence of the same cause is no news.
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

    /// Passes over the event with this key from now on: it was merged into another. Kept for good, for few events are.
    pub(super) fn hold(&mut self, key: Key) {
        self.known.insert(key);
    }

    fn append(&mut self, recorded: Recorded, oldest_nanos: u64) {
        self.newest = self.newest.max(Some(recorded.key.nanos));
        self.bytes += recorded.bytes();
        self.known.insert(recorded.key);
        self.recorded.push_back(recorded);
        while self.recorded.len() > MOST
            || self.bytes > MOST_BYTES
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

    pub(super) fn holds(&self, key: Key) -> bool {
        self.known.contains(&key)
    }

    pub(super) fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// The number that the next one gets.
    pub(super) fn end(&self) -> u64 {
        self.first + self.recorded.len() as u64
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.recorded.iter().filter(|recorded| recorded.revision != Revision::Superseded)
    }

    pub(super) fn of(&self, id: ContainerId) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.iter().filter(move |recorded| recorded.occurrence.container_id == id)
    }

    /// From number `from` on, with their numbers; what is no longer kept is left out.
    pub(super) fn from(&self, from: u64) -> impl Iterator<Item = (u64, &Recorded)> {
        let skipped = usize::try_from(from.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let numbered = (self.first..).zip(&self.recorded).skip(skipped);
        numbered.filter(|(_, recorded)| recorded.revision != Revision::Superseded)
    }

    /// The number of the one with this key; of one that was recorded again, of the first: who read only that has not read what came
    /// between the two.
    pub(super) fn number(&self, key: Key) -> Option<u64> {
        // Those who come back were here a moment ago, as a rule.
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
