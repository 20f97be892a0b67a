//! The parts of a list row that a container fills: bounded, so that a row costs every viewer and the road of events little, however
//! much a container says of itself. Its own page shows more.

use super::{MASK, Writer, arguments, masked, named, text};

/// Bytes of a name or a sentence in a row, and of a label's value that scopes are compared with.
const MAX_TEXT_BYTES: usize = 4 << 10;
/// Bytes of a command line in a row: `docker ps` shows 20 letters.
const MAX_COMMAND_BYTES: usize = 4 << 10;
/// Bytes of a label's value in a row: twice what Kubernetes allows all annotations of an object.
const MAX_LABEL_BYTES: usize = 512 << 10;
/// Bytes of all labels of a row together, which are searched in some 30 ms. Compose writes some 2 KiB, a proxy's routes as much again.
const MAX_LABELS_BYTES: usize = 768 << 10;

/// A container's labels, sorted by name.
#[derive(Debug, Default)]
pub struct ListedLabels {
    /// For every viewer: secrets masked, long values cut.
    pub shown: Vec<(String, String)>,
    /// As they are, where they are shown otherwise or not at all; without a value where it is too long.
    pub concealed: Vec<(String, Option<String>)>,
}

/// A container's labels; those that do not fit [`MAX_LABELS_BYTES`] are left out.
pub fn labels<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> ListedLabels {
    let mut labels: Vec<_> = labels.into_iter().collect();
    labels.sort_unstable();
    let mut fits = budget();
    let mut fits_concealed = budget();
    let mut told = ListedLabels::default();
    for (name, value) in labels {
        // What does not fit is not searched either.
        let is_shown = fits(name.len() + value.len().min(MAX_LABEL_BYTES));
        let shown = if is_shown { label(name, value) } else { String::new() };
        if (!is_shown || shown != value) && fits_concealed(name.len() + value.len().min(MAX_TEXT_BYTES)) {
            told.concealed.push((name.to_owned(), (value.len() <= MAX_TEXT_BYTES).then(|| value.to_owned())));
        }
        if is_shown {
            told.shown.push((name.to_owned(), shown));
        }
    }
    told
}

/// Says what still fits.
fn budget() -> impl FnMut(usize) -> bool {
    let mut left = MAX_LABELS_BYTES;
    move |bytes| {
        let rest = left.checked_sub(bytes);
        left = rest.unwrap_or(left);
        rest.is_some()
    }
}

/// A label's value. Compose's names of projects and services are names, whatever they look like: rows are grouped by them.
fn label(name: &str, value: &str) -> String {
    match name {
        "com.docker.compose.project" | "com.docker.compose.service" => short(value),
        _ if value.len() > MAX_LABEL_BYTES => too_long(value.len()),
        _ => named(name, value, masked),
    }
}

/// A command line: its words joined by blanks, secrets masked, what is too long left out.
pub fn command<W: AsRef<str>>(words: &[W]) -> String {
    let mut left = MAX_COMMAND_BYTES;
    let fitting = words.iter().take_while(|word| {
        let rest = left.checked_sub(word.as_ref().len() + 1);
        left = rest.unwrap_or_default();
        rest.is_some()
    });
    let count = fitting.count();
    let mut told = arguments(&words[..count], masked as Writer).join(" ");
    if count < words.len() {
        let bytes = words[count..].iter().map(|word| word.as_ref().len() + 1).sum::<usize>();
        told += &format!(" … ({bytes} more bytes)");
    }
    told
}

/// A sentence of the engine's, which may quote a command: secrets masked, cut where it is too long.
pub fn sentence(sentence: &str) -> String {
    if sentence.len() > MAX_TEXT_BYTES {
        // Cut between two words, so that no secret is cut in two.
        let begun = &sentence[..sentence.floor_char_boundary(MAX_TEXT_BYTES)];
        let begun = begun.rsplit_once(char::is_whitespace).map_or("", |(begun, _)| begun);
        return format!("{}…", text(begun, "", masked));
    }
    text(sentence, "", masked)
}

/// A name or a path, cut where it is too long to be one.
pub fn short(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_TEXT_BYTES);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}

fn too_long(bytes: usize) -> String {
    format!("{MASK} ({bytes} bytes, too long for the list)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_bounded_whatever_a_container_says_of_itself() {
        let long = "a=".repeat(1 << 19);
        let told = labels([("long", long.as_str()), ("team", "web"), ("api.token", "s3cret")]);
        let shown: Vec<_> = told.shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            shown,
            [("api.token", "******"), ("long", "****** (1048576 bytes, too long for the list)"), ("team", "web")]
        );
        assert_eq!(told.concealed, [("api.token".to_owned(), Some("s3cret".to_owned())), ("long".to_owned(), None)]);
        let many: Vec<_> = (0..100_000).map(|number| format!("label-{number}")).collect();
        let told = labels(many.iter().map(|name| (name.as_str(), "value")));
        assert!(told.concealed.len() > 100 && told.concealed.len() < 100_000);
        assert!(told.shown.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= MAX_LABELS_BYTES);
        assert_eq!(command(&["app", &long, "x"]), "app … (1048579 more bytes)");
        assert!(sentence(&long).len() <= MAX_TEXT_BYTES && short(&long).len() <= MAX_TEXT_BYTES + 3);
    }

    #[test]
    fn names_of_compose_stay_and_sentences_are_masked() {
        let told = labels([("com.docker.compose.project", "sk-learn-experiments-1")]);
        assert_eq!(told.shown[0].1, "sk-learn-experiments-1");
        assert_eq!(sentence("exec: \"mysqladmin -ps3cret\": not found"), "exec: \"mysqladmin -p******\": not found");
        assert_eq!(command(&["redis-cli", "-a", "s3cret", "ping"]), "redis-cli -a ****** ping");
    }
}
