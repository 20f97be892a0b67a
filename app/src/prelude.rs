//! Leptos' prelude, with [`crate::reactive`]'s signals in the place of its own. Every file that touches signals begins with it.

pub use crate::reactive::{ArcReadSignal, ArcRwSignal, Effect, InBrowser, Memo, RwSignal, Signal, StoredValue};
pub use leptos::prelude::*;
