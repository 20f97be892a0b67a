//! Keyboard: shortcuts, their help, and the command palette, all in one chunk.
//!
//! In: keys. Out: navigation, focus, and actions. Until the chunk is loaded,
//! [`crate::frame::quick`] listens.

pub mod key_help;
pub mod palette;
pub mod quick_parts;
