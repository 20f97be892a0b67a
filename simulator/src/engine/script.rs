//! Parses a command line into a [`Program`]: the subset of a busybox shell that tests and people
//! use with an engine.
//!
//! Supported: `sleep N`, `true`, `false`, `echo …`, `tail /dev/zero` (runs out of memory), and
//! `sh -c` with `;`-separated `echo`, `sleep`, `seq N`, `exit`, `tail /dev/zero`,
//! `trap "exit N" TERM` and one `while true; do …; done`, in which `i=$((i+1))` counts the
//! iterations from 1. Any other command, such as `cat` or `top`, runs until it is killed. Commands
//! named `no-such…` do not exist and cannot start.

use std::time::Duration;

use super::program::{Body, OnTerm, Program, Script, Step};

/// Time that a process needs to exit on SIGTERM.
const TRAP_DELAY: Duration = Duration::from_millis(20);

/// Prefix of executables that do not exist.
const MISSING: &str = "no-such";

/// The program of a command line as given in `create`: entrypoint and arguments in one list.
#[must_use]
pub fn parse(command: &[String]) -> Program {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sh" | "/bin/sh" | "bash" | "ash", "-c", text, ..] => parse_shell(text),
        [first, ..] if *first == "echo" => plain(vec![print_step(&words[1..], false)]),
        ["sleep", rest @ ..] => plain(vec![Step::Sleep(seconds(rest.first().copied()))]),
        ["tail", "/dev/zero"] => plain(vec![Step::ExhaustMemory]),
        ["true"] => plain(vec![Step::Exit(0)]),
        ["false"] => plain(vec![Step::Exit(1)]),
        [first, ..] if first.starts_with(MISSING) => missing(first),
        [] => missing(""),
        _ => Program {
            body: Body::Script(Script { once: Vec::new(), cycle: vec![Step::Sleep(Duration::from_secs(3600))] }),
            on_term: OnTerm::Ignore,
        },
    }
}

fn plain(once: Vec<Step>) -> Program {
    Program { body: Body::Script(Script { once, cycle: Vec::new() }), on_term: OnTerm::Ignore }
}

fn missing(word: &str) -> Program {
    Program { body: Body::Missing(word.to_owned()), on_term: OnTerm::Ignore }
}

fn parse_shell(text: &str) -> Program {
    let mut script = Script::default();
    let mut on_term = OnTerm::Ignore;
    let mut in_loop = false;
    for statement in statements(text) {
        let words = split_words(&statement);
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words.first() == Some(&"while") {
            in_loop = true;
            continue;
        }
        if words.first() == Some(&"done") {
            break;
        }
        if words.first() == Some(&"do") {
            words.remove(0);
        }
        if words.first() == Some(&"trap") {
            on_term = trapped(words.get(1).copied().unwrap_or_default());
            continue;
        }
        let steps = if in_loop { &mut script.cycle } else { &mut script.once };
        steps.extend(shell_steps(&words));
    }
    Program { body: Body::Script(script), on_term }
}

fn shell_steps(words: &[&str]) -> Vec<Step> {
    let (stderr, words) = match words.split_last() {
        Some((last, rest)) if matches!(*last, ">&2" | "1>&2") => (true, rest),
        _ => (false, words),
    };
    let step = match words {
        ["echo", text @ ..] => print_step(text, stderr),
        ["seq", last] => return (1..=last.parse().unwrap_or(0)).map(|number: u32| numbered(number, stderr)).collect(),
        ["sleep", rest @ ..] => Step::Sleep(seconds(rest.first().copied())),
        ["exit", rest @ ..] => Step::Exit(rest.first().and_then(|code| code.parse().ok()).unwrap_or(0)),
        ["tail", "/dev/zero"] => Step::ExhaustMemory,
        ["false"] => Step::Exit(1),
        [] | ["true" | ":"] => return Vec::new(),
        [assignment] if is_counter(assignment) => return Vec::new(),
        [unknown, ..] => Step::Print { stderr: true, text: format!("sh: {unknown}: not found") },
    };
    vec![step]
}

/// True for a counter, `i=0` or `i=$((i+1))`; iterations are counted anyway.
fn is_counter(word: &str) -> bool {
    let value = word.strip_prefix("i=");
    value.is_some_and(|value| value == "$((i+1))" || value.parse::<u32>().is_ok())
}

fn numbered(number: u32, stderr: bool) -> Step {
    Step::Print { stderr, text: number.to_string() }
}

fn print_step(words: &[&str], stderr: bool) -> Step {
    Step::Print { stderr, text: words.join(" ") }
}

fn trapped(action: &str) -> OnTerm {
    let code = action.split_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    OnTerm::Exit { code, after: TRAP_DELAY }
}

/// Parses a number of seconds, or `infinity`; zero if invalid.
fn seconds(text: Option<&str>) -> Duration {
    match text {
        Some("infinity") => Duration::from_secs(u64::from(u32::MAX)),
        Some(text) => {
            text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or_default()
        }
        None => Duration::ZERO,
    }
}

/// Splits at `;` and line ends outside of quotes.
fn statements(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (None, ';' | '\n') => found.push(String::new()),
            (None, '"' | '\'') => {
                quote = Some(letter);
                push(&mut found, letter);
            }
            (Some(open), _) if open == letter => {
                quote = None;
                push(&mut found, letter);
            }
            _ => push(&mut found, letter),
        }
    }
    found.retain(|statement| !statement.trim().is_empty());
    found
}

fn push(statements: &mut [String], letter: char) {
    if let Some(last) = statements.last_mut() {
        last.push(letter);
    }
}

/// Splits at whitespace outside of quotes, and removes the quotes.
fn split_words(statement: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    for letter in statement.chars() {
        match (quote, letter) {
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (Some(open), _) if open == letter => quote = None,
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn shell(text: &str) -> Program {
        parse(&["sh".to_owned(), "-c".to_owned(), text.to_owned()])
    }

    #[test]
    fn a_script_ends_with_its_steps_and_their_code() {
        let ending = shell("echo one; sleep 1.5; exit 3").ending().unwrap();
        assert_eq!((ending.after, ending.exit_code), (Duration::from_millis(1500), 3));
    }

    #[test]
    fn a_loop_prints_until_a_trapped_term() {
        let program = shell("trap \"exit 7\" TERM; while true; do echo 'hello there'; sleep 2; done");
        assert_eq!(program.ending(), None);
        assert_eq!(program.on_term, OnTerm::Exit { code: 7, after: TRAP_DELAY });
        // Printed at 0, 2, 4, 6 …: between 3 and 7 seconds that is 4 and 6.
        let lines = program.lines(Duration::from_secs(3), Duration::from_secs(7));
        let times: Vec<u64> = lines.iter().map(|line| line.at.as_secs()).collect();
        assert_eq!(times, [4, 6]);
        assert_eq!(lines[0].text, "hello there");
    }

    #[test]
    fn a_loop_counts_its_iterations() {
        let program = shell("i=0; while true; do i=$((i+1)); echo \"line $i of $i\"; sleep 2; done");
        let texts = |from, to| -> Vec<String> {
            program
                .lines(Duration::from_secs(from), Duration::from_secs(to))
                .into_iter()
                .map(|line| line.text)
                .collect()
        };
        assert_eq!(texts(0, 3), ["line 1 of 1", "line 2 of 2"]);
        assert_eq!(texts(3, 7), ["line 3 of 3", "line 4 of 4"]);
    }

    #[test]
    fn a_sequence_is_printed_at_once() {
        let lines = shell("seq 3; sleep 1").lines(Duration::ZERO, Duration::from_secs(9));
        let texts: Vec<_> = lines.iter().map(|line| (line.at, line.text.as_str())).collect();
        assert_eq!(texts, ["1", "2", "3"].map(|text| (Duration::ZERO, text)));
    }

    #[test]
    fn exhausting_memory_exits_with_137() {
        let ending = shell("sleep 1; tail /dev/zero").ending().unwrap();
        assert!(ending.out_of_memory);
        assert_eq!(ending.exit_code, 137);
    }

    #[test]
    fn a_missing_executable_cannot_start() {
        assert_eq!(parse(&["no-such-word".to_owned()]).body, Body::Missing("no-such-word".to_owned()));
    }
}
