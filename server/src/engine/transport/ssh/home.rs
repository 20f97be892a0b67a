//! The home folder and the name of the user of this process.

use std::path::{Path, PathBuf};

/// The user's home folder. When `doctor` runs as root, it switches to the service's user but keeps
/// root's `HOME`.
pub(super) fn folder() -> Option<PathBuf> {
    let of_variable = std::env::var_os("HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    match of_variable {
        Some(folder) if is_own(&folder) => Some(folder),
        other => of_database().or(other),
    }
}

/// Name of the user.
pub(super) fn user() -> Option<String> {
    let of_variable =
        || ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    name_in_database().or_else(of_variable)
}

/// Replaces `~` at the start of a path.
pub(super) fn expand(path: &str) -> PathBuf {
    match path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        Some(rest) => folder().unwrap_or_default().join(rest.trim_start_matches('/')),
        None => PathBuf::from(path),
    }
}

fn is_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    std::fs::metadata(folder).is_ok_and(|folder| folder.uid() == own)
}

#[cfg(target_os = "linux")]
fn entry() -> Option<nix::unistd::User> {
    nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten()
}

#[cfg(target_os = "linux")]
fn of_database() -> Option<PathBuf> {
    entry().map(|user| user.dir)
}

#[cfg(target_os = "linux")]
fn name_in_database() -> Option<String> {
    entry().map(|user| user.name)
}

#[cfg(not(target_os = "linux"))]
fn of_database() -> Option<PathBuf> {
    None
}

#[cfg(not(target_os = "linux"))]
fn name_in_database() -> Option<String> {
    None
}
