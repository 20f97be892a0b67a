//! An image without a registry: busybox and its applets as a tar, imported over the API.

use std::path::Path;

use super::{RealEngineError, http};

/// Commands that tests run.
const APPLETS: [&str; 12] = ["sh", "sleep", "echo", "cat", "top", "tail", "head", "true", "false", "yes", "ls", "ps"];
/// Paths of a static busybox in Linux distributions.
const BUSYBOX_PATHS: [&str; 3] = ["/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox"];
/// Size of a tar block.
const BLOCK_BYTES: usize = 512;

/// Imports the image `tag` into the engine at `url`.
pub(super) fn import(url: &str, tag: &str) -> Result<(), RealEngineError> {
    let path = BUSYBOX_PATHS.into_iter().find(|path| Path::new(path).is_file());
    let path = path.ok_or(RealEngineError::Missing("busybox-static is not installed, which the test image needs"))?;
    let busybox = std::fs::read(path).map_err(|source| RealEngineError::Io("read busybox", source))?;
    let (repository, tag) = tag.split_once(':').unwrap_or((tag, "latest"));
    let query = format!("/images/create?fromSrc=-&repo={repository}&tag={tag}");
    let response = http::post_tar(url, &query, &tar(&busybox))?;
    // An import that fails after the first byte reports it in the body of a 200.
    if response.status != 200 || response.body.contains("\"error\"") {
        return Err(RealEngineError::Import(format!("{}: {}", response.status, response.body.trim())));
    }
    Ok(())
}

fn tar(busybox: &[u8]) -> Vec<u8> {
    let mut tar = Vec::with_capacity(busybox.len() + 64 * BLOCK_BYTES);
    for folder in ["bin/", "tmp/", "proc/", "etc/"] {
        tar.extend(header(folder, b'5', 0o755, 0, ""));
    }
    tar.extend(header("bin/busybox", b'0', 0o755, busybox.len(), ""));
    tar.extend(busybox);
    tar.resize(tar.len().next_multiple_of(BLOCK_BYTES), 0);
    for applet in APPLETS {
        tar.extend(header(&format!("bin/{applet}"), b'2', 0o777, 0, "busybox"));
    }
    // Two empty blocks end a tar.
    tar.resize(tar.len() + 2 * BLOCK_BYTES, 0);
    tar
}

/// One ustar header; numbers are octal text.
fn header(name: &str, kind: u8, mode: u32, size: usize, link: &str) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, &format!("{mode:07o}"));
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, "00000000000");
    put(157, link);
    put(257, "ustar");
    put(263, "00");
    block[156] = kind;
    // The checksum counts its own eight bytes as spaces.
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}
