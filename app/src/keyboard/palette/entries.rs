//! What the palette offers: containers and what can be done to them, pages, views, display. Pure.

use super::matching::best;
use crate::{
    acting::{
        actions::{offered, verb},
        bulk::suits,
    },
    client::Action,
    format::{has_a_why, image_name, is_in_trouble, lower_case},
    keyboard::quick_parts::keys::PAGES,
    logs::{MOST_MERGED, merged_path},
    model::{Container, ContainerId, ContainerState, Timestamp},
    protocol::Picture,
    query::{Choice, Density, Grouping, ListQuery, Sort, SortKey, View},
};
use std::collections::BTreeMap;

/// So many containers in trouble are offered before anything is typed.
const MOST_TROUBLED: usize = 5;

/// Of what is equally well found: a container's own page, then its log, then what is done often, and last what is done seldom or cannot be undone.
const OF_CONTAINER: u32 = 60;
const OF_PAGE: u32 = 40;
const OF_LOG: u32 = 30;
const OFTEN: u32 = 20;
const SELDOM: u32 = 0;

/// The kind of what leads to one log.
pub const LOG: &str = "Log";
const LOG_OF: &str = "Logs of ";

/// One thing to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it is called.
    pub label: String,
    /// What helps to tell it from others; found by, too.
    pub hint: String,
    /// Of which kind it is.
    pub kind: &'static str,
    /// The keys that do the same; empty: there are none.
    pub keys: &'static str,
    /// Counts for it when it is found.
    pub weight: u32,
    /// Whether it is offered before anything is typed.
    pub unasked: bool,
    /// What choosing it does.
    pub deed: Deed,
}

/// What choosing an entry does.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Go to an address of this server.
    Go(String),
    /// Do something to a container, after asking where data could be lost.
    Act(Action, ContainerId),
    /// Do something to several.
    ActOnAll(Action, Vec<ContainerId>),
    /// Open the panel that tells why a container stopped.
    Why(ContainerId),
    /// Choose colours.
    Theme(&'static str),
    /// Pause motion, or let things move.
    Pause(bool),
    /// Open the help.
    Help,
    /// Fetch a snapshot now.
    Refresh,
    /// Open the stream anew.
    Reconnect,
}

/// Everything there is to choose; views as seen from the list at `path` and `search`.
pub fn entries(picture: &Picture, now: Timestamp, may_act: bool, path: &str, search: &str) -> Vec<Entry> {
    let containers = || picture.containers.values().map(|container| &**container);
    let mut all = Vec::new();
    let troubled = containers().filter(|container| is_in_trouble(container, now)).take(MOST_TROUBLED);
    all.extend(troubled.map(|container| Entry { unasked: true, ..go(container) }));
    let on_top = all.len();
    projects(&mut all, picture, may_act);
    pages(&mut all);
    views(&mut all, if path == "/containers" { ListQuery::parse(search) } else { ListQuery::default() });
    display(&mut all);
    for container in containers() {
        let entry = go(container);
        // Those on top are there already.
        if !all[..on_top].iter().any(|other| other.deed == entry.deed) {
            all.push(entry);
        }
        all.push(log(container));
        all.push(why(container));
        if may_act {
            let (first, rest) = offered(container.state);
            all.extend(first.iter().map(|action| Entry { weight: OFTEN, ..act(container, *action) }));
            all.extend(rest.iter().map(|action| act(container, *action)));
        }
    }
    all
}

fn plain(kind: &'static str, label: String, deed: Deed) -> Entry {
    Entry { label, hint: String::new(), kind, keys: "", weight: OF_PAGE, unasked: true, deed }
}

fn go(container: &Container) -> Entry {
    Entry {
        hint: format!("{} · {}", container.state.label(), image_name(container)),
        weight: OF_CONTAINER,
        unasked: false,
        ..plain("Container", container.name.clone(), Deed::Go(format!("/containers/{}", container.id)))
    }
}

fn log(container: &Container) -> Entry {
    let deed = Deed::Go(format!("/containers/{}/logs", container.id));
    Entry { weight: OF_LOG, unasked: false, ..plain(LOG, format!("{LOG_OF}{}", container.name), deed) }
}

fn why(container: &Container) -> Entry {
    let name = &container.name;
    let (label, weight) = match (has_a_why(container), container.state.has_processes()) {
        (true, true) => (format!("Why? What is wrong with {name}"), OF_LOG),
        (true, false) => (format!("Why did {name} stop?"), OF_LOG),
        // Nothing is known to be wrong; who asks all the same is told what is known.
        (false, _) => (format!("Why? How is {name}"), SELDOM),
    };
    Entry { weight, unasked: false, ..plain("Why", label, Deed::Why(container.id)) }
}

/// What is done to whole Compose projects.
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
        let ids = |containers: &[&Container]| containers.iter().map(|container| container.id).collect::<Vec<_>>();
        let entry = |label, deed| Entry { hint: hint.clone(), unasked: false, ..plain("Project", label, deed) };
        let logs = Deed::Go(merged_path(&ids(&containers)));
        let part = if containers.len() > MOST_MERGED { format!(", the first {MOST_MERGED}") } else { String::new() };
        all.push(Entry { weight: OF_LOG, ..entry(format!("Logs of project {project}{part}"), logs) });
        for action in [Action::Restart, Action::Stop, Action::Start].into_iter().filter(|_| may_act) {
            let fit = containers.iter().filter(|container| suits(action, container.state)).copied().collect::<Vec<_>>();
            if !fit.is_empty() {
                let deed = Deed::ActOnAll(action, ids(&fit));
                all.push(Entry { weight: OFTEN, ..entry(format!("{} project {project}", verb(action)), deed) });
            }
        }
    }
}

/// `logs web db`: the logs of several containers, merged; `None` where fewer than two are meant.
pub fn logs_together(entries: &[Entry], words: &str) -> Option<Entry> {
    let words = lower_case(words);
    let mut words = words.split([' ', ',', '+']).filter(|word| !word.is_empty() && !["of", "and", "&"].contains(word));
    words.next().filter(|word| ["log", "logs"].contains(word))?;
    let logs = entries.iter().filter(|entry| entry.kind == LOG).cloned().collect::<Vec<_>>();
    let mut found: Vec<(ContainerId, String)> = Vec::new();
    for word in words {
        let log = best(&logs, word, 1).pop()?;
        let Deed::Go(href) = &log.deed else { return None };
        let id = href.split('/').nth(2)?.parse().ok()?;
        if found.iter().all(|(other, _)| *other != id) {
            found.push((id, log.label.trim_start_matches(LOG_OF).to_owned()));
        }
    }
    let (ids, names): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let (last, first) = names.split_last().filter(|(_, first)| !first.is_empty())?;
    let label = format!("Logs of {} and {last}", first.join(", "));
    Some(Entry { weight: OF_LOG, unasked: false, ..plain(LOG, label, Deed::Go(merged_path(&ids))) })
}

fn act(container: &Container, action: Action) -> Entry {
    let label = format!("{} {}", verb(action), container.name);
    Entry { weight: SELDOM, unasked: false, ..plain("Action", label, Deed::Act(action, container.id)) }
}

fn pages(all: &mut Vec<Entry>) {
    const KEYS: [&str; 3] = ["g c", "g e", "g t"];
    for ((_, href, name), keys) in PAGES.into_iter().zip(KEYS) {
        all.push(Entry { keys, ..plain("Page", name.to_owned(), Deed::Go(href.to_owned())) });
    }
    all.push(Entry { keys: "?", ..plain("Page", "Help: keys, motion".to_owned(), Deed::Help) });
}

fn views(all: &mut Vec<Entry>, query: ListQuery) {
    let mut push = |label: String, query: ListQuery| all.push(plain("View", label, Deed::Go(query.href())));
    for view in View::ALL.iter().filter(|view| **view != query.view) {
        push(format!("View as {}", lower_case(view.label())), ListQuery { view: *view, ..query.clone() });
    }
    for density in Density::ALL.iter().filter(|density| **density != query.density) {
        push(format!("Density: {}", lower_case(density.label())), ListQuery { density: *density, ..query.clone() });
    }
    for key in SortKey::ALL.iter().filter(|key| query.sort != Sort { key: **key, reversed: false }) {
        let sort = Sort { key: *key, reversed: false };
        push(format!("Sort by {}", in_words(key.label())), ListQuery { sort, ..query.clone() });
    }
    for group in Grouping::ALL.iter().filter(|group| **group != query.group && **group != Grouping::Label) {
        let label = match group {
            Grouping::None => "Ungroup".to_owned(),
            group => format!("Group by {}", in_words(group.label())),
        };
        push(label, ListQuery { group: *group, folded: Vec::new(), ..query.clone() });
    }
    for state in ContainerState::ALL {
        let label = format!("Show {} only", in_words(state.label()));
        push(label, ListQuery { state: Some(state), ..query.clone() });
    }
    if query.state.is_some() || !query.search.is_empty() {
        push("Show all containers".to_owned(), ListQuery { state: None, search: String::new(), ..query });
    }
}

/// CPU stays CPU.
fn in_words(label: &str) -> String {
    if label.len() > 3 { lower_case(label) } else { label.to_owned() }
}

fn display(all: &mut Vec<Entry>) {
    for (theme, name) in
        [("system", "as the system"), ("light", "light"), ("dark", "dark"), ("contrast", "high contrast")]
    {
        all.push(plain("Display", format!("Theme: {name}"), Deed::Theme(theme)));
    }
    all.push(plain("Display", "Pause motion".to_owned(), Deed::Pause(true)));
    all.push(plain("Display", "Allow motion".to_owned(), Deed::Pause(false)));
    all.push(plain("Connection", "Refresh now".to_owned(), Deed::Refresh));
    all.push(plain("Connection", "Reconnect".to_owned(), Deed::Reconnect));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{MADE_AT, container, picture};

    fn offered_for(words: &str, may_act: bool) -> Vec<(String, Deed)> {
        let web = container(1, "web-1", ContainerState::Running);
        let db =
            Container { exit_code: Some(1), finished_at: Some(MADE_AT), ..container(2, "db", ContainerState::Exited) };
        let all = entries(&picture(vec![web, db], Vec::new()), MADE_AT, may_act, "/containers", "view=table&q=x");
        best(&all, words, 100).into_iter().map(|entry| (entry.label, entry.deed)).collect()
    }

    fn labels(words: &str, may_act: bool) -> Vec<String> {
        offered_for(words, may_act).into_iter().map(|(label, _)| label).collect()
    }

    #[test]
    fn a_name_leads_to_its_container_first_and_then_to_what_can_be_done() {
        let [first, rest @ ..] = &labels("web", true)[..] else { unreachable!("web-1 is there") };
        assert_eq!(first, "web-1");
        for label in ["Logs of web-1", "Stop web-1", "Restart web-1", "Pause web-1", "Kill web-1", "Remove web-1"] {
            assert!(rest.iter().any(|other| other == label), "{label} in {rest:?}");
        }
    }

    #[test]
    fn nothing_is_done_where_nothing_may_be_done() {
        assert!(labels("stop", false).iter().all(|label| label != "Stop web-1"));
        assert_eq!(labels("log web", false), ["Logs of web-1"]);
    }

    #[test]
    fn views_keep_the_other_choices() {
        let (label, deed) = offered_for("memory", false).swap_remove(0);
        assert_eq!(label, "Sort by memory");
        assert_eq!(deed, Deed::Go("/containers?view=table&q=x&sort=memory".to_owned()));
        assert!(labels("view as", false).iter().all(|label| label != "View as table"), "it is one");
    }

    #[test]
    fn containers_in_trouble_stand_on_top_unasked_and_only_once() {
        let unasked = labels("", true);
        assert_eq!(unasked.first().map(String::as_str), Some("db"));
        assert!(!unasked.iter().any(|label| label == "web-1" || label == "Stop web-1"));
        assert_eq!(labels("db", false).iter().filter(|label| *label == "db").count(), 1);
    }

    #[test]
    fn a_project_is_restarted_and_its_logs_are_merged() {
        let of_shop = |number, name: &str, state| Container {
            project: Some("shop".to_owned()),
            ..container(number, name, state)
        };
        let (web, db) = (of_shop(1, "web-1", ContainerState::Running), of_shop(2, "db", ContainerState::Exited));
        let ids = [web.id, db.id];
        let all = entries(&picture(vec![web, db], Vec::new()), MADE_AT, true, "/containers", "");
        let first = |words| best(&all, words, 1).swap_remove(0).deed;
        assert_eq!(first("restart shop"), Deed::ActOnAll(Action::Restart, vec![ids[0]]), "what runs");
        assert_eq!(first("start project shop"), Deed::ActOnAll(Action::Start, vec![ids[1]]));
        assert_eq!(first("logs shop"), Deed::Go(format!("/logs?ids={},{}", ids[0], ids[1])));
        assert_eq!(first("why db"), Deed::Why(ids[1]));
        assert_eq!(first("why web"), Deed::Why(ids[0]), "nothing is wrong with it, and it is told all the same");
    }

    #[test]
    fn the_logs_of_several_are_asked_for_in_one_line() {
        let named = ["web-1", "db", "cache"].into_iter().zip(1..);
        let containers: Vec<_> = named.map(|(name, number)| container(number, name, ContainerState::Running)).collect();
        let ids: Vec<_> = containers.iter().map(|container| container.id).collect();
        let all = entries(&picture(containers, Vec::new()), MADE_AT, false, "/containers", "");
        let meant = |words: &str| logs_together(&all, words).map(|entry| (entry.label, entry.deed));
        let both = Deed::Go(format!("/logs?ids={},{}", ids[0], ids[1]));
        for words in ["logs web db", "log of web and db", "LOGS web,db,web"] {
            assert_eq!(meant(words), Some(("Logs of web-1 and db".to_owned(), both.clone())), "{words}");
        }
        assert_eq!(meant("logs web db cache").map(|(label, _)| label), Some("Logs of web-1, db and cache".to_owned()));
        for words in ["logs web", "web db", "logs", "logs web nothing"] {
            assert_eq!(meant(words), None, "{words}");
        }
    }
}
