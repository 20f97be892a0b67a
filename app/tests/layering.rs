//! Which module of the app may use which, checked on its sources.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod layers;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Lowest first: a module uses lower layers only, and its own layer without a cycle.
const LAYERS: &[&[&str]] = &[
    // Addresses below a base path, the prelude of every view, and the clock of the fuzz targets.
    &["base_path", "prelude", "cost_check"],
    // Vocabulary and wire format.
    &["model"],
    &["protocol"],
    &["samples"],
    // Pure functions.
    &["format"],
    &["chart", "diagnosis", "query"],
    &["logs"],
    // The connection to the server, and the store of the page.
    &["client"],
    // Views.
    &["parts"],
    &["prefs"],
    &["chunks", "page_request"],
    &["acting"],
    &["frame"],
    &["list"],
    &["keyboard"],
    // Pages: one may use a part of another, without a cycle.
    &[
        "pages::container",
        "pages::containers",
        "pages::engines",
        "pages::events",
        "pages::logs",
        "pages::not_found",
        "pages::realtime_test",
        "pages::styleguide",
        "pages::swarm",
    ],
    &["pages"],
    &["app"],
];

/// More than these are hard to survey.
const MAX_FILES_IN_A_FOLDER: usize = 24;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn modules_use_lower_layers_only() {
    let found = layers::check(&src(), LAYERS).unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn leaves_do_not_read_the_store() {
    assert_eq!(store_readers(&layers::sources(&src()).unwrap()), [""; 0]);
}

#[test]
fn a_leaf_that_reads_the_store_is_found() {
    let reads = "fn Meter() { let hook = use_realtime_containers(); }";
    let sources = [("parts::meter", reads), ("list::usage", reads), ("parts::icon", "// use_realtime_containers")];
    let sources = sources.map(|(module, text)| (module.to_owned(), text.to_owned()));
    assert_eq!(store_readers(&sources), ["parts::meter"]);
}

#[test]
fn no_folder_has_too_many_files() {
    let mut folders = vec![src()];
    while let Some(folder) = folders.pop() {
        let (below, files): (Vec<_>, Vec<_>) =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).partition(|path| path.is_dir());
        assert!(files.len() <= MAX_FILES_IN_A_FOLDER, "{} has {} files", folder.display(), files.len());
        folders.extend(below);
    }
}

/// Modules in `parts` that call the hook of the store.
fn store_readers(sources: &[(String, String)]) -> Vec<&str> {
    let calls = |text: &str| {
        text.lines().any(|line| line.split("//").next().unwrap_or_default().contains("use_realtime_containers"))
    };
    sources
        .iter()
        .filter(|(module, text)| module.starts_with("parts::") && calls(text))
        .map(|(module, _)| module.as_str())
        .collect()
}
