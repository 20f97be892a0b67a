//! Identifiers: 64 hex digits, from the seed and a counter, so equal seeds give equal ids.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A container's full id: 64 hexadecimal digits. Clones share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ContainerId(Arc<str>);

impl ContainerId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, as in the CLI.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Generates ids; the n-th id depends on the seed and n only.
#[derive(Clone, Debug)]
pub struct Idents {
    seed: u64,
    handed_out: u64,
}

impl Idents {
    /// Starts a sequence of ids.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, handed_out: 0 }
    }

    /// The next container id.
    pub fn next_container(&mut self) -> ContainerId {
        ContainerId(self.next_hex("container").into())
    }

    /// 64 hexadecimal digits for other objects (exec, sandbox, endpoint).
    pub fn next_hex(&mut self, kind: &str) -> String {
        self.handed_out += 1;
        digest(&format!("{kind}:{}:{}", self.seed, self.handed_out))
    }
}

/// 64 hexadecimal digits that depend only on `text`: image digests, network ids.
#[must_use]
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A small number that depends only on `text`, for variation without randomness.
#[must_use]
pub fn hash_number(text: &str) -> u64 {
    // FNV-1a is stable across platforms and releases, unlike the standard library's hasher.
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
