//! What an attribute or a text may be: fixed, not there, or made anew as its signals change.

use crate::{Erase, Erased, live};
use leptos::prelude::Nonce;
use std::{borrow::Cow, fmt, sync::Arc};

/// A fixed value; `None` is no attribute at all, or no text.
pub(crate) type Fixed = Option<Cow<'static, str>>;

/// An attribute or a text that follows its signals.
pub struct Changing(pub(crate) Box<dyn FnMut() -> Fixed + Send>);

/// A text that follows its signals.
pub fn text(mut read: impl FnMut() -> String + Send + 'static) -> Changing {
    Changing(Box::new(move || Some(Cow::Owned(read()))))
}

/// An attribute that follows its signals: a fixed word, or not there.
pub fn word(mut read: impl FnMut() -> Option<&'static str> + Send + 'static) -> Changing {
    Changing(Box::new(move || read().map(Cow::Borrowed)))
}

impl fmt::Debug for Changing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changing")
    }
}

impl Erase for Changing {
    fn erased(self) -> Erased {
        let mut read = self.0;
        live(move || Erased::text(read().unwrap_or_default())).erased()
    }
}

/// The value of an attribute.
pub(crate) enum Value {
    Fixed(Fixed),
    Changing(Changing),
}

/// What an attribute can be given in `view!`.
pub trait IntoValue {
    /// The value.
    #[expect(private_interfaces, reason = "only elements take values")]
    fn into_value(self) -> Value;
}

impl IntoValue for Changing {
    #[expect(private_interfaces, reason = "only elements take values")]
    fn into_value(self) -> Value {
        Value::Changing(self)
    }
}

/// What a fixed value can be.
pub trait IntoFixed {
    /// `true` is an attribute without a value, `false` is none.
    fn into_fixed(self) -> Fixed;
}

impl<V: IntoFixed, F: FnMut() -> V + Send + 'static> IntoValue for F {
    #[expect(private_interfaces, reason = "only elements take values")]
    fn into_value(mut self) -> Value {
        Value::Changing(Changing(Box::new(move || self().into_fixed())))
    }
}

macro_rules! fixed {
    ($($kind:ty: $value:ident => $text:expr;)*) => {$(
        impl IntoFixed for $kind {
            fn into_fixed(self) -> Fixed {
                let $value = self;
                $text
            }
        }

        impl IntoValue for $kind {
            #[expect(private_interfaces, reason = "only elements take values")]
            fn into_value(self) -> Value {
                Value::Fixed(self.into_fixed())
            }
        }
    )*};
}

fixed! {
    &'static str: text => Some(Cow::Borrowed(text));
    String: text => Some(Cow::Owned(text));
    Cow<'static, str>: text => Some(text);
    Arc<str>: text => Some(Cow::Owned(text.as_ref().to_owned()));
    bool: is_there => is_there.then_some(Cow::Borrowed(""));
    Nonce: nonce => Some(Cow::Owned(nonce.to_string()));
    usize: number => Some(Cow::Owned(number.to_string()));
    u64: number => Some(Cow::Owned(number.to_string()));
}

impl<V: IntoFixed> IntoFixed for Option<V> {
    fn into_fixed(self) -> Fixed {
        self.and_then(V::into_fixed)
    }
}

impl<V: IntoFixed> IntoValue for Option<V> {
    #[expect(private_interfaces, reason = "only elements take values")]
    fn into_value(self) -> Value {
        Value::Fixed(self.into_fixed())
    }
}

/// `view!` passes what stands in braces through this; here it stays as it is until an element takes it.
pub trait IntoRender: Sized {
    /// The same type.
    type Output;

    /// The same value.
    fn into_render(self) -> Self::Output;
}

impl<T> IntoRender for T {
    type Output = Self;

    fn into_render(self) -> Self {
        self
    }
}

/// `view!` passes what an attribute is given through this; here it stays as it is until an element takes it.
pub trait IntoAttributeValue: Sized {
    /// The same type.
    type Output;

    /// The same value.
    fn into_attribute_value(self) -> Self::Output;
}

impl<T> IntoAttributeValue for T {
    type Output = Self;

    fn into_attribute_value(self) -> Self {
        self
    }
}
