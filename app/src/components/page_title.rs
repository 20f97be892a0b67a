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
        // The server may write the title when the page's signals are gone already: it is told in the first HTML, or a moment later.
        let whole = move |page: String| whole(&trouble.try_get().unwrap_or_default(), &page);
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

/// The page's own part of the title.
#[component]
pub fn PageTitle(
    /// What it says.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    drop(view! { <leptos_meta::Title text /> });
    #[cfg(not(feature = "ssr"))]
    if let Some(OwnPart(own)) = use_context() {
        own.set(Some(text));
    }
}
