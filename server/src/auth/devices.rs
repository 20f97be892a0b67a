//! Browsers that have signed in before, identified by a cookie, so that an attacker's wrong
//! passwords do not lock their users out.
//!
//! A device grants nothing; it only has its own count of wrong passwords ([`super::throttle`]).
//! Kept in `devices.json`, with digests instead of secrets.

use super::{
    Digest, Secret,
    private_file::{has_wrong_owner, read_private, write_whole},
};
use crate::now;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

const NAME: &str = "devices.json";
/// Maximum number of devices per user. Beyond it, the device with the oldest sign-in is forgotten.
const MAX_PER_USER: usize = 20;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    name: String,
    last_sign_in_millis: u64,
}

/// The devices of all users.
#[derive(Debug)]
pub(super) struct Devices {
    path: PathBuf,
    held: Mutex<HashMap<Digest, Device>>,
}

impl Devices {
    /// Reads the devices in `folder`.
    pub(super) fn open(folder: &Path) -> Self {
        let path = folder.join(NAME);
        let kept = read_private(&path).ok().filter(|(_, found)| !has_wrong_owner(&path, found));
        let held = kept.and_then(|(text, _)| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { path, held: Mutex::new(held) }
    }

    /// The device with this secret, if it has signed in with this name.
    pub(super) fn find(&self, secret: &str, name: &str) -> Option<Digest> {
        let digest = Digest::of(secret);
        self.lock().get(&digest).is_some_and(|device| device.name == name).then_some(digest)
    }

    /// True if any user has signed in with this device.
    pub(super) fn is_known(&self, secret: &str) -> bool {
        self.lock().contains_key(&Digest::of(secret))
    }

    /// Records a sign-in with this name; returns a new device secret unless the device is known.
    pub(super) fn signed_in(&self, device: Option<Digest>, name: &str) -> Option<Secret> {
        let mut held = self.lock();
        let last_sign_in_millis = now().as_millis();
        if let Some(device) = device.and_then(|digest| held.get_mut(&digest)) {
            device.last_sign_in_millis = last_sign_in_millis;
            return None;
        }
        let secret = Secret::new("");
        let of_name: Vec<_> = held.iter().filter(|(_, device)| device.name == name).collect();
        if of_name.len() >= MAX_PER_USER
            && let Some(oldest) = of_name.iter().min_by_key(|(_, device)| device.last_sign_in_millis)
        {
            let oldest = *oldest.0;
            held.remove(&oldest);
        }
        held.insert(Digest::of(secret.expose()), Device { name: name.to_owned(), last_sign_in_millis });
        self.write(&held);
        Some(secret)
    }

    /// Forgets the devices of users for whom `exists` is false.
    pub(super) fn keep(&self, exists: impl Fn(&str) -> bool) {
        let mut held = self.lock();
        let before = held.len();
        held.retain(|_, device| exists(&device.name));
        if held.len() < before {
            self.write(&held);
        }
    }

    fn write(&self, held: &HashMap<Digest, Device>) {
        let text = serde_json::to_string(held).unwrap_or_default();
        if let Err(error) = write_whole(&self.path, &text) {
            tracing::warn!(%error, path = %self.path.display(), "known devices cannot be saved: a restart will forget them");
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Device>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
    use super::*;

    #[test]
    fn a_device_is_known_for_its_user_and_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let devices = Devices::open(folder.path());
        let secret = devices.signed_in(None, "ada").unwrap();
        let devices = Devices::open(folder.path());
        let device = devices.find(secret.expose(), "ada");
        assert!(device.is_some() && devices.find(secret.expose(), "bob").is_none());
        assert!(devices.find("", "ada").is_none() && devices.signed_in(device, "ada").is_none());
        assert!(!std::fs::read_to_string(folder.path().join(NAME)).unwrap().contains(secret.expose()));
        devices.keep(|name| name != "ada");
        assert!(Devices::open(folder.path()).find(secret.expose(), "ada").is_none());
    }

    #[test]
    fn the_device_limit_is_per_user() {
        let folder = tempfile::tempdir().unwrap();
        let devices = Devices::open(folder.path());
        let ada = devices.signed_in(None, "ada").unwrap();
        for _ in 0..2 * MAX_PER_USER {
            devices.signed_in(None, "eve").unwrap();
        }
        assert_eq!(devices.lock().len(), MAX_PER_USER + 1);
        assert!(devices.find(ada.expose(), "ada").is_some());
    }
}
