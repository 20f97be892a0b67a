//! Provides the code of each page.

#[cfg(feature = "split")]
mod split;
#[cfg(not(feature = "split"))]
mod whole;

#[cfg(feature = "split")]
pub(crate) use split::PAGE_CODE;
#[cfg(not(feature = "split"))]
pub(crate) use whole::PAGE_CODE;

use app::chunks::Chunk;
use js_sys::Promise;
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// Fetches a page's chunk for hydration. Until it has arrived, the server's markup stays unchanged.
pub(crate) async fn fetch_for_hydration(page: Chunk) {
    while !(PAGE_CODE.fetch)(page).await {
        pause(RETRY_DELAY_MILLIS).await;
    }
}

/// Delay before a retry in milliseconds: long enough to spare a server that is starting, short
/// enough not to be noticed afterwards.
const RETRY_DELAY_MILLIS: i32 = 2000;

async fn pause(millis: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        // Fails only without timers, which every browser has.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
    });
    let _ = JsFuture::from(timer).await;
}
