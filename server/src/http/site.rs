//! Files of the pages: embedded in the program (`embedded-site`), or in a folder.
//!
//! In: the embedded files, or `--site-root`. Out: [`Site::page_files`], the files that a page
//! loads; `http::pages` serves all files. Next: `embedded` and [`crate::http`].

#[cfg(feature = "embedded-site")]
pub mod embedded;

use app::app::{PageChunks, PageFiles};
use bytes::Bytes;
use std::{
    collections::HashMap,
    fmt, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Location and names of the site's files.
#[derive(Debug, Clone)]
pub struct Site {
    place: Place,
    files: Option<PageFiles>,
}

/// Location of the site's files.
#[derive(Debug, Clone)]
pub enum Place {
    /// Embedded in the program.
    #[cfg(feature = "embedded-site")]
    Program,
    /// In a folder.
    Folder(PathBuf),
}

impl Site {
    /// Finds the files: in `named` if given, otherwise in the program if they are embedded,
    /// otherwise in the folder of the build.
    pub fn find(named: Option<&Path>) -> Self {
        let place = named.map_or_else(Place::usual, |folder| Place::Folder(folder.to_owned()));
        Self { files: place.page_files(), place }
    }

    /// True if all files that a page loads exist.
    pub fn is_complete(&self) -> bool {
        self.files.is_some()
    }

    /// Location of the files.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Files that a page loads. A debug build checks each time, because `cargo leptos watch`
    /// replaces them while the server runs.
    pub fn page_files(&self) -> PageFiles {
        let files = if cfg!(debug_assertions) { self.place.page_files() } else { self.files.clone() };
        files.unwrap_or_default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "embedded-site")]
            Self::Program => f.write_str("this program"),
            Self::Folder(folder) => folder.display().fmt(f),
        }
    }
}

impl Place {
    #[cfg(feature = "embedded-site")]
    fn usual() -> Self {
        Self::Program
    }

    /// Returns the folder built by cargo-leptos: next to the program (`target/release/quaylight` →
    /// `target/site`) or below the working directory.
    #[cfg(not(feature = "embedded-site"))]
    fn usual() -> Self {
        let configured = std::env::var("LEPTOS_SITE_ROOT").ok().map(PathBuf::from);
        let beside =
            || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("site")).filter(|folder| folder.is_dir());
        Self::Folder(configured.or_else(beside).unwrap_or_else(|| PathBuf::from("target/site")))
    }

    /// Files that a page loads; `None` if the style sheet, the script or the module is missing.
    fn page_files(&self) -> Option<PageFiles> {
        let names = Names(self.names());
        let address = |name: &str| format!("/pkg/{name}");
        let manifest = names.newest("__wasm_split_manifest", ".json").and_then(|name| self.manifest(name));
        let script = names.newest("__wasm_split", ".js");
        let chunks = manifest
            .zip(script)
            .map(|(manifest, script)| PageChunks::new("/pkg".to_owned(), script.to_owned(), manifest));
        Some(PageFiles {
            style: address(names.newest("quaylight", ".css")?),
            script: address(names.newest("quaylight", ".js")?),
            module: address(names.newest("quaylight", ".wasm")?),
            chunks,
        })
    }

    /// Names in `pkg`, with the time of the last change.
    fn names(&self) -> Vec<(String, SystemTime)> {
        match self {
            #[cfg(feature = "embedded-site")]
            Self::Program => embedded::names("pkg/"),
            Self::Folder(folder) => fs::read_dir(folder.join("pkg"))
                .into_iter()
                .flatten()
                .filter_map(|entry| {
                    let entry = entry.ok()?;
                    Some((entry.file_name().into_string().ok()?, entry.metadata().ok()?.modified().ok()?))
                })
                .collect(),
        }
    }

    fn manifest(&self, name: &str) -> Option<HashMap<String, Vec<String>>> {
        let text: Bytes = match self {
            #[cfg(feature = "embedded-site")]
            Self::Program => embedded::read(&format!("pkg/{name}")).ok()?,
            Self::Folder(folder) => fs::read(folder.join("pkg").join(name)).ok()?.into(),
        };
        serde_json::from_slice(&text).ok()
    }
}

/// File names, with the time of the last change.
struct Names(Vec<(String, SystemTime)>);

impl Names {
    /// Finds `START.HASH.END` or `START.END`. Returns the newest, because a watching build leaves
    /// old files behind.
    fn newest(&self, start: &str, end: &str) -> Option<&str> {
        let of_kind = |name: &str| {
            let hash = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            hash.is_some_and(|hash| hash.is_empty() || matches!(hash, "_bg") || is_hash(hash))
        };
        self.0
            .iter()
            .filter(|(name, _)| of_kind(name))
            .max_by_key(|(_, written)| *written)
            .map(|(name, _)| name.as_str())
    }
}

/// True for a dot and the hash of cargo-leptos: URL-safe base64.
fn is_hash(text: &str) -> bool {
    let hash = text.strip_prefix('.').unwrap_or_default();
    !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own files has failed")]
    use super::*;
    use std::time::Duration;

    fn names(names: &[&str]) -> Names {
        let aged = names.iter().enumerate();
        Names(
            aged.map(|(age, name)| ((*name).to_owned(), SystemTime::UNIX_EPOCH + Duration::from_secs(age as u64)))
                .collect(),
        )
    }

    #[test]
    fn files_are_found_with_and_without_a_hash() {
        let hashed = names(&[
            "quaylight.a-b_9.js",
            "quaylight.a-b_9.js.gz",
            "quaylight.x.css",
            "other.js",
            "quaylight.x.y.wasm",
        ]);
        assert_eq!(hashed.newest("quaylight", ".js"), Some("quaylight.a-b_9.js"));
        assert_eq!(hashed.newest("quaylight", ".css"), Some("quaylight.x.css"));
        assert_eq!(hashed.newest("quaylight", ".wasm"), None);
        let plain = names(&["quaylight.js", "quaylight_bg.wasm", "__wasm_split.______________________.js"]);
        assert_eq!(plain.newest("quaylight", ".js"), Some("quaylight.js"));
        assert_eq!(plain.newest("quaylight", ".wasm"), Some("quaylight_bg.wasm"));
        assert_eq!(plain.newest("__wasm_split", ".js"), Some("__wasm_split.______________________.js"));
    }

    #[test]
    fn the_latest_of_several_builds_is_used() {
        let built_twice = names(&["quaylight.old.css", "quaylight.new.css"]);
        assert_eq!(built_twice.newest("quaylight", ".css"), Some("quaylight.new.css"));
    }

    #[test]
    fn a_folder_without_the_module_is_not_a_site() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("pkg");
        fs::create_dir(&package).unwrap();
        for name in ["quaylight.1.css", "quaylight.2.js"] {
            fs::write(package.join(name), "").unwrap();
        }
        assert!(!Site::find(Some(folder.path())).is_complete());
        fs::write(package.join("quaylight.3.wasm"), "").unwrap();
        let site = Site::find(Some(folder.path()));
        assert!(site.is_complete());
        assert_eq!(site.page_files().module, "/pkg/quaylight.3.wasm");
    }
}
