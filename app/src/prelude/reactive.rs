//! Leptos' signals with their types erased, so that the page's module stays small: the machinery of the reactive graph is compiled once, not
//! anew for each type that is held (measured: a fifth of the first module).
//!
//! Names and methods are Leptos' own; [`crate::prelude`] puts them in the place of these. What is held is a box; only the way into it and
//! out again is compiled for each type. Reading order: [`held`](self) (the box) → `signal` (what can be set) → `derived` (what follows from it).

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
