//! Leptos's signals with their value types erased: the reactive graph is compiled once instead of
//! for every value type (measured: a fifth of the first module).
//!
//! Names and methods are Leptos's own, and [`crate::prelude`] exports these instead. Values are
//! stored in a box; only the conversion into it and out of it is compiled per type. Reading order:
//! [`held`](self) (the box) → `signal` (writable signals) → `derived` (computed signals).

mod context;
mod derived;
mod effect;
mod held;
mod in_browser;
mod signal;
mod stored;

pub use context::{expect_context, provide_context, use_context};
pub use derived::{Memo, Signal};
pub use effect::Effect;
pub use held::Guard;
pub use in_browser::InBrowser;
pub use signal::{ArcReadSignal, ArcRwSignal, RwSignal};
pub use stored::StoredValue;

#[cfg(test)]
mod tests;
