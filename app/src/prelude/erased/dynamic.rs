//! The traits behind [`super::Erased`]: `RenderHtml` and `Mountable` as trait objects.
//!
//! Only the server renders markup, and only browsers build and hydrate nodes. Each is compiled
//! without the other's methods, since a trait object keeps even those that are never called: eight
//! of 23 MB of the server.

#[cfg(feature = "ssr")]
use super::{Erase as _, Erased};
use crate::prelude::*;
use leptos::tachys::view::Mountable;
#[cfg(feature = "ssr")]
use leptos::tachys::{html::attribute::any_attribute::AnyAttribute, ssr::StreamBuilder, view::Position};
#[cfg(not(feature = "ssr"))]
use leptos::tachys::{hydration::Cursor, view::PositionState};
use std::any::Any;
#[cfg(not(feature = "ssr"))]
use std::any::TypeId;
#[cfg(feature = "ssr")]
use std::{future::Future, pin::Pin};

/// The arguments of `RenderHtml::to_html_with_buf`.
#[cfg(feature = "ssr")]
pub(super) struct Writing<'a> {
    pub(super) position: &'a mut Position,
    pub(super) escape: bool,
    pub(super) mark_branches: bool,
    pub(super) extra_attrs: Vec<AnyAttribute>,
}

/// A view of some type.
pub(super) trait Dynamic: Send {
    #[cfg(not(feature = "ssr"))]
    fn view_type(&self) -> TypeId;

    #[cfg(not(feature = "ssr"))]
    fn build(self: Box<Self>) -> Box<dyn DynamicState>;

    /// Updates the state of a view of the same type; leaves any other state unchanged.
    #[cfg(not(feature = "ssr"))]
    fn rebuild(self: Box<Self>, state: &mut dyn DynamicState);

    #[cfg(not(feature = "ssr"))]
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn DynamicState>;

    #[cfg(feature = "ssr")]
    fn dry_resolve(&mut self);

    #[cfg(feature = "ssr")]
    fn resolve(self: Box<Self>) -> Pin<Box<dyn Future<Output = Erased> + Send>>;

    #[cfg(feature = "ssr")]
    fn to_html(self: Box<Self>, buf: &mut String, how: Writing<'_>);

    #[cfg(feature = "ssr")]
    fn to_html_streamed(self: Box<Self>, buf: &mut StreamBuilder, out_of_order: bool, how: Writing<'_>);
}

/// The retained state of a view.
pub(super) trait DynamicState: Mountable + Any {}

impl<S: Mountable + Any> DynamicState for S {}

impl<V: RenderHtml + 'static> Dynamic for V {
    #[cfg(not(feature = "ssr"))]
    fn view_type(&self) -> TypeId {
        TypeId::of::<V>()
    }

    #[cfg(not(feature = "ssr"))]
    fn build(self: Box<Self>) -> Box<dyn DynamicState> {
        Box::new(Render::build(*self))
    }

    #[cfg(not(feature = "ssr"))]
    fn rebuild(self: Box<Self>, state: &mut dyn DynamicState) {
        let state: &mut dyn Any = state;
        if let Some(state) = state.downcast_mut() {
            Render::rebuild(*self, state);
        }
    }

    #[cfg(not(feature = "ssr"))]
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn DynamicState> {
        Box::new(RenderHtml::hydrate::<true>(*self, cursor, position))
    }

    #[cfg(feature = "ssr")]
    fn dry_resolve(&mut self) {
        RenderHtml::dry_resolve(self);
    }

    #[cfg(feature = "ssr")]
    fn resolve(self: Box<Self>) -> Pin<Box<dyn Future<Output = Erased> + Send>> {
        Box::pin(async move { RenderHtml::resolve(*self).await.into_owned().erased() })
    }

    #[cfg(feature = "ssr")]
    fn to_html(self: Box<Self>, buf: &mut String, how: Writing<'_>) {
        self.to_html_with_buf(buf, how.position, how.escape, how.mark_branches, how.extra_attrs);
    }

    #[cfg(feature = "ssr")]
    fn to_html_streamed(self: Box<Self>, buf: &mut StreamBuilder, out_of_order: bool, how: Writing<'_>) {
        let Writing { position, escape, mark_branches, extra_attrs } = how;
        if out_of_order {
            self.to_html_async_with_buf::<true>(buf, position, escape, mark_branches, extra_attrs);
        } else {
            self.to_html_async_with_buf::<false>(buf, position, escape, mark_branches, extra_attrs);
        }
    }
}
