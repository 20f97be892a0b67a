//! One file that the kernel writes anew at each reading.

use std::{fs::File, io, os::unix::fs::FileExt as _, path::PathBuf};

/// A file to read again and again.
#[derive(Debug)]
pub(super) enum Gauge {
    /// Open: a reading is one system call as a rule, and a quarter of the cost.
    Kept(File),
    /// Opened at each reading, because there are too many to keep.
    Reopened(PathBuf),
}

/// The kernel hands such files out by whole lines, as many as fit into a page: what is shorter than half of one was all there
/// is, and the second system call, which would say so, can be spared.
const SURELY_ALL: usize = 2 << 10;

/// Where a reading is put; it grows to the longest file and stays.
#[derive(Debug)]
pub(super) struct Buffer(Vec<u8>);

impl Default for Buffer {
    /// Longer than the files of a container with a handful of devices and interfaces.
    fn default() -> Self {
        Self(vec![0; 8 << 10])
    }
}

impl Gauge {
    /// Opens it, so that what cannot be read is known at once.
    pub(super) fn open(path: PathBuf, keep: bool) -> io::Result<Self> {
        let file = File::open(&path)?;
        Ok(if keep { Self::Kept(file) } else { Self::Reopened(path) })
    }

    /// As [`Self::open`]; `None` when there is no such file.
    pub(super) fn open_if_there(path: PathBuf, keep: bool) -> io::Result<Option<Self>> {
        match Self::open(path, keep) {
            Ok(gauge) => Ok(Some(gauge)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What it says now.
    pub(super) fn read<'a>(&self, buffer: &'a mut Buffer) -> io::Result<&'a str> {
        match self {
            Self::Kept(file) => buffer.fill(file),
            Self::Reopened(path) => buffer.fill(&File::open(path)?),
        }
    }
}

impl Buffer {
    /// From the beginning, which is what makes the kernel count anew, to the end.
    fn fill(&mut self, file: &File) -> io::Result<&str> {
        let mut filled = 0;
        loop {
            if filled == self.0.len() {
                self.0.resize(2 * filled, 0);
            }
            match file.read_at(&mut self.0[filled..], filled as u64) {
                Ok(0) => break,
                Ok(count) => {
                    filled += count;
                    if filled < SURELY_ALL {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        str::from_utf8(&self.0[..filled]).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}
