//! Parts of the page whose code is in its own chunk, fetched when it is about to be needed.
//!
//! The server has all code and draws through `ServerCode`. In the browser, `frontend` cuts the
//! module into chunks and provides through [`ChunkCode`] how one is fetched and drawn; the chunk of
//! the page in the URL is fetched before hydration, so that it hydrates like any other page.
//! Which page is in which chunk is in `app::routes`.

use crate::parts::{empty_state::EmptyState, icon::Glyph};
use crate::prelude::*;
use std::{future::Future, pin::Pin};

/// A part of the page whose code is fetched separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// `/containers/{ref}`, also below `/engines/{engine}`.
    Container,
    /// `/realtime-test`.
    RealtimeTest,
    /// `/containers/{ref}/logs`, also below `/engines/{engine}`, and `/logs`.
    Logs,
    /// `/events`.
    Events,
    /// `/engines` and `/engines/{engine}`.
    Engines,
    /// `/swarm`.
    Swarm,
    /// On every page: the actions menu, the confirmation, the selection bar, and toasts.
    Actions,
    /// In the list's toolbar: search suggestions and options.
    List,
    /// In the list: the panel that explains why a container stopped.
    Why,
    /// Above the list: events since the last visit.
    LastVisit,
    /// On every page: shortcuts, the palette, help and announcements.
    Quick,
}

impl Chunk {
    const COUNT: usize = Self::Quick as usize + 1;

    /// Name of the chunk's file. Several chunks may share one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Container | Self::Why => "container_page",
            Self::RealtimeTest => "realtime_test_page",
            Self::Logs => "logs_page",
            Self::Events | Self::LastVisit => "events_page",
            Self::Engines => "engines_page",
            Self::Swarm => "swarm_page",
            Self::Actions => "action_parts",
            Self::List | Self::Quick => "quick_parts",
        }
    }
}

/// A pending fetch of a chunk: true once its code is loaded, false if it could not be fetched.
pub type FetchFuture = Pin<Box<dyn Future<Output = bool>>>;

/// Fetches and draws chunks in the browser.
#[derive(Clone, Copy, Debug)]
pub struct ChunkCode {
    /// Fetches a chunk; completes immediately if the chunk is already loaded.
    pub fetch: fn(Chunk) -> FetchFuture,
    /// Draws a chunk that is loaded.
    pub draw: fn(Chunk) -> Option<Erased>,
}

/// Draws chunks on the server, which has all code.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy, Debug)]
pub struct ServerCode(pub fn(Chunk) -> Erased);

/// Load state of a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ChunkState {
    #[default]
    Missing,
    Loading,
    Loaded,
    Failed,
}

/// The chunks of this page and their load states.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunks {
    code: ChunkCode,
    /// Load states, indexed by `Chunk as usize`.
    states: RwSignal<[ChunkState; Chunk::COUNT]>,
}

/// Provides the chunks in the context. `loaded` is the chunk fetched before hydration.
pub fn provide_chunks(code: ChunkCode, loaded: Option<Chunk>) {
    let mut states = [ChunkState::default(); Chunk::COUNT];
    if let Some(chunk) = loaded {
        states[chunk as usize] = ChunkState::Loaded;
    }
    provide_context(Chunks { code, states: RwSignal::new(states) });
}

impl Chunks {
    fn state(self, chunk: Chunk) -> ChunkState {
        self.states.read()[chunk as usize]
    }

    fn set(self, chunk: Chunk, state: ChunkState) {
        self.states.update(|states| states[chunk as usize] = state);
    }

    /// Fetches a chunk that is neither loaded nor being fetched.
    pub(crate) fn fetch(self, chunk: Chunk) {
        if matches!(self.states.read_untracked()[chunk as usize], ChunkState::Loading | ChunkState::Loaded) {
            return;
        }
        self.set(chunk, ChunkState::Loading);
        let fetching = (self.code.fetch)(chunk);
        leptos::task::spawn_local(async move {
            let state = if fetching.await { ChunkState::Loaded } else { ChunkState::Failed };
            self.set(chunk, state);
        });
    }

    /// The chunk's view, or its placeholder while it is not loaded.
    fn draw(self, chunk: Chunk, state: ChunkState) -> Erased {
        match state {
            ChunkState::Loaded => (self.code.draw)(chunk).erased(),
            ChunkState::Failed => view! { <NotFetched retry=move || self.fetch(chunk) /> }.erased(),
            ChunkState::Missing | ChunkState::Loading => {
                view! { <p class="split-page__loading">"Loading…"</p> }.erased()
            }
        }
    }
}

/// A page in its own chunk.
#[component]
pub fn ChunkPage(
    /// The page's chunk.
    chunk: Chunk,
) -> Erased {
    #[cfg(feature = "ssr")]
    leptos::prefetch_lazy_fn_on_server(chunk.name());
    let chunks = use_context::<Chunks>();
    if let Some(chunks) = chunks {
        chunks.fetch(chunk);
    }
    #[cfg(feature = "ssr")]
    let server_code = use_context::<ServerCode>();
    // A memo, so that the state of another chunk does not redraw this one.
    let state = Memo::new(move |_| chunks.map(|chunks| chunks.state(chunk)));
    (move || match chunks.zip(state.get()) {
        Some((chunks, state)) => untrack(|| chunks.draw(chunk, state)),
        #[cfg(feature = "ssr")]
        None => server_code.map(|ServerCode(draw)| draw(chunk)).erased(),
        #[cfg(not(feature = "ssr"))]
        None => None::<Erased>.erased(),
    })
    .erased()
}

/// A part of the page that is fetched and drawn once it is wanted.
///
/// # Server-side
/// Empty.
#[component]
pub fn Lazy(
    /// The part's chunk.
    chunk: Chunk,
    /// True once the part is needed. A failed fetch is retried when a signal that this callback
    /// reads is set again.
    wanted: Callback<(), bool>,
) -> Erased {
    let chunks = use_context::<Chunks>();
    Effect::new(move |_| {
        if let Some(chunks) = chunks.filter(|_| wanted.run(())) {
            chunks.fetch(chunk);
        }
    });
    let is_loaded = Memo::new(move |_| chunks.is_some_and(|chunks| chunks.state(chunk) == ChunkState::Loaded));
    (move || {
        let code = chunks.filter(|_| is_loaded.get()).map(|chunks| chunks.code);
        code.and_then(|code| untrack(|| (code.draw)(chunk))).erased()
    })
    .erased()
}

/// Placeholder of a chunk that could not be fetched: the server is unreachable, or was updated.
#[component]
fn NotFetched(
    /// Fetches the chunk again.
    retry: impl Fn() + Send + 'static,
) -> Erased {
    view! {
        <EmptyState title="This page could not be loaded" glyph=Glyph::Search advice=view! {
            <p>"Its code could not be loaded from the server. Try again, or reload if the server was just updated."</p>
            <p>
                <button type="button" class="button" on:click=move |_| retry()>
                    "Try again"
                </button>
            </p>
        }.erased() />
    }
    .erased()
}
