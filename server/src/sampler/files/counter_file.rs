//! A kernel file that is generated at each read.

use std::{fs::File, io, os::unix::fs::FileExt as _, path::PathBuf};

/// A kernel file that is read repeatedly.
#[derive(Debug)]
pub(super) enum CounterFile {
    /// Kept open. A read is usually one system call, at a quarter of the cost of opening the file.
    Kept(File),
    /// Opened for each read, because there are too many files.
    Reopened(PathBuf),
}

/// Length in bytes below which a read has reached the end: the kernel returns as many whole lines
/// as fit into a page. This saves the second system call.
const SHORT_READ_LIMIT: usize = 2 << 10;

/// Read buffer, which grows to the longest file.
#[derive(Debug)]
pub(super) struct Buffer(Vec<u8>);

impl Default for Buffer {
    /// A buffer that is large enough for a container with a few devices and interfaces.
    fn default() -> Self {
        Self(vec![0; 8 << 10])
    }
}

impl CounterFile {
    /// Opens the file, so that errors are known immediately.
    pub(super) fn open(path: PathBuf, keep: bool) -> io::Result<Self> {
        let file = File::open(&path)?;
        Ok(if keep { Self::Kept(file) } else { Self::Reopened(path) })
    }

    /// Like [`Self::open`]; `None` if the file does not exist.
    pub(super) fn open_if_there(path: PathBuf, keep: bool) -> io::Result<Option<Self>> {
        match Self::open(path, keep) {
            Ok(counter_file) => Ok(Some(counter_file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the current content.
    pub(super) fn read<'a>(&self, buffer: &'a mut Buffer) -> io::Result<&'a str> {
        match self {
            Self::Kept(file) => buffer.fill(file),
            Self::Reopened(path) => buffer.fill(&File::open(path)?),
        }
    }
}

impl Buffer {
    /// Reads from the start, which makes the kernel generate new values, to the end of the file.
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
                    if filled < SHORT_READ_LIMIT {
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
