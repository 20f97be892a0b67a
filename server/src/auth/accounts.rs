//! Users and tokens, in one file that only its owner may read: `users.toml` in the data folder.
//!
//! Commands change it whole, through a neighbour that takes its place; a running server sees each change within a second.

use super::{Digest, Role, Scope, Selector};
use app::model::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

const NAME: &str = "users.toml";
const HEADER: &str = "# Written by quaylight user and quaylight token; a running server follows each change.\n\n";
/// Longer names are no names.
const LONGEST_NAME: usize = 64;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Who.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Selector>,
    /// Argon2id, as a PHC string.
    pub password: String,
    /// Counts how often all sessions were ended.
    #[serde(default)]
    pub sign_outs: u64,
}

/// A token of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Selector>,
    /// Of the token itself.
    pub digest: Digest,
    /// Milliseconds since 1970; absent: it holds until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_millis: Option<u64>,
}

impl Account {
    /// What they may see.
    pub fn scope(&self) -> Scope {
        Scope::new(self.labels.clone())
    }
}

impl Token {
    /// What it may see.
    pub fn scope(&self) -> Scope {
        Scope::new(self.labels.clone())
    }
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    #[serde(default, rename = "user", skip_serializing_if = "Vec::is_empty")]
    users: Vec<Account>,
    #[serde(default, rename = "token", skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<Token>,
}

impl Accounts {
    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.tokens.is_empty()
    }

    /// Everybody.
    pub fn users(&self) -> &[Account] {
        &self.users
    }

    /// Every token.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// By name.
    pub fn user(&self, name: &str) -> Option<&Account> {
        self.users.iter().find(|account| account.name == name)
    }

    /// By what it is, if it still holds. All are compared, so that the time tells nothing.
    pub fn token(&self, digest: &Digest, now: Timestamp) -> Option<&Token> {
        let holds = |token: &&Token| token.expires_at_millis.is_none_or(|end| now.as_millis() < end);
        let mut found = None;
        for token in &self.tokens {
            if token.digest.is(digest) {
                found = Some(token);
            }
        }
        found.filter(holds)
    }

    /// Adds somebody.
    ///
    /// # Errors
    /// When the name is taken or no name.
    pub fn add_user(&mut self, account: Account) -> Result<(), AccountsError> {
        check_name(&account.name)?;
        if self.user(&account.name).is_some() {
            return Err(AccountsError::Taken(account.name));
        }
        self.users.push(account);
        Ok(())
    }

    /// Changes somebody.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn change_user(&mut self, name: &str, change: impl FnOnce(&mut Account)) -> Result<(), AccountsError> {
        let account = self.users.iter_mut().find(|account| account.name == name);
        account.map(change).ok_or_else(|| AccountsError::Unknown(name.to_owned()))
    }

    /// Removes somebody.
    ///
    /// # Errors
    /// When there is nobody of that name.
    pub fn remove_user(&mut self, name: &str) -> Result<(), AccountsError> {
        let before = self.users.len();
        self.users.retain(|account| account.name != name);
        if self.users.len() < before { Ok(()) } else { Err(AccountsError::Unknown(name.to_owned())) }
    }

    /// Adds a token.
    ///
    /// # Errors
    /// When the name is taken or no name.
    pub fn add_token(&mut self, token: Token) -> Result<(), AccountsError> {
        check_name(&token.name)?;
        if self.tokens.iter().any(|held| held.name == token.name) {
            return Err(AccountsError::Taken(token.name));
        }
        self.tokens.push(token);
        Ok(())
    }

    /// Removes a token.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn remove_token(&mut self, name: &str) -> Result<(), AccountsError> {
        let before = self.tokens.len();
        self.tokens.retain(|token| token.name != name);
        if self.tokens.len() < before { Ok(()) } else { Err(AccountsError::Unknown(name.to_owned())) }
    }
}

fn check_name(name: &str) -> Result<(), AccountsError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '@');
    let is_name = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(plain);
    if is_name { Ok(()) } else { Err(AccountsError::NoName(name.to_owned())) }
}

/// Why accounts cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The system refuses.
    #[error("cannot {what} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others may read or write it.
    #[error("{path} can be read by others; run: chmod 600 {path}", path = .0.display())]
    Open(PathBuf),
    /// It is not as it was written.
    #[error("{path} cannot be read: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is one.
    #[error("there is already one named {0}")]
    Taken(String),
    /// There is none.
    #[error("there is none named {0}")]
    Unknown(String),
    /// It has other letters.
    #[error("{0:?} is no name: a name has 1 to 64 letters, digits and . _ - @")]
    NoName(String),
}

/// Where accounts are kept.
#[derive(Debug, Clone)]
pub struct AccountsFile {
    folder: PathBuf,
}

/// What tells one version of the file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    inode: u64,
    seconds: i64,
    nanos: i64,
    size: u64,
}

impl AccountsFile {
    /// In this folder, which need not be there yet.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// `None` while there is no file.
    pub(super) fn version(&self) -> Option<Version> {
        let found = fs::metadata(self.path()).ok()?;
        Some(Version { inode: found.ino(), seconds: found.mtime(), nanos: found.mtime_nsec(), size: found.size() })
    }

    /// All accounts; none while there is no file.
    ///
    /// # Errors
    /// When it is there and cannot be read, or others can read it.
    pub fn read(&self) -> Result<Accounts, AccountsError> {
        let path = self.path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Accounts::default()),
            Err(source) => return Err(AccountsError::Io { what: "read", path, source }),
        };
        if fs::metadata(&path).is_ok_and(|found| found.mode() & 0o077 != 0) {
            return Err(AccountsError::Open(path));
        }
        toml::from_str(&text).map_err(|error| AccountsError::Unreadable { path, reason: error.message().to_owned() })
    }

    /// Changes them, one command at a time.
    ///
    /// # Errors
    /// As [`Self::read`], as `change`, or when it cannot be written.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Accounts) -> Result<T, AccountsError>,
    ) -> Result<T, AccountsError> {
        let failed = |what, path: PathBuf| move |source| AccountsError::Io { what, path, source };
        let builder = &mut fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.folder).map_err(failed("make", self.folder.clone()))?;
        let lock = self.folder.join("lock");
        let held = private(&lock).and_then(|file| file.lock().map(|()| file)).map_err(failed("lock", lock))?;
        let mut accounts = self.read()?;
        let done = change(&mut accounts)?;
        write_whole(&self.path(), &format!("{HEADER}{}", text(&accounts, &self.path())?))
            .map_err(failed("write", self.path()))?;
        drop(held);
        Ok(done)
    }
}

fn text(accounts: &Accounts, path: &Path) -> Result<String, AccountsError> {
    toml::to_string(accounts)
        .map_err(|error| AccountsError::Unreadable { path: path.to_owned(), reason: error.to_string() })
}

fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// All of it or nothing, whatever happens meanwhile; only its owner may read it, who is that of what it replaces.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    // Root runs the commands of a service that has a user of its own, whose folder this is.
    if let Ok(owner) = fs::metadata(folder) {
        let _ = std::os::unix::fs::chown(file.path(), Some(owner.uid()), Some(owner.gid()));
    }
    file.persist(path)?;
    Ok(())
}
