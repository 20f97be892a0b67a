//! Reads files that the settings name, such as keys and tokens.
//!
//! They are read again while the server runs, so reading must neither wait (a FIFO without a writer)
//! nor fill the memory (a device).

use rustix::fs::OFlags;
use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// Maximum length in bytes. Known hosts of a large company have a few hundred kB.
const MAX_BYTES: u64 = 4 << 20;

/// Reads a regular file.
///
/// # Errors
/// If the system reports one, or if it is not a regular file or too long.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_open(&OpenOptions::new().read(true).custom_flags(no_wait()).open(path)?)
}

/// Reads a regular file of UTF-8 text.
///
/// # Errors
/// Those of [`read`], and if it is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    text(read(path)?)
}

/// Converts what was read to text.
///
/// # Errors
/// If it is not UTF-8.
pub fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Reads an open file, which was opened with [`no_wait`].
///
/// # Errors
/// If the system reports one, or if it is not a regular file or too long.
pub fn read_open(file: &File) -> io::Result<Vec<u8>> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(ErrorKind::InvalidData, "it has more than 4 MiB"));
    }
    Ok(bytes)
}

/// Flag of `open` with which a FIFO does not wait for a writer.
pub fn no_wait() -> i32 {
    OFlags::NONBLOCK.bits().cast_signed()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]
    use super::*;
    use std::fs;

    #[test]
    fn only_short_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "token").unwrap();
        assert_eq!(read_to_string(&path).unwrap(), "token");
        fs::write(&path, vec![b'a'; MAX_BYTES as usize]).unwrap();
        assert_eq!(read(&path).unwrap().len() as u64, MAX_BYTES);
        fs::write(&path, vec![b'a'; MAX_BYTES as usize + 1]).unwrap();
        assert_eq!(read(&path).unwrap_err().to_string(), "it has more than 4 MiB");
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_to_string(&path).unwrap_err().to_string(), "it is not UTF-8 text");
        for path in [Path::new("/dev/zero"), folder.path()] {
            assert_eq!(read(path).unwrap_err().to_string(), "it is not a regular file");
        }
        assert_eq!(read(&folder.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_fifo_without_a_writer_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(read(&path).unwrap_err().to_string(), "it is not a regular file");
    }
}
