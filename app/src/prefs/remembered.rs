//! What a browser remembers of how its list is shown: scales, columns, pins, and the view to begin with. One value for the whole app.
//!
//! In: the words of the cookie `list`, which are an address's; the server renders with them, and hands them to the browser in
//! `data-list`. Out: the query that an address is read over. What changes it is in the chunk of [`super::list_options`].

use crate::prelude::*;
use crate::{model::Container, query::ListQuery};

/// The cookie's name.
pub const COOKIE: &str = "list";

/// As many as a cookie has room for; the oldest go.
const MAX_PINS: usize = 30;

/// What is remembered. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct Remembered {
    words: RwSignal<String>,
    query: Memo<ListQuery>,
}

/// Puts the shared value into context; once. `words` are what the page was rendered with.
pub fn provide_remembered(words: String) {
    let words = RwSignal::new(words);
    provide_context(Remembered { words, query: Memo::new(move |_| ListQuery::parse(&words.read())) });
}

/// The shared value.
///
/// # Panics
/// Outside the component that called [`provide_remembered`].
pub fn use_remembered() -> Remembered {
    expect_context()
}

impl Remembered {
    /// The choices an address is read over.
    pub fn query(self) -> ListQuery {
        self.query.get()
    }

    /// Whether a container stands at the top.
    pub fn is_pinned(self, container: &Container) -> bool {
        self.query.read().is_pinned(container)
    }

    /// The pinned containers, as [`ListQuery::pin_of`] names them.
    pub fn pins(self) -> Vec<String> {
        self.query.get().pins
    }

    /// The address shown where none is asked for; `None`: everything as it comes.
    pub fn home(self) -> Option<String> {
        ListQuery::home_of(&self.words.read())
    }

    /// Remembers another choice.
    pub fn change(self, edit: impl Fn(&mut ListQuery)) {
        let mut query = self.query.get_untracked();
        edit(&mut query);
        self.write(&query, untrack(|| self.home()).as_deref());
    }

    /// Pins containers to the top, or no longer.
    pub fn set_pins(self, pins: &[String], are_pinned: bool) {
        self.change(|query| {
            query.pins.retain(|other| !pins.contains(other));
            if are_pinned {
                query.pins.extend_from_slice(pins);
                query.pins.drain(..query.pins.len().saturating_sub(MAX_PINS));
            }
        });
    }

    /// Begins with a view from now on.
    pub fn begin_with(self, href: Option<&str>) {
        self.write(&self.query.get_untracked(), href);
    }

    /// For this page, for those rendered from now on, and for a year.
    fn write(self, query: &ListQuery, home: Option<&str>) {
        let words = query.remembered_words(home);
        let document = document();
        let cookie = format!("{COOKIE}={words}; Path=/; Max-Age=31536000; SameSite=Lax");
        let _ = js_sys::Reflect::set(&document, &"cookie".into(), &cookie.into());
        self.words.set(words);
    }
}
