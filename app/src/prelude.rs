//! Leptos's prelude, with [`crate::reactive`]'s signals in the place of its own, and [`Erased`]. Every file that touches signals or
//! draws begins with it.

pub use crate::closures::{TextFn, ViewFn, live, text, word};
pub use crate::erased::{Erase, Erased};
pub use crate::reactive::{
    ArcReadSignal, ArcRwSignal, Effect, InBrowser, Memo, RwSignal, Signal, StoredValue, expect_context,
    provide_context, use_context,
};
pub use leptos::prelude::*;
