//! Files that belong to the owner of their folder and that only the owner can read.
//!
//! Root runs `quaylight user` in a folder that belongs to the service's user, who may change the
//! folder at any moment. So files are opened without following links, and checked and given away by
//! their descriptor, never by path.

use crate::process::small_file;
use rustix::{fs::OFlags, process::geteuid};
use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, fchown},
    path::Path,
};

/// Owner of files from outside a user namespace and of some network file systems, as this process
/// sees it.
const OVERFLOW_USER: u32 = 65_534;

/// Mode in which a private file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// For locking, or writing from the start.
    Write,
    /// For appending.
    Append,
}

/// Opens a file that only the folder's owner may read; creates it if missing.
///
/// # Errors
/// If the system reports one, or if the file is a link, is not a regular file, or has other hard
/// links.
pub(crate) fn open_private(path: &Path, access: Access) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(access == Access::Write).append(access == Access::Append).create(true).truncate(false).mode(0o600);
    let file = options.custom_flags(no_follow()).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.nlink() != 1 {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file with one link"));
    }
    give_to_owner_of(folder_of(path), &file, &found)?;
    Ok(file)
}

/// Reads a private file. Follows links only in the user's own folders.
///
/// # Errors
/// If the system reports one, or if it is not a regular file, too long or not UTF-8.
pub(crate) fn read_private(path: &Path) -> io::Result<(String, Metadata)> {
    let is_own_folder = fs::metadata(folder_of(path)).is_ok_and(|folder| folder.uid() == geteuid().as_raw());
    let mut options = OpenOptions::new();
    let flags = if is_own_folder { 0 } else { no_follow() };
    let file = options.read(true).custom_flags(flags | small_file::no_wait()).open(path)?;
    let found = file.metadata()?;
    Ok((small_file::text(small_file::read_open(&file)?)?, found))
}

/// Replaces a file atomically. Only the folder's owner may read it.
///
/// # Errors
/// If the system reports one.
pub(crate) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder_of(path);
    // Created with a random name and mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    let found = file.as_file().metadata()?;
    give_to_owner_of(folder, file.as_file(), &found)?;
    file.persist(path)?;
    Ok(())
}

/// Creates a folder that only its owner may enter.
///
/// # Errors
/// If the system reports one.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Gives a file to the folder's owner, which only root can do.
fn give_to_owner_of(folder: &Path, file: &File, found: &Metadata) -> io::Result<()> {
    let owner = fs::metadata(folder)?;
    let is_theirs = (found.uid(), found.gid()) == (owner.uid(), owner.gid());
    if is_theirs || !geteuid().is_root() {
        return Ok(());
    }
    match fchown(file, Some(owner.uid()), Some(owner.gid())) {
        // Root without the capability, as in a container without capabilities.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        done => done,
    }
}

/// True if a private file must not be trusted: it belongs neither to this user nor to root nor, for
/// root, to the folder's owner.
pub(crate) fn has_wrong_owner(path: &Path, found: &Metadata) -> bool {
    let (own, owner) = (geteuid(), found.uid());
    let folder_owner = || fs::metadata(folder_of(path)).map(|folder| folder.uid()).ok();
    let is_known = owner == own.as_raw() || owner == 0 || owner == OVERFLOW_USER;
    let is_of_service = own.is_root() && folder_owner() == Some(owner);
    !is_known && !is_of_service
}

/// A problem with the owner or mode of the data folder, and its solution; `None` if there is none.
pub fn folder_problem(folder: &Path) -> Option<String> {
    let found = fs::metadata(folder).ok()?;
    let (own, shown) = (geteuid(), folder.display());
    let is_known = [own.as_raw(), 0, OVERFLOW_USER].contains(&found.uid());
    if found.mode() & 0o022 != 0 {
        return Some(format!(
            "other users of this machine can write in {shown}, which decides who may sign in; run: chmod go-w {shown}"
        ));
    }
    // Root often inspects a service's folder.
    (!is_known && !own.is_root()).then(|| {
        let owner = owner_name(folder).unwrap_or_else(|| format!("#{}", found.uid()));
        format!(
            "{shown} belongs to {owner}, who decides who may sign in, and this is user {own}; run Quaylight as {owner}, or choose a \
             folder of your own with --data-dir",
            own = own.as_raw()
        )
    })
}

/// Owner of a folder: the name, or the number if it has none.
pub(crate) fn owner_name(folder: &Path) -> Option<String> {
    let owner = fs::metadata(folder).ok()?.uid();
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(owner)).then(|| name.to_owned())
    });
    Some(name.unwrap_or_else(|| format!("#{owner}")))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn no_follow() -> i32 {
    OFlags::NOFOLLOW.bits().cast_signed()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    /// A folder of another user, as root sees the folder of a service; `None` unless this is root.
    fn of_service() -> Option<tempfile::TempDir> {
        let folder = tempfile::tempdir().unwrap();
        chown(folder.path(), Some(4_711), Some(4_712)).ok()?;
        Some(folder)
    }

    #[test]
    fn a_private_file_is_readable_only_by_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("opened"), folder.path().join("written")] {
            if path.ends_with("opened") {
                drop(open_private(&path, Access::Append).unwrap());
            } else {
                write_whole(&path, "x").unwrap();
            }
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        }
    }

    #[test]
    fn files_written_by_root_belong_to_the_folders_owner() {
        let Some(folder) = of_service() else { return };
        let (lock, whole) = (folder.path().join("lock"), folder.path().join("whole"));
        drop(open_private(&lock, Access::Write).unwrap());
        write_whole(&whole, "x").unwrap();
        for path in [lock, whole] {
            let found = fs::metadata(&path).unwrap();
            assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (4_711, 4_712, 0o600), "{path:?}");
        }
    }

    #[test]
    fn root_does_not_follow_links() {
        let Some(folder) = of_service() else { return };
        let victim = tempfile::NamedTempFile::new().unwrap();
        for (name, is_hard) in [("soft", false), ("hard", true)] {
            let path = folder.path().join(name);
            let made = if is_hard { fs::hard_link(victim.path(), &path) } else { symlink(victim.path(), &path) };
            // Hard links do not work between two file systems.
            if made.is_err() {
                continue;
            }
            for access in [Access::Write, Access::Append] {
                assert!(open_private(&path, access).is_err(), "{name}");
            }
            write_whole(&path, "new").unwrap();
            let found = fs::metadata(victim.path()).unwrap();
            assert_eq!((found.uid(), found.len()), (geteuid().as_raw(), 0), "{name}");
        }
        symlink(victim.path(), folder.path().join("read")).unwrap();
        assert!(read_private(&folder.path().join("read")).is_err());
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(folder_problem(folder.path()), None);
        for mode in [0o777, 0o1777, 0o770] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert!(folder_problem(folder.path()).unwrap().contains("chmod go-w"), "{mode:o}");
        }
    }

    #[test]
    fn a_file_of_another_user_has_the_wrong_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.toml");
        write_whole(&path, "").unwrap();
        assert!(!has_wrong_owner(&path, &fs::metadata(&path).unwrap()));
        if chown(&path, Some(4_713), None).is_ok() {
            assert!(has_wrong_owner(&path, &fs::metadata(&path).unwrap()));
            chown(folder.path(), Some(4_713), None).unwrap();
            assert!(!has_wrong_owner(&path, &fs::metadata(&path).unwrap()), "root believes the folder's owner");
        }
    }
}
