//! Leptos's prelude, with [`crate::reactive`]'s signals in place of its own, and [`Erased`]. For
//! every file with signals or views.

pub use crate::closures::{TextFn, ViewFn, live, text, word};
pub use crate::erased::{Erase, Erased};
pub use crate::reactive::{
    ArcReadSignal, ArcRwSignal, Effect, InBrowser, Memo, RwSignal, Signal, StoredValue, expect_context,
    provide_context, use_context,
};
pub use leptos::prelude::*;
