//! Closures in views with their types erased: Leptos compiles its reactive code once for each type
//! of closure.

use crate::prelude::*;

/// A closure that returns a text, as a child or an attribute.
pub type TextClosure = Box<dyn FnMut() -> String + Send>;

/// A closure that returns an attribute's value, or `None` to leave the attribute out.
pub type WordClosure = Box<dyn FnMut() -> Option<&'static str> + Send>;

/// A closure that returns a view.
pub type ViewClosure = Box<dyn FnMut() -> Erased + Send>;

/// Erases the type of a closure that returns a text.
pub fn text(read: impl FnMut() -> String + Send + 'static) -> TextClosure {
    Box::new(read)
}

/// Erases the type of a closure that returns an attribute's value.
pub fn word(read: impl FnMut() -> Option<&'static str> + Send + 'static) -> WordClosure {
    Box::new(read)
}

/// Erases the type of a closure that returns a view.
pub fn live(draw: impl FnMut() -> Erased + Send + 'static) -> ViewClosure {
    Box::new(draw)
}
