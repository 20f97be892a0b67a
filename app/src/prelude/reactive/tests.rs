//! These signals keep the promises of Leptos's own.

use super::*;
use leptos::prelude::Owner;

#[test]
fn values_are_read_and_derived_signals_follow() {
    Owner::new().with(|| {
        let signal = RwSignal::new(vec![1, 2]);
        let length = Memo::new(move |former: Option<&usize>| signal.read().len() + 10 * former.copied().unwrap_or(0));
        let words = Signal::derive(move || format!("{} of them", length.get()));
        assert_eq!((length.get(), words.get()), (2, "2 of them".to_owned()));
        signal.update(|all| all.push(3));
        assert_eq!(words.get(), "23 of them", "a memo receives its previous value");
        assert_eq!(signal.try_update(|all| all.pop()), Some(Some(3)));
        signal.set(Vec::new());
        assert!(signal.read_untracked().is_empty());
        signal.write().push(7);
        assert_eq!(Signal::from(signal).get(), [7]);
        assert_eq!(signal.try_set(vec![8]), None);
        assert_eq!(Signal::stored(5).get(), 5);
    });
}

#[test]
fn a_memo_with_an_equal_value_does_not_notify() {
    Owner::new().with(|| {
        let (signal, counted) = (ArcRwSignal::new(1), StoredValue::new(0));
        let read = signal.read_only();
        let is_odd = Memo::new(move |_| read.get() % 2 == 1);
        let follower = Memo::new(move |_| {
            counted.update_value(|count| *count += 1);
            is_odd.get()
        });
        assert!(follower.get());
        signal.set(3);
        assert!(follower.get());
        assert_eq!(counted.get_value(), 1);
        signal.set(4);
        assert!(!follower.get());
        assert_eq!(counted.get_value(), 2);
    });
}

#[test]
fn disposed_signals_and_values_return_none() {
    Owner::new().with(|| {
        let owner = Owner::new();
        let (signal, stored) = owner.with(|| (RwSignal::new(1), StoredValue::new(1)));
        owner.cleanup();
        assert_eq!((signal.try_get(), signal.try_get_untracked(), stored.try_get_value()), (None, None, None));
        assert!(signal.try_set(2).is_some() && signal.try_update(|_| ()).is_none());
        assert_eq!(stored.try_set_value(2), Some(2));
    });
}
