//! The chunks: each function below, with the code that only it needs, goes into a separate
//! module.
//!
//! Two functions may share a chunk. Few chunks are better than many: code shared by two of them
//! needs a separate chunk for each such pair, and the strings and tables of all chunks are in the
//! first module.
//!
//! Needs both the feature `split` and `cargo leptos build --split`.

use app::{
    acting::action_parts::ActionParts,
    chunks::{Chunk, ChunkCode, FetchFuture},
    keyboard::quick_parts::QuickParts,
    list::list_parts::ListParts,
    pages::{ContainerPage, EnginesPage, EventsPage, LastVisitLine, LogsPage, RealtimeTestPage, SwarmPage, WhyPanel},
    prelude::Erased,
};
use leptos::wasm_split::{self, SplitLoaderError};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Bytes that are not used, and end up in no module. wasm_split moves strings and tables into the
/// chunks that use them only if their total size does not grow, and each module's start is aligned.
/// Without these bytes, it silently keeps all of them in the first module, which is then 50 kB
/// larger (17 kB compressed).
#[used]
static SPARE_BYTES: [u8; 4096] = [b' '; 4096];

/// Pages whose code is fetched in chunks.
pub(crate) const PAGE_CODE: ChunkCode = ChunkCode { fetch, draw };

#[wasm_split::wasm_split(container_page, wasm_split_path = wasm_split, preload(fetch_container_page), fallible)]
fn container_page() -> Result<Erased, SplitLoaderError> {
    Ok(ContainerPage())
}

#[wasm_split::wasm_split(logs_page, wasm_split_path = wasm_split, preload(fetch_logs_page), fallible)]
fn logs_page() -> Result<Erased, SplitLoaderError> {
    Ok(LogsPage())
}

#[wasm_split::wasm_split(realtime_test_page, wasm_split_path = wasm_split, preload(fetch_realtime_test_page), fallible)]
fn realtime_test_page() -> Result<Erased, SplitLoaderError> {
    Ok(RealtimeTestPage())
}

#[wasm_split::wasm_split(action_parts, wasm_split_path = wasm_split, preload(fetch_action_parts), fallible)]
fn action_parts() -> Result<Erased, SplitLoaderError> {
    Ok(ActionParts())
}

#[wasm_split::wasm_split(quick_parts, wasm_split_path = wasm_split, preload(fetch_list_parts), fallible)]
fn list_parts() -> Result<Erased, SplitLoaderError> {
    Ok(ListParts())
}

#[wasm_split::wasm_split(engines_page, wasm_split_path = wasm_split, preload(fetch_engines_page), fallible)]
fn engines_page() -> Result<Erased, SplitLoaderError> {
    Ok(EnginesPage())
}

#[wasm_split::wasm_split(swarm_page, wasm_split_path = wasm_split, preload(fetch_swarm_page), fallible)]
fn swarm_page() -> Result<Erased, SplitLoaderError> {
    Ok(SwarmPage())
}

#[wasm_split::wasm_split(events_page, wasm_split_path = wasm_split, preload(fetch_events_page), fallible)]
fn events_page() -> Result<Erased, SplitLoaderError> {
    Ok(EventsPage())
}

#[wasm_split::wasm_split(container_page, wasm_split_path = wasm_split, preload(fetch_why_panel), fallible)]
fn why_panel() -> Result<Erased, SplitLoaderError> {
    Ok(WhyPanel())
}

#[wasm_split::wasm_split(events_page, wasm_split_path = wasm_split, preload(fetch_last_visit_line), fallible)]
fn last_visit_line() -> Result<Erased, SplitLoaderError> {
    Ok(LastVisitLine())
}

#[wasm_split::wasm_split(quick_parts, wasm_split_path = wasm_split, preload(fetch_quick_parts), fallible)]
fn quick_parts() -> Result<Erased, SplitLoaderError> {
    Ok(QuickParts())
}

fn fetch(page: Chunk) -> FetchFuture {
    Box::pin(async move {
        match page {
            Chunk::Container => fetch_container_page().await,
            Chunk::Logs => fetch_logs_page().await,
            Chunk::RealtimeTest => fetch_realtime_test_page().await,
            Chunk::Engines => fetch_engines_page().await,
            Chunk::Swarm => fetch_swarm_page().await,
            Chunk::Events => fetch_events_page().await,
            Chunk::Actions => fetch_action_parts().await,
            Chunk::List => fetch_list_parts().await,
            Chunk::Why => fetch_why_panel().await,
            Chunk::LastVisit => fetch_last_visit_line().await,
            Chunk::Quick => fetch_quick_parts().await,
        }
        .is_ok()
    })
}

fn draw(page: Chunk) -> Option<Erased> {
    match page {
        Chunk::Container => at_once(container_page()),
        Chunk::Logs => at_once(logs_page()),
        Chunk::RealtimeTest => at_once(realtime_test_page()),
        Chunk::Engines => at_once(engines_page()),
        Chunk::Swarm => at_once(swarm_page()),
        Chunk::Events => at_once(events_page()),
        Chunk::Actions => at_once(action_parts()),
        Chunk::List => at_once(list_parts()),
        Chunk::Why => at_once(why_panel()),
        Chunk::LastVisit => at_once(last_visit_line()),
        Chunk::Quick => at_once(quick_parts()),
    }
}

/// The result of a call into a chunk; `None` if the chunk is not loaded.
fn at_once(drawing: impl Future<Output = Result<Erased, SplitLoaderError>>) -> Option<Erased> {
    match pin!(drawing).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(drawn) => drawn.ok(),
        Poll::Pending => None,
    }
}
