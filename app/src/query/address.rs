//! The query as a URL: `/containers?view=table&q=web&sort=cpu-asc`. Unknown words fall back to the
//! default; defaults are not written.

use super::{Choice, Columns, Grouping, ListQuery, MAX_NAMES, Sort};
use crate::model::ContainerState;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

impl ListQuery {
    /// Parses the part of a URL after `?`.
    pub fn parse(search: &str) -> Self {
        Self::parse_over(Self::default(), search)
    }

    /// Parses the part of a URL after `?`, on top of earlier choices: fields that the URL does not
    /// name keep their value.
    pub fn parse_over(mut query: Self, search: &str) -> Self {
        for (name, value) in search.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = decode(value);
            match name {
                "view" => query.view = Choice::parse(&value),
                "density" => query.density = Choice::parse(&value),
                "q" => query.search = value,
                "state" => query.state = parse_state(&value),
                "sort" => query.sort = Sort::parse(&value),
                // The former word.
                "group" if value == "host" => query.group = Grouping::Engine,
                "group" => query.group = Choice::parse(&value),
                "label" => query.label = value,
                "fold" if query.folded.len() < MAX_NAMES => query.folded.push(value),
                "stopped" => query.folds_stopped = Some(value == "fold"),
                "cpu" => query.cpu = Choice::parse(&value),
                "mem" => query.memory = Choice::parse(&value),
                "cols" => query.columns = Columns::parse(&value),
                "pin" if query.pins.len() < MAX_NAMES => query.pins.push(value),
                _ => {}
            }
        }
        query
    }

    /// URL of the list with this query.
    pub fn href(&self) -> String {
        let Self { view, density, search, state, sort, group, label, folded, .. } = self;
        let mut href = "/containers".to_owned();
        write_choice(&mut href, "view", *view);
        write_choice(&mut href, "density", *density);
        if !search.is_empty() {
            write_pair(&mut href, "q", &encode(search));
        }
        if let Some(state) = state {
            write_pair(&mut href, "state", state.as_str());
        }
        if *sort != Sort::default() {
            write_pair(&mut href, "sort", &sort.to_word());
        }
        write_choice(&mut href, "group", *group);
        if *group == Grouping::Label {
            write_pair(&mut href, "label", &encode(label));
        }
        for name in folded {
            write_pair(&mut href, "fold", &encode(name));
        }
        self.write_settings(&mut href);
        href
    }

    /// The choices that are remembered, in the format of a URL's query, with the start page.
    pub fn remembered_words(&self, home: Option<&str>) -> String {
        let mut words = String::new();
        self.write_settings(&mut words);
        for pin in &self.pins {
            write_pair(&mut words, "pin", &encode(pin));
        }
        if let Some(home) = home {
            write_pair(&mut words, "home", &encode(home));
        }
        words.trim_start_matches('?').to_owned()
    }

    /// The start page in remembered choices; always a URL of the list, whatever is stored.
    pub fn home_of(words: &str) -> Option<String> {
        let home = words.split('&').find_map(|pair| pair.strip_prefix("home="))?;
        Some(Self::parse(decode(home).split_once('?')?.1).href())
    }

    fn write_settings(&self, href: &mut String) {
        if let Some(folds) = self.folds_stopped {
            write_pair(href, "stopped", if folds { "fold" } else { "show" });
        }
        write_choice(href, "cpu", self.cpu);
        write_choice(href, "mem", self.memory);
        if self.columns != Columns::default() {
            write_pair(href, "cols", &self.columns.to_words());
        }
    }
}

impl Sort {
    /// Parses `cpu`, `cpu-desc` or `cpu-asc`.
    pub fn parse(text: &str) -> Self {
        let (word, direction) = text.split_once('-').unwrap_or((text, ""));
        let key: super::SortKey = Choice::parse(word);
        let reversed = key.as_str() == word && direction == if key.ascends() { "desc" } else { "asc" };
        Self { key, reversed }
    }

    /// Formats the order for [`Sort::parse`]; the natural direction is omitted.
    pub fn to_word(self) -> String {
        let mut word = self.key.as_str().to_owned();
        if self.reversed {
            word.push_str(if self.key.ascends() { "-desc" } else { "-asc" });
        }
        word
    }
}

/// Parses the engine's name of a state, or its label in the UI.
fn parse_state(text: &str) -> Option<ContainerState> {
    ContainerState::ALL
        .into_iter()
        .find(|state| state.as_str().eq_ignore_ascii_case(text) || state.label().eq_ignore_ascii_case(text))
}

fn write_choice<T: Choice>(href: &mut String, name: &str, choice: T) {
    if choice != T::default() {
        write_pair(href, name, choice.as_str());
    }
}

fn write_pair(href: &mut String, name: &str, value: &str) {
    href.push(if href.contains('?') { '&' } else { '?' });
    href.push_str(name);
    href.push('=');
    href.push_str(value);
}

/// Bytes that are percent-encoded in a value in a URL. Not the router's set, because the router
/// decodes twice, and "100%25" would not survive.
const ENCODED: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b':');

/// Encodes a value in a URL.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for piece in utf8_percent_encode(text, &ENCODED) {
        encoded.push_str(if piece == "%20" { "+" } else { piece });
    }
    encoded
}

/// Decodes a value that [`encode`] returned. Text that is not UTF-8 after decoding stays unchanged.
pub fn decode(text: &str) -> String {
    let bytes: Vec<_> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    String::from_utf8(percent_decode(&bytes).collect()).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{CpuScale, Density, MemoryScale, SortKey, View};
    use super::*;

    #[test]
    fn an_empty_url_is_the_default_view() {
        assert_eq!(ListQuery::parse(""), ListQuery::default());
        assert_eq!(ListQuery::default().href(), "/containers");
    }

    #[test]
    fn every_choice_round_trips() {
        let query = ListQuery {
            view: View::Table,
            density: Density::Compact,
            search: "a+b 100% <ü>&=✓ 50%25".to_owned(),
            state: Some(ContainerState::Exited),
            sort: Sort { key: SortKey::Cpu, reversed: true },
            group: Grouping::Label,
            label: "com.example/team".to_owned(),
            folded: vec![String::new(), "a b".to_owned()],
            folds_stopped: Some(true),
            cpu: CpuScale::Host,
            memory: MemoryScale::Host,
            columns: Columns::parse("cpu,image"),
            pins: Vec::new(),
        };
        let href = query.href();
        assert_eq!(
            href,
            "/containers?view=table&density=compact&q=a%2Bb+100%25+%3C%C3%BC%3E%26%3D%E2%9C%93+50%2525&state=exited&sort=cpu-asc&group=label&label=com.example/team&fold=&fold=a+b&stopped=fold&cpu=host&mem=host&cols=cpu,image"
        );
        assert_eq!(href.split_once('?').map(|(_, search)| ListQuery::parse(search)), Some(query));
    }

    #[test]
    fn unknown_words_fall_back_to_the_default() {
        let query = ListQuery::parse("view=mosaic&density=&state=asleep&sort=charm-desc&group=moon&q&x=1&&");
        assert_eq!(query, ListQuery::default());
    }

    #[test]
    fn groups_of_engines_have_two_words() {
        for word in ["engine", "host"] {
            let query = ListQuery::parse(&format!("group={word}"));
            assert_eq!((query.group, query.href().as_str()), (Grouping::Engine, "/containers?group=engine"));
        }
    }

    #[test]
    fn states_can_be_named_by_their_labels() {
        for word in ["exited", "stopped", "Stopped"] {
            assert_eq!(ListQuery::parse(&format!("state={word}")).state, Some(ContainerState::Exited), "{word}");
        }
    }

    #[test]
    fn sort_orders_have_a_key_and_a_direction() {
        for (text, key, reversed, word) in [
            ("name", SortKey::Name, false, "name"),
            ("name-asc", SortKey::Name, false, "name"),
            ("name-desc", SortKey::Name, true, "name-desc"),
            ("cpu", SortKey::Cpu, false, "cpu"),
            ("cpu-desc", SortKey::Cpu, false, "cpu"),
            ("cpu-asc", SortKey::Cpu, true, "cpu-asc"),
            ("cpu-sideways", SortKey::Cpu, false, "cpu"),
        ] {
            let sort = Sort::parse(text);
            assert_eq!((sort, sort.to_word().as_str()), (Sort { key, reversed }, word), "{text}");
        }
    }

    #[test]
    fn a_url_overrides_remembered_choices() {
        let remembered = ListQuery {
            cpu: CpuScale::Host,
            columns: Columns::parse("cpu"),
            pins: vec!["my shop/web".to_owned(), "/db".to_owned()],
            ..ListQuery::default()
        };
        let words = remembered.remembered_words(Some("/containers?q=a%26b&view=table"));
        assert_eq!(words, "cpu=host&cols=cpu&pin=my+shop/web&pin=/db&home=/containers%3Fq%3Da%2526b%26view%3Dtable");
        assert_eq!(ListQuery::parse(&words), remembered);
        let query = ListQuery::parse_over(remembered.clone(), "cpu=core&q=x");
        assert_eq!((query.cpu, query.columns, query.pins), (CpuScale::Core, remembered.columns, remembered.pins));
        assert_eq!(ListQuery::home_of(&words).as_deref(), Some("/containers?view=table&q=a%26b"));
    }

    #[test]
    fn the_start_page_is_a_view_of_the_list() {
        for (words, home) in [
            ("home=https%3A%2F%2Felsewhere%3Fview%3Dtable", Some("/containers?view=table")),
            ("home=/containers", None),
            ("cpu=host", None),
        ] {
            assert_eq!(ListQuery::home_of(words).as_deref(), home, "{words}");
        }
    }

    #[test]
    fn invalid_escapes_are_not_decoded() {
        for (text, decoded) in [("100%", "100%"), ("%zz", "%zz"), ("%4", "%4"), ("%ff", "%ff"), ("a+b", "a b")] {
            assert_eq!(decode(text), decoded);
        }
    }
}
