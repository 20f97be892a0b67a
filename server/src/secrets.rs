//! Passwords, tokens and keys in environments, arguments, labels, addresses and texts, which must not leave this server unasked.
//!
//! In: texts of the engine and of containers. Out: the same texts, each secret replaced by the result of a [`Writer`]. Pure.
//! docs/SECURITY.md says what is recognised and what is not; when in doubt a text is concealed. Everything here takes time that is
//! linear in its input, whatever a container writes: scans go forward, look-ahead is bounded or remembered, and a value above
//! [`MAX_VALUE_BYTES`] is concealed whole without being scanned. Whole documents are large all the same, so their callers work on
//! threads that may block ([`crate::bulk`]). [`mod@name`] knows secrets by their names, [`mod@text`] by their looks;
//! [`mod@arguments`] reads command lines, [`mod@document`] a whole inspect and [`mod@listed`] the parts of a list row.

mod arguments;
mod document;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod listed;
mod name;
mod text;

pub use arguments::{arguments, named};
pub use document::{document, image};
pub use listed::{ListedLabels, command, labels, sentence, short};
pub use name::names_a_secret;
pub use text::text;

/// Writes the replacement of a secret, given the secret's name in capitals (`PASSWORD`, `DB_PASSWORD` …).
pub type Writer = fn(&str) -> String;

/// Replacement of a secret in texts for people.
pub const MASK: &str = "******";

/// Longest value that is searched for secrets. Environments, arguments and labels of real containers stay below 32 KiB; Linux
/// allows 128 KiB for one argument and the engine any length for a label.
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// Writes [`MASK`].
pub fn masked(_: &str) -> String {
    MASK.to_owned()
}

/// Conceals a value of more than [`MAX_VALUE_BYTES`]; for people, with the reason.
fn too_long(name: &str, bytes: usize, writer: Writer) -> String {
    let concealed = writer(&shell_name(name));
    if concealed == MASK { format!("{MASK} ({bytes} bytes, too long to be searched for secrets)") } else { concealed }
}

/// A name as a shell takes it for a variable's.
fn shell_name(name: &str) -> String {
    // A name is part of a container's text, too.
    const MAX_NAME: usize = 128;
    let letters = name.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic());
    let name: String = letters
        .chars()
        .take(MAX_NAME)
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    if name.is_empty() { "SECRET".to_owned() } else { name }
}
