//! Checks which modules of a crate use which. A declared module includes the modules below it that
//! are not declared themselves.
//!
//! In: a `src` folder and the declared modules by layer, lowest first. A module may use modules in
//! lower layers, and modules in its own layer unless they use it in turn. Out: every violation, as a
//! sentence. Reads `crate::` and `super::` paths only; comments, `mod tests`, the folders `tests`,
//! and the files `tests.rs`, `examples.rs` and `fuzzing.rs` may use anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// Files that may use any module.
const EXEMPT: [&str; 5] = ["lib", "main", "tests", "examples", "fuzzing"];

/// Violations in the sources below `src`.
pub(crate) fn check(src: &Path, layers: &[&[&str]]) -> io::Result<Vec<String>> {
    Ok(violations(&sources(src)?, layers))
}

/// The files below `src`, each a module path and its text.
pub(crate) fn sources(src: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    read(src, "", &mut files)?;
    Ok(files)
}

fn read(folder: &Path, module: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let below = if module.is_empty() { name.clone() } else { format!("{module}::{name}") };
        if path.is_dir() {
            if name != "tests" {
                read(&path, &below, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !EXEMPT.contains(&name.as_str()) {
            files.push((below, fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// Violations in files, each a module path and its text.
pub(crate) fn violations(files: &[(String, String)], layers: &[&[&str]]) -> Vec<String> {
    let layer_of: BTreeMap<&str, usize> = layers
        .iter()
        .enumerate()
        .flat_map(|(layer, modules)| modules.iter().map(move |module| (*module, layer)))
        .collect();
    // The longest declared prefix of a path.
    let module_of = |path: &str| {
        let ends = path.match_indices("::").map(|(end, _)| end).chain([path.len()]);
        ends.filter_map(|end| layer_of.get_key_value(&path[..end])).last().map(|(module, layer)| (*module, *layer))
    };
    let modules: BTreeSet<&str> = files.iter().filter_map(|(module, _)| module.split("::").next()).collect();
    let (mut found, mut edges) = (Vec::new(), BTreeSet::new());
    for (module, text) in files {
        let Some((from, from_layer)) = module_of(module) else {
            found.push(format!("{module} is in no declared module"));
            continue;
        };
        for path in paths(module, text) {
            match module_of(&path) {
                Some((to, _)) if to == from => {}
                Some((to, layer)) if layer > from_layer => {
                    found.push(format!("{module} uses {path}, but {to} is above {from}"));
                }
                Some((to, _)) => drop(edges.insert((from, to))),
                // An item of the crate's root is in no module.
                None if !modules.contains(path.split("::").next().unwrap_or_default()) => {}
                None => found.push(format!("{module} uses {path}, which is in no declared module")),
            }
        }
    }
    let cycle = cycle(edges);
    if !cycle.is_empty() {
        found.push(format!("these use each other in a cycle: {}", cycle.join(", ")));
    }
    found.sort();
    found.dedup();
    found
}

/// The edges that remain when every module that uses none, or is used by none, has been taken away.
fn cycle(mut edges: BTreeSet<(&str, &str)>) -> Vec<String> {
    loop {
        let (from, to): (BTreeSet<&str>, BTreeSet<&str>) = edges.iter().copied().unzip();
        let count = edges.len();
        edges.retain(|(user, used)| from.contains(used) && to.contains(user));
        if edges.len() == count {
            return edges.into_iter().map(|(from, to)| format!("{from} -> {to}")).collect();
        }
    }
}

/// Every path into the crate that a file names, from the crate's root.
fn paths(module: &str, text: &str) -> Vec<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = code.take_while(|line| *line != "mod tests {").collect::<Vec<_>>().join("\n");
    let mut paths = Vec::new();
    for (start, prefix) in ["crate::", "super::"].iter().flat_map(|prefix| code.match_indices(prefix)) {
        let before = &code[..start];
        // Not `pub(in crate::…)`, not a later part of a path, not the end of another name.
        if before.ends_with("in ") || before.ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric()) {
            continue;
        }
        let (mut rest, mut parent) = (&code[start..], module);
        if prefix == "crate::" {
            (rest, parent) = (&rest[prefix.len()..], "");
        }
        while let Some(above) = rest.strip_prefix("super::") {
            (rest, parent) = (above, parent.rsplit_once("::").map_or("", |(above, _)| above));
        }
        expand(parent, &mut rest.chars().peekable(), &mut paths);
    }
    paths
}

/// Reads one path, or a group of them in braces, after `prefix`.
fn expand(prefix: &str, text: &mut std::iter::Peekable<std::str::Chars<'_>>, paths: &mut Vec<String>) {
    let mut name = String::new();
    while let Some(letter) = text.next_if(|letter| *letter == '_' || letter.is_alphanumeric()) {
        name.push(letter);
    }
    let path = [prefix, &name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("::");
    if name.is_empty() && text.next_if_eq(&'{').is_some() {
        while text.peek().is_some_and(|letter| *letter != '}') {
            if text.next_if(|letter| *letter == ',' || letter.is_whitespace()).is_none() {
                expand(&path, text, paths);
                // The rest of `… as name` or `*`.
                while text.next_if(|letter| !matches!(letter, ',' | '}')).is_some() {}
            }
        }
        text.next();
    } else if !name.is_empty() && text.next_if_eq(&':').is_some() {
        text.next();
        expand(&path, text, paths);
    } else {
        paths.push(path);
    }
}
