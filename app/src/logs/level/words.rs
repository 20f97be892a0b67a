//! Finds a level word by its position: in capitals, in brackets, or before a colon, preceded by
//! nothing but times, names and numbers.
//!
//! A line starts with the logger's header. After several plain words in a row, a sentence has
//! begun, and words that look like a level in it do not count ("log level INFO", "responses of the
//! ERROR queue").

use super::Level;

/// Maximum number of plain words before a level: names of the logger and the program.
const MAX_NAMES: usize = 2;
/// Words that come before a level only in a sentence.
const SENTENCE_WORDS: [&str; 38] = [
    "a", "an", "and", "any", "as", "at", "by", "each", "every", "for", "from", "if", "in", "into", "is", "last",
    "level", "log", "loglevel", "mode", "no", "non", "not", "of", "on", "or", "per", "set", "some", "that", "the",
    "this", "to", "unless", "when", "with", "without", "zero",
];
/// Values after a word and a colon in settings or results: `error: 0`, `debug: false`.
const VALUES: [&str; 14] =
    ["true", "false", "yes", "no", "on", "off", "null", "nil", "none", "<nil>", "undefined", "[]", "{}", "\"\""];

/// The first level word of a line.
pub(super) fn level(head: &str) -> Option<Level> {
    let mut names = 0;
    let mut last = "";
    for token in tokens(head) {
        if let Some(level) = token.level(last, names) {
            return Some(level);
        }
        if token.is_plain(head) {
            names += 1;
            last = token.word;
        } else if token.is_word() {
            names = 0;
            last = "";
        }
    }
    None
}

/// A run of ASCII letters with its context.
struct Token<'a> {
    word: &'a str,
    before: Option<u8>,
    after: Option<u8>,
    /// The text after the token.
    rest: &'a str,
    /// Position of the token in bytes.
    at: usize,
    /// True within square brackets: `[thread/WARN]`.
    in_brackets: bool,
    /// Start of the text between spaces that contains the token, in bytes.
    from: usize,
}

/// Splits the text at all characters except letters and digits.
fn tokens(head: &str) -> impl Iterator<Item = Token<'_>> {
    let bytes = head.as_bytes();
    let mut at = 0;
    let mut in_brackets = false;
    std::iter::from_fn(move || {
        while at < bytes.len() && !bytes[at].is_ascii_alphanumeric() {
            in_brackets = match bytes[at] {
                b'[' => true,
                b']' => false,
                _ => in_brackets,
            };
            at += 1;
        }
        let from = at;
        while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
            at += 1;
        }
        (from < at).then(|| Token {
            word: &head[from..at],
            before: from.checked_sub(1).map(|before| bytes[before]),
            after: bytes.get(at).copied(),
            rest: &head[at..],
            at: from,
            in_brackets,
            from: head[..from].rfind([' ', '\t']).map_or(0, |space| space + 1),
        })
    })
}

impl Token<'_> {
    /// True if the token is not empty.
    fn is_word(&self) -> bool {
        !self.word.is_empty()
    }

    /// True for a plain word of a sentence: letters between spaces, at most with a comma or quotes.
    fn is_plain(&self, head: &str) -> bool {
        let is_letters = self.word.bytes().all(|byte| byte.is_ascii_alphabetic());
        let stands_free =
            self.from == self.at || head[self.from..self.at].bytes().all(|byte| matches!(byte, b'"' | b'\'' | b'('));
        is_letters && stands_free && matches!(self.after, None | Some(b' ' | b'\t' | b',' | b'\'' | b'"'))
    }

    /// Level of the token, after `names` plain words, the last of which is `last`.
    fn level(&self, last: &str, names: usize) -> Option<Level> {
        let level = Level::parse(self.word);
        if self.word.len() == 1 {
            let in_brackets = matches!((self.before, self.after), (Some(b'['), Some(b']')) | (Some(b'('), Some(b')')));
            return Level::of_letter(*self.word.as_bytes().first()?).filter(|_| in_brackets);
        }
        let level = level?;
        if self.is_bracketed() {
            return Some(level).filter(|_| !self.is_of(&["log", "default", "config", "fail"]));
        }
        let is_loud = self.word.bytes().all(|byte| !byte.is_ascii_lowercase());
        if !self.opens(is_loud) || !self.closes(is_loud) {
            return None;
        }
        let is_marked = self.after == Some(b':');
        // "Log: …", "alert: …" and "System: …" start sentences; Postgres writes LOG:.
        let is_common = self.is_of(&["log", "default", "fine", "config", "alert", "note", "system", "emergency"]);
        let counts = match (is_loud, is_marked) {
            (true, true) => true,
            (true, false) => !is_common && !self.is_of(&["fail", "information", "informational"]),
            (false, true) => !is_common && (self.at == 0 || !self.is_of(&["fail"])),
            (false, false) => false,
        };
        let is_set = is_marked && self.is_value();
        let in_sentence = names > MAX_NAMES || SENTENCE_WORDS.iter().any(|word| word.eq_ignore_ascii_case(last));
        // "PHP Fatal error: …"
        let level = if last.eq_ignore_ascii_case("fatal") { Level::Fatal } else { level };
        (counts && !is_set && !in_sentence).then_some(level)
    }

    fn is_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| word.eq_ignore_ascii_case(self.word))
    }

    /// True in brackets: `[error]`, `(error)`, ` <Error> `, `[core:error]`, `[Server thread/WARN]`.
    fn is_bracketed(&self) -> bool {
        match (self.before, self.after) {
            (Some(b'['), Some(b']')) | (Some(b'('), Some(b')')) => true,
            (Some(b'<'), Some(b'>')) => {
                matches!(self.rest.as_bytes().get(1), None | Some(b' ')) && self.from + 1 == self.at
            }
            (Some(b':' | b'/'), Some(b']')) => self.in_brackets,
            _ => false,
        }
    }

    fn opens(&self, is_loud: bool) -> bool {
        match self.before {
            None | Some(b' ' | b'\t' | b'[' | b'(' | b'|' | b':' | b',' | b'-') => {
                self.before != Some(b'-') || self.from + 1 == self.at
            }
            // `production.ERROR:`
            Some(b'.') => is_loud && self.after == Some(b':'),
            _ => false,
        }
    }

    fn closes(&self, is_loud: bool) -> bool {
        match self.after {
            None | Some(b' ' | b'\t' | b']' | b')' | b'|' | b':' | b'!' | b',') => true,
            // `ERRO[0001]`
            Some(b'[') => is_loud && self.at == 0 && self.rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit),
            // Celery: `[2026-11-23 09:30:00,125: WARNING/MainProcess]`
            Some(b'/') => is_loud && self.in_brackets,
            _ => false,
        }
    }

    /// True if only a value follows the colon.
    fn is_value(&self) -> bool {
        let rest = self.rest.trim_start_matches(':').trim().trim_end_matches([',', '.', ';']);
        let rest = rest.split([',', ';']).next().unwrap_or_default().trim();
        let is_number =
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'%'));
        is_number || VALUES.iter().any(|value| value.eq_ignore_ascii_case(rest))
    }
}
