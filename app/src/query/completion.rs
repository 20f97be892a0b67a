//! Suggestions for the word being typed into the search: fields, and existing values. Pure; part of
//! the chunk of `list::search_completion`.

use super::{natural::natural_order, terms};
use crate::{
    format::{fold, image_reference, lower_case},
    model::{Container, ContainerState, Health},
    protocol::Picture,
};

/// Maximum number of suggestions.
const MAX_SUGGESTIONS: usize = 8;

/// A suggestion for the word at the caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The word that replaces the typed one.
    pub word: String,
    /// Explanation, or the number of matching containers.
    pub note: String,
}

/// Fields with explanations, in the order shown.
const FIELDS: [(&str, &str); 15] = [
    ("state", "container state"),
    ("name", "container name"),
    ("image", "image name or ID"),
    ("project", "Compose project"),
    ("service", "Compose service"),
    ("label", "name, or name=value"),
    ("health", "result of the last health check"),
    ("cpu", "percent, as shown in the list: >50"),
    ("mem", "as shown in the list: >500MiB"),
    ("network", "network name"),
    ("engine", "name of the engine"),
    ("port", "published or exposed port"),
    ("exit", "exit code of the last run"),
    ("restarts", "number of restarts: >3"),
    ("id", "start of the container ID"),
];

/// Returns the start of the word at the caret, in bytes, and suggestions for it.
pub fn suggest(search: &str, caret: usize, picture: &Picture) -> (usize, Vec<Suggestion>) {
    let before = search.get(..caret).unwrap_or(search);
    let start = start_of_word(before);
    let word = before.get(start..).unwrap_or_default();
    let (sign, bare) = word.strip_prefix('-').map_or(("", word), |rest| ("-", rest));
    let mut found = match bare.split_once(':').and_then(|(name, value)| Some((terms::field(name)?, value))) {
        Some((field, typed)) => values(field, &typed.replace('"', ""), picture),
        None => {
            let mut found = fields(bare);
            if !bare.is_empty() {
                for field in ["state", "project", "name", "image", "label"] {
                    found.extend(values(field, bare, picture));
                }
            }
            found
        }
    };
    found.truncate(MAX_SUGGESTIONS);
    for suggestion in &mut found {
        suggestion.word.insert_str(0, sign);
    }
    (start, found)
}

/// Position after the last space outside of quotes.
fn start_of_word(text: &str) -> usize {
    let (mut start, mut is_quoted) = (0, false);
    for (place, letter) in text.char_indices() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' | '\t' if !is_quoted => start = place + 1,
            _ => {}
        }
    }
    start
}

fn fields(typed: &str) -> Vec<Suggestion> {
    let fits = |(name, _): &&(&str, &str)| name.get(..typed.len()).is_some_and(|head| head.eq_ignore_ascii_case(typed));
    let suggestion = |(name, note): &(&str, &str)| Suggestion { word: format!("{name}:"), note: (*note).to_owned() };
    FIELDS.iter().filter(fits).map(suggestion).collect()
}

/// Values of a field that contain the typed text. Those that start with it come first, then those
/// of most containers.
fn values(field: &'static str, typed: &str, picture: &Picture) -> Vec<Suggestion> {
    let comparisons: &[&str] = match field {
        "cpu" => &[">10", ">50", ">100"],
        "mem" => &[">100MiB", ">500MiB", ">1GiB"],
        "restarts" => &[">0", ">3"],
        _ => &[],
    };
    let mut all: Vec<String> =
        picture.containers.values().flat_map(|container| values_of(field, typed, container)).collect();
    all.sort_unstable();
    let mut counted: Vec<(String, usize)> = Vec::new();
    for value in all {
        match counted.last_mut() {
            Some((known, count)) if *known == value => *count += 1,
            _ => counted.push((value, 1)),
        }
    }
    let wanted = fold(typed);
    let place = |value: &str| fold(value).find(&*wanted);
    counted.retain(|(value, _)| place(value).is_some());
    counted.sort_by(|(left, left_count), (right, right_count)| {
        let begins = |value: &str| place(value) != Some(0);
        begins(left)
            .cmp(&begins(right))
            .then_with(|| right_count.cmp(left_count))
            .then_with(|| natural_order(left, right))
    });
    let known = counted.into_iter().map(|(value, count)| Suggestion {
        word: format!("{field}:{}", quoted(&value)),
        note: if count == 1 { "1 container".to_owned() } else { format!("{count} containers") },
    });
    let compared = comparisons
        .iter()
        .filter(|value| value.starts_with(typed))
        .map(|value| Suggestion { word: format!("{field}:{value}"), note: String::new() });
    compared.chain(known).collect()
}

/// The field's values of one container. For labels, only the names until one is chosen.
fn values_of(field: &str, typed: &str, container: &Container) -> Vec<String> {
    let one = |value: &Option<String>| value.clone().into_iter().collect();
    match field {
        // The label in the UI.
        "state" => vec![lower_case(container.state.label())],
        "health" => vec![container.health.map_or("none", Health::as_str).to_owned()],
        "name" => vec![container.name.clone()],
        "image" => vec![image_reference(container).into_owned()],
        "project" => one(&container.project),
        "service" => one(&container.service),
        "engine" => vec![container.engine.to_string()],
        "network" => container.networks.clone(),
        "port" => container.ports.iter().filter_map(|port| port.public_port).map(|port| port.to_string()).collect(),
        "exit" if container.state == ContainerState::Exited => {
            container.exit_code.iter().map(ToString::to_string).collect()
        }
        "label" if typed.contains('=') => {
            container.labels.iter().map(|(name, value)| format!("{name}={value}")).collect()
        }
        "label" => container.labels.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Quotes a value with spaces.
fn quoted(value: &str) -> String {
    if value.contains([' ', '\t']) { format!("\"{value}\"") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{container, picture};

    fn example() -> Picture {
        let mut web = container(1, "web-1", ContainerState::Running);
        let mut db = container(2, "db", ContainerState::Exited);
        for member in [&mut web, &mut db] {
            member.project = Some("my shop".to_owned());
            member.labels.insert("team".to_owned(), "web".to_owned());
        }
        db.image = "postgres:17".to_owned();
        db.exit_code = Some(137);
        db.labels.insert("tier".to_owned(), "data".to_owned());
        picture(vec![web, db], Vec::new())
    }

    fn words(search: &str) -> Vec<String> {
        suggest(search, search.len(), &example()).1.into_iter().map(|suggestion| suggestion.word).collect()
    }

    #[test]
    fn fields_come_first_then_existing_values() {
        for (search, expected) in [
            ("st", &["state:", "state:stopped", "image:postgres:17"][..]),
            ("state:", &["state:running", "state:stopped"]),
            ("state:st", &["state:stopped"]),
            ("STATE:ST", &["state:stopped"]),
            ("-state:st", &["-state:stopped"]),
            ("label:t", &["label:team", "label:tier"]),
            ("label:team=", &["label:team=web"]),
            ("project:", &["project:\"my shop\""]),
            ("project:\"my s", &["project:\"my shop\""]),
            ("web cpu:>1", &["cpu:>10", "cpu:>100"]),
            ("exit:", &["exit:137"]),
            ("engine:", &["engine:local"]),
            ("eng", &["engine:"]),
            ("port:80", &["port:8001", "port:8002"]),
            ("nginx:1", &["image:nginx:1.27"]), // no field
            ("zebra", &[]),
        ] {
            assert_eq!(words(search), expected, "{search}");
        }
    }

    #[test]
    fn the_word_at_the_caret_is_completed() {
        for (search, caret, start, first) in [
            ("state:run web", 9, 0, Some("state:running")),
            ("web sta", 7, 4, Some("state:")),
            ("\"a b\" im", 8, 6, Some("image:")),
            ("", 0, 0, Some("state:")),
        ] {
            let (found_start, found) = suggest(search, caret, &example());
            let found_first = found.first().map(|suggestion| suggestion.word.as_str());
            assert_eq!((found_start, found_first), (start, first), "{search}");
        }
    }

    #[test]
    fn every_field_of_the_search_is_suggested() {
        for (name, _) in FIELDS {
            assert_eq!(terms::field(name), Some(name));
        }
        assert_eq!(terms::FIELDS.len(), FIELDS.len());
    }

    #[test]
    fn suggestions_have_the_number_of_matching_containers() {
        let (_, found) = suggest("label:", 6, &example());
        let noted = found.iter().map(|found| (found.word.as_str(), found.note.as_str())).collect::<Vec<_>>();
        assert_eq!(noted, [("label:team", "2 containers"), ("label:tier", "1 container")]);
    }
}
