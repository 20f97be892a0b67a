//! [`Erased`]: a box around any Leptos view, so that a component's callers do not compile its type again.
//!
//! Leptos generates code for every distinct type of view. Its own erased type, `AnyView`, also keeps code for lazy hydration and
//! for attributes added from outside, which this app does not use; this box does not, and the page's first module is a quarter
//! smaller than with `AnyView` (docs/PERFORMANCE.md). Inside the box everything is Leptos's own: `view!`, attributes, events,
//! `Show`, `For`, `Suspense`. A component may return `Erased` or `impl IntoView`; where it is used, both look the same.

mod dynamic;

use crate::prelude::*;
#[cfg(feature = "ssr")]
use dynamic::Writing;
use dynamic::{Dynamic, DynamicState};
use leptos::tachys::{
    html::attribute::{Attribute, any_attribute::AnyAttribute},
    hydration::Cursor,
    renderer::types::{Element, Node},
    ssr::StreamBuilder,
    view::{Mountable, Position, PositionState, add_attr::AddAnyAttr},
};
use std::{any::TypeId, fmt};

/// A closure that returns a text, as a child or an attribute.
pub type TextFn = Box<dyn FnMut() -> String + Send>;

/// A closure that returns an attribute's value, or `None` to leave the attribute out.
pub type WordFn = Box<dyn FnMut() -> Option<&'static str> + Send>;

/// A closure that returns a view.
pub type ViewFn = Box<dyn FnMut() -> Erased + Send>;

/// Erases the type of a closure that returns a text.
pub fn text(read: impl FnMut() -> String + Send + 'static) -> TextFn {
    Box::new(read)
}

/// Erases the type of a closure that returns an attribute's value.
pub fn word(read: impl FnMut() -> Option<&'static str> + Send + 'static) -> WordFn {
    Box::new(read)
}

/// Erases the type of a closure that returns a view.
pub fn live(draw: impl FnMut() -> Erased + Send + 'static) -> ViewFn {
    Box::new(draw)
}

/// Any view that owns what it needs and waits for nothing.
pub struct Erased(Box<dyn Dynamic>);

/// Erases a view's type.
pub trait Erase {
    /// The same view as an [`Erased`].
    fn erased(self) -> Erased;
}

impl<V: RenderHtml + 'static> Erase for V {
    fn erased(self) -> Erased {
        // Views that leave nothing in the document would need a placeholder.
        const { assert!(V::EXISTS) };
        Erased(Box::new(self))
    }
}

impl fmt::Debug for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Erased")
    }
}

/// What an [`Erased`] view left in the document.
#[expect(missing_debug_implementations, reason = "it holds elements of the document")]
pub struct ErasedState {
    view_type: TypeId,
    state: Box<dyn DynamicState>,
}

impl Render for Erased {
    type State = ErasedState;

    fn build(self) -> Self::State {
        ErasedState { view_type: self.0.view_type(), state: self.0.build() }
    }

    /// Changes the elements there are where the view is of the same type; otherwise new elements take their place.
    fn rebuild(self, state: &mut Self::State) {
        if self.0.view_type() == state.view_type {
            self.0.rebuild(&mut *state.state);
        } else {
            let mut new = self.build();
            state.insert_before_this(&mut new);
            state.unmount();
            *state = new;
        }
    }
}

impl Mountable for ErasedState {
    fn unmount(&mut self) {
        self.state.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.state.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.state.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.state.elements()
    }
}

impl AddAnyAttr for Erased {
    type Output<SomeNewAttr: Attribute> = Self;

    /// Attributes are for elements; components here take none.
    fn add_any_attr<NewAttr: Attribute>(self, _attr: NewAttr) -> Self::Output<NewAttr> {
        self
    }
}

impl RenderHtml for Erased {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "markup is written on the server"))]
    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        self.0.to_html(buf, Writing { position, escape, mark_branches, extra_attrs });
    }

    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "markup is written on the server"))]
    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        {
            let how = Writing { position, escape, mark_branches, extra_attrs };
            if OUT_OF_ORDER {
                self.0.to_html_out_of_order(buf, how);
            } else {
                self.0.to_html_in_order(buf, how);
            }
        }
    }

    fn dry_resolve(&mut self) {
        #[cfg(feature = "ssr")]
        self.0.dry_resolve();
    }

    async fn resolve(self) -> Self::AsyncOutput {
        self
    }

    #[cfg(feature = "ssr")]
    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        ErasedState { view_type: self.0.view_type(), state: self.0.hydrate(cursor, position) }
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}
