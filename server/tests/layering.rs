//! Allowed dependencies between the server's modules, checked in its sources.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

#[path = "../../app/tests/layers/mod.rs"]
mod layers;

use std::path::Path;

/// Layers, lowest first. A module may use lower layers, and its own layer without a cycle.
const LAYERS: &[&[&str]] = &[
    // Helpers without knowledge of containers.
    &["process", "secrets", "text"],
    // Accounts and private files.
    &["auth"],
    // Requests to other Quaylight servers.
    &["far::link"],
    // The engine and its types.
    &["engine"],
    // Access and settings.
    &["audit"],
    &["config"],
    &["openid"],
    // The pipeline in the direction of the data, with the modules that each stage needs.
    &["details", "timeline"],
    &["watcher"],
    &["history"],
    &["sampler", "far"],
    &["store"],
    &["feed"],
    &["logs", "swarm"],
    // Serving.
    &["http::scopes", "http::site"],
    &["http::wire"],
    &["http::state"],
    &["http::entry"],
    &["http::pages"],
    &["http::api"],
    &["http"],
    // Startup and commands.
    &["startup"],
    &["commands"],
];

#[test]
fn modules_use_only_lower_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let found = layers::check(&src, LAYERS).unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn violations(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files.iter().map(|(module, text)| ((*module).to_owned(), (*text).to_owned())).collect();
    layers::violations(&files, &[&["low", "side"], &["high", "high::deep"], &["top"]])
}

#[test]
fn a_use_of_a_higher_layer_is_detected_in_every_form() {
    for text in [
        "use crate::top;",
        "use crate::{\n    side::{self, Thing as Other},\n    top::{Thing as Other, deep::*},\n};",
        "use super::super::top::Thing;",
        "fn f() { crate::top::g() }",
    ] {
        let found = violations(&[("low::part", text), ("side", ""), ("top", "")]);
        let is_found = !found.is_empty() && found.iter().all(|one| one.ends_with("top is above low"));
        assert!(is_found, "{text}: {found:?}");
    }
}

#[test]
fn allowed_uses_are_not_reported() {
    let tests = "use crate::low;\n// crate::top is not used.\npub(in crate::top) fn f() { crate::now() }\nmod tests {\n    use crate::top;\n}";
    assert_eq!(
        violations(&[("high::part", tests), ("low", "use super::side;"), ("side", ""), ("top", "use crate::{high};")]),
        [""; 0]
    );
}

#[test]
fn a_cycle_within_a_layer_is_detected() {
    let found = violations(&[
        ("low", "use crate::side;"),
        ("side", "use crate::low;"),
        ("high", "use crate::low;"),
        ("top", "use crate::high::deep;"),
        ("high::deep", ""),
    ]);
    assert_eq!(found, ["these use each other in a cycle: low -> side, side -> low"]);
}

#[test]
fn an_undeclared_module_is_detected() {
    let found = violations(&[("low", "use crate::new::Thing;"), ("new", "")]);
    assert_eq!(found, ["low uses new::Thing, which is in no declared module", "new is in no declared module"]);
}
