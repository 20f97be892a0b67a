//! An element of HTML or SVG.

use crate::{
    Erase, Erased,
    attribute::{Attribute, AttributeState, Kind, TakeElement},
    state::ErasedState,
    value::{Changing, IntoFixed, IntoValue, Value},
};
use leptos::{
    prelude::NodeRef,
    reactive::owner::Owner,
    tachys::{
        html::{element::ElementType, event::EventDescriptor, node_ref::NodeRefContainer},
        hydration::Cursor,
        renderer::{CastFrom, Rndr, types::Element as DomElement},
        view::{Mountable, Position, PositionState},
    },
    wasm_bindgen::{JsCast, JsValue},
};
use send_wrapper::SendWrapper;
use std::{borrow::Cow, fmt};

/// How an element is made and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// With children.
    Html,
    /// Without: `<input>`.
    Void,
    /// What stands in it is no markup: `<script>`.
    Raw,
    /// In SVG's namespace.
    Svg,
}

/// A name, attributes, children.
pub struct Element {
    pub(crate) name: &'static str,
    pub(crate) sort: Sort,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Erased>,
}

/// What one left in the document.
pub(crate) struct ElementState {
    pub(crate) node: DomElement,
    name: &'static str,
    attributes: Vec<AttributeState>,
    children: Vec<ErasedState>,
}

impl Element {
    pub(crate) const fn new(name: &'static str, sort: Sort) -> Self {
        Self { name, sort, attributes: Vec::new(), children: Vec::new() }
    }

    /// With this in it.
    #[must_use]
    pub fn child(mut self, child: impl Erase) -> Self {
        child.push_to(&mut self.children);
        self
    }

    /// With an attribute.
    #[must_use]
    pub fn attr(self, name: &'static str, value: impl IntoValue) -> Self {
        self.with(name, Kind::Value(value.into_value()))
    }

    /// With a property that follows its signals: a text for `value`, for all others whether it holds.
    #[must_use]
    pub fn prop<V: IntoFixed>(self, name: &'static str, mut value: impl FnMut() -> V + Send + 'static) -> Self {
        self.with(name, Kind::Property(Changing(Box::new(move || value().into_fixed()))))
    }

    /// With a property of its style.
    #[must_use]
    pub fn style(self, (name, value): (&'static str, impl IntoFixed)) -> Self {
        self.with(name, Kind::Style(value.into_fixed()))
    }

    /// With what answers an event.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "`view!` gives events by value")]
    pub fn on<E: EventDescriptor>(self, event: E, mut answer: impl FnMut(E::EventType) + 'static) -> Self
    where
        E::EventType: JsCast,
    {
        let Cow::Borrowed(name) = event.name() else { unreachable!("an event of Leptos' own has a fixed name") };
        let listener = (!cfg!(feature = "ssr")).then(|| {
            let listener: Box<dyn FnMut(JsValue)> = Box::new(move |event| answer(event.unchecked_into()));
            (Owner::current().unwrap_or_default(), SendWrapper::new(listener))
        });
        self.with(name, Kind::On(listener))
    }

    /// Tells which element it is once it is there.
    #[must_use]
    pub fn node_ref<E>(self, reference: NodeRef<E>) -> Self
    where
        E: ElementType + 'static,
        E::Output: JsCast + Clone + 'static,
    {
        let take: TakeElement = Box::new(move |element| NodeRefContainer::<E>::load(reference, element));
        self.with("", Kind::Reference(take))
    }

    fn with(mut self, name: &'static str, kind: Kind) -> Self {
        self.attributes.push(Attribute { name, kind });
        self
    }

    pub(crate) fn built(self) -> ElementState {
        let namespace = (self.sort == Sort::Svg).then_some("http://www.w3.org/2000/svg");
        let node = Rndr::create_element(self.name, namespace);
        let attributes = attach(self.attributes, &node, false);
        let children = self.children.into_iter().map(|child| {
            let mut child = child.built();
            child.mount(&node, None);
            child
        });
        let children = children.collect();
        ElementState { node, name: self.name, attributes, children }
    }

    pub(crate) fn hydrated(self, cursor: &Cursor, position: &PositionState) -> ElementState {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        let Some(node) = DomElement::cast_from(cursor.current()) else { not_where_it_was(self.name) };
        let attributes = attach(self.attributes, &node, true);
        position.set(Position::FirstChild);
        let children = if self.sort == Sort::Raw { Vec::new() } else { self.children };
        let children = children.into_iter().map(|child| child.hydrated(cursor, position)).collect();
        cursor.set(node.clone().into());
        position.set(Position::NextChild);
        ElementState { node, name: self.name, attributes, children }
    }

    /// Whether it can take the place of another without making new nodes: the same element with the same attributes and as many children, of
    /// the same component as far as the first word of its class tells.
    pub(crate) fn fits(&self, state: &ElementState) -> bool {
        let has_same_name = |(new, old): (&Attribute, &AttributeState)| new.name == old.name;
        self.name == state.name
            && self.attributes.len() == state.attributes.len()
            && self.children.len() == state.children.len()
            && self.attributes.iter().zip(&state.attributes).all(has_same_name)
            && self.fixed_class().zip(state.fixed_class()).is_none_or(|(new, old)| first_word(new) == first_word(old))
    }

    pub(crate) fn rebuilt(self, state: &mut ElementState) {
        for (attribute, state_of_it) in self.attributes.into_iter().zip(&mut state.attributes) {
            attribute.replace(&state.node, state_of_it);
        }
        for (child, state_of_it) in self.children.into_iter().zip(&mut state.children) {
            child.rebuilt(state_of_it);
        }
    }

    fn fixed_class(&self) -> Option<&str> {
        self.attributes.iter().find_map(|attribute| match &attribute.kind {
            Kind::Value(Value::Fixed(Some(class))) if attribute.name == "class" => Some(&**class),
            _ => None,
        })
    }
}

impl ElementState {
    fn fixed_class(&self) -> Option<&str> {
        self.attributes.iter().find_map(AttributeState::fixed_class)
    }
}

/// The server's markup and this view are not of one version, or somebody changed the document in between.
#[cold]
fn not_where_it_was(name: &str) -> ! {
    panic!("hydration: the server wrote no <{name}> where the page has one")
}

fn first_word(class: &str) -> Option<&str> {
    class.split(' ').next()
}

fn attach(attributes: Vec<Attribute>, node: &DomElement, is_written: bool) -> Vec<AttributeState> {
    attributes.into_iter().map(|attribute| attribute.attach(node, is_written)).collect()
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Element").field(&self.name).finish()
    }
}
