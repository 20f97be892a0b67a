//! Pages whose code is not in the first module but in a chunk of its own, fetched when somebody is about to look.
//!
//! On the server every page is at hand. In the browser `frontend`, where the chunks are cut, says through [`PageCode`] how one is
//! fetched and drawn; the page that was asked for first is fetched before hydration, so that it hydrates like any other.
//! Next: [`crate::app`].

use crate::base_path;
use crate::components::{empty_state::EmptyState, icon::Glyph};
use crate::prelude::*;
use leptos::{ev, wasm_bindgen::JsCast, web_sys::Element};
use std::{future::Future, pin::Pin};

/// A page in a chunk of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitPage {
    /// `/containers/{id}`.
    Container,
    /// `/realtime-test`.
    RealtimeTest,
    /// `/containers/{id}/logs` and `/logs`.
    Logs,
    /// `/events`.
    Events,
    /// No page, but what every page needs once somebody acts: the menu, the confirmation, the selection's bar, what was refused.
    Actions,
    /// No page either: the search's suggestions and the list's options.
    List,
    /// No page, but why a container stopped, once somebody asks.
    Why,
    /// No page, but what happened while nobody looked.
    Away,
    /// No page either: what answers keys and speaks up.
    Quick,
}

impl SplitPage {
    const COUNT: usize = Self::Quick as usize + 1;

    /// The page at an address of this server, if it is one of these; says the same as the routes of [`crate::app::App`].
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        let path = base_path::path(path).split(['?', '#']).next().unwrap_or_default();
        match path {
            "/realtime-test" => Some(Self::RealtimeTest),
            "/logs" => Some(Self::Logs),
            "/events" => Some(Self::Events),
            _ => match path.strip_prefix("/containers/")?.split_once('/') {
                Some((_, part)) => (part == "logs").then_some(Self::Logs),
                None => (path != "/containers/").then_some(Self::Container),
            },
        }
    }

    /// The name of its chunk.
    #[must_use]
    pub const fn chunk(self) -> &'static str {
        match self {
            Self::Container | Self::Why => "container_page",
            Self::RealtimeTest => "realtime_test_page",
            Self::Logs => "logs_page",
            Self::Events | Self::Away => "events_page",
            Self::Actions => "action_parts",
            Self::List | Self::Quick => "quick_parts",
        }
    }
}

/// A chunk on its way; true once it is here, false if it could not be fetched.
pub type Fetching = Pin<Box<dyn Future<Output = bool>>>;

/// How the browser comes by the code of these pages.
#[derive(Clone, Copy, Debug)]
pub struct PageCode {
    /// Fetches a page's chunk; at once where it is here already.
    pub fetch: fn(SplitPage) -> Fetching,
    /// Draws a page whose chunk is here.
    pub draw: fn(SplitPage) -> Option<Erased>,
}

/// Where a page's chunk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Chunk {
    #[default]
    Elsewhere,
    Coming,
    Here,
    Failed,
}

/// The chunks of this visit.
#[derive(Clone, Copy, Debug)]
struct Chunks {
    code: PageCode,
    /// By `SplitPage as usize`.
    states: RwSignal<[Chunk; SplitPage::COUNT]>,
}

/// Tells the pages how to come by their code. `here` is the one that was fetched before hydration.
pub fn provide_page_code(code: PageCode, here: Option<SplitPage>) {
    let mut states = [Chunk::default(); SplitPage::COUNT];
    if let Some(page) = here {
        states[page as usize] = Chunk::Here;
    }
    provide_context(Chunks { code, states: RwSignal::new(states) });
}

/// Links to pages, and what acts.
const POINTED_AT: &str = "a[href^='/'], .container-actions, .select-box, .select-group";

/// Fetches pages as soon as somebody points at a link to them.
pub fn fetch_what_is_pointed_at() {
    let Some(chunks) = use_context::<Chunks>() else { return };
    let handle = window_event_listener(ev::pointerover, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let nearest = target.and_then(|target| target.closest(POINTED_AT).ok().flatten());
        let page = nearest.and_then(|element| match element.get_attribute("href") {
            Some(_) if element.class_name() == "why-link" => Some(SplitPage::Why),
            Some(href) => SplitPage::at(&href),
            None => Some(SplitPage::Actions),
        });
        if let Some(page) = page {
            chunks.fetch(page);
        }
    });
    on_cleanup(move || handle.remove());
}

impl Chunks {
    fn state(self, page: SplitPage) -> Chunk {
        self.states.read()[page as usize]
    }

    fn set(self, page: SplitPage, state: Chunk) {
        self.states.update(|states| states[page as usize] = state);
    }

    fn fetch(self, page: SplitPage) {
        if matches!(self.states.read_untracked()[page as usize], Chunk::Coming | Chunk::Here) {
            return;
        }
        self.set(page, Chunk::Coming);
        let fetching = (self.code.fetch)(page);
        leptos::task::spawn_local(async move {
            let state = if fetching.await { Chunk::Here } else { Chunk::Failed };
            self.set(page, state);
        });
    }

    /// The page, or what stands in its place until its chunk is here.
    fn draw(self, page: SplitPage, state: Chunk) -> Erased {
        match state {
            Chunk::Here => (self.code.draw)(page).erased(),
            Chunk::Failed => view! { <NotFetched retry=move || self.fetch(page) /> }.erased(),
            Chunk::Elsewhere | Chunk::Coming => view! { <p class="split-page__loading">"Loading…"</p> }.erased(),
        }
    }
}

/// A page in a chunk of its own, wherever that is.
#[component]
pub fn Split(
    /// Which page.
    page: SplitPage,
) -> Erased {
    #[cfg(feature = "ssr")]
    leptos::prefetch_lazy_fn_on_server(page.chunk());
    let chunks = use_context::<Chunks>();
    if let Some(chunks) = chunks {
        chunks.fetch(page);
    }
    // One memo, so that another page's chunk does not draw this one anew.
    let state = Memo::new(move |_| chunks.map(|chunks| chunks.state(page)));
    live(move || match chunks.zip(state.get()) {
        Some((chunks, state)) => untrack(|| chunks.draw(page, state)),
        None => draw_here(page),
    })
    .erased()
}

/// What nobody sees before it is wanted; drawn from then on.
///
/// # Server-side
/// Nothing.
#[component]
pub fn Deferred(
    /// Which part.
    page: SplitPage,
    /// Asks for the chunk, again each time what it reads changes: one that could not be fetched is tried once more.
    wanted: Signal<bool>,
) -> Erased {
    let chunks = use_context::<Chunks>();
    Effect::new(move |_| {
        if let Some(chunks) = chunks.filter(|_| wanted.get()) {
            chunks.fetch(page);
        }
    });
    let is_here = Memo::new(move |_| chunks.is_some_and(|chunks| chunks.state(page) == Chunk::Here));
    live(move || {
        let code = chunks.filter(|_| is_here.get()).map(|chunks| chunks.code);
        code.and_then(|code| untrack(|| (code.draw)(page))).erased()
    })
    .erased()
}

/// Where all code is at hand.
#[cfg(feature = "ssr")]
fn draw_here(page: SplitPage) -> Erased {
    match page {
        SplitPage::Container => view! { <super::ContainerPage /> }.erased(),
        SplitPage::RealtimeTest => view! { <super::RealtimeTestPage /> }.erased(),
        SplitPage::Logs => view! { <super::LogsPage /> }.erased(),
        SplitPage::Events => view! { <super::EventsPage /> }.erased(),
        SplitPage::Actions => view! { <crate::components::action_parts::ActionParts /> }.erased(),
        SplitPage::List => view! { <crate::components::list_parts::ListParts /> }.erased(),
        SplitPage::Why => view! { <super::WhyPanel /> }.erased(),
        SplitPage::Away => view! { <super::AwayLine /> }.erased(),
        SplitPage::Quick => view! { <crate::components::quick_parts::QuickParts /> }.erased(),
    }
}

/// The browser's page is always told how to come by its code.
#[cfg(not(feature = "ssr"))]
fn draw_here(_page: SplitPage) -> Erased {
    None::<Erased>.erased()
}

/// The chunk could not be fetched: the server is away, or another version has taken its place.
#[component]
fn NotFetched(
    /// Tries once more.
    retry: impl Fn() + Send + 'static,
) -> Erased {
    view! {
        <EmptyState title="This page could not be loaded" glyph=Glyph::Search advice=view! {
            <p>"The server did not send its code. If it was just updated, reload."</p>
            <p>
                <button type="button" class="button" on:click=move |_| retry()>
                    "Try again"
                </button>
            </p>
        }.erased() />
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_known_by_their_paths() {
        for (path, page) in [
            ("/containers", None),
            ("/containers/", None),
            ("/containers/3f1a", Some(SplitPage::Container)),
            ("/containers/3f1a?tab=inspect", Some(SplitPage::Container)),
            ("/containers/3f1a/logs", Some(SplitPage::Logs)),
            ("/containers/3f1a/logs?q=a/b", Some(SplitPage::Logs)),
            ("/containers/3f1a/elsewhere", None),
            ("/logs", Some(SplitPage::Logs)),
            ("/logs?ids=3f1a", Some(SplitPage::Logs)),
            ("/realtime-test", Some(SplitPage::RealtimeTest)),
            ("/elsewhere", None),
        ] {
            assert_eq!(SplitPage::at(path), page, "{path}");
        }
    }
}
