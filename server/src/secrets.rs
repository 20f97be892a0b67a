//! What must not leave this server unasked: passwords, tokens and keys in environments, arguments, labels and addresses.
//!
//! Enter: what the engine says of a container. Leaves: the same, each secret replaced by what a [`Writer`] makes of its name.
//! Pure. It errs on the safe side: what only looks like a secret is concealed, too. [`mod@name`] knows secrets by how they are
//! called, [`mod@text`] by what they look like; [`mod@arguments`] reads command lines and [`mod@document`] a whole inspect.

mod arguments;
mod document;
mod name;
mod text;

pub use arguments::{arguments, named};
pub use document::{document, image};
pub use name::names_a_secret;
pub use text::text;

/// Writes what stands in a secret's place; it is told what the secret is called, in capitals (`PASSWORD`, `DB_PASSWORD` …).
pub type Writer = fn(&str) -> String;

/// What stands in a secret's place where a person reads.
pub const MASK: &str = "******";

/// Writes [`MASK`].
pub fn masked(_: &str) -> String {
    MASK.to_owned()
}

/// A name as a shell takes it for a variable's.
fn shell_name(name: &str) -> String {
    let letters = name.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic());
    let name: String = letters
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    if name.is_empty() { "SECRET".to_owned() } else { name }
}
