//! The key with which this server joins another one, in `join.toml` in the data folder.
//!
//! This server chooses the key, and the other one stores its digest when it accepts the invitation.
//! It is written before it is sent: if the response is lost, the same key is sent again.

use super::{
    Digest, Secret,
    accounts::{AccountsError, read_toml, with_lock, write_toml},
};
use app::model::EngineName;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const NAME: &str = "join.toml";
const HEADER: &str = "# The key with which this server joins another Quaylight. Keep it secret.\n\n";
/// Prefix of keys, so that people who find one know what it is.
const PREFIX: &str = "quay_join_";

/// A key for one server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct JoinKey {
    /// Address of the server that it is for; it is sent to no other.
    pub hub: String,
    /// The key.
    key: String,
    /// Digest of the invitation that it accepts or has accepted.
    pub invitation: Digest,
    /// Name of this server's engine there, once the invitation was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<EngineName>,
}

/// Without the key.
impl std::fmt::Debug for JoinKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinKey").field("hub", &self.hub).field("name", &self.name).finish_non_exhaustive()
    }
}

impl JoinKey {
    /// A new key for an invitation.
    pub fn new(hub: &str, invitation: &str) -> Self {
        let (hub, key) = (hub.to_owned(), Secret::new(PREFIX).expose().to_owned());
        Self { hub, key, invitation: Digest::of(invitation), name: None }
    }

    /// The key itself.
    pub fn expose(&self) -> &str {
        &self.key
    }

    /// Digest of the key.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.key)
    }
}

/// The content of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    join: Option<JoinKey>,
}

/// The file.
#[derive(Debug, Clone)]
pub struct JoinKeyFile {
    folder: PathBuf,
}

impl JoinKeyFile {
    /// The file in this folder, which need not exist yet.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Path of the file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The key for a server, if there is one.
    ///
    /// # Errors
    /// When the file exists and cannot be read, or others can read it.
    pub fn read(&self, hub: &str) -> Result<Option<JoinKey>, AccountsError> {
        let Content { join } = read_toml(self.path())?;
        Ok(join.filter(|key| key.hub == hub))
    }

    /// Replaces the key. Blocks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, key: &JoinKey) -> Result<(), AccountsError> {
        with_lock(&self.folder, || write_toml(self.path(), HEADER, &Content { join: Some(key.clone()) }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_key_is_private_and_for_one_server() {
        let folder = tempfile::tempdir().unwrap();
        let file = JoinKeyFile::in_folder(folder.path());
        assert_eq!(file.read("https://hub").unwrap(), None);
        let key = JoinKey { name: EngineName::new("web-3").ok(), ..JoinKey::new("https://hub", "invitation") };
        file.write(&key).unwrap();
        assert_eq!(file.read("https://hub").unwrap(), Some(key.clone()));
        assert_eq!(file.read("https://other").unwrap(), None);
        assert_eq!(std::fs::metadata(file.path()).unwrap().mode() & 0o777, 0o600);
        assert!(!format!("{key:?}").contains(key.expose()));
    }
}
