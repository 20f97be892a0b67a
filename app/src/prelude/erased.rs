//! [`Erased`]: a box around any Leptos view, so that the callers of a component do not compile its
//! type again.
//!
//! Leptos generates code for every distinct type of view. Its own erased type, `AnyView`, also
//! keeps code for asynchronous hydration and for views that render nothing, which this app does not
//! use; with this box, the first module is a quarter smaller (docs/PERFORMANCE.md). Everything
//! inside the box is Leptos's own: `view!`, attributes, events, `Show`, `For`, `Suspense`. A
//! component may return `Erased` or `impl IntoView`; its callers see no difference. Next:
//! [`dynamic`], the traits in the box.

mod dynamic;
#[cfg(all(test, feature = "ssr"))]
mod tests;

use crate::prelude::*;
#[cfg(feature = "ssr")]
use dynamic::Writing;
use dynamic::{Dynamic, DynamicState};
use leptos::tachys::{
    html::attribute::{Attribute, any_attribute::AnyAttribute},
    hydration::Cursor,
    renderer::types::{Element, Node},
    ssr::StreamBuilder,
    view::{
        Mountable, Position, PositionState,
        add_attr::AddAnyAttr,
        any_view::{AnyViewWithAttrs, IntoAny as _},
    },
};
#[cfg(not(feature = "ssr"))]
use std::any::TypeId;
use std::fmt;

/// Any view that owns its data.
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

/// The retained state of an [`Erased`] view: its nodes and listeners.
#[expect(missing_debug_implementations, reason = "it holds elements of the document")]
pub struct ErasedState {
    #[cfg(not(feature = "ssr"))]
    view_type: TypeId,
    state: Box<dyn DynamicState>,
}

impl Render for Erased {
    type State = ErasedState;

    fn build(self) -> Self::State {
        #[cfg(feature = "ssr")]
        only_in_browsers();
        #[cfg(not(feature = "ssr"))]
        ErasedState { view_type: self.0.view_type(), state: self.0.build() }
    }

    /// Updates the existing nodes if the view has the same type; otherwise replaces them.
    #[cfg_attr(feature = "ssr", expect(unused_variables, reason = "nodes are in browsers"))]
    fn rebuild(self, state: &mut Self::State) {
        #[cfg(feature = "ssr")]
        only_in_browsers();
        #[cfg(not(feature = "ssr"))]
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

/// The server renders markup and never builds nodes.
#[cfg(feature = "ssr")]
#[cold]
fn only_in_browsers() -> ! {
    unreachable!("only browsers build, rebuild and hydrate views")
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
    type Output<NewAttr: Attribute> = AnyViewWithAttrs;

    /// Leaves attributes on a component (`attr:…`, `{..spread}`) to Leptos's own erased view.
    fn add_any_attr<NewAttr: Attribute>(self, attr: NewAttr) -> Self::Output<NewAttr> {
        self.into_any().add_any_attr(attr)
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
        self.0.to_html_streamed(buf, OUT_OF_ORDER, Writing { position, escape, mark_branches, extra_attrs });
    }

    fn dry_resolve(&mut self) {
        #[cfg(feature = "ssr")]
        self.0.dry_resolve();
    }

    async fn resolve(self) -> Self::AsyncOutput {
        #[cfg(feature = "ssr")]
        return self.0.resolve().await;
        #[cfg(not(feature = "ssr"))]
        self
    }

    #[cfg_attr(feature = "ssr", expect(unused_variables, reason = "nodes are in browsers"))]
    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        #[cfg(feature = "ssr")]
        only_in_browsers();
        #[cfg(not(feature = "ssr"))]
        ErasedState { view_type: self.0.view_type(), state: self.0.hydrate(cursor, position) }
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}
