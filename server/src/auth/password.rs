//! Passwords: argon2id, as OWASP advises it (19 MiB, two passes, one lane), which are the library's own defaults.

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use std::{fmt, sync::OnceLock};

/// Shorter ones are guessed.
const SHORTEST: usize = 10;
/// Longer ones are no passwords, and cost time.
const LONGEST: usize = 512;

/// As somebody typed it; never kept and never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes it as it is.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// What is kept of a new one.
    ///
    /// # Errors
    /// When it is too short or too long, in words.
    pub fn hash(&self) -> Result<String, String> {
        let length = self.0.chars().count();
        if length < SHORTEST || self.0.len() > LONGEST {
            return Err(format!("a password has {SHORTEST} to {LONGEST} characters; this one has {length}"));
        }
        let hash = Argon2::default().hash_password(self.0.as_bytes()).map_err(|error| error.to_string())?;
        Ok(hash.to_string())
    }

    /// Whether it is the one that `hash` is kept of. Takes as long where there is none.
    pub fn matches(&self, hash: Option<&str>) -> bool {
        static NOBODYS: OnceLock<String> = OnceLock::new();
        let nobodys = || NOBODYS.get_or_init(|| Self("nobody has this one".to_owned()).hash().unwrap_or_default());
        let against = hash.unwrap_or_else(|| nobodys());
        let right = self.0.len() <= LONGEST && Argon2::default().verify_password(self.0.as_bytes(), against).is_ok();
        right && hash.is_some()
    }
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
    fn only_the_right_one_matches() {
        let hash = password("correct horse").hash().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, password("correct horse").hash().unwrap());
        assert!(password("correct horse").matches(Some(&hash)));
        for wrong in ["correct horsf", "", "correct horse "] {
            assert!(!password(wrong).matches(Some(&hash)), "{wrong}");
        }
        assert!(!password("nobody has this one").matches(None));
        assert!(!password("x").matches(Some("garbage")));
    }

    #[test]
    fn a_short_or_endless_one_is_refused() {
        assert!(password("short").hash().unwrap_err().contains("10 to 512"));
        assert!(password(&"x".repeat(513)).hash().is_err());
        assert!(!format!("{:?}", password("secret")).contains("secret"));
    }
}
