//! Leptos's prelude, with [`reactive`]'s signals in the place of its own, and [`Erased`]. Every file that touches signals or
//! draws begins with it.

pub mod closures;
pub mod erased;
pub mod reactive;

pub use closures::{TextFn, ViewFn, live, text, word};
pub use erased::{Erase, Erased};
pub use leptos::prelude::*;
pub use reactive::{
    ArcReadSignal, ArcRwSignal, Effect, InBrowser, Memo, RwSignal, Signal, StoredValue, expect_context,
    provide_context, use_context,
};
