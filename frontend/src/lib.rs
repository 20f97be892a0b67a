//! The WASM entry point: hydrates the page that the server rendered. Next: [`app::app::App`].

mod page_code;

use app::chunks::provide_chunks;
use page_code::PAGE_CODE;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the script that loads this module.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let document = leptos::prelude::document().document_element();
    if let Some(base) = document.and_then(|document| document.get_attribute("data-base")) {
        app::base_path::set(&base);
    }
    let path = leptos::prelude::location().pathname().unwrap_or_default();
    let here = app::app::chunk_at(&path);
    if let Some(page) = here {
        page_code::fetch_for_hydration(page).await;
    }
    leptos::mount::hydrate_body(move || {
        provide_chunks(PAGE_CODE, here);
        app::app::App()
    });
    // Marks the time from which the page is interactive, for measurements.
    if let Some(performance) = leptos::prelude::window().performance() {
        let _ = performance.mark("hydrated");
    }
}
