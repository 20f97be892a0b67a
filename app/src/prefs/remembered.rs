//! List preferences stored in the browser: scales, columns, pins and the default view. One shared
//! value for the whole app.
//!
//! In: the cookie `list`, in the syntax of a URL. The server renders with it and passes it to
//! the browser in `data-list`. Out: the defaults under the query of a URL. Changed in the
//! chunk of [`crate::list::list_options`].

use crate::prelude::*;
use crate::{model::Container, query::ListQuery};

/// The cookie's name.
pub const COOKIE: &str = "list";

/// Maximum number of pins, because a cookie's size is limited; the oldest are dropped.
const MAX_PINS: usize = 30;

/// The preferences. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct Remembered {
    words: RwSignal<String>,
    query: Memo<ListQuery>,
}

/// Provides the preferences. Called once. `words` is the cookie with which the page was rendered.
pub fn provide_remembered(words: String) {
    let words = RwSignal::new(words);
    provide_context(Remembered { words, query: Memo::new(move |_| ListQuery::parse(&words.read())) });
}

/// The preferences.
///
/// # Panics
/// Outside the component that called [`provide_remembered`].
pub fn use_remembered() -> Remembered {
    expect_context()
}

impl Remembered {
    /// The defaults for the query of a URL.
    pub fn query(self) -> ListQuery {
        self.query.get()
    }

    /// True if the container is pinned to the top.
    pub fn is_pinned(self, container: &Container) -> bool {
        self.query.read().is_pinned(container)
    }

    /// The pinned containers, as returned by [`ListQuery::pin_of`].
    pub fn pins(self) -> Vec<String> {
        self.query.get().pins
    }

    /// The URL of the default view, if one is set.
    pub fn home(self) -> Option<String> {
        ListQuery::home_of(&self.words.read())
    }

    /// Changes the preferences.
    pub fn change(self, edit: impl Fn(&mut ListQuery)) {
        let mut query = self.query.get_untracked();
        edit(&mut query);
        self.write(&query, untrack(|| self.home()).as_deref());
    }

    /// Pins or unpins containers.
    pub fn set_pins(self, pins: &[String], are_pinned: bool) {
        self.change(|query| {
            query.pins.retain(|other| !pins.contains(other));
            if are_pinned {
                query.pins.extend_from_slice(pins);
                query.pins.drain(..query.pins.len().saturating_sub(MAX_PINS));
            }
        });
    }

    /// Sets the default view.
    pub fn set_home(self, href: Option<&str>) {
        self.write(&self.query.get_untracked(), href);
    }

    /// Applies the preferences to this page and stores them in the cookie for a year.
    fn write(self, query: &ListQuery, home: Option<&str>) {
        let words = query.remembered_words(home);
        let document = document();
        let cookie = format!("{COOKIE}={words}; Path=/; Max-Age=31536000; SameSite=Lax");
        let _ = js_sys::Reflect::set(&document, &"cookie".into(), &cookie.into());
        self.words.set(words);
    }
}
