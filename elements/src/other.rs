//! Views that keep a type of their own, as `<For>`: `RenderHtml` and `Mountable` as trait objects.
//!
//! Markup is written on the server only; in the browser the methods that write it are left out, since a trait object keeps what
//! is never called.

use leptos::tachys::{
    hydration::Cursor,
    view::{Mountable, PositionState, Render, RenderHtml},
};
#[cfg(feature = "ssr")]
use leptos::tachys::{ssr::StreamBuilder, view::Position};
use std::any::{Any, TypeId};

/// A view of some type.
pub(crate) trait Other: Send {
    fn view_type(&self) -> TypeId;

    fn build(self: Box<Self>) -> Box<dyn OtherState>;

    /// Changes what a view of the same type left; anything else is left as it is.
    fn rebuild(self: Box<Self>, state: &mut dyn OtherState);

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn OtherState>;

    #[cfg(feature = "ssr")]
    fn resolve_dry(&mut self);

    #[cfg(feature = "ssr")]
    fn write(self: Box<Self>, buf: &mut String, position: &mut Position, escape: bool, mark_branches: bool);

    #[cfg(feature = "ssr")]
    fn stream(
        self: Box<Self>,
        buf: &mut StreamBuilder,
        out_of_order: bool,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
    );
}

/// What a view of some type left in the document.
pub(crate) trait OtherState: Mountable + Any {}

impl<S: Mountable + Any> OtherState for S {}

impl<V: RenderHtml + 'static> Other for V {
    fn view_type(&self) -> TypeId {
        TypeId::of::<V>()
    }

    fn build(self: Box<Self>) -> Box<dyn OtherState> {
        Box::new(Render::build(*self))
    }

    fn rebuild(self: Box<Self>, state: &mut dyn OtherState) {
        let state: &mut dyn Any = state;
        if let Some(state) = state.downcast_mut() {
            Render::rebuild(*self, state);
        }
    }

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn OtherState> {
        Box::new(RenderHtml::hydrate::<true>(*self, cursor, position))
    }

    #[cfg(feature = "ssr")]
    fn resolve_dry(&mut self) {
        RenderHtml::dry_resolve(self);
    }

    #[cfg(feature = "ssr")]
    fn write(self: Box<Self>, buf: &mut String, position: &mut Position, escape: bool, mark_branches: bool) {
        self.to_html_with_buf(buf, position, escape, mark_branches, Vec::new());
    }

    #[cfg(feature = "ssr")]
    fn stream(
        self: Box<Self>,
        buf: &mut StreamBuilder,
        out_of_order: bool,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
    ) {
        if out_of_order {
            self.to_html_async_with_buf::<true>(buf, position, escape, mark_branches, Vec::new());
        } else {
            self.to_html_async_with_buf::<false>(buf, position, escape, mark_branches, Vec::new());
        }
    }
}
