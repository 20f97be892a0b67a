//! What a page loads: the style, the script, the module and its chunks, by their addresses.
//!
//! The server finds them where the built page is and puts [`PageFiles`] into the Leptos context of every page; [`crate::app::shell`]
//! draws the elements. Leptos' own `HydrationScripts` and `HashedStylesheet` read them from a folder beside the program, again for each page.

use crate::base_path::address;
use crate::prelude::*;
use leptos::{WasmSplitManifest, nonce::use_nonce};
use std::collections::HashMap;

/// The addresses of a page's files.
#[derive(Debug, Clone)]
pub struct PageFiles {
    /// The style sheet.
    pub style: String,
    /// The script that loads the module.
    pub script: String,
    /// The WebAssembly module.
    pub module: String,
    /// The module's chunks, where it has some.
    pub chunks: Option<PageChunks>,
}

/// Which chunks belong to which page; what begins with one is told by the server to fetch them at once.
#[derive(Debug, Clone)]
pub struct PageChunks(WasmSplitManifest);

impl PageChunks {
    /// `folder` is the address of the folder they are in, `script` the name of the script that fetches them, and `manifest` the
    /// names of a page's chunks, without their ending, by the page's name.
    pub fn new(folder: String, script: String, manifest: HashMap<String, Vec<String>>) -> Self {
        Self(WasmSplitManifest(ArcStoredValue::new((folder, manifest, script))))
    }
}

impl Default for PageFiles {
    /// As a build names them that does not hash.
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

/// The folder of the chunks is an address that Leptos writes down itself.
fn below_base(chunks: WasmSplitManifest) -> WasmSplitManifest {
    if address("/") == "/" {
        return chunks;
    }
    let (folder, manifest, script) = chunks.0.get_value();
    WasmSplitManifest(ArcStoredValue::new((address(&folder), manifest, script)))
}

/// Loads the module and hydrates the page; both are asked for before the script runs.
#[component]
pub(super) fn PageScripts(
    /// What to load.
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
