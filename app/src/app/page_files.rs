//! The files a page loads: the stylesheet, the script, the module and its chunks.
//!
//! The server reads their URLs from the built site and puts [`PageFiles`] into the Leptos
//! context of every page; [`crate::app::shell`] renders the elements. Leptos's own
//! `HydrationScripts` and `HashedStylesheet` read them from disk for every page.

use crate::base_path::address;
use crate::prelude::*;
use leptos::{WasmSplitManifest, nonce::use_nonce};
use std::collections::HashMap;

/// URLs of a page's files.
#[derive(Debug, Clone)]
pub struct PageFiles {
    /// The stylesheet.
    pub style: String,
    /// The script that loads the module.
    pub script: String,
    /// The WebAssembly module.
    pub module: String,
    /// The module's chunks, if it is split.
    pub chunks: Option<PageChunks>,
}

/// The chunks of each page.
#[derive(Debug, Clone)]
pub struct PageChunks(WasmSplitManifest);

impl PageChunks {
    /// Creates the chunks. `folder` is the URL of the chunks' folder, `script` the name of the
    /// script that fetches them, and `manifest` the names of the chunks of each page, without
    /// extension.
    pub fn new(folder: String, script: String, manifest: HashMap<String, Vec<String>>) -> Self {
        Self(WasmSplitManifest(ArcStoredValue::new((folder, manifest, script))))
    }
}

impl Default for PageFiles {
    /// The names of a build without hashes.
    fn default() -> Self {
        Self {
            style: "/pkg/quaylight.css".to_owned(),
            script: "/pkg/quaylight.js".to_owned(),
            module: "/pkg/quaylight.wasm".to_owned(),
            chunks: None,
        }
    }
}

impl PageFiles {
    pub(super) fn current() -> Self {
        use_context().unwrap_or_default()
    }
}

/// Adds the base path to the chunks' folder, because Leptos writes that URL itself.
fn below_base(chunks: WasmSplitManifest) -> WasmSplitManifest {
    if address("/") == "/" {
        return chunks;
    }
    let (folder, manifest, script) = chunks.0.get_value();
    WasmSplitManifest(ArcStoredValue::new((address(&folder), manifest, script)))
}

/// Loads the module and hydrates the page. Both files are requested before the script runs.
#[component]
pub(super) fn PageScripts(
    /// Files to load.
    files: PageFiles,
) -> Erased {
    let PageFiles { style: _, script, module, chunks } = files;
    if let Some(PageChunks(chunks)) = chunks {
        provide_context(below_base(chunks));
    }
    let (start, bytes) = (address(&script), address(&module));
    let code = format!(
        "import start, {{ hydrate }} from {start:?};\nawait start({{ module_or_path: {bytes:?} }});\nhydrate();"
    );
    view! {
        <link rel="modulepreload" href=start crossorigin="" />
        <link rel="preload" href=bytes r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="module" nonce=use_nonce()>
            {code}
        </script>
    }
    .erased()
}
