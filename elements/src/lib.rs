//! Leptos, but for one thing: `view!` makes elements that are data.
//!
//! Leptos' own elements have a type for each element with its attributes and children, and all that builds, hydrates, changes and drops one
//! is compiled for each of them: a third of the page's module, measured (docs/PERFORMANCE.md). Here an [`Element`] is a name, a list of
//! attributes and a list of children, every view comes to be an [`Erased`], and one function builds all of them. Signals, components, the
//! router and how the server's markup is found again are Leptos' own.
//!
//! A crate takes this in Leptos' place, under its name: `view!` writes `::leptos::tachys::html::element::div()`, which is [`tachys`] here.
//! Reading order: `tags` (what `view!` calls) → `element` → `attribute`, `value` → [`Erased`], which is anything that can stand
//! on the page → `into_erased` (what comes to be one) → `state` (what it left in the document) → `rendering` (as a view of Leptos') → `other` (views with types
//! of their own).

mod attribute;
pub mod base;
mod element;
mod erased;
mod into_erased;
mod keyed;
mod other;
mod rendering;
mod state;
mod tags;
mod value;
#[cfg(feature = "ssr")]
mod writing;

pub use element::Element;
pub use erased::{Erased, Live, live};
pub use into_erased::{Erase, other};
pub use keyed::*;
pub use leptos::*;
pub use value::{Changing, IntoValue, text, word};

/// Leptos' prelude, with how `view!` takes values in.
pub mod prelude {
    pub use crate::{
        keyed::For,
        value::{IntoAttributeValue, IntoRender},
    };
    pub use leptos::prelude::*;
}

/// Leptos' `tachys`, with this crate's elements.
pub mod tachys {
    pub use leptos::tachys::*;

    /// HTML.
    pub mod html {
        pub use crate::tags::InertElement;
        pub use leptos::tachys::html::*;

        /// What `view!` calls for each element.
        pub mod element {
            pub use crate::tags::html::*;
        }
    }

    /// SVG.
    pub mod svg {
        pub use crate::tags::{InertElement, svg::*};
    }
}
