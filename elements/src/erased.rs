//! Anything that can stand on the page, as data.

use crate::{Element, other::Other, state::ErasedState};
use leptos::tachys::{
    hydration::Cursor,
    view::{PositionState, Render, RenderHtml},
};
use std::{borrow::Cow, fmt};

/// A view that follows its signals.
pub type Live = Box<dyn FnMut() -> Erased + Send>;

/// Makes a [`Live`].
pub fn live(draw: impl FnMut() -> Erased + Send + 'static) -> Live {
    Box::new(draw)
}

/// Any view that owns what it needs and waits for nothing.
pub struct Erased(pub(crate) View);

pub(crate) enum View {
    /// Only the mark of its place.
    Nothing,
    Text(Cow<'static, str>),
    Element(Box<Element>),
    /// Always as many.
    Several(Vec<Erased>),
    /// As many as there are.
    List(Vec<Erased>),
    Live(Live),
    /// Of a type of its own.
    Other(Box<dyn Other>),
}

impl Erased {
    /// A text.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self(View::Text(text.into()))
    }

    /// Not even the mark of a place: it cannot come to be anything else.
    pub const fn none() -> Self {
        Self(View::Several(Vec::new()))
    }

    pub(crate) fn built(self) -> ErasedState {
        match self.0 {
            View::Nothing => ErasedState::Nothing(Render::build(())),
            View::Text(text) => ErasedState::Text(text.build()),
            View::Element(element) => ErasedState::Element(element.built()),
            View::Several(views) => ErasedState::Several(views.into_iter().map(Self::built).collect()),
            View::List(views) => ErasedState::List(views.build()),
            View::Live(live) => ErasedState::Live(live.build()),
            View::Other(view) => ErasedState::Other(view.view_type(), view.build()),
        }
    }

    pub(crate) fn hydrated(self, cursor: &Cursor, position: &PositionState) -> ErasedState {
        match self.0 {
            View::Nothing => ErasedState::Nothing(RenderHtml::hydrate::<true>((), cursor, position)),
            View::Text(text) => ErasedState::Text(text.hydrate::<true>(cursor, position)),
            View::Element(element) => ErasedState::Element(element.hydrated(cursor, position)),
            View::Several(views) => {
                ErasedState::Several(views.into_iter().map(|view| view.hydrated(cursor, position)).collect())
            }
            View::List(views) => ErasedState::List(views.hydrate::<true>(cursor, position)),
            View::Live(live) => ErasedState::Live(live.hydrate::<true>(cursor, position)),
            View::Other(view) => ErasedState::Other(view.view_type(), view.hydrate(cursor, position)),
        }
    }

    /// Changes the nodes there are where the view is of the same shape; otherwise new nodes take their place.
    pub(crate) fn rebuilt(self, state: &mut ErasedState) {
        match (self.0, state) {
            (View::Nothing, ErasedState::Nothing(_)) => {}
            (View::Text(text), ErasedState::Text(state)) => text.rebuild(state),
            (View::Element(element), ErasedState::Element(state)) if element.fits(state) => element.rebuilt(state),
            (View::Several(views), ErasedState::Several(states)) if views.len() == states.len() => {
                for (view, state) in views.into_iter().zip(states) {
                    view.rebuilt(state);
                }
            }
            (View::List(views), ErasedState::List(state)) => views.rebuild(state),
            (View::Live(live), ErasedState::Live(state)) => live.rebuild(state),
            (View::Other(view), ErasedState::Other(view_type, state)) if view.view_type() == *view_type => {
                view.rebuild(&mut **state);
            }
            (view, state) => state.replace_with(Self(view).built()),
        }
    }
}

impl fmt::Debug for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Erased")
    }
}
