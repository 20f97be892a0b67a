//! What comes to be an [`Erased`].

use crate::{Element, Erased, Live, erased::View, tags::InertElement};
use leptos::{
    either::Either,
    prelude::{AnyView, View as OfView},
    tachys::view::RenderHtml,
};
use std::{borrow::Cow, sync::Arc};

/// Erases a view's type.
pub trait Erase: Sized {
    /// The same view as an [`Erased`].
    fn erased(self) -> Erased;

    /// Adds it to an element's children; what stands together is added one by one.
    fn push_to(self, children: &mut Vec<Erased>) {
        children.push(self.erased());
    }
}

/// A view of a type of its own, as `<For>`.
pub fn other(view: impl RenderHtml + 'static) -> Erased {
    Erased(View::Other(Box::new(view)))
}

impl Erase for Erased {
    fn erased(self) -> Erased {
        self
    }
}

impl Erase for Element {
    fn erased(self) -> Erased {
        Erased(View::Element(Box::new(self)))
    }
}

/// A view that follows its signals.
impl<V: Erase, F: FnMut() -> V + Send + 'static> Erase for F {
    fn erased(mut self) -> Erased {
        Erased(View::Live(Box::new(move || self().erased())))
    }
}

impl<V: Erase> Erase for OfView<V> {
    fn erased(self) -> Erased {
        self.into_inner().erased()
    }

    fn push_to(self, children: &mut Vec<Erased>) {
        self.into_inner().push_to(children);
    }
}

impl<V: Erase> Erase for Option<V> {
    fn erased(self) -> Erased {
        self.map_or(Erased(View::Nothing), V::erased)
    }
}

impl<V: Erase> Erase for Vec<V> {
    fn erased(self) -> Erased {
        Erased(View::List(self.into_iter().map(V::erased).collect()))
    }
}

impl<L: Erase, R: Erase> Erase for Either<L, R> {
    fn erased(self) -> Erased {
        match self {
            Self::Left(view) => view.erased(),
            Self::Right(view) => view.erased(),
        }
    }
}

impl Erase for () {
    fn erased(self) -> Erased {
        Erased(View::Nothing)
    }
}

impl Erase for AnyView {
    fn erased(self) -> Erased {
        other(self)
    }
}

impl Erase for InertElement {
    fn erased(self) -> Erased {
        other(self.0)
    }
}

macro_rules! texts {
    ($($kind:ty: $value:ident => $text:expr;)*) => {$(
        impl Erase for $kind {
            fn erased(self) -> Erased {
                let $value = self;
                Erased::text($text)
            }
        }
    )*};
}

texts! {
    &'static str: text => text;
    String: text => text;
    Cow<'static, str>: text => text;
    Arc<str>: text => text.as_ref().to_owned();
    usize: number => number.to_string();
    u64: number => number.to_string();
}

macro_rules! tuples {
    ($(($($part:ident)*))*) => {$(
        impl<$($part: Erase),*> Erase for ($($part,)*) {
            fn erased(self) -> Erased {
                let mut views = Vec::new();
                self.push_to(&mut views);
                Erased(View::Several(views))
            }

            #[allow(non_snake_case)]
            fn push_to(self, children: &mut Vec<Erased>) {
                let ($($part,)*) = self;
                $($part.push_to(children);)*
            }
        }
    )*};
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I) (A B C D E F G H I J)
    (A B C D E F G H I J K) (A B C D E F G H I J K L) (A B C D E F G H I J K L M) (A B C D E F G H I J K L M N)
    (A B C D E F G H I J K L M N O) (A B C D E F G H I J K L M N O P)
}

// A boxed closure is one, too; this says that it stays as it is.
const _: fn(Live) -> Erased = Erase::erased;
