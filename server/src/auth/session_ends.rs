//! Requests of `quaylight sessions end`, in `session-ends.json`. A running server applies them, and
//! one that starts later, too.
//!
//! A command writes what to end and the time; sessions that started before that time end. Only the
//! server writes the sessions.

use super::{
    Digest,
    accounts::{AccountsError, with_lock},
    private_file::{has_wrong_owner, read_private, write_whole},
};
use crate::now;
use serde::{Deserialize, Serialize};
use std::{io, path::Path};

pub(super) const NAME: &str = "session-ends.json";
/// Maximum number of requests in the file, each some 100 bytes.
const MAX_KEPT: usize = 10_000;
/// Maximum age of a request. No session lasts longer, so older requests have no effect.
const MAX_AGE_MILLIS: u64 = 367 * 24 * 3_600_000;
/// Number of hexadecimal digits of a session id.
const ID_DIGITS: usize = 12;

/// Sessions to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// The session with this id.
    Id(String),
    /// All sessions of users with this name.
    Account(String),
    /// All sessions.
    All,
}

/// A request to end sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionEnd {
    pub(super) what: Ended,
    pub(super) at_millis: u64,
}

impl Ended {
    /// True if the request includes a session with this id and name.
    pub fn names(&self, id: &str, name: &str) -> bool {
        match self {
            Self::Id(wanted) => wanted == id,
            Self::Account(wanted) => wanted == name,
            Self::All => true,
        }
    }
}

impl SessionEnd {
    /// True if the request ends a session with this id and name that began at `began_at`, in
    /// milliseconds since 1970.
    pub fn ends(&self, id: &str, name: &str, began_at: u64) -> bool {
        began_at <= self.at_millis && self.what.names(id, name)
    }
}

/// Short id of a session in lists. It is not a secret.
pub fn session_id(digest: &Digest) -> String {
    let mut id = String::from(*digest);
    id.truncate(ID_DIGITS);
    id
}

/// Id of a user of a proxy in lists.
pub fn proxied_id(name: &str) -> String {
    session_id(&Digest::of(&format!("proxy\n{name}")))
}

/// Requests the server in this folder to end sessions.
///
/// # Errors
/// When the request cannot be written.
pub fn request(folder: &Path, what: Ended) -> Result<(), AccountsError> {
    let path = folder.join(NAME);
    with_lock(folder, || {
        let now = now().as_millis();
        let mut all = read(folder).unwrap_or_default();
        all.retain(|end| now.saturating_sub(end.at_millis) < MAX_AGE_MILLIS && end.what != what);
        all.push(SessionEnd { what, at_millis: now });
        let surplus = all.len().saturating_sub(MAX_KEPT);
        all.drain(..surplus);
        let text = serde_json::to_string(&all).unwrap_or_default();
        write_whole(&path, &text).map_err(|reason| AccountsError::system("write", path.clone(), reason))
    })
}

/// The requests in a folder.
///
/// # Errors
/// When the file exists and cannot be read.
pub fn read(folder: &Path) -> io::Result<Vec<SessionEnd>> {
    let path = folder.join(NAME);
    match read_private(&path) {
        Ok((_, found)) if has_wrong_owner(&path, &found) => Err(io::Error::other("it belongs to another user")),
        Ok((text, _)) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
