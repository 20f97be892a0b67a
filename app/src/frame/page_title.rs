//! What the browser's tab says: trouble, if there is any, the page, and whose page it is.
//!
//! The server writes it into the head through `leptos_meta`; in the browser it is one effect, and `leptos_meta` is not in the module.

use super::trouble_title::provide_trouble_title;
use crate::prelude::*;
use leptos::text_prop::TextProp;

/// The page's own part, in the browser.
#[cfg(not(feature = "ssr"))]
#[derive(Clone, Copy)]
struct OwnPart(RwSignal<Option<TextProp>>);

/// Keeps the title; once, around the pages.
pub fn provide_page_title() {
    let trouble = provide_trouble_title();
    #[cfg(feature = "ssr")]
    {
        // Read now: leptos_meta formats the title on a thread that may not have the page's signals.
        let trouble = trouble.get_untracked();
        let whole = move |page: String| escaped(&whole(&trouble, &page));
        drop(view! { <leptos_meta::Title formatter=whole /> });
    }
    #[cfg(not(feature = "ssr"))]
    {
        let own = RwSignal::new(None::<TextProp>);
        provide_context(OwnPart(own));
        let title = Memo::new(move |_| {
            let page = own.read().as_ref().map(TextProp::get).unwrap_or_default();
            whole(&trouble.get(), &page)
        });
        Effect::new(move |_| document().set_title(&title.read()));
    }
}

/// `(2) Containers · Quaylight`.
fn whole(trouble: &str, page: &str) -> String {
    let dot = if page.is_empty() { "" } else { " · " };
    format!("{trouble}{page}{dot}Quaylight")
}

/// As text of HTML: `leptos_meta` writes a title as it comes, and a container's name is whatever its engine says.
#[cfg(feature = "ssr")]
fn escaped(title: &str) -> String {
    let mut escaped = String::with_capacity(title.len());
    for letter in title.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The page's own part of the title.
#[component]
pub fn PageTitle(
    /// What it says.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    // Read now, for the same reason as in `provide_page_title`.
    #[cfg(feature = "ssr")]
    drop(view! { <leptos_meta::Title text=untrack(move || text.get()) /> });
    #[cfg(not(feature = "ssr"))]
    if let Some(OwnPart(own)) = use_context() {
        own.set(Some(text));
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #[test]
    fn a_title_ends_no_element() {
        let title = super::escaped("a & b</title><script>alert(1)</script>");
        assert_eq!(title, "a &amp; b&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    }
}
