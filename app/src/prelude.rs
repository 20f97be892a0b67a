//! Leptos's prelude, with [`reactive`]'s signals instead of Leptos's, and [`Erased`]. Import it in
//! every file that uses signals or views.

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
