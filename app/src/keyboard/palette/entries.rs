//! The commands of the palette: containers and their actions, pages, views, display. Pure.

use super::matching::best;
use crate::{
    acting::{
        actions::{offered, verb},
        bulk::is_available,
    },
    client::{Action, page_path},
    format::{image_name, lower_case, needs_attention, needs_explanation},
    keyboard::quick_parts::keys::PAGES,
    logs::{MAX_MERGED_LOGS, merged_path},
    model::{Container, ContainerKey, ContainerState, EngineName, Timestamp},
    protocol::Picture,
    query::{Choice, Density, Grouping, ListQuery, Sort, SortKey, View},
};
use std::collections::BTreeMap;

/// Maximum number of containers needing attention that are listed before the user types.
const MAX_NEEDING_ATTENTION: usize = 5;

/// Weights that order equally good matches: a container's page, other pages, its log, common
/// actions, and last rare actions and those that cannot be undone.
const CONTAINER_WEIGHT: u32 = 60;
const PAGE_WEIGHT: u32 = 40;
const LOG_WEIGHT: u32 = 30;
const COMMON_WEIGHT: u32 = 20;
const RARE_WEIGHT: u32 = 0;

/// The kind of entries that open one log.
pub const LOG: &str = "Log";
const LOG_OF: &str = "Logs of ";

/// A command in the palette.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Text shown and searched.
    pub label: String,
    /// Additional text, also searched.
    pub hint: String,
    /// Category.
    pub kind: &'static str,
    /// Shortcut with the same effect; empty if there is none.
    pub keys: &'static str,
    /// Points added to the score of a match.
    pub weight: u32,
    /// True if the entry is listed before the user types.
    pub is_default: bool,
    /// Effect of choosing it.
    pub on_choose: EntryAction,
    /// The container whose log the entry opens.
    pub log_of: Option<ContainerKey>,
}

/// Effect of choosing an entry.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryAction {
    /// Navigate to a URL of this server.
    Go(String),
    /// Perform an action on a container, after a confirmation if data could be lost.
    Act(Action, ContainerKey),
    /// Perform an action on several containers.
    ActOnAll(Action, Vec<ContainerKey>),
    /// Open the panel that explains a container's state.
    Why(ContainerKey),
    /// Choose a theme.
    Theme(&'static str),
    /// Pause or allow animations.
    Pause(bool),
    /// Open the help.
    Help,
    /// Fetch a snapshot now.
    Refresh,
    /// Reopen the stream.
    Reconnect,
}

/// All commands. View commands change the view at `path` and `search`. `now` is the time of an
/// engine.
pub fn entries(
    picture: &Picture,
    now: &dyn Fn(EngineName) -> Timestamp,
    may_act: bool,
    path: &str,
    search: &str,
) -> Vec<Entry> {
    let containers = || picture.containers.values().map(|container| &**container);
    let several = picture.engines.len() > 1;
    let mut all = Vec::new();
    let needs_attention = |container: &&Container| needs_attention(container, now(container.engine));
    let needing = containers().filter(needs_attention).take(MAX_NEEDING_ATTENTION);
    all.extend(needing.map(|container| Entry { is_default: true, ..go(container, several) }));
    let attention_count = all.len();
    projects(&mut all, picture, may_act);
    pages(&mut all, several);
    views(&mut all, if path == "/containers" { ListQuery::parse(search) } else { ListQuery::default() });
    display(&mut all);
    for container in containers() {
        let entry = go(container, several);
        // Skip containers that need attention, which are already listed first.
        if !all[..attention_count].iter().any(|other| other.on_choose == entry.on_choose) {
            all.push(entry);
        }
        all.push(log(container, several));
        all.push(why(container));
        if may_act {
            let (first, rest) = offered(container.state);
            all.extend(first.iter().map(|action| Entry { weight: COMMON_WEIGHT, ..act(container, several, *action) }));
            all.extend(rest.iter().map(|action| act(container, several, *action)));
        }
    }
    all
}

fn plain(kind: &'static str, label: String, on_choose: EntryAction) -> Entry {
    Entry { label, hint: String::new(), kind, keys: "", weight: PAGE_WEIGHT, is_default: true, on_choose, log_of: None }
}

fn go(container: &Container, several: bool) -> Entry {
    let mut hint = format!("{} · {}", container.state.label(), image_name(container));
    if several {
        hint.push_str(" · ");
        hint.push_str(container.engine.as_str());
    }
    Entry {
        hint,
        weight: CONTAINER_WEIGHT,
        is_default: false,
        ..plain(
            "Container",
            container.name.clone(),
            EntryAction::Go(page_path(container.key(), &container.name, several)),
        )
    }
}

fn log(container: &Container, several: bool) -> Entry {
    let on_choose = EntryAction::Go(page_path(container.key(), &container.name, several) + "/logs");
    let label = format!("{LOG_OF}{}", container.name);
    Entry {
        hint: engine_hint(container, several),
        weight: LOG_WEIGHT,
        is_default: false,
        log_of: Some(container.key()),
        ..plain(LOG, label, on_choose)
    }
}

/// Name of a container's engine with several engines; otherwise empty.
fn engine_hint(container: &Container, several: bool) -> String {
    if several { container.engine.to_string() } else { String::new() }
}

fn why(container: &Container) -> Entry {
    let name = &container.name;
    let (label, weight) = match (needs_explanation(container), container.state.has_processes()) {
        (true, true) => (format!("What is wrong with {name}?"), LOG_WEIGHT),
        (true, false) => (format!("Why did {name} stop?"), LOG_WEIGHT),
        // No known problem, but the panel is still available.
        (false, _) => (format!("Status of {name}"), RARE_WEIGHT),
    };
    // The hint lets "why" find every label.
    Entry {
        hint: "Why?".to_owned(),
        weight,
        is_default: false,
        ..plain("Status", label, EntryAction::Why(container.key()))
    }
}

/// Commands for whole Compose projects.
fn projects(all: &mut Vec<Entry>, picture: &Picture, may_act: bool) {
    let mut projects: BTreeMap<&str, Vec<&Container>> = BTreeMap::new();
    for container in picture.containers.values() {
        if let Some(project) = &container.project {
            projects.entry(project).or_default().push(container);
        }
    }
    for (project, containers) in projects {
        let hint = match containers.len() {
            1 => "1 container".to_owned(),
            count => format!("{count} containers"),
        };
        let keys = |containers: &[&Container]| containers.iter().map(|container| container.key()).collect::<Vec<_>>();
        let entry =
            |label, on_choose| Entry { hint: hint.clone(), is_default: false, ..plain("Project", label, on_choose) };
        let logs = EntryAction::Go(merged_path(&keys(&containers), picture.engines.len() > 1));
        let part =
            if containers.len() > MAX_MERGED_LOGS { format!(" (first {MAX_MERGED_LOGS})") } else { String::new() };
        all.push(Entry { weight: LOG_WEIGHT, ..entry(format!("Logs of project {project}{part}"), logs) });
        for action in [Action::Restart, Action::Stop, Action::Start].into_iter().filter(|_| may_act) {
            let fit = containers
                .iter()
                .filter(|container| is_available(action, container.state))
                .copied()
                .collect::<Vec<_>>();
            if !fit.is_empty() {
                let on_choose = EntryAction::ActOnAll(action, keys(&fit));
                all.push(Entry {
                    weight: COMMON_WEIGHT,
                    ..entry(format!("{} project {project}", verb(action)), on_choose)
                });
            }
        }
    }
}

/// Command for `logs web db`: the merged logs of several containers; `None` if fewer than two
/// match.
pub fn merged_logs(entries: &[Entry], words: &str) -> Option<Entry> {
    let words = lower_case(words);
    let mut words = words.split([' ', ',', '+']).filter(|word| !word.is_empty() && !["of", "and", "&"].contains(word));
    words.next().filter(|word| ["log", "logs"].contains(word))?;
    let logs = entries.iter().filter(|entry| entry.log_of.is_some()).cloned().collect::<Vec<_>>();
    let engine_of = |entry: &Entry| entry.log_of.map(|key| key.engine);
    let several = logs.iter().any(|entry| engine_of(entry) != engine_of(&logs[0]));
    let mut found: Vec<(ContainerKey, String)> = Vec::new();
    for word in words {
        let log = best(&logs, word, 1).pop()?;
        let key = log.log_of?;
        if found.iter().all(|(other, _)| *other != key) {
            found.push((key, log.label.trim_start_matches(LOG_OF).to_owned()));
        }
    }
    let (keys, names): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let (last, first) = names.split_last().filter(|(_, first)| !first.is_empty())?;
    let label = format!("Logs of {} and {last}", first.join(", "));
    Some(Entry {
        weight: LOG_WEIGHT,
        is_default: false,
        ..plain(LOG, label, EntryAction::Go(merged_path(&keys, several)))
    })
}

fn act(container: &Container, several: bool, action: Action) -> Entry {
    let label = format!("{} {}", verb(action), container.name);
    Entry {
        hint: engine_hint(container, several),
        weight: RARE_WEIGHT,
        is_default: false,
        ..plain("Action", label, EntryAction::Act(action, container.key()))
    }
}

fn pages(all: &mut Vec<Entry>, several: bool) {
    const KEYS: [&str; 3] = ["g c", "g e", "g t"];
    for ((_, href, name), keys) in PAGES.into_iter().zip(KEYS) {
        all.push(Entry { keys, ..plain("Page", name.to_owned(), EntryAction::Go(href.to_owned())) });
    }
    if several {
        all.push(plain("Page", "Engines".to_owned(), EntryAction::Go("/engines".to_owned())));
    }
    all.push(plain("Page", "Swarm".to_owned(), EntryAction::Go("/swarm".to_owned())));
    all.push(Entry { keys: "?", ..plain("Page", "Help: keyboard shortcuts, motion".to_owned(), EntryAction::Help) });
}

fn views(all: &mut Vec<Entry>, query: ListQuery) {
    let mut push = |label: String, query: ListQuery| all.push(plain("View", label, EntryAction::Go(query.href())));
    for view in View::ALL.iter().filter(|view| **view != query.view) {
        push(format!("View as {}", lower_case(view.label())), ListQuery { view: *view, ..query.clone() });
    }
    for density in Density::ALL.iter().filter(|density| **density != query.density) {
        push(format!("Density: {}", lower_case(density.label())), ListQuery { density: *density, ..query.clone() });
    }
    for key in SortKey::ALL.iter().filter(|key| query.sort != Sort { key: **key, reversed: false }) {
        let sort = Sort { key: *key, reversed: false };
        push(format!("Sort by {}", lower_label(key.label())), ListQuery { sort, ..query.clone() });
    }
    for group in Grouping::ALL.iter().filter(|group| **group != query.group && **group != Grouping::Label) {
        let label = match group {
            Grouping::None => "Ungroup".to_owned(),
            group => format!("Group by {}", lower_label(group.label())),
        };
        push(label, ListQuery { group: *group, folded: Vec::new(), ..query.clone() });
    }
    for state in ContainerState::ALL {
        let label = format!("Show {} only", lower_label(state.label()));
        push(label, ListQuery { state: Some(state), ..query.clone() });
    }
    if query.state.is_some() || !query.search.is_empty() {
        push("Show all containers".to_owned(), ListQuery { state: None, search: String::new(), ..query });
    }
}

/// Lower-cases a label, except abbreviations such as CPU.
fn lower_label(label: &str) -> String {
    if label.len() > 3 { lower_case(label) } else { label.to_owned() }
}

fn display(all: &mut Vec<Entry>) {
    for (theme, name) in [("system", "system"), ("light", "light"), ("dark", "dark"), ("contrast", "high contrast")] {
        all.push(plain("Display", format!("Theme: {name}"), EntryAction::Theme(theme)));
    }
    all.push(plain("Display", "Pause motion".to_owned(), EntryAction::Pause(true)));
    all.push(plain("Display", "Allow motion".to_owned(), EntryAction::Pause(false)));
    all.push(plain("Connection", "Refresh now".to_owned(), EntryAction::Refresh));
    all.push(plain("Connection", "Reconnect".to_owned(), EntryAction::Reconnect));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{MADE_AT, container, picture};

    fn commands_for(words: &str, may_act: bool) -> Vec<(String, EntryAction)> {
        let web = container(1, "web-1", ContainerState::Running);
        let db =
            Container { exit_code: Some(1), finished_at: Some(MADE_AT), ..container(2, "db", ContainerState::Exited) };
        let all = entries(&picture(vec![web, db], Vec::new()), &|_| MADE_AT, may_act, "/containers", "view=table&q=x");
        best(&all, words, 100).into_iter().map(|entry| (entry.label, entry.on_choose)).collect()
    }

    fn labels(words: &str, may_act: bool) -> Vec<String> {
        commands_for(words, may_act).into_iter().map(|(label, _)| label).collect()
    }

    #[test]
    fn a_name_matches_its_container_first_and_then_its_actions() {
        let [first, rest @ ..] = &labels("web", true)[..] else { unreachable!("web-1 exists") };
        assert_eq!(first, "web-1");
        for label in ["Logs of web-1", "Stop web-1", "Restart web-1", "Pause web-1", "Kill web-1", "Remove web-1"] {
            assert!(rest.iter().any(|other| other == label), "{label} in {rest:?}");
        }
    }

    #[test]
    fn actions_are_missing_if_not_allowed() {
        assert!(labels("stop", false).iter().all(|label| label != "Stop web-1"));
        assert_eq!(labels("log web", false), ["Logs of web-1"]);
    }

    #[test]
    fn views_keep_the_other_choices() {
        let (label, on_choose) = commands_for("memory", false).swap_remove(0);
        assert_eq!(label, "Sort by memory");
        assert_eq!(on_choose, EntryAction::Go("/containers?view=table&q=x&sort=memory".to_owned()));
        assert!(labels("view as", false).iter().all(|label| label != "View as table"), "it is already a table");
    }

    #[test]
    fn containers_needing_attention_are_listed_first_and_only_once() {
        let is_default = labels("", true);
        assert_eq!(is_default.first().map(String::as_str), Some("db"));
        assert!(!is_default.iter().any(|label| label == "web-1" || label == "Stop web-1"));
        assert_eq!(labels("db", false).iter().filter(|label| *label == "db").count(), 1);
    }

    #[test]
    fn a_project_is_restarted_and_its_logs_are_merged() {
        let of_shop = |number, name: &str, state| Container {
            project: Some("shop".to_owned()),
            ..container(number, name, state)
        };
        let (web, db) = (of_shop(1, "web-1", ContainerState::Running), of_shop(2, "db", ContainerState::Exited));
        let keys = [web.key(), db.key()];
        let all = entries(&picture(vec![web, db], Vec::new()), &|_| MADE_AT, true, "/containers", "");
        let first = |words| best(&all, words, 1).swap_remove(0).on_choose;
        assert_eq!(first("restart shop"), EntryAction::ActOnAll(Action::Restart, vec![keys[0]]), "only running ones");
        assert_eq!(first("start project shop"), EntryAction::ActOnAll(Action::Start, vec![keys[1]]));
        assert_eq!(first("logs shop"), EntryAction::Go(format!("/logs?ids={},{}", keys[0].id, keys[1].id)));
        assert_eq!(first("why db"), EntryAction::Why(keys[1]));
        assert_eq!(first("why web"), EntryAction::Why(keys[0]), "also available without a problem");
    }

    #[test]
    fn several_names_open_merged_logs() {
        let named = ["web-1", "db", "cache"].into_iter().zip(1..);
        let containers: Vec<_> = named.map(|(name, number)| container(number, name, ContainerState::Running)).collect();
        let ids: Vec<_> = containers.iter().map(|container| container.id).collect();
        let all = entries(&picture(containers, Vec::new()), &|_| MADE_AT, false, "/containers", "");
        let command = |words: &str| merged_logs(&all, words).map(|entry| (entry.label, entry.on_choose));
        let both = EntryAction::Go(format!("/logs?ids={},{}", ids[0], ids[1]));
        for words in ["logs web db", "log of web and db", "LOGS web,db,web"] {
            assert_eq!(command(words), Some(("Logs of web-1 and db".to_owned(), both.clone())), "{words}");
        }
        assert_eq!(
            command("logs web db cache").map(|(label, _)| label),
            Some("Logs of web-1, db and cache".to_owned())
        );
        for words in ["logs web", "web db", "logs", "logs web nothing"] {
            assert_eq!(command(words), None, "{words}");
        }
    }
}
