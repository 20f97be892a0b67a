//! How often somebody may guess.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Wrong attempts count this long.
const WINDOW: Duration = Duration::from_secs(300);
/// Of one address. A person who has forgotten a password tries fewer.
const MOST_OF_ADDRESS: usize = 10;
/// For one name, from wherever: more, so that a stranger does not easily lock its owner out.
const MOST_OF_NAME: usize = 50;
/// Addresses and names remembered; beyond these the oldest are forgotten.
const MOST_KEPT: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Name(String),
}

/// Remembers wrong attempts.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<Key, Vec<Instant>>>);

impl Throttle {
    /// Whether another attempt is taken. It counts as wrong from now on, so that a hundred at once are no way around; [`Self::forget`] it when it
    /// was right.
    ///
    /// # Errors
    /// How long to wait, if not.
    pub fn admit(&self, from: IpAddr, name: &str) -> Result<(), Duration> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(from, name);
        let wait = keys.iter().zip([MOST_OF_ADDRESS, MOST_OF_NAME]).filter_map(|(key, most)| {
            let recent: Vec<_> = attempts.get(key)?.iter().filter(|at| at.elapsed() < WINDOW).collect();
            let oldest = recent.len().checked_sub(most).and_then(|place| recent.get(place))?;
            Some(WINDOW.saturating_sub(oldest.elapsed()))
        });
        if let Some(wait) = wait.max() {
            return Err(wait);
        }
        if attempts.len() >= MOST_KEPT {
            attempts.retain(|_, times| times.last().is_some_and(|at| at.elapsed() < WINDOW));
        }
        for key in keys {
            if attempts.len() < MOST_KEPT || attempts.contains_key(&key) {
                let times = attempts.entry(key).or_default();
                times.retain(|at| at.elapsed() < WINDOW);
                times.push(Instant::now());
            }
        }
        Ok(())
    }

    /// An attempt was right: what went before was a person's forgetting.
    pub fn forget(&self, from: IpAddr, name: &str) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(from, name) {
            attempts.remove(&key);
        }
    }
}

/// What counts as one address: a network gives somebody a whole /64.
pub(crate) fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn keys(from: IpAddr, name: &str) -> [Key; 2] {
    [Key::Address(network(from)), Key::Name(name.chars().take(128).collect())]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test(start_paused = true)]
    async fn an_address_waits_after_ten_wrong_attempts_and_no_other_does() {
        let throttle = Throttle::default();
        for attempt in 0..MOST_OF_ADDRESS {
            assert_eq!(throttle.admit(HERE, &format!("name {attempt}")), Ok(()));
        }
        let wait = throttle.admit(HERE, "ada");
        assert_eq!(wait, Err(WINDOW));
        assert_eq!(throttle.admit([10, 0, 0, 1].into(), "ada"), Ok(()));
        tokio::time::advance(WINDOW).await;
        assert_eq!(throttle.admit(HERE, "ada"), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_waits_after_fifty_from_anywhere_and_a_right_one_is_a_new_start() {
        let throttle = Throttle::default();
        for last in 0..50 {
            assert_eq!(throttle.admit([10, 0, 0, last].into(), "ada"), Ok(()));
        }
        assert!(throttle.admit(HERE, "ada").is_err() && throttle.admit(HERE, "bob").is_ok());
        throttle.forget(HERE, "ada");
        assert_eq!(throttle.admit(HERE, "ada"), Ok(()));
    }

    #[test]
    fn neighbours_in_one_network_count_as_one() {
        let [one, _] = keys("2001:db8::1".parse().unwrap_or(HERE), "");
        let [other, _] = keys("2001:db8::2:3".parse().unwrap_or(HERE), "");
        assert!(one == other && one != keys("2001:db8:0:1::1".parse().unwrap_or(HERE), "")[0]);
    }
}
