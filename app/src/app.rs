//! The page around the pages: the HTML document, the routes, and what they share.
//!
//! The server renders [`shell`]; the browser hydrates [`App`]. In: [`PageRequest`] from the server, if it gives one. Out: the
//! contexts of [`crate::components::actions`] and [`use_page_host`]. Next: [`crate::pages`].

pub mod page_request;

pub use page_request::{PageRequest, RespondNotFound};
pub(crate) use page_request::{respond_not_found, use_page_host};

use crate::components::erased::Erase;
use crate::{
    client::RealtimeProvider,
    components::{
        actions::{provide_actions, use_actions},
        banner::Banner,
        page_header::PageHeader,
        theme_switch::Theme,
    },
    pages::{
        ContainersPage, NotFoundPage,
        split::{Deferred, Split, SplitPage, fetch_what_is_pointed_at},
    },
};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::{
    components::{FlatRoutes, Redirect, Route, Router},
    hooks::use_location,
    path,
};

/// The HTML document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = match PageRequest::current().theme {
        Theme::System => None,
        chosen => Some(chosen.as_str()),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content="Every container of a Docker Engine, changing as it changes." />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet id="leptos" options=options.clone() />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Everything inside the body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    page_request::provide_page_host();
    let theme = PageRequest::current().theme;
    view! {
        <Title formatter=|page: String| if page.is_empty() { "Quaylight".to_owned() } else { format!("{page} · Quaylight") } />
        <RealtimeProvider>
            <Router>
                <Frame theme />
            </Router>
        </RealtimeProvider>
    }
}

/// What is the same on every page.
#[component]
fn Frame(
    /// The theme the page was rendered with.
    theme: Theme,
) -> impl IntoView {
    provide_actions();
    let actions = use_actions();
    fetch_what_is_pointed_at();
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <PageHeader theme />
        <Banner />
        <main id="main" class="page-main" tabindex="-1">
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=Home />
                <Route path=path!("/containers") view=ContainersPage />
                <Route path=path!("/containers/:id") view=|| view! { <Split page=SplitPage::Container /> } />
                <Route path=path!("/realtime-test") view=|| view! { <Split page=SplitPage::RealtimeTest /> } />
            </FlatRoutes>
            <Deferred page=SplitPage::Actions wanted=Signal::derive(move || actions.have_something_to_show()) />
        </main>
    }
    .erased()
}

/// `/` is the list; what the address asks for goes along.
#[component]
fn Home() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let path = if search.is_empty() { "/containers".to_owned() } else { format!("/containers?{search}") };
    view! { <Redirect path /> }
}
