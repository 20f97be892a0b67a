//! Secrets of sessions and tokens, and the digests that are stored.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// 32 random bytes as text, for a session or a token. Shown once; never stored, and not printed by
/// accident.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A new secret. Its `prefix` identifies its kind, for people who find one somewhere.
    ///
    /// # Panics
    /// When the system has no randomness, without which no secret is safe.
    pub fn new(prefix: &str) -> Self {
        let mut bytes = [0; 32];
        #[expect(clippy::expect_used, reason = "nothing is safe without random bytes")]
        getrandom::fill(&mut bytes).expect("the system provides random bytes");
        Self(format!("{prefix}{}", hex(&bytes)))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// SHA-256 of a secret. A fast hash is enough, because secrets are random.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digest of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// True if both digests are equal. Compares them in constant time.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        hex(&digest.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !text.is_ascii() {
            return Err("expected 64 hexadecimal digits");
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte =
                u8::from_str_radix(&text[2 * place..2 * place + 2], 16).map_err(|_| "expected hexadecimal digits")?;
        }
        Ok(Self(bytes))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_round_trips_through_text() {
        let digest = Digest::of("x");
        assert_eq!(Digest::try_from(String::from(digest)), Ok(digest));
        assert_ne!(digest, Digest::of("y"));
        for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert!(Digest::try_from((*wrong).to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_long_unique_and_not_printed() {
        let (one, other) = (Secret::new("quay_"), Secret::new("quay_"));
        assert_ne!(one.expose(), other.expose());
        assert_eq!((one.expose().len(), format!("{one:?}").as_str()), (69, "Secret"));
    }
}
