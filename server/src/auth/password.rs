//! Passwords: argon2id with the parameters of OWASP (19 MiB, two passes, one lane), which are the
//! library's defaults.

use argon2::{
    Argon2, Block, Params, PasswordHasher as _,
    password_hash::phc::{Output, PasswordHash},
};
use std::fmt;

/// Minimum length of a password in characters; shorter ones can be guessed.
const MIN_LENGTH: usize = 10;
/// Maximum length of a password, which limits the cost of hashing.
const MAX_LENGTH: usize = 512;
/// Hash of random bytes, checked for unknown names, so that they take as long as known ones.
const UNKNOWN_NAME_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$4mOUA5NqnD8Ddi8fTvWcUA$J1Ti0iOMWT1/z2Zvbn1BVYeSdSTpcEnG8kIgn3Vm8Fg";

/// Blocks of 1 KiB to reserve for a password check, of which 19 MiB are used. glibc returns freed
/// memory to the system for certain only above 32 MiB; below, it may keep that of each check.
const RESERVED_BLOCKS: usize = 33 << 10;

/// Memory of a password check, reused by the next.
pub(super) type Memory = Vec<Block>;

/// A password as typed; never stored or printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Wraps a password.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Hash of a new password.
    ///
    /// # Errors
    /// When it is too short or too long, as a sentence.
    pub fn hash(&self) -> Result<String, String> {
        let length = self.0.chars().count();
        if length < MIN_LENGTH || self.0.len() > MAX_LENGTH {
            return Err(format!("a password must have {MIN_LENGTH} to {MAX_LENGTH} characters; this one has {length}"));
        }
        let hash = Argon2::default().hash_password(self.0.as_bytes()).map_err(|error| error.to_string())?;
        Ok(hash.to_string())
    }

    /// True if `hash` is the hash of this password. Without a hash, takes as long as with one.
    pub fn matches(&self, hash: Option<&str>) -> bool {
        self.matches_with(hash, &mut Memory::new())
    }

    /// As [`Self::matches`], with reused memory.
    pub(super) fn matches_with(&self, hash: Option<&str>, memory: &mut Memory) -> bool {
        let against = hash.unwrap_or(UNKNOWN_NAME_HASH);
        let right = self.0.len() <= MAX_LENGTH && verify(self.0.as_bytes(), against, memory).is_some_and(|same| same);
        right && hash.is_some()
    }
}

/// Compares a password with a hash; `None` if the hash cannot be read.
fn verify(password: &[u8], hash: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let (salt, expected) = (hash.salt?, hash.hash?);
    let params = Params::try_from(&hash).ok()?;
    let algorithm = hash.algorithm.as_str().try_into().ok()?;
    let version = hash.version.map(TryInto::try_into).transpose().ok()?.unwrap_or_default();
    let blocks = params.block_count();
    memory.reserve_exact(RESERVED_BLOCKS.saturating_sub(memory.len()));
    memory.resize(blocks.max(memory.len()), Block::default());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..expected.as_bytes().len())?;
    let memory = memory.get_mut(..blocks)?;
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, &salt, output, memory).ok()?;
    // Compares in constant time.
    Some(Output::new(output).ok()? == expected)
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot hash has failed")]
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn only_the_right_password_matches() {
        let hash = password("correct horse").hash().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, password("correct horse").hash().unwrap());
        assert!(password("correct horse").matches(Some(&hash)));
        for wrong in ["correct horsf", "", "correct horse "] {
            assert!(!password(wrong).matches(Some(&hash)), "{wrong}");
        }
        assert!(!password("nobody has this one").matches(None));
        let other_cost = "$argon2id$v=19$m=64,t=3,p=2$c29tZXNhbHQ$kSfpLI4Mq+RxHJr+uINm/g";
        assert!(!password("correct horse").matches(Some(other_cost)));
        assert!(!password("x").matches(Some("garbage")));
    }

    #[test]
    fn a_check_with_reused_memory_gives_the_same_result() {
        let hash = password("correct horse").hash().unwrap();
        let mut memory = Memory::new();
        for _ in 0..2 {
            assert!(password("correct horse").matches_with(Some(&hash), &mut memory));
            assert!(!password("correct horsf").matches_with(Some(&hash), &mut memory));
            assert!(!password("correct horse").matches_with(None, &mut memory));
        }
        assert_eq!(memory.len(), 19_456);
        assert!(memory.capacity() > 32 << 10, "glibc returns it");
        // The hash for unknown names takes as long as any other.
        assert!(UNKNOWN_NAME_HASH.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(b"x", UNKNOWN_NAME_HASH, &mut memory).is_some());
    }

    #[test]
    fn too_short_and_too_long_passwords_are_refused() {
        assert!(password("short").hash().unwrap_err().contains("10 to 512"));
        assert!(password(&"x".repeat(513)).hash().is_err());
        assert!(!format!("{:?}", password("secret")).contains("secret"));
    }
}
