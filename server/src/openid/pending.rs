//! Sign-ins in progress at the provider.

use crate::auth::{Digest, Secret, network};
use openidconnect::{Nonce, PkceCodeVerifier};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Timeout of a sign-in: long enough to find a second factor.
pub(super) const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(600);
/// Maximum number of sign-ins in progress, some 300 kB. Beyond it, the oldest are forgotten.
const MAX_PENDING: usize = 1_000;
/// Maximum number of sign-ins per network, so that an attacker cannot evict those of others.
const MAX_PER_NETWORK: usize = 100;

/// A sign-in in progress.
#[derive(Debug)]
pub struct Pending {
    state: Digest,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    target: String,
    network: IpAddr,
    begun: Instant,
}

impl Pending {
    pub(super) fn new(state: &str, nonce: Nonce, verifier: PkceCodeVerifier, target: &str, from: IpAddr) -> Self {
        let (state, network) = (Digest::of(state), network(from));
        Self { state, nonce, verifier, target: target.to_owned(), network, begun: Instant::now() }
    }

    /// Page of this server to open after the sign-in.
    pub fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn into_proofs(self) -> (Nonce, PkceCodeVerifier) {
        (self.nonce, self.verifier)
    }
}

/// All sign-ins, by the digest of the browser's secret.
#[derive(Debug, Default)]
pub(super) struct Pendings(Mutex<HashMap<Digest, Pending>>);

impl Pendings {
    /// Adds a sign-in; returns the secret for the browser.
    pub(super) fn add(&self, pending: Pending) -> Secret {
        let secret = Secret::new("");
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, pending| pending.begun.elapsed() < SIGN_IN_TIMEOUT);
        let neighbors = held.values().filter(|other| other.network == pending.network).count();
        if neighbors >= MAX_PER_NETWORK {
            forget_oldest(&mut held, |other| other.network == pending.network);
        } else if held.len() >= MAX_PENDING {
            forget_oldest(&mut held, |_| true);
        }
        held.insert(Digest::of(secret.expose()), pending);
        secret
    }

    /// Removes and returns the sign-in with this secret and state.
    pub(super) fn take(&self, secret: &str, state: &str) -> Option<Pending> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = Digest::of(secret);
        // A wrong state does not end the sign-in: any page can send a browser here with one.
        held.get(&digest).filter(|pending| pending.state == Digest::of(state))?;
        held.remove(&digest).filter(|pending| pending.begun.elapsed() < SIGN_IN_TIMEOUT)
    }
}

fn forget_oldest(held: &mut HashMap<Digest, Pending>, of: impl Fn(&Pending) -> bool) {
    let oldest = held.iter().filter(|(_, pending)| of(pending)).min_by_key(|(_, pending)| pending.begun);
    if let Some(digest) = oldest.map(|(digest, _)| *digest) {
        held.remove(&digest);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write an address has failed")]
    use super::*;

    fn pending(state: &str, from: &str) -> Pending {
        let verifier = PkceCodeVerifier::new("verifier".to_owned());
        Pending::new(state, Nonce::new("nonce".to_owned()), verifier, "/events", from.parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_sign_in_completes_once_in_time_with_its_state() {
        let pendings = Pendings::default();
        let secret = pendings.add(pending("state", "10.0.0.1"));
        assert!(pendings.take(secret.expose(), "another").is_none() && pendings.take("another", "state").is_none());
        assert_eq!(pendings.take(secret.expose(), "state").unwrap().target(), "/events");
        assert!(pendings.take(secret.expose(), "state").is_none());
        let late = pendings.add(pending("state", "10.0.0.1"));
        tokio::time::advance(SIGN_IN_TIMEOUT).await;
        assert!(pendings.take(late.expose(), "state").is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn pending_sign_ins_are_limited_per_network() {
        let pendings = Pendings::default();
        let first = pendings.add(pending("first", "2001:db8:1::1"));
        for place in 0..2 * MAX_PENDING {
            tokio::time::advance(Duration::from_millis(1)).await;
            pendings.add(pending("flood", &format!("2001:db8:0:{place:x}::1")));
        }
        assert_eq!(pendings.0.lock().unwrap().len(), MAX_PER_NETWORK + 1);
        for place in 0..2 * MAX_PENDING {
            pendings.add(pending("crowd", &format!("10.{}.{}.1", place / 250, place % 250)));
        }
        assert_eq!(pendings.0.lock().unwrap().len(), MAX_PENDING);
        assert!(pendings.take(first.expose(), "first").is_none());
    }
}
