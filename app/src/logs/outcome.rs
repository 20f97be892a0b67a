//! Messages for a search or filter without results; they say which lines were searched. Pure.

use super::{LogsQuery, StreamChoice};
use crate::format::grouped;

/// The lines that were searched.
#[derive(Debug, Clone, Copy)]
pub struct Extent<'a> {
    /// Number of loaded lines.
    pub lines: usize,
    /// Time of the oldest line, formatted.
    pub since: Option<&'a str>,
    /// True if the whole log is loaded.
    pub is_whole: bool,
    /// True if a time range was requested.
    pub has_span: bool,
}

impl Extent<'_> {
    /// Description of the lines that were searched: `the 500 loaded lines, back to 14:03:11`.
    fn words(&self) -> String {
        let lines = grouped(self.lines as u64);
        let plural = if self.lines == 1 { "" } else { "s" };
        match (self.is_whole, self.has_span, self.since) {
            (true, true, _) => format!("the {lines} line{plural} of this time range"),
            (true, false, _) => format!("the {lines} line{plural} of this log"),
            (false, _, Some(since)) => format!("the {lines} loaded line{plural}, back to {since}"),
            (false, _, None) => format!("the {lines} loaded line{plural}"),
        }
    }
}

/// Message beside a search without results; empty without lines.
pub fn not_found(extent: &Extent<'_>) -> String {
    if extent.lines == 0 { String::new() } else { format!("No matches in {}", extent.words()) }
}

/// Message in place of the lines if the filters hide all of them.
pub fn all_hidden(query: &LogsQuery, extent: &Extent<'_>) -> String {
    let mut what = if query.only_found && !query.search.is_empty() { "No matches" } else { "No lines" }.to_owned();
    let visible: Vec<&str> = super::LEVELS
        .iter()
        .filter(|level| !query.hidden.contains(level))
        .map(|level| level.map_or("Other", super::Level::label))
        .collect();
    match visible.as_slice() {
        [] => return "All levels are hidden.".to_owned(),
        _ if query.hidden.is_empty() => {}
        [level] => what.push_str(&format!(" with level {level}")),
        [levels @ .., last] => what.push_str(&format!(" with level {} or {last}", levels.join(", "))),
    }
    if query.stream != StreamChoice::All {
        what.push_str(" on ");
        what.push_str(query.stream.as_str());
    }
    format!("{what} in {}.", extent.words())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::{LEVELS, Level};

    const LOADED: Extent<'_> = Extent { lines: 1_500, since: Some("14:03:11"), is_whole: false, has_span: false };
    const WHOLE: Extent<'_> = Extent { lines: 1, is_whole: true, ..LOADED };

    #[test]
    fn an_unsuccessful_search_names_the_searched_lines() {
        let loaded = not_found(&LOADED);
        assert!(
            loaded.starts_with("No matches in the 1") && loaded.ends_with("500 loaded lines, back to 14:03:11"),
            "{loaded}"
        );
        assert_eq!(not_found(&WHOLE), "No matches in the 1 line of this log");
        assert_eq!(
            not_found(&Extent { lines: 7, has_span: true, ..WHOLE }),
            "No matches in the 7 lines of this time range"
        );
        assert_eq!(not_found(&Extent { lines: 0, ..WHOLE }), "");
    }

    #[test]
    fn a_filter_without_lines_names_the_levels_and_streams() {
        let all_but = |visible: &[Level]| {
            LEVELS.into_iter().filter(|level| level.is_none_or(|level| !visible.contains(&level))).collect::<Vec<_>>()
        };
        let default = LogsQuery::default();
        let error = LogsQuery { hidden: all_but(&[Level::Error]), ..default.clone() };
        assert_eq!(all_hidden(&error, &WHOLE), "No lines with level Error in the 1 line of this log.");
        let both = LogsQuery {
            hidden: all_but(&[Level::Error, Level::Fatal]),
            stream: StreamChoice::Stderr,
            ..default.clone()
        };
        let words = all_hidden(&both, &LOADED);
        assert!(words.starts_with("No lines with level Error or Fatal on stderr in the 1"), "{words}");
        let only = LogsQuery { search: "x".to_owned(), only_found: true, ..default.clone() };
        assert_eq!(all_hidden(&only, &WHOLE), "No matches in the 1 line of this log.");
        assert_eq!(all_hidden(&LogsQuery { hidden: LEVELS.to_vec(), ..default }, &WHOLE), "All levels are hidden.");
    }
}
