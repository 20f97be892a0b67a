//! A command line as the list shows it: words with whitespace or quotes are quoted.

/// Joins `words`, quoting where a shell would need it.
#[must_use]
pub(crate) fn shown(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) { format!("'{}'", word.replace('\'', "\\'")) } else { word.to_owned() }
}
