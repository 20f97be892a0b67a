//! File of the audit log: one JSON object per line, limited in size, readable by its owner only.
//!
//! In: lines. Out: `audit.jsonl` in the data folder, and `audit.jsonl.1` to `.4` after rotation. A
//! file that was moved away, as logrotate does, is created again.

use super::Entry;
use crate::auth::{Access, open_private};
use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    str::FromStr,
};

/// Limit for one file: some 12,000 entries.
const MAX_BYTES: u64 = 4 << 20;
/// Maximum number of rotated files.
const MAX_ROTATED: u32 = 4;
/// Maximum length of a line in bytes; longer lines are not from this program.
const MAX_LINE_BYTES: u64 = 64 << 10;
/// File name in the data folder.
const NAME: &str = "audit.jsonl";

/// `--audit-log`, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditLog {
    /// No file.
    Off,
    /// This file.
    File(PathBuf),
}

impl AuditLog {
    /// Path of the file for an optional setting.
    pub fn path(setting: Option<&Self>, data_folder: &Path) -> Option<PathBuf> {
        match setting {
            None => Some(data_folder.join(NAME)),
            Some(Self::Off) => None,
            Some(Self::File(path)) => Some(path.clone()),
        }
    }
}

impl FromStr for AuditLog {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "" => Err("expected a file, or off"),
            "off" | "false" | "no" => Ok(Self::Off),
            path if path.ends_with('/') => Err("expected a file, not a folder"),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }
}

/// A file to append to.
#[derive(Debug)]
pub(super) struct AuditFile {
    path: PathBuf,
    max_bytes: u64,
    open: Option<File>,
    is_failing: bool,
}

impl AuditFile {
    /// An audit file at this path. It is opened when the first line is written.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, max_bytes: MAX_BYTES, open: None, is_failing: false }
    }

    /// The file for failed sign-ins: `audit-sign-ins.jsonl` beside `audit.jsonl`.
    pub(super) fn beside(path: &Path) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let extension = path.extension().map(|text| format!(".{}", text.to_string_lossy())).unwrap_or_default();
        Self::new(path.with_file_name(format!("{stem}-sign-ins{extension}")))
    }

    /// The entries of the file and of the newest rotated one, oldest first. Unreadable lines are
    /// skipped.
    pub(super) fn read(&self, mut take: impl FnMut(Entry)) {
        for path in [rotated(&self.path, 1), self.path.clone()] {
            let Ok(file) = File::open(&path) else { continue };
            let mut lines = BufReader::new(file);
            let mut line = Vec::new();
            while lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                if let Ok(entry) = serde_json::from_slice(&line) {
                    take(entry);
                }
                line.clear();
            }
        }
    }

    /// Appends lines. An error is logged once, and the next lines are tried again.
    pub(super) fn append(&mut self, lines: &str) {
        if lines.is_empty() {
            return;
        }
        let (path, written) = (self.path.display().to_string(), self.try_append(lines));
        match written {
            Ok(()) if std::mem::take(&mut self.is_failing) => {
                tracing::warn!(path, "the audit log can be written again");
            }
            Ok(()) => {}
            Err(error) => {
                self.open = None;
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::error!(%error, path, "the audit log cannot be written: its entries are in this log and in memory only; set another file with --audit-log");
                }
            }
        }
    }

    fn try_append(&mut self, lines: &str) -> io::Result<()> {
        let max_bytes = self.max_bytes;
        let mut file = self.file()?;
        if file.metadata()?.len() + lines.len() as u64 > max_bytes {
            self.rotate()?;
            file = self.file()?;
        }
        file.write_all(lines.as_bytes())
    }

    /// The open file, reopened if it was moved.
    fn file(&mut self) -> io::Result<&File> {
        let named = fs::metadata(&self.path).ok().map(|found| (found.dev(), found.ino()));
        let held = self.open.as_ref().and_then(|file| file.metadata().ok()).map(|found| (found.dev(), found.ino()));
        if held.is_none() || held != named {
            if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            self.open = Some(open_private(&self.path, Access::Append)?);
        }
        self.open.as_ref().ok_or_else(|| io::Error::other("it was opened"))
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.open = None;
        for number in (1..MAX_ROTATED).rev() {
            let (from, to) = (rotated(&self.path, number), rotated(&self.path, number + 1));
            if fs::exists(&from)? {
                fs::rename(from, to)?;
            }
        }
        fs::rename(&self.path, rotated(&self.path, 1))
    }
}

fn rotated(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
    use super::*;
    use std::{net::Ipv4Addr, os::unix::fs::PermissionsExt as _};

    fn line(who: &str) -> String {
        let entry = Entry::new("stop", who, "session", Ipv4Addr::LOCALHOST.into());
        format!("{}\n", serde_json::to_string(&entry).unwrap())
    }

    fn names(file: &AuditFile) -> Vec<String> {
        let mut names = Vec::new();
        file.read(|entry| names.push(entry.who));
        names
    }

    #[test]
    fn the_file_is_private_bounded_and_continued() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/audit.jsonl");
        let mut file = AuditFile { max_bytes: 1_000, ..AuditFile::new(path.clone()) };
        for place in 0..100 {
            file.append(&line(&place.to_string()));
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let kept: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|each| each.unwrap().path()).collect();
        assert_eq!(kept.len(), 1 + MAX_ROTATED as usize);
        assert!(kept.iter().all(|path| fs::metadata(path).unwrap().len() <= 1_000));
        let read = names(&AuditFile::new(path));
        assert_eq!(read.last().map(String::as_str), Some("99"));
        assert!(read.len() > 5 && read.is_sorted_by_key(|name| name.parse::<u32>().unwrap()));
    }

    #[test]
    fn a_moved_file_is_created_again_and_invalid_lines_are_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut file = AuditFile::new(path.clone());
        file.append(&line("ada"));
        fs::rename(&path, folder.path().join("moved")).unwrap();
        file.append(&line("bob"));
        fs::write(folder.path().join("garbage"), "").unwrap();
        file.append("no JSON\n{}\n\n");
        file.append(&line("eve"));
        assert_eq!(names(&file), ["bob", "eve"]);
    }

    #[test]
    fn an_unwritable_file_does_not_fail_requests() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("in the way"), "").unwrap();
        let mut file = AuditFile::new(folder.path().join("in the way/audit.jsonl"));
        file.append(&line("ada"));
        assert!(file.is_failing && names(&file).is_empty());
        fs::remove_file(folder.path().join("in the way")).unwrap();
        file.append(&line("bob"));
        assert!(!file.is_failing && names(&file) == ["bob"]);
    }

    #[test]
    fn failed_sign_ins_have_a_separate_file() {
        for (path, beside) in [("/d/audit.jsonl", "/d/audit-sign-ins.jsonl"), ("log", "log-sign-ins")] {
            assert_eq!(AuditFile::beside(Path::new(path)).path, Path::new(beside));
        }
    }

    #[test]
    fn the_setting_is_a_file_or_off() {
        let data = Path::new("/data");
        let path = |text: &str| AuditLog::path(Some(&text.parse().unwrap()), data);
        assert_eq!(AuditLog::path(None, data), Some("/data/audit.jsonl".into()));
        assert_eq!((path("off"), path("/log/a.jsonl")), (None, Some("/log/a.jsonl".into())));
        assert!("".parse::<AuditLog>().is_err() && "/log/".parse::<AuditLog>().is_err());
    }
}
