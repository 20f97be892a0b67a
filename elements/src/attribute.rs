//! What an element has: attributes, properties, listeners, and who wants to know the element itself.

use crate::{
    base,
    value::{Changing, Fixed, Value},
};
use leptos::{
    reactive::{effect::RenderEffect, owner::Owner},
    tachys::renderer::{RemoveEventHandler, Rndr, types::Element as DomElement},
    wasm_bindgen::JsValue,
};
use send_wrapper::SendWrapper;
use std::borrow::Cow;

/// Takes the element once it is there.
pub(crate) type TakeElement = Box<dyn FnOnce(&DomElement) + Send>;

/// Answers an event.
pub(crate) type Listener = SendWrapper<Box<dyn FnMut(JsValue)>>;

/// One thing that an element has, by its name.
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Value(Value),
    /// Of the element as the script sees it; the markup says nothing of it.
    Property(Changing),
    /// Through the object model: the policy of a page may allow no style in its markup.
    Style(Fixed),
    /// `None` on the server, where nothing happens.
    On(Option<(Owner, Listener)>),
    Reference(TakeElement),
}

/// What one left on the element.
pub(crate) struct AttributeState {
    pub(crate) name: &'static str,
    kind: KindState,
}

enum KindState {
    Fixed(Fixed),
    Changing(RenderEffect<Fixed>),
    Property(#[expect(dead_code, reason = "runs as long as it is held")] RenderEffect<Fixed>),
    /// Removed when it is dropped.
    On(#[expect(dead_code, reason = "listens as long as it is held")] Option<RemoveEventHandler<DomElement>>),
    Style(Fixed),
    Reference,
}

impl Attribute {
    /// Puts it on an element; one that the server wrote has its attributes already.
    pub(crate) fn attach(self, element: &DomElement, is_written: bool) -> AttributeState {
        let name = self.name;
        let kind = match self.kind {
            Kind::Value(Value::Fixed(value)) => {
                if !is_written {
                    set(element, name, None, &value);
                }
                KindState::Fixed(value)
            }
            Kind::Value(Value::Changing(changing)) => {
                KindState::Changing(follow(element, name, changing, None, is_written))
            }
            Kind::Property(changing) => KindState::Property(follow_property(element, name, changing)),
            Kind::Style(value) => {
                set_style(element, name, None, &value);
                KindState::Style(value)
            }
            Kind::On(listener) => KindState::On(listener.map(|listener| listen(element, name, listener))),
            Kind::Reference(take) => {
                take(element);
                KindState::Reference
            }
        };
        AttributeState { name, kind }
    }

    /// Puts it in the place of the one that was made at the same place before.
    pub(crate) fn replace(self, element: &DomElement, state: &mut AttributeState) {
        let name = self.name;
        state.kind = match (self.kind, std::mem::replace(&mut state.kind, KindState::Reference)) {
            (Kind::Value(Value::Fixed(value)), former) => {
                set(element, name, former.value().as_ref(), &value);
                KindState::Fixed(value)
            }
            (Kind::Value(Value::Changing(changing)), former) => {
                KindState::Changing(follow(element, name, changing, Some(former.value()), false))
            }
            (Kind::Style(value), former) => {
                set_style(element, name, former.value().as_ref(), &value);
                KindState::Style(value)
            }
            // The former listener and effect are dropped first.
            (kind, former) => {
                drop(former);
                Self { name, kind }.attach(element, false).kind
            }
        };
    }
}

impl AttributeState {
    /// The class, where it does not follow signals.
    pub(crate) fn fixed_class(&self) -> Option<&str> {
        match &self.kind {
            KindState::Fixed(Some(class)) if self.name == "class" => Some(class),
            _ => None,
        }
    }
}

impl KindState {
    /// What it is now.
    fn value(self) -> Fixed {
        match self {
            Self::Fixed(value) | Self::Style(value) => value,
            Self::Changing(effect) => effect.take_value().flatten(),
            Self::Property(_) | Self::On(_) | Self::Reference => None,
        }
    }
}

fn follow(
    element: &DomElement,
    name: &'static str,
    changing: Changing,
    former: Option<Fixed>,
    is_written: bool,
) -> RenderEffect<Fixed> {
    let (element, mut read) = (element.clone(), changing.0);
    let run = move |former: Option<Fixed>| {
        let value = read();
        match former {
            Some(former) => set(&element, name, former.as_ref(), &value),
            None if is_written => {}
            None => set(&element, name, None, &value),
        }
        value
    };
    let run: Box<dyn FnMut(Option<Fixed>) -> Fixed> = Box::new(run);
    RenderEffect::new_with_value(run, former)
}

/// Sets it where it differs.
fn set(element: &DomElement, name: &str, former: Option<&Cow<'static, str>>, value: &Fixed) {
    match value {
        Some(value) if former != Some(value) => {
            Rndr::set_attribute(element, name, &base::in_document(name, value));
        }
        None if former.is_some() => Rndr::remove_attribute(element, name),
        _ => {}
    }
}

fn set_style(element: &DomElement, name: &str, former: Option<&Cow<'static, str>>, value: &Fixed) {
    match value {
        Some(value) if former != Some(value) => Rndr::set_css_property(&Rndr::style(element), name, value),
        None if former.is_some() => Rndr::remove_css_property(&Rndr::style(element), name),
        _ => {}
    }
}

fn follow_property(element: &DomElement, name: &'static str, changing: Changing) -> RenderEffect<Fixed> {
    let (element, mut read) = (element.clone(), changing.0);
    let run = move |former: Option<Fixed>| {
        let value = read();
        if former.as_ref() != Some(&value) {
            Rndr::set_property_or_value(&element, name, &property(name, &value));
        }
        value
    };
    let run: Box<dyn FnMut(Option<Fixed>) -> Fixed> = Box::new(run);
    RenderEffect::new(run)
}

/// A text for `value`; for all others whether it holds.
fn property(name: &str, value: &Fixed) -> JsValue {
    match value {
        Some(text) if name == "value" => JsValue::from_str(text),
        value => JsValue::from_bool(value.is_some()),
    }
}

fn listen(element: &DomElement, name: &str, (owner, listener): (Owner, Listener)) -> RemoveEventHandler<DomElement> {
    let mut listener = listener.take();
    let hear = move |event: JsValue| {
        #[cfg(debug_assertions)]
        let _zone = leptos::reactive::diagnostics::SpecialNonReactiveZone::enter();
        owner.with(|| listener(event));
    };
    Rndr::add_event_listener(element, name, Box::new(hear))
}
