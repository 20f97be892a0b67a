//! Checks that every command in messages, pages and documents exists.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

use super::Cli;
use clap::CommandFactory as _;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Command lines in a text.
fn commands(text: &str) -> Vec<String> {
    let after = |place: usize| {
        let rest = &text[place..];
        // Ends with the line, the code span or the sentence.
        let end = rest.find(['\n', '`', '"', '|', ';', ',', '(', ')', '…', '<', '&', '\\']).unwrap_or(rest.len());
        rest[..end].trim_end_matches(['.', ':', ' ']).to_owned()
    };
    text.match_indices("quaylight ").map(|(place, name)| after(place + name.len())).collect()
}

/// The error in a command line; `None` if the line is valid or part of a sentence.
fn fault(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let program = Cli::command();
    let command = program.find_subcommand(first)?;
    let mut place = command;
    for word in words {
        let is_open = |letter: char| letter.is_ascii_uppercase() || matches!(letter, '{' | '#' | '\'' | '<' | '[');
        if matches!(word, "and" | "or" | "as" | "to") {
            // The sentence continues.
            return None;
        }
        if word.starts_with("--") {
            let name = word.trim_start_matches("--").split('=').next().unwrap_or_default();
            let is_known = place.get_arguments().chain(program.get_arguments()).any(|arg| arg.get_long() == Some(name));
            if !is_known {
                return Some(format!("{line:?}: {} has no {word}", place.get_name()));
            }
            // The next word may be its value.
            continue;
        }
        if place.has_subcommands() && !word.starts_with(is_open) {
            match place.find_subcommand(word) {
                Some(below) => place = below,
                None => return Some(format!("{line:?}: {} has no {word}", place.get_name())),
            }
        }
    }
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|kind| ["rs", "md", "toml", "yaml", "service"].iter().any(|known| kind == *known))
        {
            found.push(path);
        }
    }
}

#[test]
fn every_command_in_a_text_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut all = vec![root.join("README.md")];
    for folder in ["server/src", "app/src", "docs", "packaging"] {
        files(&root.join(folder), &mut all);
    }
    let (mut faults, mut count) = (Vec::new(), 0);
    for path in all.into_iter().filter(|path| !path.ends_with("hints.rs")) {
        for line in commands(&fs::read_to_string(&path).unwrap()) {
            count += usize::from(
                Cli::command().find_subcommand(line.split_whitespace().next().unwrap_or_default()).is_some(),
            );
            faults.extend(fault(&line).map(|fault| format!("{}: {fault}", path.display())));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 20, "only {count} were found");
}

#[test]
fn an_unknown_command_in_a_text_is_detected() {
    for wrong in ["user rename ada", "token sign-out x", "user role ada --everything", "sessions kill"] {
        assert!(fault(wrong).is_some(), "{wrong}");
    }
    for right in
        ["user role {name} operator", "sessions end --account ada", "token list", "doctor", "watches one engine"]
    {
        assert_eq!(fault(right), None);
    }
    assert_eq!(commands("run: quaylight user add NAME --role admin\" }"), ["user add NAME --role admin"]);
}
