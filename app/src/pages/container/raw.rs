//! The engine's inspect response as indented JSON, in which the server masks secrets.

use crate::prelude::*;
use crate::{
    client::{ActionError, get_text, use_realtime_containers},
    model::ContainerKey,
    parts::copy_button::CopyButton,
};
use js_sys::JSON;
use leptos::{task::spawn_local, wasm_bindgen::JsValue};

/// The JSON document, indented. The server masks secrets.
#[component]
pub fn Raw(
    /// Key of the container whose document is shown.
    container: ContainerKey,
) -> Erased {
    let path = use_realtime_containers().rows.api_path(container) + "/inspect";
    let document = RwSignal::new(None::<Result<String, ActionError>>);
    let content = Signal::derive(move || document.get().and_then(Result::ok).unwrap_or_default());
    Effect::new(move |_| {
        let path = path.clone();
        spawn_local(async move {
            let response = get_text(&path).await;
            document.try_set(Some(response.map(|text| indented(&text).unwrap_or(text))));
        });
    });
    (move || match document.get() {
        None => view! { <p class="container-page__waiting">"Loading…"</p> }.erased(),
        Some(Err(problem)) => view! { <p class="container-page__problem">{problem.detail}</p> }.erased(),
        Some(Ok(text)) => view! {
            <section class="facts__section" aria-label="Inspect">
                <div class="facts__head">
                    <h2 class="facts__title">"Inspect"</h2>
                    <CopyButton what="JSON" content />
                </div>
                <pre class="facts__code" tabindex="0">{text}</pre>
            </section>
        }
        .erased(),
    })
    .erased()
}

/// Indents the document with the browser's own JSON functions, which add no code to the module.
fn indented(text: &str) -> Option<String> {
    let value = JSON::parse(text).ok()?;
    JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &JsValue::from_f64(2.0)).ok()?.as_string()
}
