//! The query of `/events` as a URL: `/events?show=trouble&q=web&container=…&since=…`. Unknown
//! values fall back to the default, and default values are omitted. Pure.

use crate::{
    format::{contains, event_detail, event_title, fold, is_trouble},
    model::{ContainerId, Occurrence, OccurrenceKind as Kind},
    query::{decode, encode},
};

/// Filters of `/events`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventsQuery {
    /// Kinds of events to show.
    pub show: Show,
    /// Words that must all match. `project:shop` matches only that project.
    pub words: String,
    /// Only events of this container.
    pub container: Option<ContainerId>,
    /// Start time: RFC 3339, or an age such as `1h`.
    pub since: Option<String>,
}

/// Groups of event kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Show {
    /// All events.
    #[default]
    All,
    /// Unrequested exits, out of memory, failing health checks.
    Trouble,
    /// Ends of runs.
    Ends,
    /// Starts of runs.
    Starts,
    /// Health check results.
    Health,
    /// Containers created, removed, renamed, updated or paused.
    Changes,
}

impl Show {
    /// Every group, in the order of the links.
    pub const ALL: [Self; 6] = [Self::All, Self::Trouble, Self::Ends, Self::Starts, Self::Health, Self::Changes];

    /// The value in the URL.
    const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Trouble => "trouble",
            Self::Ends => "ends",
            Self::Starts => "starts",
            Self::Health => "health",
            Self::Changes => "changes",
        }
    }

    /// The label on the page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Trouble => "Problems",
            Self::Ends => "Exits",
            Self::Starts => "Starts",
            Self::Health => "Health",
            Self::Changes => "Changes",
        }
    }

    /// The kinds to request from the server; empty for all.
    pub const fn kinds(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Trouble => "died,oom,health",
            Self::Ends => "died,oom,stopped,killed",
            Self::Starts => "started,restarted",
            Self::Health => "health",
            Self::Changes => "created,paused,unpaused,renamed,updated,destroyed",
        }
    }
}

impl EventsQuery {
    /// Parses the query string of a URL.
    pub fn parse(search: &str) -> Self {
        let mut query = Self::default();
        for (name, value) in search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')) {
            let value = decode(value);
            match name {
                "show" => query.show = Show::ALL.into_iter().find(|show| show.as_str() == value).unwrap_or_default(),
                "q" => query.words = value,
                "container" => query.container = value.parse().ok(),
                "since" => query.since = Some(value).filter(|since| !since.is_empty()),
                _ => {}
            }
        }
        query
    }

    /// The URL of this view.
    pub fn href(&self) -> String {
        let Self { show, words, container, since } = self;
        let pairs = [
            ("show", (*show != Show::default()).then(|| show.as_str().to_owned())),
            ("q", Some(encode(words)).filter(|words| !words.is_empty())),
            ("container", container.map(|id| id.to_string())),
            ("since", since.as_deref().map(encode)),
        ];
        let mut href = "/events".to_owned();
        for (name, value) in pairs {
            if let Some(value) = value {
                href.push(if href.contains('?') { '&' } else { '?' });
                href.push_str(name);
                href.push('=');
                href.push_str(&value);
            }
        }
        href
    }

    /// True if the event passes the filters. `project` is the project of its container, if known.
    pub fn matches(&self, event: &Occurrence, project: Option<&str>) -> bool {
        let of_container = self.container.is_none_or(|id| id == event.container_id);
        let of_kind = match self.show {
            Show::Trouble => is_trouble(event),
            show => show.kinds().is_empty() || show.kinds().split(',').any(|kind| kind == event.kind.as_str()),
        };
        of_container && of_kind && self.words.split_whitespace().all(|word| word_matches(word, event, project))
    }
}

fn word_matches(word: &str, event: &Occurrence, project: Option<&str>) -> bool {
    let word = fold(word);
    if let Some(name) = word.strip_prefix("project:") {
        return project.is_some_and(|project| fold(project) == name);
    }
    let image = event.detail.as_deref().filter(|_| event.kind == Kind::Created);
    let texts = [event.container_name.as_str(), event_title(event), &event_detail(event)];
    texts.into_iter().chain(project).chain(image).any(|text| contains(text, &word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Cause, samples::occurrence};

    #[test]
    fn a_query_round_trips_through_its_url() {
        let id = occurrence(7, Kind::Died, 0).container_id;
        for query in [
            EventsQuery::default(),
            EventsQuery { show: Show::Trouble, words: "shop web&1".to_owned(), ..EventsQuery::default() },
            EventsQuery {
                container: Some(id),
                since: Some("2026-11-23T09:30:00.000Z".to_owned()),
                ..EventsQuery::default()
            },
        ] {
            let href = query.href();
            assert_eq!(EventsQuery::parse(href.split_once('?').map_or("", |(_, search)| search)), query, "{href}");
        }
        assert_eq!(EventsQuery::default().href(), "/events");
        assert_eq!(EventsQuery::parse("show=unknown&container=web"), EventsQuery::default());
    }

    #[test]
    fn words_match_every_visible_text() {
        let death = Occurrence { exit_code: Some(139), cause: Some(Cause::Itself), ..occurrence(1, Kind::Died, 0) };
        for (words, wanted) in [
            ("", true),
            ("WEB-1", true),
            ("web segmentation", true),
            ("139", true),
            ("shop", true),
            ("project:shop failed", true),
            ("project:sho", false),
            ("web paused", false),
        ] {
            let query = EventsQuery { words: words.to_owned(), ..EventsQuery::default() };
            assert_eq!(query.matches(&death, Some("shop")), wanted, "{words}");
        }
        let query = EventsQuery { words: "project:shop".to_owned(), ..EventsQuery::default() };
        assert!(!query.matches(&death, None));
        let words = |words: &str| EventsQuery { words: words.to_owned(), ..EventsQuery::default() };
        assert!(words("магазин").matches(&death, Some("Магазин")));
        assert!(words("project:МАГАЗИН").matches(&death, Some("Магазин")));
    }

    #[test]
    fn each_kind_belongs_to_one_group() {
        for kind in Kind::ALL {
            let event = Occurrence { exit_code: Some(1), ..occurrence(1, kind, 0) };
            let shows = [Show::Ends, Show::Starts, Show::Health, Show::Changes].into_iter();
            let count = shows
                .filter(|show| EventsQuery { show: *show, ..EventsQuery::default() }.matches(&event, None))
                .count();
            assert_eq!(count, 1, "{kind:?}");
        }
        let trouble = EventsQuery { show: Show::Trouble, ..EventsQuery::default() };
        let ended = |exit_code| Occurrence { exit_code, ..occurrence(1, Kind::Died, 0) };
        assert!(trouble.matches(&ended(Some(1)), None) && !trouble.matches(&ended(Some(0)), None));
    }
}
