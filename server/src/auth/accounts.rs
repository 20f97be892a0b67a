//! Users and tokens, in one file that only its owner may read: `users.toml` in the data folder.
//!
//! Commands replace the whole file by a rename; a running server applies each change within a
//! second.

use super::{
    Digest, Role, Scope, Selector,
    private_file::{Access, has_wrong_owner, make_folder, open_private, owner_name, read_private, write_whole},
};
use crate::process::file_version::FileVersion;
use app::model::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

const NAME: &str = "users.toml";
const HEADER: &str = "# Written by quaylight user and quaylight token; a running server follows each change.\n\n";
/// Limit for names.
const MAX_NAME_LEN: usize = 64;

/// A user with a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Name of the user.
    pub name: String,
    /// Role of the user.
    pub role: Role,
    /// Labels of the containers the user may see; all containers, if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Selector>,
    /// Password hash: Argon2id, as a PHC string.
    pub password: String,
    /// Number of times that all sessions of the user were ended.
    #[serde(default)]
    pub sign_outs: u64,
}

/// A token for a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Name of the token.
    pub name: String,
    /// Role of the token.
    pub role: Role,
    /// Labels of the containers the token may see; all containers, if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Selector>,
    /// Digest of the token itself.
    pub digest: Digest,
    /// Expiry in milliseconds since 1970; without one, it is valid until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_millis: Option<u64>,
}

impl Token {
    /// True if the token has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at_millis.is_some_and(|end| end <= now.as_millis())
    }
}

impl Account {
    /// Containers the user may see.
    pub fn scope(&self) -> Scope {
        Scope::new(self.labels.clone())
    }
}

impl Token {
    /// Containers the token may see.
    pub fn scope(&self) -> Scope {
        Scope::new(self.labels.clone())
    }
}

/// All users and tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    #[serde(default, rename = "user", skip_serializing_if = "Vec::is_empty")]
    users: Vec<Account>,
    #[serde(default, rename = "token", skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<Token>,
}

impl Accounts {
    /// True if there are no users and no tokens.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.tokens.is_empty()
    }

    /// All users, in the order in which they were added.
    pub fn users(&self) -> &[Account] {
        &self.users
    }

    /// All tokens.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// User by name.
    pub fn user(&self, name: &str) -> Option<&Account> {
        self.users.iter().find(|account| account.name == name)
    }

    /// The valid token with this digest. Compares all tokens, so that the duration reveals nothing.
    pub fn token(&self, digest: &Digest, now: Timestamp) -> Option<&Token> {
        let holds = |token: &&Token| !token.is_over(now);
        let mut found = None;
        for token in &self.tokens {
            if token.digest.is(digest) {
                found = Some(token);
            }
        }
        found.filter(holds)
    }

    /// Adds a user.
    ///
    /// # Errors
    /// When the name is taken or invalid.
    pub fn add_user(&mut self, account: Account) -> Result<(), AccountsError> {
        check_name(&account.name)?;
        if self.user(&account.name).is_some() {
            return Err(AccountsError::Taken(account.name));
        }
        self.users.push(account);
        Ok(())
    }

    /// Changes a user.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn change_user<T>(&mut self, name: &str, change: impl FnOnce(&mut Account) -> T) -> Result<T, AccountsError> {
        let account = self.users.iter_mut().find(|account| account.name == name);
        account.map(change).ok_or_else(|| AccountsError::Unknown(name.to_owned()))
    }

    /// Removes a user.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn remove_user(&mut self, name: &str) -> Result<(), AccountsError> {
        let before = self.users.len();
        self.users.retain(|account| account.name != name);
        if self.users.len() < before { Ok(()) } else { Err(AccountsError::Unknown(name.to_owned())) }
    }

    /// Changes a token.
    ///
    /// # Errors
    /// When there is no such token.
    pub fn change_token<T>(&mut self, name: &str, change: impl FnOnce(&mut Token) -> T) -> Result<T, AccountsError> {
        let token = self.tokens.iter_mut().find(|token| token.name == name);
        token.map(change).ok_or_else(|| AccountsError::UnknownToken(name.to_owned()))
    }

    /// Adds a token.
    ///
    /// # Errors
    /// When the name is taken or invalid.
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
    /// When there is no such token.
    pub fn remove_token(&mut self, name: &str) -> Result<(), AccountsError> {
        let before = self.tokens.len();
        self.tokens.retain(|token| token.name != name);
        if self.tokens.len() < before { Ok(()) } else { Err(AccountsError::UnknownToken(name.to_owned())) }
    }
}

fn check_name(name: &str) -> Result<(), AccountsError> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '@');
    let is_name = !name.is_empty() && name.len() <= MAX_NAME_LEN && name.chars().all(plain);
    if is_name { Ok(()) } else { Err(AccountsError::InvalidName(name.to_owned())) }
}

/// Error while reading or changing accounts.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// An error of the system.
    #[error("cannot {what} {path}: {reason}{advice}", path = path.display())]
    Io {
        /// The operation that failed, for the message.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error. It is part of the message, so it is not the source of this error.
        reason: io::Error,
        /// Advice, after a semicolon; or empty.
        advice: String,
    },
    /// The owner may be another user, who could have written the file.
    #[error("{path} belongs to user {owner}, who could give anyone access; if its content is right, run: chown {own} {path}", path = path.display())]
    WrongOwner {
        /// The file.
        path: PathBuf,
        /// User id of the file's owner.
        owner: u32,
        /// The user of this process.
        own: u32,
    },
    /// Other users may read or write the file.
    #[error("{path} can be read by others; run: chmod 600 {path}", path = .0.display())]
    Open(PathBuf),
    /// The content is invalid.
    #[error("{path} cannot be read: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The parse error.
        reason: String,
    },
    /// The name is in use.
    #[error("the name {0} is already in use")]
    Taken(String),
    /// There is no such user.
    #[error("there is no user {0}; to list users: quaylight user list")]
    Unknown(String),
    /// There is no such token.
    #[error("there is no token {0}; to list tokens: quaylight token list")]
    UnknownToken(String),
    /// There is no such server.
    #[error("no server has joined or was invited as {0}; to list them: quaylight engine list")]
    UnknownHost(String),
    /// The name is invalid.
    #[error("{0:?} is not a valid name: a name consists of 1 to 64 letters, digits and . _ - @")]
    InvalidName(String),
}

impl AccountsError {
    /// Converts an error of the system; if permissions are missing, names the user who has them.
    pub(super) fn system(what: &'static str, path: PathBuf, reason: io::Error) -> Self {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let owner = |path: &Path| fs::metadata(path).map(|found| found.uid()).ok();
        let is_others = owner(&path).is_some_and(|file| owner(folder).is_some_and(|folder| folder != file));
        let advice = match reason.kind() {
            ErrorKind::PermissionDenied => match owner_name(folder) {
                // Root may have changed it by hand.
                Some(owner) if is_others => {
                    format!("; it should belong to the owner of its folder: chown '{owner}' {}", path.display())
                }
                Some(owner) => format!("; run this as root, or as the user who owns that folder: sudo -u '{owner}' …"),
                None => "; run this as root, or as the service's user".to_owned(),
            },
            _ => String::new(),
        };
        Self::Io { what, path, reason, advice }
    }
}

/// Runs `change` while no other command changes anything in this folder. Creates the folder.
///
/// # Errors
/// As `change`, or when the folder cannot be locked.
pub(super) fn with_lock<T>(
    folder: &Path,
    change: impl FnOnce() -> Result<T, AccountsError>,
) -> Result<T, AccountsError> {
    let failed = |what, path: PathBuf| move |reason| AccountsError::system(what, path, reason);
    make_folder(folder).map_err(failed("create", folder.to_owned()))?;
    let path = folder.join("lock");
    let lock = open_private(&path, Access::Write).and_then(|file| file.lock().map(|()| file));
    let lock = lock.map_err(failed("lock", path))?;
    let done = change();
    drop(lock);
    done
}

/// The accounts file.
#[derive(Debug, Clone)]
pub struct AccountsFile {
    folder: PathBuf,
}

impl AccountsFile {
    /// The file in this folder, which need not exist yet.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Path of the file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// Version of the file; `None` if there is no file.
    pub(super) fn version(&self) -> Option<FileVersion> {
        FileVersion::of(&self.path())
    }

    /// All accounts; none if there is no file.
    ///
    /// # Errors
    /// When it exists and cannot be read, or others can read it.
    pub fn read(&self) -> Result<Accounts, AccountsError> {
        read_toml(self.path())
    }

    /// Changes the accounts; one command at a time.
    ///
    /// # Errors
    /// As [`Self::read`], as `change`, or when it cannot be written.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Accounts) -> Result<T, AccountsError>,
    ) -> Result<T, AccountsError> {
        with_lock(&self.folder, || {
            let mut accounts = self.read()?;
            let done = change(&mut accounts)?;
            write_toml(self.path(), HEADER, &accounts)?;
            Ok(done)
        })
    }
}

/// Reads a private file in TOML; without a file, the default.
///
/// # Errors
/// When it exists and cannot be read, or others can read it.
pub(super) fn read_toml<T: DeserializeOwned + Default>(path: PathBuf) -> Result<T, AccountsError> {
    let (text, found) = match read_private(&path) {
        Ok(read) => read,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(T::default()),
        Err(reason) => return Err(AccountsError::system("read", path, reason)),
    };
    if found.mode() & 0o077 != 0 {
        return Err(AccountsError::Open(path));
    }
    if has_wrong_owner(&path, &found) {
        let own = rustix::process::geteuid().as_raw();
        return Err(AccountsError::WrongOwner { path, owner: found.uid(), own });
    }
    toml::from_str(&text).map_err(|error| AccountsError::Unreadable { path, reason: error.message().to_owned() })
}

/// Replaces a private file by a value in TOML, below a comment.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write_toml<T: Serialize>(path: PathBuf, header: &str, value: &T) -> Result<(), AccountsError> {
    let text = match toml::to_string(value) {
        Ok(text) => text,
        Err(error) => return Err(AccountsError::Unreadable { path, reason: error.to_string() }),
    };
    let written = write_whole(&path, &format!("{header}{text}"));
    written.map_err(|reason| AccountsError::system("write", path, reason))
}
