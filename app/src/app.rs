//! The application: the HTML document and its routes.
//!
//! The server renders [`shell`]; the browser hydrates [`App`]. In: [`PageRequest`] and
//! [`PageFiles`] from the server, if it gives them. Out: the contexts of [`crate::acting::actions`]
//! and [`crate::parts::page_host`]. Next: [`crate::pages`].

pub mod page_files;
pub mod routes;

pub use page_files::{PageChunks, PageFiles};
pub use routes::chunk_at;

use crate::base_path::{self, address};
use crate::prelude::*;
use crate::{
    acting::actions::{provide_actions, use_actions},
    chunks::{Chunk, ChunkPage, Lazy},
    client::RealtimeProvider,
    frame::{
        banner::Banner, numbers_age::provide_numbers_age, page_header::PageHeader, page_title::provide_page_title,
        quick::provide_quick,
    },
    list::why_link::provide_why,
    page_request::{PageRequest, ShowStyleguide, SignedIn},
    pages::{ContainersPage, NotFoundPage},
    parts::page_host::provide_page_host,
    prefs::{last_visit::provide_last_visit, remembered::provide_remembered, theme_switch::Theme},
};
use leptos_meta::MetaTags;
use leptos_router::{
    components::{FlatRoutes, Redirect, Route, Router},
    hooks::use_location,
    path,
};

/// The HTML document.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let PageRequest { host: _, theme, motion, list } = PageRequest::current();
    let theme = match theme {
        Theme::System => None,
        chosen => Some(chosen.as_str()),
    };
    let list = (!list.is_empty()).then_some(list);
    let is_still = use_context::<ShowStyleguide>().is_some();
    let files = PageFiles::current();
    let base = Some(base_path::current()).filter(|base| !base.is_empty()).map(|base| base.to_string());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-motion=motion.attribute() data-list=list data-base=base>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content="A real-time dashboard for Docker containers." />
                <link rel="icon" href=address("/favicon.svg") type="image/svg+xml" />
                <link id="leptos" rel="stylesheet" href=address(&files.style) />
                <AutoReload options />
                {(!is_still).then(|| view! { <page_files::PageScripts files /> })}
                <MetaTags />
            </head>
            <body>
                <App />
                {signed_in()}
            </body>
        </html>
    }
}

/// The signed-in user, and a button to sign out. Not hydrated, so that its code is not in the
/// browser's module.
fn signed_in() -> Erased {
    let SignedIn(user) = use_context().unwrap_or_default();
    user.map(|(name, role, may_sign_out)| {
        let out = may_sign_out.then(|| {
            view! {
                <form method="post" action=address("/sign-out")>
                    <button class="signed-in__out" type="submit">
                        "Sign out"
                    </button>
                </form>
            }
        });
        view! {
            <aside class="signed-in" aria-label="Signed in">
                <span>{format!("Signed in as {name}, {role}")}</span>
                {out}
            </aside>
        }
    })
    .erased()
}

/// The content of the body.
#[component]
pub fn App() -> Erased {
    #[cfg(feature = "ssr")]
    leptos_meta::provide_meta_context();
    #[cfg(feature = "ssr")]
    routes::provide_server_code();
    let PageRequest { host, theme, list, .. } = PageRequest::current();
    provide_page_host(host);
    // The server takes the path away before it looks for the page.
    let base = if cfg!(feature = "ssr") { String::new() } else { base_path::current().to_string() };
    provide_remembered(list);
    view! {
        <RealtimeProvider>
            <Router base>
                <Frame theme />
            </Router>
        </RealtimeProvider>
    }
    .erased()
}

/// The parts that are the same on every page.
#[component]
fn Frame(
    /// The theme the page was rendered with.
    theme: Theme,
) -> Erased {
    provide_numbers_age();
    provide_actions();
    let actions = use_actions();
    let why = provide_why();
    provide_last_visit();
    let quick = provide_quick();
    provide_page_title();
    routes::fetch_on_hover();
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
                <Route path=path!("/containers/:id") view=chunk_page(Chunk::Container) />
                <Route path=path!("/containers/:id/logs") view=chunk_page(Chunk::Logs) />
                <Route path=path!("/logs") view=chunk_page(Chunk::Logs) />
                <Route path=path!("/engines") view=EnginePages />
                <Route path=path!("/engines/*any") view=EnginePages />
                <Route path=path!("/swarm") view=chunk_page(Chunk::Swarm) />
                <Route path=path!("/events") view=chunk_page(Chunk::Events) />
                <Route path=path!("/realtime-test") view=chunk_page(Chunk::RealtimeTest) />
            </FlatRoutes>
            <Lazy chunk=Chunk::Actions wanted=Callback::new(move |()| actions.need_ui()) />
            <Lazy chunk=Chunk::Why wanted=Callback::new(move |()| why.read().is_some()) />
        </main>
        <Lazy chunk=Chunk::Quick wanted=Callback::new(move |()| quick.is_wanted()) />
    }
    .erased()
}

/// A page in its own chunk.
fn chunk_page(chunk: Chunk) -> impl Fn() -> Erased + Clone + Send + 'static {
    move || view! { <ChunkPage chunk /> }.erased()
}

/// The pages below `/engines`, which share one route because each route adds to the first module.
#[component]
fn EnginePages() -> Erased {
    let path = use_location().pathname;
    let chunk = Memo::new(move |former: Option<&Option<Chunk>>| {
        let path = path.read();
        // The address of the next page is set before this one is taken away.
        let is_here = base_path::path(&path).starts_with("/engines");
        if is_here { chunk_at(&path) } else { former.copied().flatten() }
    });
    (move || match chunk.get() {
        Some(chunk) => view! { <ChunkPage chunk /> }.erased(),
        None => view! { <NotFoundPage /> }.erased(),
    })
    .erased()
}

/// Redirects `/` to the list and keeps the query.
#[component]
fn Home() -> impl IntoView {
    let search = use_location().search.get_untracked();
    let path = if search.is_empty() { "/containers".to_owned() } else { format!("/containers?{search}") };
    view! { <Redirect path /> }
}
