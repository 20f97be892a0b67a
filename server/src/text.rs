//! Texts of engines and containers, made safe to show.
//!
//! [`plain`] removes terminal sequences, [`printable`] replaces what would control a terminal.

pub mod plain;
pub mod printable;
