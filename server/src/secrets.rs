//! Masks passwords, tokens and keys in environments, arguments, labels, URLs and texts.
//!
//! In: texts of the engine and of containers. Out: the same texts, with each secret replaced by the
//! result of a [`Writer`]. Pure. docs/SECURITY.md lists what is recognized; in doubt, a text is
//! masked.
//!
//! - [`mod@name`] recognizes secrets by name, [`mod@text`] by format.
//! - [`mod@arguments`] handles command lines, [`mod@document`] a whole inspect response and
//!   [`mod@listed`] the fields of a list row.
//!
//! All functions take linear time for any input: scans go forward, look-ahead is limited or cached,
//! and a value above [`MAX_VALUE_BYTES`] is masked without a scan. Callers process whole documents
//! on blocking threads ([`crate::process::bulk`]).

mod arguments;
mod document;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod listed;
mod name;
mod text;

pub use arguments::{arguments, named};
pub use document::{document, image};
pub use listed::{ListedLabels, command, labels, message, truncated};
pub use name::names_a_secret;
pub use text::text;

/// Returns the replacement of a secret, whose name is given in capitals (`PASSWORD`, `DB_PASSWORD`
/// …).
pub type Writer = fn(&str) -> String;

/// Replacement of a secret in texts for users.
pub const MASK: &str = "******";

/// Maximum length of a value that is searched for secrets. Real environments, arguments and labels
/// are below 32 KiB; Linux allows 128 KiB per argument, and the engine any length for a label.
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// Returns [`MASK`].
pub fn masked(_: &str) -> String {
    MASK.to_owned()
}

/// Masks a value longer than [`MAX_VALUE_BYTES`]; for users, with the reason.
fn too_long(name: &str, bytes: usize, writer: Writer) -> String {
    let concealed = writer(&shell_name(name));
    if concealed == MASK { format!("{MASK} ({bytes} bytes, too long to be searched for secrets)") } else { concealed }
}

/// Converts a name to that of a shell variable.
fn shell_name(name: &str) -> String {
    // Names also come from containers and may be long.
    const MAX_NAME: usize = 128;
    let letters = name.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic());
    let name: String = letters
        .chars()
        .take(MAX_NAME)
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    if name.is_empty() { "SECRET".to_owned() } else { name }
}
