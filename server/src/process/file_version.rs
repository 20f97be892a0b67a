//! Detects that a file was written, replaced or given to another user.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

/// Identifies a version of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileVersion {
    inode: u64,
    written: (i64, i64),
    /// Time of the last status change, which permissions and owner change, too.
    changed: (i64, i64),
    size: u64,
}

impl FileVersion {
    /// Version of the file; `None` if there is no file, or it cannot be examined.
    pub fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let written = (found.mtime(), found.mtime_nsec());
        let changed = (found.ctime(), found.ctime_nsec());
        Some(Self { inode: found.ino(), written, changed, size: found.size() })
    }

    /// True if the file has no content.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }
}
