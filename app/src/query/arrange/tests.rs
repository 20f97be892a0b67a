use super::*;
use crate::{
    query::{Choice, ListQuery},
    samples::{container, picture, stats},
};

/// Containers web-1 (Shop, 40 %, with cache), web-2 (Shop, unknown CPU), web-10 (12 %, limited to a
/// tenth of a core), db (Shop, stopped), and cache (paused).
fn example() -> Picture {
    let mut web = container(1, "web-1", ContainerState::Running);
    let mut second = container(2, "web-2", ContainerState::Running);
    let mut db = container(4, "db", ContainerState::Exited);
    for member in [&mut web, &mut second, &mut db] {
        member.project = Some("Shop".to_owned());
    }
    db.image = "postgres:17".to_owned();
    let tenth = Container { nano_cpus: Some(100_000_000), ..container(3, "web-10", ContainerState::Running) };
    let cache = container(5, "cache", ContainerState::Paused);
    let numbers = vec![
        ContainerStats { memory_cache: Some(1_000), ..stats(&web, Some(40.04), Some(100)) },
        stats(&second, None, Some(300)),
        stats(&tenth, Some(12.0), Some(200)),
        stats(&cache, Some(0.0), None),
    ];
    picture(vec![web, second, tenth, db, cache], numbers)
}

fn names(address: &str) -> Vec<String> {
    let picture = example();
    let Arrangement { entries, groups, .. } = arrange(&picture, &ListQuery::parse(address));
    let mut groups = groups.into_iter();
    entries
        .into_iter()
        .map(|entry| match entry {
            Entry::Heading(name) => {
                let Group { running, total, cpu_tenths, memory, .. } = groups.next().unwrap_or_else(|| unreachable!());
                let sums = (cpu_tenths.unwrap_or_default(), memory.unwrap_or_default());
                format!("{} {running}/{total} {sums:?}:", name.as_deref().unwrap_or("-"))
            }
            Entry::Container(id) => picture.containers.get(&id).map(|found| found.name.clone()).unwrap_or_default(),
        })
        .collect()
}

#[test]
fn containers_are_sorted_by_name_by_default() {
    assert_eq!(names(""), ["cache", "db", "web-1", "web-2", "web-10"]);
    assert_eq!(names("sort=name-desc"), ["web-10", "web-2", "web-1", "db", "cache"]);
}

#[test]
fn numbers_start_with_the_largest_and_unknown_ones_come_last() {
    assert_eq!(names("sort=cpu"), ["web-1", "web-10", "cache", "db", "web-2"]);
    assert_eq!(names("sort=cpu-asc"), ["cache", "web-10", "web-1", "db", "web-2"]);
    assert_eq!(names("sort=memory"), ["web-2", "web-10", "web-1", "cache", "db"]);
}

#[test]
fn order_and_sums_follow_the_scale() {
    assert_eq!(names("sort=cpu&cpu=limit"), ["web-10", "web-1", "cache", "db", "web-2"]);
    assert_eq!(names("sort=memory&mem=cache"), ["web-1", "web-2", "web-10", "cache", "db"]);
    let grouped = names("group=project&cpu=host&mem=cache");
    assert_eq!(grouped[..2], ["Shop 2/3 (100, 1400):", "db"], "of four cores");
}

#[test]
fn states_are_sorted_as_in_the_filter() {
    assert_eq!(names("sort=state"), ["web-1", "web-2", "web-10", "cache", "db"]);
}

#[test]
fn every_search_word_must_match() {
    assert_eq!(names("q=WEB"), ["web-1", "web-2", "web-10"]);
    assert_eq!(names("q=shop+web"), ["web-1", "web-2"]);
    assert_eq!(names("q=postgres"), ["db"]);
    assert_eq!(names("q=8001"), ["web-1"]);
    assert_eq!(names("q=0000000000000000"), ["cache", "db", "web-1", "web-2", "web-10"]);
    assert_eq!(names("q=webb"), [] as [&str; 0]);
}

#[test]
fn one_state_can_be_selected() {
    assert_eq!(names("state=running"), ["web-1", "web-2", "web-10"]);
    assert_eq!(names("state=dead"), [] as [&str; 0]);
}

#[test]
fn projects_are_grouped_and_the_rest_comes_last() {
    // 40.04 % and 100 + 300 bytes; 12 % and 200 bytes.
    let [shop, rest] = ["Shop 2/3 (400, 400):", "- 1/2 (120, 200):"];
    assert_eq!(names("group=project"), [shop, "db", "web-1", "web-2", rest, "cache", "web-10"]);
    assert_eq!(names("group=project&fold=Shop"), [shop, rest, "cache", "web-10"]);
    assert_eq!(names("group=project&fold="), [shop, "db", "web-1", "web-2", rest]);
}

#[test]
fn groups_can_be_states_images_and_labels() {
    let headings = |address| names(address).into_iter().filter(|name| name.ends_with(':')).collect::<Vec<_>>();
    assert_eq!(headings("group=state"), ["Running 3/3 (520, 600):", "Paused 0/1 (0, 0):", "Stopped 0/1 (0, 0):"]);
    assert_eq!(headings("group=image").len(), 2);
    assert_eq!(headings("group=label&label=missing"), ["- 3/5 (520, 600):"]);
}

#[test]
fn an_image_with_several_names_is_one_group() {
    let id = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let made = |number: u16, image: &str, image_id: &str, image_outdated: bool| Container {
        image: image.to_owned(),
        image_id: image_id.to_owned(),
        image_outdated,
        ..container(number, &format!("app-{number}"), ContainerState::Running)
    };
    let picture = picture(
        vec![
            made(1, "app:latest", &id("a"), false),
            made(2, &id("a"), &id("a"), false),
            made(3, &"a".repeat(12), &id("a"), false),
            made(4, "app", &id("a"), false),
            made(5, "app:latest", &id("b"), true),
            made(6, &id("b"), &id("b"), false),
            made(7, &id("c"), &id("c"), false),
        ],
        Vec::new(),
    );
    let groups = arrange(&picture, &ListQuery::parse("group=image")).groups;
    let found = groups.iter().map(|group| (group.name.as_deref(), group.total)).collect::<Vec<_>>();
    assert_eq!(found, [(Some("app"), 4), (Some("older app:latest"), 2), (Some("sha256:cccccccccccc"), 1)]);
}

#[test]
fn containers_are_counted_by_state() {
    let counts = count(&example());
    assert_eq!(counts.total, 5);
    assert_eq!(ContainerState::ALL.map(|state| counts.of(state)), [3, 0, 1, 0, 1, 0, 0]);
}

#[test]
fn choices_round_trip() {
    for key in SortKey::ALL {
        assert_eq!(SortKey::parse(key.as_str()), *key);
    }
}

#[test]
fn a_kept_order_adds_new_entries_at_the_end() {
    let [first, second, third, fourth] =
        [1, 2, 3, 4].map(|number| Entry::Container(container(number, "", ContainerState::Running).key()));
    let former = [first.clone(), second.clone(), third.clone()];
    let next = vec![fourth.clone(), third.clone(), first.clone()];
    assert_eq!(in_former_order(&former, next), [first, third, fourth]);
}

#[test]
fn a_kept_order_keeps_entries_under_their_headings() {
    let row = |number| Entry::Container(container(number, "", ContainerState::Running).key());
    let heading = |name: &str| Entry::Heading(Some(name.to_owned()));
    let former = [heading("a"), row(1), row(2), heading("b"), row(3), row(4)];
    // Number 2 has moved to the other group, and all numbers have changed.
    let next = vec![heading("a"), row(5), row(1), heading("b"), row(4), row(3), row(2)];
    let held = [heading("a"), row(1), row(5), heading("b"), row(2), row(3), row(4)];
    assert_eq!(in_former_order(&former, next), held);
}

#[test]
fn every_number_and_name_can_be_sorted_by() {
    let [mut quiet, mut busy, unknown] =
        ["a-quiet", "b-busy", "c-unknown"].map(|name| container(name.len() as u16, name, ContainerState::Running));
    (quiet.project, busy.project) = (Some("two".to_owned()), Some("one".to_owned()));
    let numbers = |container: &Container, count: u64| ContainerStats {
        network_rx: Some(count),
        block_write: Some(count),
        pids: Some(count),
        ..stats(container, None, None)
    };
    let numbers = vec![numbers(&quiet, 1), numbers(&busy, 9)];
    let picture = picture(vec![quiet, busy, unknown], numbers);
    let order = |address: &str| {
        let entries = arrange(&picture, &ListQuery::parse(address)).entries;
        let name = |entry: &Entry| match entry {
            Entry::Container(id) => picture.containers.get(id).map(|found| found.name[..1].to_owned()),
            Entry::Heading(_) => None,
        };
        entries.iter().filter_map(name).collect::<String>()
    };
    for (address, expected) in [
        ("sort=network", "bac"),
        ("sort=network-asc", "abc"),
        ("sort=block", "bac"),
        ("sort=pids", "bac"),
        ("sort=pids-asc", "abc"),
        ("sort=project", "bac"),
        ("sort=project-desc", "abc"),
    ] {
        assert_eq!(order(address), expected, "{address}");
    }
}

#[test]
fn stopped_containers_can_be_hidden_and_are_counted_either_way() {
    let stopped = |address: &str| arrange(&example(), &ListQuery::parse(address)).stopped;
    assert_eq!((names("stopped=fold"), stopped("stopped=fold")), (names("q=-state:exited"), 1));
    assert_eq!((names("").len(), stopped("")), (5, 1));
    // Not if the query selects or groups by state.
    assert_eq!((names("state=exited&stopped=fold"), stopped("state=exited&stopped=fold")), (vec!["db".to_owned()], 0));
    assert_eq!(names("group=state&stopped=fold"), names("group=state"));
}

#[test]
fn pinned_containers_come_first_in_their_group() {
    assert_eq!(names("pin=Shop/web-2&pin=/web-10&pin=/web-1"), ["web-2", "web-10", "cache", "db", "web-1"]);
    let [shop, rest] = ["Shop 2/3 (400, 400):", "- 1/2 (120, 200):"];
    assert_eq!(
        names("group=project&sort=cpu&pin=Shop/db&pin=/cache"),
        [shop, "db", "web-1", "web-2", rest, "cache", "web-10"]
    );
}

#[test]
fn only_some_queries_depend_on_samples() {
    let depends = |address: &str| ListQuery::parse(address).depends_on_samples();
    for address in ["", "q=web&sort=state", "sort=started", "cpu=limit&mem=cache", "q=cpu:"] {
        assert!(!depends(address), "{address}");
    }
    for address in ["sort=cpu", "sort=memory-asc", "group=project", "q=web+-cpu:>50", "q=memory:>1GiB"] {
        assert!(depends(address), "{address}");
    }
}

#[test]
fn the_result_does_not_depend_on_the_previous_order() {
    let picture = example();
    for address in ["", "sort=cpu", "group=project", "group=state&sort=memory-asc", "stopped=folded", "q=web"] {
        let query = ListQuery::parse(address);
        let fresh = arrange(&picture, &query);
        for before in ["", "sort=name-desc", "group=project&sort=cpu", "state=exited"] {
            let former = arrange(&picture, &ListQuery::parse(before)).entries;
            assert_eq!(arrange_after(&former, &picture, &query), fresh, "{before:?}, then {address:?}");
        }
    }
}
