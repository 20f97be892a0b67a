//! The WASM entry point. In: the page the server rendered. Out: the same page, alive. Next: [`app::app::App`].

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the script that loads this module.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::app::App);
}
