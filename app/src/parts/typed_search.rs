//! A search that the address of a page holds, and, a moment ahead of it, the words being typed.
//!
//! In: the words in the address, and those typed. Out: words that follow typing at once, and an address that
//! follows them after a pause.

use crate::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::time::Duration;

/// The address follows typing after this pause: browsers allow about 100 changes of the address in 30 s.
const PAUSE: Duration = Duration::from_millis(250);

/// The words of a search. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct TypedSearch {
    typed: RwSignal<String>,
    /// The words in the address that was written last.
    written: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
    navigate: Callback<(String, bool)>,
}

/// Follows the words in an address.
///
/// # Server-side
/// Only read.
pub fn use_typed_search(address: impl Fn() -> String + 'static) -> TypedSearch {
    let words = untrack(&address);
    let go = use_navigate();
    let search = TypedSearch {
        typed: RwSignal::new(words.clone()),
        written: StoredValue::new(words),
        timer: StoredValue::new(None),
        navigate: Callback::new(move |(href, replace): (String, bool)| {
            go(&href, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
        }),
    };
    // Back, Forward and links change the words in the field. An address written here must not: it may be behind the typing.
    Effect::new(move |_| {
        let words = address();
        if search.written.try_get_value().as_ref() != Some(&words) {
            search.written.set_value(words.clone());
            search.typed.set(words);
        }
    });
    on_cleanup(move || search.stop_timer());
    search
}

impl TypedSearch {
    /// The words, as they are typed.
    pub fn words(self) -> String {
        self.typed.get()
    }

    /// Takes words as they are typed. `href` is asked after a pause, and replaces the address without a step in the history.
    pub fn search(self, words: String, href: impl Fn() -> Option<String> + 'static) {
        self.typed.set(words);
        self.stop_timer();
        let href: Box<dyn Fn() -> Option<String>> = Box::new(href);
        let write = move || {
            if let (Some(href), Some(words)) = (href(), self.typed.try_get_untracked()) {
                self.go(words, href, true);
            }
        };
        self.timer.set_value(set_timeout_with_handle(write, PAUSE).ok());
    }

    /// Goes to an address with these words at once.
    pub fn change(self, words: String, href: String, replace: bool) {
        self.stop_timer();
        self.go(words, href, replace);
    }

    fn go(self, words: String, href: String, replace: bool) {
        self.written.try_set_value(words);
        self.navigate.run((href, replace));
    }

    fn stop_timer(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
