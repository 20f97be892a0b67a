//! Places of which each client may have its share: readers of logs, diagnostic streams.
//!
//! In: who asks. Out: a [`Place`], given back when it is dropped; or which bound was reached. One client alone cannot take them all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Who asks: an account or a token by its name, an address where nobody signs in.
pub type Key = Arc<str>;

/// Hands out places; clones share them.
#[derive(Debug, Clone)]
pub struct Shares {
    taken: Arc<Mutex<Taken>>,
    all: usize,
    each: usize,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_key: HashMap<Key, usize>,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All are taken.
    All,
    /// This client has its share.
    Share,
}

/// The right to one; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    taken: Arc<Mutex<Taken>>,
    key: Key,
}

impl Shares {
    /// So many, and so many for each client.
    pub fn new(all: usize, each: usize) -> Self {
        Self { taken: Arc::default(), all, each }
    }

    /// One of them.
    ///
    /// # Errors
    /// While all are taken, or as many as one client may have.
    pub fn take(&self, key: &Key) -> Result<Place, Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.all {
            return Err(Full::All);
        }
        let own = taken.by_key.entry(Arc::clone(key)).or_default();
        if *own >= self.each {
            return Err(Full::Share);
        }
        *own += 1;
        taken.all += 1;
        Ok(Place { taken: Arc::clone(&self.taken), key: Arc::clone(key) })
    }
}

impl Drop for Place {
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
    fn one_client_takes_its_share_and_others_still_have_theirs() {
        let shares = Shares::new(5, 2);
        let [ada, bob, eve]: [Key; 3] = ["ada", "bob", "eve"].map(Into::into);
        let held: Vec<_> = [&ada, &ada, &bob, &bob].map(|key| shares.take(key).unwrap()).into();
        assert_eq!(shares.take(&ada).unwrap_err(), Full::Share);
        let last = shares.take(&eve).unwrap();
        assert_eq!(shares.take(&eve).unwrap_err(), Full::All);
        drop(held);
        drop(last);
        assert!(shares.take(&ada).is_ok());
        assert!(shares.taken.lock().unwrap().by_key.is_empty());
    }
}
