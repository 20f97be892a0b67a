//! The search syntax: `state:running label:team=web image:nginx cpu:>50 -name:test shop`.
//!
//! Every term must match. A term without a field is searched for in name, image, project, service,
//! published port and id; `-` negates a term; quotes keep spaces. A word whose part before the
//! colon is not a field, such as `nginx:1.27`, is a plain word.

use super::{MAX_SEARCH_BYTES, MAX_SEARCH_WORDS, Scale};
use crate::{
    format::{contains, fold, image_name},
    model::{Container, ContainerState, ContainerStats, Port},
};

/// Minimum length of an id prefix in a search; shorter words would match too often.
const MIN_ID_DIGITS: usize = 4;

/// Field names, in the order they are suggested.
pub(super) const FIELDS: [&str; 15] = [
    "state", "health", "name", "image", "project", "service", "label", "port", "network", "engine", "id", "exit",
    "restarts", "cpu", "mem",
];

/// A search term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    field: Option<&'static str>,
    value: String,
    /// The value folded for case-insensitive comparison.
    folded: String,
    is_negated: bool,
}

/// Parses a search. A field without a value, such as `state:`, is ignored.
pub(super) fn parse(search: &str) -> Vec<Term> {
    let search = &search[..search.floor_char_boundary(MAX_SEARCH_BYTES)];
    split(search).iter().filter_map(|word| Term::parse(word)).take(MAX_SEARCH_WORDS).collect()
}

/// True if the search depends on samples.
pub(super) fn depend_on_samples(search: &str) -> bool {
    parse(search).iter().any(|term| matches!(term.field, Some("cpu" | "mem")))
}

/// Splits at spaces outside of quotes; an unclosed quote ends with the text.
fn split(search: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for letter in search.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ' ' | '\t' if !is_quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

impl Term {
    fn new(field: Option<&'static str>, value: &str, is_negated: bool) -> Self {
        Self { field, value: value.to_owned(), folded: fold(value).into_owned(), is_negated }
    }

    fn parse(word: &str) -> Option<Self> {
        let (is_negated, rest) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let field = rest.split_once(':').and_then(|(name, value)| Some((field(name)?, value)));
        match field {
            Some((_, "")) => None,
            Some((field, value)) => Some(Self::new(Some(field), value, is_negated)),
            // A name may start with a dash; a lone dash is ignored.
            None if rest.is_empty() => None,
            None => Some(Self::new(None, rest, is_negated)),
        }
    }

    /// True if the term matches a container with its newest sample, measured on the list's scale.
    pub(super) fn matches(&self, container: &Container, stats: Option<&ContainerStats>, scale: Scale<'_>) -> bool {
        self.is_met(container, stats, scale) != self.is_negated
    }

    fn is_met(&self, container: &Container, stats: Option<&ContainerStats>, scale: Scale<'_>) -> bool {
        let value = self.value.as_str();
        let text = |text: &str| contains(text, &self.folded);
        match self.field {
            None => mentions(container, value, &self.folded),
            Some("state") => is_state(container.state, value),
            Some("health") => match container.health {
                Some(health) => health.as_str().eq_ignore_ascii_case(value),
                None => value.eq_ignore_ascii_case("none"),
            },
            Some("name") => text(&container.name),
            Some("image") => is_image(container, value, &self.folded),
            Some("project") => container.project.as_deref().is_some_and(text),
            Some("service") => container.service.as_deref().is_some_and(text),
            Some("label") => has_label(container, value),
            Some("port") => container.ports.iter().any(|port| is_port(port, value)),
            Some("network") => container.networks.iter().any(|network| text(network)),
            // The whole name: `web-3` is not `web-31`.
            Some("engine") => container.engine.as_str().eq_ignore_ascii_case(value),
            Some("id") => container.id.to_string().starts_with(value),
            Some("exit") => container.exit_code.is_some_and(|code| code.to_string() == value),
            Some("restarts") => compare(Some(container.restart_count.unsigned_abs() * 10), value, 1),
            Some("cpu") => compare(scale.cpu_tenths(container, stats), value, 1),
            _ => compare(
                stats.and_then(|stats| scale.memory(stats)).map(|bytes| bytes.saturating_mul(10)),
                value,
                unit(value),
            ),
        }
    }
}

pub(super) fn field(name: &str) -> Option<&'static str> {
    let name = if name.eq_ignore_ascii_case("memory") { "mem" } else { name };
    FIELDS.into_iter().find(|field| field.eq_ignore_ascii_case(name))
}

/// True if the value is the engine's name of a state, or its label in the UI.
fn is_state(state: ContainerState, value: &str) -> bool {
    state.as_str().eq_ignore_ascii_case(value) || state.label().eq_ignore_ascii_case(value)
}

/// True if the container has a label: `team=web` matches this value, `team` any value.
fn has_label(container: &Container, value: &str) -> bool {
    match value.split_once('=') {
        Some((name, wanted)) => container.labels.get(name).is_some_and(|value| value == wanted),
        None => container.labels.contains_key(value),
    }
}

/// True if the value matches a port on either side, a bound address, or both: `127.0.0.1:8080`.
fn is_port(port: &Port, value: &str) -> bool {
    let is_number = |value: &str| {
        port.public_port.is_some_and(|port| port.to_string() == value) || port.private_port.to_string() == value
    };
    let is_address = |value: &str| {
        let bare = value.trim_start_matches('[').trim_end_matches(']');
        !bare.is_empty() && port.ip.as_deref() == Some(bare)
    };
    is_number(value)
        || is_address(value)
        || value.rsplit_once(':').is_some_and(|(ip, number)| is_address(ip) && is_number(number))
}

/// True if the word is a part of the image's name, or the start of its id.
fn is_image(container: &Container, word: &str, folded: &str) -> bool {
    contains(&container.image, folded) || contains(&image_name(container), folded) || begins_image_id(container, word)
}

fn begins_image_id(container: &Container, word: &str) -> bool {
    let id = container.image_id.as_str();
    let begins = |digits: &str| digits.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    word.len() >= MIN_ID_DIGITS && (begins(id) || id.split_once(':').is_some_and(|(_, digits)| begins(digits)))
}

/// True if the word is part of the container's name, image, project or service, equals a published
/// port, or is the start of the container's id or its image's id.
fn mentions(container: &Container, word: &str, folded: &str) -> bool {
    let texts = [Some(&container.name), Some(&container.image), container.project.as_ref(), container.service.as_ref()];
    texts.into_iter().flatten().any(|text| contains(text, folded))
        || begins_image_id(container, word)
        || container.ports.iter().any(|port| port.public_port.is_some_and(|port| port.to_string() == word))
        || (word.len() >= MIN_ID_DIGITS && container.id.to_string().starts_with(word))
}

/// True if a value matches `>50`, `<50`, or `50`, which means at least 50. Unknown values never
/// match.
fn compare(known_tenths: Option<u64>, value: &str, unit: u64) -> bool {
    const COMPARISONS: [&str; 4] = ["<=", ">=", "<", ">"];
    let (comparison, number) = COMPARISONS
        .into_iter()
        .find_map(|comparison| Some((comparison, value.strip_prefix(comparison)?)))
        .unwrap_or((">=", value));
    let wanted = number_in_tenths(number).map(|tenths| tenths.saturating_mul(unit));
    known_tenths.zip(wanted).is_some_and(|(known, wanted)| match comparison {
        "<=" => known <= wanted,
        "<" => known < wanted,
        ">" => known > wanted,
        _ => known >= wanted,
    })
}

/// Parses `1.5` into whole tenths; a unit may follow. By hand, because parsing floats would add 8
/// kB to the browser's module.
fn number_in_tenths(text: &str) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (whole, fraction) = text.get(..end)?.split_once('.').unwrap_or((text.get(..end)?, ""));
    let tenth = fraction.get(..1).and_then(|digit| digit.parse().ok()).unwrap_or(0);
    Some(whole.parse::<u64>().ok()?.saturating_mul(10).saturating_add(tenth))
}

/// Number of bytes per unit of a size; MiB if there is no unit, as in `mem:>500`.
fn unit(value: &str) -> u64 {
    let letters = value.trim_start_matches(|letter: char| !letter.is_ascii_alphabetic());
    match letters.as_bytes().first().map(u8::to_ascii_lowercase) {
        Some(b'b') => 1,
        Some(b'k') => 1 << 10,
        Some(b'g') => 1 << 30,
        Some(b't') => 1 << 40,
        _ => 1 << 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Health,
        query::{CpuScale, MemoryScale},
        samples::{container, engine, stats},
    };

    const CORE: Scale<'static> = Scale { cpu: CpuScale::Core, memory: MemoryScale::Limit, engines: &[] };

    fn example() -> (Container, ContainerStats) {
        let mut web = container(1, "web-1", ContainerState::Exited);
        web.image = "registry.example/nginx:1.27".to_owned();
        web.project = Some("shop".to_owned());
        web.health = Some(Health::Unhealthy);
        web.exit_code = Some(137);
        web.restart_count = 3;
        web.labels.insert("team".to_owned(), "web".to_owned());
        web.labels.insert("my app".to_owned(), String::new());
        web.networks = vec!["shop_default".to_owned()];
        web.image_id = format!("sha256:3f1a2b4c{}", "0".repeat(56));
        let port = |ip: &str, public_port, private_port| Port {
            ip: Some(ip.to_owned()),
            private_port,
            public_port,
            protocol: "tcp".to_owned(),
            open: false,
        };
        web.ports = vec![port("127.0.0.1", Some(15432), 5432), port("::1", Some(8080), 80), port("", None, 9000)];
        let numbers = stats(&web, Some(50.04), Some(600 << 20));
        (web, numbers)
    }

    #[test]
    fn each_term_matches_the_expected_containers() {
        let (web, numbers) = example();
        for (search, is_found) in [
            ("web", true),
            ("WEB shop", true),
            ("web nothing", false),
            ("-web", false),
            ("-nothing", true),
            ("state:exited", true),
            ("state:Stopped", true),
            ("state:running", false),
            ("-state:running", true),
            ("health:unhealthy", true),
            ("health:none", false),
            ("image:nginx", true),
            ("nginx:1.27", true),
            ("image:3f1a2b", true),
            ("image:3F1A2B", true),
            ("image:sha256:3f1a2b", true),
            ("3f1a2b", true),
            ("sha256:3f1a2b", true),
            ("image:f1a2b", false), // not the start
            ("image:3f1", false),   // too short for an id
            ("port:15432", true),
            ("port:5432", true),
            ("port:543", false),
            ("port:127.0.0.1", true),
            ("port:127.0.0.1:15432", true),
            ("port:127.0.0.1:8080", false),
            ("port:[::1]:8080", true),
            ("port:9000", true),
            ("15432", true),
            ("5432", false), // a plain word matches published ports only
            ("label:team=web", true),
            ("label:team=we", false),
            ("label:team", true),
            ("\"label:my app\"", true),
            ("label:\"my app\"", true),
            ("label:other", false),
            ("network:shop", true),
            ("engine:local", true),
            ("engine:LOCAL", true),
            ("engine:loc", false), // not the whole name
            ("-engine:web-3", true),
            ("exit:137", true),
            ("restarts:>2", true),
            ("restarts:>3", false),
            ("cpu:>50", false), // 50.04 shows as 50.0
            ("cpu:>=50", true),
            ("cpu:<=50", true),
            ("cpu:50", true),
            ("cpu:>49.9", true),
            ("cpu:<50.1", true),
            ("mem:>500", true),
            ("mem:>500MiB", true),
            ("memory:>0.5g", true),
            ("mem:>1GiB", false),
            ("mem:<1g", true),
            ("cpu:unknown", false),
            ("state:", true),
            ("-", true),
            ("", true),
        ] {
            let terms = parse(search);
            assert_eq!(terms.iter().all(|term| term.matches(&web, Some(&numbers), CORE)), is_found, "{search}");
        }
    }

    #[test]
    fn case_is_ignored_in_any_alphabet() {
        let (mut web, numbers) = example();
        (web.project, web.service) = (Some("Магазин".to_owned()), Some("Straße".to_owned()));
        for search in ["магазин", "МАГАЗИН", "project:магазин", "service:STRASSE", "straße"] {
            assert!(parse(search).iter().all(|term| term.matches(&web, Some(&numbers), CORE)), "{search}");
        }
        assert!(!parse("-магазин").iter().all(|term| term.matches(&web, Some(&numbers), CORE)));
    }

    #[test]
    fn unknown_values_never_match() {
        let (web, _) = example();
        for search in ["cpu:>0", "cpu:<1000", "mem:<1t"] {
            assert!(!parse(search).iter().all(|term| term.matches(&web, None, CORE)), "{search}");
        }
    }

    #[test]
    fn numbers_are_compared_as_they_are_shown() {
        // 50.04 % of a core is 12.5 % of four, and 100.1 % of half a core; 600 MiB are 700 with 100
        // of cache.
        let (mut web, mut numbers) = example();
        (web.nano_cpus, numbers.memory_cache) = (Some(500_000_000), Some(100 << 20));
        for (cpu, memory, search, is_found) in [
            (CpuScale::Core, MemoryScale::Limit, "cpu:50", true),
            (CpuScale::Host, MemoryScale::Limit, "cpu:50", false),
            (CpuScale::Host, MemoryScale::Limit, "cpu:12.5", true),
            (CpuScale::Limit, MemoryScale::Limit, "cpu:>100", true),
            (CpuScale::Core, MemoryScale::Limit, "mem:>650", false),
            (CpuScale::Core, MemoryScale::Cache, "mem:>650", true),
        ] {
            // Four cores.
            let scale = Scale { cpu, memory, engines: &[engine()] };
            assert_eq!(parse(search)[0].matches(&web, Some(&numbers), scale), is_found, "{search} {scale:?}");
        }
    }
}
