//! Limits concurrent use of a resource, in total and per client: log readers, diagnostic streams.
//!
//! In: the key of a client. Out: a [`Permit`] that is released when dropped, or the limit that was
//! reached.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Key of a client: the name of an account or token, or the address if authentication is off.
pub type Key = Arc<str>;

/// Limits on a resource; clones share the counts.
#[derive(Debug, Clone)]
pub struct ClientLimits {
    taken: Arc<Mutex<Taken>>,
    all: usize,
    each: usize,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_key: HashMap<Key, usize>,
}

/// The limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitReached {
    /// The total limit.
    Total,
    /// The limit of this client.
    Client,
}

/// Permit to use the resource, released when dropped.
#[derive(Debug)]
pub struct Permit {
    taken: Arc<Mutex<Taken>>,
    key: Key,
}

impl ClientLimits {
    /// Creates limits: `all` in total, `each` per client.
    pub fn new(all: usize, each: usize) -> Self {
        Self { taken: Arc::default(), all, each }
    }

    /// Acquires a permit.
    ///
    /// # Errors
    /// If a limit is reached.
    pub fn take(&self, key: &Key) -> Result<Permit, LimitReached> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.all {
            return Err(LimitReached::Total);
        }
        let own = taken.by_key.entry(Arc::clone(key)).or_default();
        if *own >= self.each {
            return Err(LimitReached::Client);
        }
        *own += 1;
        taken.all += 1;
        Ok(Permit { taken: Arc::clone(&self.taken), key: Arc::clone(key) })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(own) = taken.by_key.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                taken.by_key.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that gets no place has failed")]
    use super::*;

    #[test]
    fn one_client_can_only_use_its_share() {
        let shares = ClientLimits::new(5, 2);
        let [ada, bob, eve]: [Key; 3] = ["ada", "bob", "eve"].map(Into::into);
        let held: Vec<_> = [&ada, &ada, &bob, &bob].map(|key| shares.take(key).unwrap()).into();
        assert_eq!(shares.take(&ada).unwrap_err(), LimitReached::Client);
        let last = shares.take(&eve).unwrap();
        assert_eq!(shares.take(&eve).unwrap_err(), LimitReached::Total);
        drop(held);
        drop(last);
        assert!(shares.take(&ada).is_ok());
        assert!(shares.taken.lock().unwrap().by_key.is_empty());
    }
}
