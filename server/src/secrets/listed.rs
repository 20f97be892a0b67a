//! Masks and truncates the fields of a list row, so that a container cannot make the stream of all
//! viewers large. The container page shows more. Pure.

use super::{MASK, Writer, arguments, masked, named, text};

/// Maximum length of a name or message in a row, and of a label's value that scopes are compared
/// with.
const MAX_TEXT_BYTES: usize = 4 << 10;
/// Maximum length of a command line in a row; `docker ps` shows 20 characters.
const MAX_COMMAND_BYTES: usize = 4 << 10;
/// Maximum length of a label's value in a row: twice the limit of Kubernetes for all annotations of
/// an object.
const MAX_LABEL_BYTES: usize = 512 << 10;
/// Maximum length of all labels of a row, which takes about 30 ms to search. Compose needs about 2
/// KiB, and the routes of a proxy as much again.
const MAX_LABELS_BYTES: usize = 768 << 10;

/// A container's labels, sorted by name.
#[derive(Debug, Default)]
pub struct ListedLabels {
    /// Labels for viewers: secrets masked, long values truncated.
    pub shown: Vec<(String, String)>,
    /// Original values of labels that are masked, truncated or omitted; `None` if too long.
    pub concealed: Vec<(String, Option<String>)>,
}

/// Masks a container's labels. Those beyond [`MAX_LABELS_BYTES`] are omitted.
pub fn labels<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> ListedLabels {
    let mut labels: Vec<_> = labels.into_iter().collect();
    labels.sort_unstable();
    let mut fits = budget();
    let mut fits_concealed = budget();
    let mut listed = ListedLabels::default();
    for (name, value) in labels {
        // Labels that do not fit are not searched.
        let is_shown = fits(name.len() + value.len().min(MAX_LABEL_BYTES));
        let shown = if is_shown { label(name, value) } else { String::new() };
        if (!is_shown || shown != value) && fits_concealed(name.len() + value.len().min(MAX_TEXT_BYTES)) {
            listed.concealed.push((name.to_owned(), (value.len() <= MAX_TEXT_BYTES).then(|| value.to_owned())));
        }
        if is_shown {
            listed.shown.push((name.to_owned(), shown));
        }
    }
    listed
}

/// Returns a function that is true while bytes fit into [`MAX_LABELS_BYTES`].
fn budget() -> impl FnMut(usize) -> bool {
    let mut left = MAX_LABELS_BYTES;
    move |bytes| {
        let rest = left.checked_sub(bytes);
        left = rest.unwrap_or(left);
        rest.is_some()
    }
}

/// Masks a label's value, except for Compose's project and service names, by which rows are
/// grouped.
fn label(name: &str, value: &str) -> String {
    match name {
        "com.docker.compose.project" | "com.docker.compose.service" => truncated(value),
        _ if value.len() > MAX_LABEL_BYTES => too_long(value.len()),
        _ => named(name, value, masked),
    }
}

/// Joins the words of a command line with secrets masked, and omits words that do not fit.
pub fn command<W: AsRef<str>>(words: &[W]) -> String {
    let mut left = MAX_COMMAND_BYTES;
    let fitting = words.iter().take_while(|word| {
        let rest = left.checked_sub(word.as_ref().len() + 1);
        left = rest.unwrap_or_default();
        rest.is_some()
    });
    let count = fitting.count();
    let mut line = arguments(&words[..count], masked as Writer).join(" ");
    if count < words.len() {
        let bytes = words[count..].iter().map(|word| word.as_ref().len() + 1).sum::<usize>();
        line += &format!(" … ({bytes} more bytes)");
    }
    line
}

/// Masks and truncates an engine message, which may quote a command.
pub fn message(message: &str) -> String {
    if message.len() > MAX_TEXT_BYTES {
        // Cut between two words, so that no secret is split.
        let begun = &message[..message.floor_char_boundary(MAX_TEXT_BYTES)];
        let begun = begun.rsplit_once(char::is_whitespace).map_or("", |(begun, _)| begun);
        return format!("{}…", text(begun, "", masked));
    }
    text(message, "", masked)
}

/// Truncates a name or a path.
pub fn truncated(text: &str) -> String {
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
    fn a_row_is_bounded_for_any_container() {
        let long = "a=".repeat(1 << 19);
        let listed = labels([("long", long.as_str()), ("team", "web"), ("api.token", "s3cret")]);
        let shown: Vec<_> = listed.shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            shown,
            [("api.token", "******"), ("long", "****** (1048576 bytes, too long for the list)"), ("team", "web")]
        );
        assert_eq!(listed.concealed, [("api.token".to_owned(), Some("s3cret".to_owned())), ("long".to_owned(), None)]);
        let many: Vec<_> = (0..100_000).map(|number| format!("label-{number}")).collect();
        let listed = labels(many.iter().map(|name| (name.as_str(), "value")));
        assert!(listed.concealed.len() > 100 && listed.concealed.len() < 100_000);
        assert!(listed.shown.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= MAX_LABELS_BYTES);
        assert_eq!(command(&["app", &long, "x"]), "app … (1048579 more bytes)");
        assert!(message(&long).len() <= MAX_TEXT_BYTES && truncated(&long).len() <= MAX_TEXT_BYTES + 3);
    }

    #[test]
    fn compose_names_stay_and_sentences_are_masked() {
        let listed = labels([("com.docker.compose.project", "sk-learn-experiments-1")]);
        assert_eq!(listed.shown[0].1, "sk-learn-experiments-1");
        assert_eq!(message("exec: \"mysqladmin -ps3cret\": not found"), "exec: \"mysqladmin -p******\": not found");
        assert_eq!(command(&["redis-cli", "-a", "s3cret", "ping"]), "redis-cli -a ****** ping");
    }
}
