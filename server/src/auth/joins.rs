//! Servers that join this one: their keys and invitations, in `joins.toml` in the data folder.
//!
//! `quaylight engine invite` and `revoke` change it, and so does a server that accepts an
//! invitation; a running server follows each change within a second. Only digests are stored.

use super::{
    Digest, Secret,
    accounts::{AccountsError, read_toml, with_lock, write_toml},
};
use crate::{now, process::file_version::FileVersion};
use app::model::{EngineName, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

const NAME: &str = "joins.toml";
const HEADER: &str = "# Written by quaylight engine invite and quaylight engine revoke, and when a server joins.\n\n";
/// Prefix of invitations, so that people who find one know what it is.
const INVITATION_PREFIX: &str = "quay_invitation_";

/// A server that may join, or has been invited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct JoinHost {
    /// Name of its engine here.
    pub name: EngineName,
    /// Digest of its key; none until it has accepted the invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Digest>,
    /// When it accepted, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrolled_at_millis: Option<u64>,
    /// The last invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invitation: Option<Invitation>,
}

/// An invitation. One that was accepted is kept until it expires: the response may have been lost,
/// and the same key may then accept it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Invitation {
    digest: Digest,
    expires_at_millis: u64,
    #[serde(default)]
    is_used: bool,
}

impl JoinHost {
    /// True if it has a key.
    pub fn is_enrolled(&self) -> bool {
        self.key.is_some()
    }

    /// When it accepted its invitation.
    pub fn enrolled_at(&self) -> Option<Timestamp> {
        self.enrolled_at_millis.map(Timestamp::from_millis)
    }

    /// End of its invitation, if that can still be accepted.
    pub fn invited_until(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.invitation.as_ref().filter(|invitation| !invitation.is_used)?;
        (open.expires_at_millis > now.as_millis()).then(|| Timestamp::from_millis(open.expires_at_millis))
    }

    /// True if a secret is its key. Compares in constant time.
    pub fn has_key(&self, digest: &Digest) -> bool {
        self.key.is_some_and(|key| key.is(digest))
    }
}

/// All servers that may join.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinHosts {
    #[serde(default, rename = "host", skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<JoinHost>,
}

impl JoinHosts {
    /// All of them.
    pub fn all(&self) -> &[JoinHost] {
        &self.hosts
    }

    /// One by its name.
    pub fn get(&self, name: EngineName) -> Option<&JoinHost> {
        self.hosts.iter().find(|host| host.name == name)
    }

    /// The one with this key. Compares all, so that the time reveals nothing.
    pub fn of_key(&self, digest: &Digest) -> Option<&JoinHost> {
        let mut found = None;
        for host in &self.hosts {
            if host.has_key(digest) {
                found = Some(host);
            }
        }
        found
    }

    /// True if there is such an invitation, whatever its state. Compares all, so that the time reveals
    /// nothing.
    pub fn has_invitation(&self, digest: &Digest) -> bool {
        let mut found = false;
        for invitation in self.hosts.iter().filter_map(|host| host.invitation.as_ref()) {
            found |= invitation.digest.is(digest);
        }
        found
    }

    /// Replaces the invitation of a server. A key that it has stays valid until the invitation is
    /// accepted.
    pub fn invite(&mut self, name: EngineName, lifetime: Duration) -> Secret {
        let secret = Secret::new(INVITATION_PREFIX);
        let lifetime = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        let expires_at_millis = now().as_millis().saturating_add(lifetime);
        let invitation = Some(Invitation { digest: Digest::of(secret.expose()), expires_at_millis, is_used: false });
        match self.hosts.iter_mut().find(|host| host.name == name) {
            Some(host) => host.invitation = invitation,
            None => self.hosts.push(JoinHost { name, key: None, enrolled_at_millis: None, invitation }),
        }
        secret
    }

    /// Accepts an invitation with the digest of a key that the server has chosen; returns the name.
    /// `None` if there is no such invitation, or another key has accepted it.
    pub fn accept(&mut self, invitation: &Digest, key: Digest, now: Timestamp) -> Option<EngineName> {
        let mut found = None;
        for host in &mut self.hosts {
            if host.invitation.as_ref().is_some_and(|known| known.digest.is(invitation)) {
                found = Some(host);
            }
        }
        let host = found?;
        let invitation = host.invitation.as_mut()?;
        let is_open = !invitation.is_used || host.key.is_some_and(|known| known.is(&key));
        if !is_open || invitation.expires_at_millis <= now.as_millis() {
            return None;
        }
        invitation.is_used = true;
        if host.key.replace(key) != Some(key) {
            host.enrolled_at_millis = Some(now.as_millis());
        }
        Some(host.name)
    }

    /// Removes the key and the invitation of a server.
    ///
    /// # Errors
    /// When it has neither.
    pub fn revoke(&mut self, name: &str) -> Result<(), AccountsError> {
        let before = self.hosts.len();
        self.hosts.retain(|host| host.name.as_str() != name);
        if self.hosts.len() < before { Ok(()) } else { Err(AccountsError::UnknownHost(name.to_owned())) }
    }

    /// Forgets servers whose invitation expired before they accepted it.
    fn forget_expired(&mut self, now: Timestamp) {
        self.hosts.retain(|host| host.is_enrolled() || host.invited_until(now).is_some());
    }
}

/// The file.
#[derive(Debug, Clone)]
pub struct JoinsFile {
    folder: PathBuf,
}

impl JoinsFile {
    /// The file in this folder, which need not exist yet.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Path of the file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// `None` if there is no file.
    pub fn version(&self) -> Option<FileVersion> {
        FileVersion::of(&self.path())
    }

    /// All servers; none if there is no file.
    ///
    /// # Errors
    /// When it exists and cannot be read, or others can read it.
    pub fn read(&self) -> Result<JoinHosts, AccountsError> {
        read_toml(self.path())
    }

    /// Changes it; one process at a time. Blocks.
    ///
    /// # Errors
    /// As [`Self::read`], as `change`, or when it cannot be written.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut JoinHosts) -> Result<T, AccountsError>,
    ) -> Result<T, AccountsError> {
        with_lock(&self.folder, || {
            let mut hosts = self.read()?;
            let before = hosts.clone();
            let done = change(&mut hosts)?;
            hosts.forget_expired(now());
            if hosts != before {
                write_toml(self.path(), HEADER, &hosts)?;
            }
            Ok(done)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn digest(secret: &Secret) -> Digest {
        Digest::of(secret.expose())
    }

    #[test]
    fn an_invitation_is_accepted_once_and_in_time() {
        let mut hosts = JoinHosts::default();
        let name = EngineName::new("web-3").unwrap();
        let (invitation, later) = (hosts.invite(name, HOUR), Timestamp::from_millis(now().as_millis() + 3_600_001));
        let (key, other) = (Digest::of("key"), Digest::of("other"));
        assert_eq!(hosts.accept(&Digest::of("wrong"), key, now()), None);
        assert_eq!(hosts.accept(&digest(&invitation), key, later), None);
        assert!(hosts.of_key(&key).is_none() && hosts.all()[0].invited_until(now()).is_some());
        assert_eq!(hosts.accept(&digest(&invitation), key, now()), Some(name));
        assert_eq!(hosts.of_key(&key).map(|host| host.name), Some(name));
        // The response may have been lost; another server has no use for it.
        assert_eq!(hosts.accept(&digest(&invitation), key, now()), Some(name));
        assert_eq!(hosts.accept(&digest(&invitation), other, now()), None);
        assert!(hosts.of_key(&other).is_none() && hosts.all()[0].invited_until(now()).is_none());
        // A new invitation replaces the key when it is accepted, not before.
        let again = hosts.invite(name, HOUR);
        assert!(hosts.of_key(&key).is_some());
        assert_eq!(hosts.accept(&digest(&again), other, now()), Some(name));
        assert!(hosts.of_key(&key).is_none() && hosts.of_key(&other).is_some());
        hosts.revoke("web-3").unwrap();
        assert!(hosts.of_key(&other).is_none() && hosts.revoke("web-3").is_err());
    }

    #[test]
    fn the_file_is_private_and_has_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = JoinsFile::in_folder(folder.path());
        assert_eq!(file.read().unwrap(), JoinHosts::default());
        let name = EngineName::new("web-3").unwrap();
        let invitation = file.change(|hosts| Ok(hosts.invite(name, HOUR))).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(!text.contains(invitation.expose()) && text.contains("web-3"), "{text}");
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(file.path()).unwrap());
        assert_eq!(mode & 0o777, 0o600);
        // Without a key, nothing is kept of an expired invitation.
        file.change(|hosts| Ok(hosts.invite(name, Duration::ZERO))).unwrap();
        assert!(file.read().unwrap().all().is_empty());
    }
}
