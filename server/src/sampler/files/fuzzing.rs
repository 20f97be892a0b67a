//! Fuzz target: arbitrary bytes as kernel files.

use super::{membership::Membership, mounts::Mounts, text};

const ID: &str = "abababababababababababababababababababababababababababababababab";

pub(crate) fn kernel_file(bytes: &[u8]) {
    // Files that are not UTF-8 are rejected before parsing.
    let Ok(file) = str::from_utf8(bytes) else { return };
    let _ = (text::number(file), text::value(file, "inactive_file"), text::value(file, "usage_usec"));
    let _ = (text::blkio(file), text::io_stat(file), text::net_dev(file), text::open_files(file));
    if let Some(membership) = Membership::of(file, ID) {
        let paths = [membership.v1("memory"), membership.v1("cpu"), membership.v2()];
        assert!(paths.into_iter().flatten().all(|path| path.contains(ID)), "another container's group");
        let _ = membership.is_podman();
    }
    let _ = Mounts::read(file);
}
