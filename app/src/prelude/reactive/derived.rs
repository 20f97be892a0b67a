//! Signals computed from others.

use super::{
    held::{Held, copied, held, hold, readable},
    signal::{ArcReadSignal, ArcRwSignal, RwSignal},
};
use leptos::prelude as leptos_own;
use std::marker::PhantomData;

/// Leptos's `Memo`.
pub struct Memo<T>(leptos_own::Memo<Held>, PhantomData<fn() -> T>);

/// Leptos's `Signal`: any of the others.
pub struct Signal<T>(leptos_own::Signal<Held>, PhantomData<fn() -> T>);

readable!(Memo);
readable!(Signal);
copied!(Memo);
copied!(Signal);

/// Computes a new value from the previous one.
type Make = Box<dyn Fn(Option<&Held>) -> Held + Send + Sync>;

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// Computed when it is read after a dependency has changed.
    pub fn new(make: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        Self(memo(Box::new(move |former| hold(make(former.map(held)))), has_changed::<T>), PhantomData)
    }
}

/// Compiled once for all types.
#[inline(never)]
fn memo(make: Make, has_changed: fn(Option<&Held>, Option<&Held>) -> bool) -> leptos_own::Memo<Held> {
    leptos_own::Memo::new_with_compare(make, has_changed)
}

fn has_changed<T: PartialEq + 'static>(former: Option<&Held>, new: Option<&Held>) -> bool {
    former.map(held::<T>) != new.map(held::<T>)
}

impl<T: Send + Sync + 'static> Signal<T> {
    /// Computed whenever it is read.
    pub fn derive(make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let make: Box<dyn Fn() -> Held + Send + Sync> = Box::new(move || hold(make()));
        Self(leptos_own::Signal::derive(make), PhantomData)
    }

    /// A constant.
    pub fn stored(value: T) -> Self {
        Self(leptos_own::Signal::stored(hold(value)), PhantomData)
    }
}

impl<T: Send + Sync + Default + 'static> Default for Signal<T> {
    fn default() -> Self {
        Self::stored(T::default())
    }
}

impl<T> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self(signal.0.into(), PhantomData)
    }
}

impl<T> From<ArcRwSignal<T>> for Signal<T> {
    fn from(signal: ArcRwSignal<T>) -> Self {
        Self(signal.0.into(), PhantomData)
    }
}

impl<T> From<ArcReadSignal<T>> for Signal<T> {
    fn from(signal: ArcReadSignal<T>) -> Self {
        Self(signal.0.into(), PhantomData)
    }
}

impl<T> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self(memo.0.into(), PhantomData)
    }
}
