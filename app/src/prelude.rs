//! Leptos's prelude, [`Erased`] for components, and [`InBrowser`]. Import it in every file that uses
//! signals or views.

pub mod erased;
mod in_browser;

pub use erased::{Erase, Erased};
pub use in_browser::InBrowser;
pub use leptos::prelude::*;
