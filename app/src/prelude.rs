//! Leptos' prelude, with [`crate::reactive`]'s signals in the place of its own, and what views are here. Every file that touches signals or
//! draws begins with it.

pub use crate::reactive::{
    ArcReadSignal, ArcRwSignal, Effect, InBrowser, Memo, RwSignal, Signal, StoredValue, expect_context,
    provide_context, use_context,
};
pub use leptos::{Changing, Erase, Erased, Live, live, other, prelude::*, text, word};
