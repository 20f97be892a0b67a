//! A search text that is part of a page's URL and is ahead of the URL while the user types.
//!
//! In: the text in the URL, and the text typed. Out: the text, updated at once, and the
//! URL, updated after a delay.

use crate::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::time::Duration;

/// Delay between typing and the change of the URL. Browsers allow about 100 changes in 30 s.
const ADDRESS_DELAY: Duration = Duration::from_millis(250);

/// The search text. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct TypedSearch {
    typed: RwSignal<String>,
    /// The text in the last URL set by typing.
    written: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
    navigate: Callback<(String, bool)>,
}

/// Follows the search text in the URL.
///
/// # Server-side
/// Read-only.
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
    // Back, Forward and links change the text in the field. Our own change of the URL must not:
    // the user may have typed more since.
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
    /// The current text.
    pub fn words(self) -> String {
        self.typed.get()
    }

    /// Sets the text on input. After a delay, `href` replaces the URL without a new history
    /// entry.
    pub fn search(self, words: String, href: impl Fn() -> Option<String> + 'static) {
        self.typed.set(words);
        self.stop_timer();
        let href: Box<dyn Fn() -> Option<String>> = Box::new(href);
        let write = move || {
            if let (Some(href), Some(words)) = (href(), self.typed.try_get_untracked()) {
                self.go(words, href, true);
            }
        };
        self.timer.set_value(set_timeout_with_handle(write, ADDRESS_DELAY).ok());
    }

    /// Navigates immediately to a URL with this text.
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
