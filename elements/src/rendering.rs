//! An [`Erased`], or an [`Element`] alone, as a view of Leptos'.

use crate::{Element, Erase, Erased, state::ErasedState};
use leptos::tachys::{
    html::attribute::{Attribute, any_attribute::AnyAttribute},
    hydration::Cursor,
    ssr::StreamBuilder,
    view::{Position, PositionState, Render, RenderHtml, add_attr::AddAnyAttr},
};

macro_rules! rendered {
    ($($view:ident)*) => {$(
        impl Render for $view {
            type State = ErasedState;

            fn build(self) -> Self::State {
                self.erased().built()
            }

            fn rebuild(self, state: &mut Self::State) {
                self.erased().rebuilt(state);
            }
        }

        impl AddAnyAttr for $view {
            type Output<SomeNewAttr: Attribute> = Self;

            /// Attributes with types of their own are for Leptos' elements.
            fn add_any_attr<NewAttr: Attribute>(self, _attr: NewAttr) -> Self::Output<NewAttr> {
                self
            }
        }

        #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "markup is written on the server"))]
        impl RenderHtml for $view {
            type AsyncOutput = Self;
            type Owned = Self;

            const MIN_LENGTH: usize = 0;

            fn to_html_with_buf(
                self,
                buf: &mut String,
                position: &mut Position,
                escape: bool,
                mark_branches: bool,
                _extra_attrs: Vec<AnyAttribute>,
            ) {
                #[cfg(feature = "ssr")]
                self.erased().write(buf, position, escape, mark_branches);
            }

            fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
                self,
                buf: &mut StreamBuilder,
                position: &mut Position,
                escape: bool,
                mark_branches: bool,
                _extra_attrs: Vec<AnyAttribute>,
            ) {
                #[cfg(feature = "ssr")]
                self.erased().stream::<OUT_OF_ORDER>(buf, position, escape, mark_branches);
            }

            fn dry_resolve(&mut self) {
                #[cfg(feature = "ssr")]
                self.resolve_dry();
            }

            async fn resolve(self) -> Self::AsyncOutput {
                self
            }

            fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
                self.erased().hydrated(cursor, position)
            }

            fn into_owned(self) -> Self::Owned {
                self
            }
        }
    )*};
}

rendered! { Erased Element }
