//! Finds passwords that reach a program on its standard input: `echo ada:SECRET | chpasswd`,
//! `passwd --stdin ada <<< SECRET`, and here-documents. Pure.
//!
//! As in [`super::command`], a text is read twice: once by shell rules, and once without quotes.

use super::{FoundSecret, Next, command::is_reference};
use std::ops::Range;

/// Maximum length of a here-document.
const MAX_DOCUMENT_BYTES: usize = 4 << 10;
/// Programs that read `user:password`.
const PAIR_READERS: [&str; 3] = ["chpasswd", "chgpasswd", "newusers"];
/// Programs that read a password.
const READERS: [&str; 9] =
    ["passwd", "smbpasswd", "vncpasswd", "mkpasswd", "slappasswd", "kinit", "cryptsetup", "pdbedit", "ansible-vault"];
/// Flags of other programs with which they read a secret.
const READING_FLAGS: [&str; 6] =
    ["password-stdin", "passwd-stdin", "pass-stdin", "passphrase-fd", "--stdin", "--with-token"];
/// Programs whose arguments may be names of such programs.
const SEARCHES: [&str; 7] = ["grep", "egrep", "cat", "tee", "awk", "sed", "man"];

/// Input of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    /// `user:password` in each line.
    Pairs,
    Secret,
}

pub(super) fn in_text(text: &str, found: &mut Vec<FoundSecret>) {
    if !text.contains('|') && !text.contains("<<") {
        return;
    }
    scan(text, false, found);
    if text.contains(['"', '\'']) {
        scan(text, true, found);
    }
}

/// Goes through the commands of a text. Each is checked once as a reader and once as a writer.
fn scan(text: &str, skips_quotes: bool, found: &mut Vec<FoundSecret>) {
    let bytes = text.as_bytes();
    let (mut double, mut single) = (Next::new(text, |letter| letter == '"'), Next::new(text, |letter| letter == '\''));
    let (mut start, mut at) = (0, 0);
    // Commands whose output the current one reads, and those since the last `(`.
    let (mut writers, mut group) = (Vec::new(), Vec::new());
    while at <= bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b'\n');
        match byte {
            quote @ (b'"' | b'\'') if skips_quotes => {
                let end = if quote == b'"' { double.from(at + 1) } else { single.from(at + 1) };
                at = if end < bytes.len() { end } else { at };
            }
            b'|' | b';' | b'&' | b'\n' | b'(' | b')' | b'`' => {
                let command = start..at;
                let mut next = at + 1;
                if let Some(input) = input_of(&text[command.clone()]) {
                    let has_document =
                        byte == b'\n' && writers.iter().chain([&command]).any(|one| document(text, one).is_some());
                    here_string(text, &command, input, found);
                    for writer in writers.drain(..) {
                        written(text, writer, input, found);
                    }
                    if has_document {
                        next = here_document(text, next, input, found);
                    }
                }
                let is_or = byte == b'|' && bytes.get(next) == Some(&b'|');
                next += usize::from(is_or);
                match byte {
                    b'|' if !is_or => {
                        // `(echo a; echo b) | passwd`.
                        writers.append(&mut group);
                        writers.push(command);
                    }
                    b'(' => group.clear(),
                    b')' => group.push(command),
                    _ => {
                        writers.clear();
                        group.push(command);
                    }
                }
                (start, at) = (next, next - 1);
            }
            _ => {}
        }
        at += 1;
    }
}

/// The input of a command that reads secrets.
fn input_of(command: &str) -> Option<Input> {
    let mut before = "";
    let mut is_sudo = false;
    for (place, whole) in command.split_whitespace().enumerate() {
        let word = whole.trim_matches(['"', '\'', '\\', '{', '}']);
        let name = word.rsplit('/').next().unwrap_or(word);
        if place == 0 && SEARCHES.contains(&name) {
            return None;
        }
        if PAIR_READERS.contains(&name) {
            return Some(Input::Pairs);
        }
        let reads = READERS.contains(&name) && !word.starts_with("/etc/")
            || word.starts_with('-') && READING_FLAGS.iter().any(|flag| word.contains(flag))
            || is_sudo && word == "-S"
            || before == "secret" && name == "create";
        if reads {
            return Some(Input::Secret);
        }
        is_sudo |= name == "sudo";
        before = name;
    }
    None
}

/// Adds what `echo` or `printf` writes.
fn written(text: &str, command: Range<usize>, input: Input, found: &mut Vec<FoundSecret>) {
    let mut is_writing = None;
    let mut start = command.end;
    let mut offset = command.start;
    for word in text[command.clone()].split(char::is_whitespace) {
        let begin = offset;
        offset += word.len();
        offset += text[offset..command.end].chars().next().map_or(0, char::len_utf8);
        let bare = word.trim_start_matches(['"', '\'', '\\', '{']);
        match is_writing {
            None => {
                let name = bare.rsplit('/').next().unwrap_or(bare);
                is_writing = Some(name).filter(|name| matches!(*name, "echo" | "printf"));
            }
            Some(_) if word.is_empty() || word.starts_with('-') && word.len() <= 4 => {}
            // The format.
            Some("printf") if word.contains('%') => {}
            Some(_) => {
                start = begin;
                break;
            }
        }
    }
    secret(text, start..command.end, input, found);
}

/// Adds the word after `<<<`.
fn here_string(text: &str, command: &Range<usize>, input: Input, found: &mut Vec<FoundSecret>) {
    if let Some(at) = text[command.clone()].find("<<<") {
        secret(text, command.start + at + "<<<".len()..command.end, input, found);
    }
}

/// The word that ends the here-document of a command.
fn document<'a>(text: &'a str, command: &Range<usize>) -> Option<&'a str> {
    let (_, rest) = text[command.clone()].split_once("<<")?;
    let word = rest.strip_prefix('-').unwrap_or(rest).split_whitespace().next()?;
    let word = word.trim_matches(['"', '\'', '\\']);
    (!word.is_empty() && !word.starts_with('<')).then_some(word)
}

/// Adds the lines of the here-document at `start`; returns its end.
fn here_document(text: &str, start: usize, input: Input, found: &mut Vec<FoundSecret>) -> usize {
    let command = text[..start.min(text.len())].trim_end().rsplit('\n').next().unwrap_or_default();
    let Some(end_word) = document(command, &(0..command.len())) else { return start };
    let until = text.floor_char_boundary(start.saturating_add(MAX_DOCUMENT_BYTES));
    let mut at = start;
    while at < until {
        let end = text[at..until].find('\n').map_or(until, |end| at + end);
        if text[at..end].trim() == end_word {
            return at;
        }
        secret(text, at..end, input, found);
        at = end + 1;
    }
    at.min(text.len())
}

/// Adds a written text without the user's name and the quotes, unless it is a reference.
fn secret(text: &str, range: Range<usize>, input: Input, found: &mut Vec<FoundSecret>) {
    let quotes = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '\\' | '}');
    let written = &text[range.clone()];
    let mut start = range.start + written.len() - written.trim_start_matches(quotes).len();
    let end = start + text[start..range.end].trim_end_matches(quotes).len();
    if input == Input::Pairs
        && let Some(colon) = text[start..end].find(':')
    {
        start += colon + 1;
    }
    if start < end && !is_reference(&text[start..end]) {
        found.push(FoundSecret::new(start..end, "PASSWORD"));
    }
}
