//! The newest entries, in one ring per class, so that cheap entries do not evict others.
//!
//! In: entries. Out: the newest of all rings, ordered by time. An entry that repeats within a
//! minute is folded into the first one.

use super::{Entry, Outcome};
use crate::{
    auth::{Issuer, network_address},
    now,
};
use app::model::{ContainerId, EngineName};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

/// Time in milliseconds within which repetitions are folded into one entry.
const FOLD_MILLIS: u64 = 60_000;
/// Maximum number of entries of one class that take in repetitions. Beyond it, all other failed
/// sign-ins are one entry.
const MAX_OPEN: usize = 256;

/// Class of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// A container was changed, or the engine refused to.
    Action,
    /// Secrets were shown.
    Look,
    /// A user signed in or out.
    SignIn,
    /// A user's role did not allow a request.
    Refusal,
    /// A sign-in failed. Possible without an account.
    FailedSignIn,
}

impl Class {
    const ALL: [Self; 5] = [Self::Action, Self::Look, Self::SignIn, Self::Refusal, Self::FailedSignIn];

    pub(super) fn of(entry: &Entry) -> Self {
        match (entry.action.as_str(), entry.result) {
            ("signIn" | "signOut" | "join" | "enrol", Outcome::Done) => Self::SignIn,
            ("signIn" | "signOut" | "join" | "enrol", _) => Self::FailedSignIn,
            (_, Outcome::Denied) => Self::Refusal,
            ("showSecrets", _) => Self::Look,
            _ => Self::Action,
        }
    }

    /// Maximum number of entries in memory: some 5 MiB for all classes.
    const fn capacity(self) -> usize {
        match self {
            Self::Action => 10_000,
            Self::Look | Self::SignIn | Self::Refusal | Self::FailedSignIn => 2_000,
        }
    }
}

/// Key of an entry. Entries with the same key within a minute are folded into one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum FoldKey {
    /// Sign-ins with a wrong name or password, by address: the name may be anything.
    From(IpAddr),
    /// Wrong keys and invitations of servers that join, by address.
    Join { from: IpAddr, action: String },
    /// Failed sign-ins of a provider's user, whose identity the provider has verified.
    OpenId { user: String, from: IpAddr, detail: String },
    /// Actions of one user from one address.
    User {
        issuer: String,
        user: String,
        from: IpAddr,
        action: String,
        container: Option<(Option<EngineName>, ContainerId)>,
        result: Outcome,
    },
    /// All other failed sign-ins.
    Others,
}

impl FoldKey {
    /// Key of an entry; `None` if entries of its kind are not folded.
    fn of(class: Class, entry: &Entry) -> Option<Self> {
        let from = network_address(entry.from);
        // A user may request any number of containers that do not exist.
        let container = entry.container_id.filter(|_| class == Class::Look).map(|id| (entry.engine, id));
        match class {
            Class::Action => None,
            Class::FailedSignIn if entry.issuer == Issuer::Local.as_str() => Some(Self::From(from)),
            Class::FailedSignIn if entry.issuer == Issuer::Join.as_str() => {
                Some(Self::Join { from, action: entry.action.clone() })
            }
            Class::FailedSignIn => Some(Self::OpenId {
                user: entry.subject.as_ref().unwrap_or(&entry.who).clone(),
                from,
                detail: entry.detail.clone().unwrap_or_default(),
            }),
            Class::Look | Class::SignIn | Class::Refusal => Some(Self::User {
                issuer: entry.issuer.clone(),
                user: entry.subject.as_ref().unwrap_or(&entry.who).clone(),
                from,
                action: entry.action.clone(),
                container,
                result: entry.result,
            }),
        }
    }
}

/// An entry and its position among the entries of all classes.
#[derive(Debug)]
struct Kept {
    order: u64,
    entry: Entry,
}

/// The newest entries of one class.
#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Kept>,
    /// Number of entries evicted. The number of an entry is its index plus this value.
    gone: u64,
    /// Numbers of the entries that take in repetitions.
    open: HashMap<FoldKey, u64>,
}

impl Ring {
    fn get(&mut self, number: u64) -> Option<&mut Entry> {
        let place = usize::try_from(number.checked_sub(self.gone)?).ok()?;
        self.entries.get_mut(place).map(|kept| &mut kept.entry)
    }

    fn push(&mut self, order: u64, entry: Entry, capacity: usize) -> u64 {
        if self.entries.len() >= capacity {
            self.entries.pop_front();
            self.gone += 1;
        }
        self.entries.push_back(Kept { order, entry });
        self.gone + self.entries.len() as u64 - 1
    }

    /// Closes entries that are older than [`FOLD_MILLIS`], or all entries; returns those with
    /// repetitions.
    fn complete(&mut self, all: bool) -> Vec<Entry> {
        let now = now().as_millis();
        let numbers: Vec<_> = self.open.iter().map(|(key, number)| (key.clone(), *number)).collect();
        let mut complete = Vec::new();
        for (key, number) in numbers {
            let entry = self.get(number).map(|entry| entry.clone());
            if entry.as_ref().is_none_or(|entry| all || is_closed(entry, now)) {
                self.open.remove(&key);
                complete.extend(entry.filter(|entry| entry.count > 1));
            }
        }
        complete
    }
}

/// True if the entry is older than [`FOLD_MILLIS`] or in the future, because clocks may be set
/// back.
fn is_closed(entry: &Entry, now_millis: u64) -> bool {
    now_millis.abs_diff(entry.at.as_millis()) >= FOLD_MILLIS
}

/// The rings of all classes.
#[derive(Debug, Default)]
pub(super) struct Rings {
    of: HashMap<Class, Ring>,
    recorded: u64,
}

impl Rings {
    /// Records an entry. Returns its current form, and folded entries that are complete.
    pub(super) fn record(&mut self, class: Class, entry: Entry) -> (Entry, Vec<(Class, Entry)>) {
        self.recorded += 1;
        let (order, ring) = (self.recorded, self.of.entry(class).or_default());
        let Some(mut key) = FoldKey::of(class, &entry) else {
            ring.push(order, entry.clone(), class.capacity());
            return (entry, Vec::new());
        };
        let mut complete = Vec::new();
        if ring.open.len() >= MAX_OPEN && !ring.open.contains_key(&key) {
            complete = ring.complete(false);
            match class {
                _ if ring.open.len() < MAX_OPEN => {}
                Class::FailedSignIn => key = FoldKey::Others,
                // Entries must not lose their user: further ones are separate entries.
                _ => complete.extend(ring.complete(true)),
            }
        }
        let now = entry.at.as_millis();
        let open = ring.open.get(&key).copied();
        let recorded = match open.and_then(|number| ring.get(number)) {
            Some(held) if !is_closed(held, now) => {
                held.fold(entry);
                held.clone()
            }
            held => {
                complete.extend(held.map(|held| held.clone()).filter(|held| held.count > 1));
                let number = ring.push(order, entry.clone(), class.capacity());
                ring.open.insert(key, number);
                entry
            }
        };
        (recorded, complete.into_iter().map(|entry| (class, entry)).collect())
    }

    /// Restores an entry from the file. A folded entry has two lines: one for the first time, one
    /// when it was complete.
    pub(super) fn restore(&mut self, entry: Entry) {
        let class = Class::of(&entry);
        self.recorded += 1;
        let (order, ring) = (self.recorded, self.of.entry(class).or_default());
        let same = |held: &&mut Entry| {
            (&held.who, held.from, &held.action, held.result) == (&entry.who, entry.from, &entry.action, entry.result)
        };
        if entry.count > 1 {
            let newest_first = ring.entries.iter_mut().rev().map(|kept| &mut kept.entry);
            let mut later = newest_first.take_while(|held| held.at >= entry.at);
            if let Some(first) = later.find(|held| held.at == entry.at && same(held)) {
                *first = entry;
                return;
            }
        }
        ring.push(order, entry, class.capacity());
    }

    /// Closes folded entries that are older than [`FOLD_MILLIS`], or all of them.
    pub(super) fn complete(&mut self, all: bool) -> Vec<(Class, Entry)> {
        let of = |class| {
            let ring: Option<&mut Ring> = self.of.get_mut(&class);
            ring.map(|ring| ring.complete(all)).unwrap_or_default().into_iter().map(move |entry| (class, entry))
        };
        Class::ALL.into_iter().flat_map(of).collect()
    }

    /// The newest entries of all classes, at most `limit`, oldest first.
    pub(super) fn newest(&self, limit: usize) -> Vec<Entry> {
        let mut newest: Vec<_> = self.of.values().flat_map(|ring| ring.entries.iter().rev().take(limit)).collect();
        newest.sort_by_key(|kept| (kept.entry.at, kept.order));
        newest.drain(..newest.len().saturating_sub(limit));
        newest.into_iter().map(|kept| kept.entry.clone()).collect()
    }
}
