//! What a view left in the document.

use crate::{Erased, Live, element::ElementState, other::OtherState};
use leptos::{
    tachys::{
        renderer::{
            Rndr,
            types::{Element, Node},
        },
        view::{Mountable, Render},
    },
    wasm_bindgen::JsCast,
};
use std::{any::TypeId, borrow::Cow, fmt};

/// What an [`Erased`] left in the document.
#[expect(private_interfaces, reason = "made and read here only")]
pub enum ErasedState {
    /// The mark of its place.
    Nothing(<() as Render>::State),
    /// A text node.
    Text(<Cow<'static, str> as Render>::State),
    /// An element.
    Element(ElementState),
    /// Always as many.
    Several(Vec<ErasedState>),
    /// As many as there are.
    List(<Vec<Erased> as Render>::State),
    /// An effect.
    Live(<Live as Render>::State),
    /// Of a type of its own.
    Other(TypeId, Box<dyn OtherState>),
}

impl fmt::Debug for ErasedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErasedState")
    }
}

impl ErasedState {
    pub(crate) fn replace_with(&mut self, mut new: Self) {
        self.insert_before_this(&mut new);
        self.unmount();
        *self = new;
    }

    /// What is mounted as one.
    fn as_mountable(&self) -> Option<&dyn Mountable> {
        match self {
            Self::Nothing(state) => Some(state),
            Self::Text(state) => Some(state),
            Self::Element(_) | Self::Several(_) => None,
            Self::List(state) => Some(state),
            Self::Live(state) => Some(state),
            Self::Other(_, state) => Some(&**state),
        }
    }

    fn as_mountable_mut(&mut self) -> Option<&mut dyn Mountable> {
        match self {
            Self::Nothing(state) => Some(state),
            Self::Text(state) => Some(state),
            Self::Element(_) | Self::Several(_) => None,
            Self::List(state) => Some(state),
            Self::Live(state) => Some(state),
            Self::Other(_, state) => Some(&mut **state),
        }
    }
}

impl Mountable for ErasedState {
    fn unmount(&mut self) {
        match self {
            Self::Element(state) => Rndr::remove(&state.node),
            Self::Several(states) => states.iter_mut().for_each(Self::unmount),
            other => {
                if let Some(state) = other.as_mountable_mut() {
                    state.unmount();
                }
            }
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        match self {
            Self::Element(state) => Rndr::insert_node(parent, &state.node, marker),
            Self::Several(states) => states.iter_mut().for_each(|state| state.mount(parent, marker)),
            other => {
                if let Some(state) = other.as_mountable_mut() {
                    state.mount(parent, marker);
                }
            }
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match self {
            Self::Element(state) => {
                let parent = Rndr::get_parent(&state.node).and_then(|parent| parent.dyn_into::<Element>().ok());
                parent.inspect(|parent| child.mount(parent, Some(&state.node))).is_some()
            }
            Self::Several(states) => states.iter().any(|state| state.insert_before_this(child)),
            other => other.as_mountable().is_some_and(|state| state.insert_before_this(child)),
        }
    }

    fn elements(&self) -> Vec<Element> {
        match self {
            Self::Element(state) => vec![state.node.clone()],
            Self::Several(states) => states.iter().flat_map(Self::elements).collect(),
            other => other.as_mountable().map(Mountable::elements).unwrap_or_default(),
        }
    }
}
