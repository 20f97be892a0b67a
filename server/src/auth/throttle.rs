//! Limits how often passwords may be guessed.
//!
//! In: each sign-in attempt, with its name, its address and whether its device is known
//! ([`super::devices`]). Out: whether the password is checked, or how long to wait. Wrong attempts
//! are counted in windows of five minutes; those of networks and of all attempts drain evenly, so
//! that a past flood delays no client by more than a second:
//!
//! | counted by | limit | does not apply to |
//! |---|---|---|
//! | device and name | 10 | (the only limit for a device that signed in before) |
//! | name, and address (IPv6: its /64) | 10 | known devices |
//! | name, and network (IPv4 /24, IPv6 /48) | 30 | known devices and addresses |
//! | name | 50 | known devices and addresses |
//! | network, all names | 1,000 | known devices and addresses |
//! | everything | 2,000 | known devices and addresses |
//!
//! So an attacker's wrong passwords for one name do not lock other names, even if all clients share
//! the address of one proxy; and an attacker cannot lock out a user whose browser or address has
//! signed in before. A known address is one from which that user signed in. Names without an
//! account are counted like others. An evicted counter is replaced by one with more recent
//! attempts; since all attempts of unauthenticated clients are limited, the counters of one window
//! always fit.

use super::Digest;
use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Duration of a window, from the first wrong attempt.
pub(super) const WINDOW: Duration = Duration::from_secs(300);
/// Limit for one name from one address or device. A person who has forgotten a password tries less
/// often.
const MAX_OF_ADDRESS: u32 = 10;
/// Limit for one name from one network, whose addresses may all belong to an attacker; less than
/// [`MAX_OF_NAME`], so that one network does not lock a name for others.
const MAX_OF_NETWORK_AND_NAME: u32 = 30;
/// Limit for one name from all addresses where it is not known.
const MAX_OF_NAME: u32 = 50;
/// Limit for all names from one network; a part of [`MAX_OF_ALL`], so that one network does not use
/// it up.
const MAX_OF_NETWORK: u32 = 1_000;
/// Limit for all attempts of unauthenticated clients. At 20 ms each, a seventh of one core.
const MAX_OF_ALL: u32 = 2_000;
/// Maximum number of counters: four for each attempt of an unauthenticated client, of which a
/// window can have twice [`MAX_OF_ALL`], and some for known devices and addresses; 2 MiB.
const MAX_COUNTERS: usize = 20_000;
/// Maximum number of remembered addresses of successful sign-ins, for all names; 1 MiB.
const MAX_KNOWN: usize = 8_192;
/// Maximum number of remembered addresses of one name, so that users do not evict each other's
/// addresses.
const MAX_KNOWN_OF_NAME: usize = 32;

/// A sign-in attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    /// The name that was typed.
    pub(super) name: &'a str,
    /// Address of the client.
    pub(super) from: IpAddr,
    /// The browser's device, if it has signed in with this name before.
    pub(super) device: Option<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Device(Digest, Name),
    Address(IpAddr, Name),
    NetworkAndName(IpAddr, Name),
    Name(Name),
    Network(IpAddr),
    All,
}

/// Names are counted by digest, so that long ones cost no memory.
type Name = Digest;

#[derive(Debug, Clone, Copy)]
struct Counter {
    wrong: f64,
    since: Instant,
}

/// Maximum number of wrong attempts within a window.
#[derive(Debug, Clone, Copy)]
struct Limit {
    max: u32,
    /// True if attempts expire evenly instead of all at the end of the window.
    drains: bool,
}

impl Limit {
    fn of(key: &Key) -> Self {
        let max = match key {
            Key::Device(..) | Key::Address(..) => MAX_OF_ADDRESS,
            Key::NetworkAndName(..) => MAX_OF_NETWORK_AND_NAME,
            Key::Name(_) => MAX_OF_NAME,
            Key::Network(_) => MAX_OF_NETWORK,
            Key::All => MAX_OF_ALL,
        };
        Self { max, drains: matches!(key, Key::Network(_) | Key::All) }
    }

    /// Number of attempts that still count.
    fn level(self, counter: Counter, now: Instant) -> f64 {
        let age = now.duration_since(counter.since).as_secs_f64() / WINDOW.as_secs_f64();
        if self.drains {
            (counter.wrong - age * f64::from(self.max)).max(0.0)
        } else if age < 1.0 {
            counter.wrong
        } else {
            0.0
        }
    }

    /// Time until another attempt is admitted; `None` if one is admitted now.
    fn wait(self, counter: Counter, now: Instant) -> Option<Duration> {
        let surplus = self.level(counter, now) + 1.0 - f64::from(self.max);
        // Draining leaves fractions.
        if surplus < 0.001 {
            None
        } else if self.drains {
            Some(WINDOW.mul_f64(surplus / f64::from(self.max)))
        } else {
            Some(WINDOW.saturating_sub(now.duration_since(counter.since)))
        }
    }
}

#[derive(Debug, Default)]
struct Inner {
    counters: HashMap<Key, Counter>,
    /// Time of a user's last sign-in from an address.
    known: HashMap<(Name, IpAddr), Instant>,
}

/// Counts wrong attempts.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<Inner>);

/// An admitted attempt.
#[derive(Debug, Clone)]
pub(super) struct Admitted {
    keys: Vec<Key>,
    name: Name,
    address: IpAddr,
    /// True if the device or the address has signed in with this name before.
    pub(super) is_known: bool,
}

impl Throttle {
    /// Decides whether to check the password of an attempt. The attempt counts as wrong until
    /// [`Self::succeeded`] is called, so that parallel attempts do not bypass the limits.
    ///
    /// # Errors
    /// The time to wait, if the attempt is refused.
    pub(super) fn admit(&self, attempt: Attempt<'_>) -> Result<Admitted, Duration> {
        let (name, address) = (Digest::of(attempt.name), address(attempt.from));
        let mut held = self.lock();
        let (keys, is_known) = keys(&held, attempt, name);
        let now = Instant::now();
        let wait = keys.iter().filter_map(|key| Limit::of(key).wait(*held.counters.get(key)?, now));
        if let Some(wait) = wait.max() {
            return Err(wait);
        }
        for key in &keys {
            held.count(key, now);
        }
        Ok(Admitted { keys, name, address, is_known })
    }

    /// Called after the right password: forgives wrong attempts with this name at this address or
    /// device. Those with other names and addresses still count, or an attacker with an account
    /// could guess without limit.
    pub(super) fn succeeded(&self, admitted: &Admitted) {
        let mut held = self.lock();
        for key in &admitted.keys {
            if matches!(key, Key::Device(..) | Key::Address(..)) {
                held.counters.remove(key);
            } else if let Some(counter) = held.counters.get_mut(key) {
                counter.wrong = (counter.wrong - 1.0).max(0.0);
            }
        }
        held.add_known(admitted.name, admitted.address);
    }

    /// Adds the address of a user's session, perhaps of one from before a restart.
    pub(super) fn add_known(&self, name: &str, from: IpAddr) {
        self.lock().add_known(Digest::of(name), address(from));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn count(&mut self, key: &Key, now: Instant) {
        if self.counters.len() >= MAX_COUNTERS && !self.counters.contains_key(key) {
            self.counters.retain(|_, counter| now.duration_since(counter.since) < WINDOW);
            evict_oldest(&mut self.counters, MAX_COUNTERS, |_| true, |counter| counter.since);
        }
        let (limit, counter) = (Limit::of(key), self.counters.entry(key.clone()));
        let counter = counter.or_insert(Counter { wrong: 0.0, since: now });
        let level = limit.level(*counter, now);
        if limit.drains || level == 0.0 {
            counter.since = now;
        }
        counter.wrong = level + 1.0;
    }

    fn add_known(&mut self, name: Name, address: IpAddr) {
        let of_name = |(known, _): &(Name, IpAddr)| *known == name;
        if !self.known.contains_key(&(name, address)) {
            if self.known.keys().filter(|key| of_name(key)).count() >= MAX_KNOWN_OF_NAME {
                evict_oldest(&mut self.known, 0, of_name, |at| *at);
            }
            evict_oldest(&mut self.known, MAX_KNOWN, |_| true, |at| *at);
        }
        self.known.insert((name, address), Instant::now());
    }
}

/// Counters of an attempt, and whether the device or the address is known.
fn keys(held: &Inner, attempt: Attempt<'_>, name: Name) -> (Vec<Key>, bool) {
    let (address, network) = (address(attempt.from), network(attempt.from));
    if let Some(device) = attempt.device {
        return (vec![Key::Device(device, name)], true);
    }
    let own = Key::Address(address, name);
    if held.known.contains_key(&(name, address)) {
        return (vec![own], true);
    }
    (vec![own, Key::NetworkAndName(network, name), Key::Name(name), Key::Network(network), Key::All], false)
}

/// Evicts the oldest key for which `may_go` is true, if there are `limit` or more.
fn evict_oldest<K: Hash + Eq + Clone, V>(
    held: &mut HashMap<K, V>,
    limit: usize,
    may_go: impl Fn(&K) -> bool,
    since: impl Fn(&V) -> Instant,
) {
    if held.len() < limit {
        return;
    }
    let of_those = held.iter().filter(|(key, _)| may_go(key));
    let oldest = of_those.min_by_key(|(_, value)| since(value)).map(|(key, _)| key.clone());
    if let Some(key) = oldest {
        held.remove(&key);
    }
}

/// Part of an address that counts as one client: an IPv6 client has a whole /64.
pub(crate) fn address(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => prefix_v6(address, 64),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Part of an address that counts as one network: a customer of a provider has up to a /48.
pub(crate) fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => prefix_v6(address, 48),
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & 0xffff_ff00).into(),
    }
}

fn prefix_v6(address: Ipv6Addr, bits: u32) -> IpAddr {
    let rest = u128::BITS - bits;
    Ipv6Addr::from_bits(address.to_bits() >> rest << rest).into()
}

#[cfg(test)]
mod tests;
