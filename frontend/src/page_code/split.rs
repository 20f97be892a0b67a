//! Where the page is cut into chunks: each function below, and what only it needs, goes into a module of its own.
//!
//! Built with the feature `split` and `cargo leptos build --split`, always both.

use app::{
    components::{
        action_parts::ActionParts,
        erased::{Erase, Erased},
    },
    pages::{
        ContainerPage, RealtimeTestPage,
        split::{Fetching, PageCode, SplitPage},
    },
};
use leptos::wasm_split::{self, SplitLoaderError};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Pages that are fetched.
pub(crate) const PAGE_CODE: PageCode = PageCode { fetch, draw };

#[wasm_split::wasm_split(container_page, wasm_split_path = wasm_split, preload(fetch_container_page), fallible)]
fn container_page() -> Result<Erased, SplitLoaderError> {
    Ok(ContainerPage().erased())
}

#[wasm_split::wasm_split(realtime_test_page, wasm_split_path = wasm_split, preload(fetch_realtime_test_page), fallible)]
fn realtime_test_page() -> Result<Erased, SplitLoaderError> {
    Ok(RealtimeTestPage().erased())
}

#[wasm_split::wasm_split(action_parts, wasm_split_path = wasm_split, preload(fetch_action_parts), fallible)]
fn action_parts() -> Result<Erased, SplitLoaderError> {
    Ok(ActionParts().erased())
}

fn fetch(page: SplitPage) -> Fetching {
    Box::pin(async move {
        match page {
            SplitPage::Container => fetch_container_page().await,
            SplitPage::RealtimeTest => fetch_realtime_test_page().await,
            SplitPage::Actions => fetch_action_parts().await,
        }
        .is_ok()
    })
}

fn draw(page: SplitPage) -> Option<Erased> {
    match page {
        SplitPage::Container => at_once(container_page()),
        SplitPage::RealtimeTest => at_once(realtime_test_page()),
        SplitPage::Actions => at_once(action_parts()),
    }
}

/// What a call into a chunk returns where the chunk is here.
fn at_once(drawing: impl Future<Output = Result<Erased, SplitLoaderError>>) -> Option<Erased> {
    match pin!(drawing).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(drawn) => drawn.ok(),
        Poll::Pending => None,
    }
}
