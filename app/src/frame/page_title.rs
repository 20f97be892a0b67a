//! The document title: number of containers needing attention, page, product name.
//!
//! The server writes it into the head through `leptos_meta`. In the browser a single effect sets
//! it, so `leptos_meta` is not part of the module.

use super::attention_title::provide_attention_title;
use crate::prelude::*;
use leptos::text_prop::TextProp;

/// The page's part of the document title, in the browser.
#[cfg(not(feature = "ssr"))]
#[derive(Clone, Copy)]
struct OwnTitle(RwSignal<Option<TextProp>>);

/// Keeps the document title up to date. Called once, around all pages.
pub fn provide_page_title() {
    let prefix = provide_attention_title();
    #[cfg(feature = "ssr")]
    {
        // Read now: leptos_meta formats the title on a thread that may not have the page's signals.
        let prefix = prefix.get_untracked();
        let full_title = move |page: String| escaped(&full_title(&prefix, &page));
        drop(view! { <leptos_meta::Title formatter=full_title /> });
    }
    #[cfg(not(feature = "ssr"))]
    {
        let own = RwSignal::new(None::<TextProp>);
        provide_context(OwnTitle(own));
        Effect::new(move |_| {
            let page = own.read().as_ref().map(TextProp::get).unwrap_or_default();
            document().set_title(&full_title(&prefix.read(), &page));
        });
    }
}

/// The document title: `(2) Containers · Quaylight`.
fn full_title(prefix: &str, page: &str) -> String {
    let dot = if page.is_empty() { "" } else { " · " };
    format!("{prefix}{page}{dot}Quaylight")
}

/// Escapes HTML, because `leptos_meta` does not, and container names are not trusted.
#[cfg(feature = "ssr")]
fn escaped(title: &str) -> String {
    let mut escaped = String::with_capacity(title.len());
    for character in title.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            character => escaped.push(character),
        }
    }
    escaped
}

/// Sets the page's part of the title.
#[component]
pub fn PageTitle(
    /// The page's part of the title.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    // Read now, for the same reason as in `provide_page_title`.
    #[cfg(feature = "ssr")]
    drop(view! { <leptos_meta::Title text=untrack(move || text.get()) /> });
    #[cfg(not(feature = "ssr"))]
    if let Some(OwnTitle(own)) = use_context() {
        own.set(Some(text));
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #[test]
    fn a_title_cannot_close_its_element() {
        let title = super::escaped("a & b</title><script>alert(1)</script>");
        assert_eq!(title, "a &amp; b&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    }
}
