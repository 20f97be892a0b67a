//! Several logs in one stream, ordered by time.

use crate::{
    logs::reading::{line, pause, print, printed, printer, started, texts},
    support::{Events, Quay, get, quay},
};
use app::model::ContainerId;
use simulator::{
    ContainerSpec,
    engine::{extras::Extras, program::Step},
};

/// Prints `count` lines, with a pause before each.
fn print_steps(word: &str, count: usize, millis: u64) -> Vec<Step> {
    (0..count).flat_map(|number| [pause(millis), print(&format!("{word} {number}"))]).collect()
}

async fn open(quay: &Quay, ids: &[ContainerId], query: &str, last_id: Option<&str>) -> Events {
    let ids: Vec<_> = ids.iter().map(ContainerId::to_string).collect();
    Events::open(quay.server.address, &format!("/api/logs/stream?ids={}{query}", ids.join(",")), last_id).await
}

async fn two(quay: &Quay) -> [ContainerId; 2] {
    [
        started(quay, printer("web", print_steps("web", 60, 30))).await,
        started(quay, printer("db", print_steps("db", 40, 47))).await,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merged_lines_are_ordered_by_time_and_name_their_container() {
    let quay = quay("quiet:0", &[]).await;
    let [web, db] = two(&quay).await;
    let silent = started(&quay, printer("silent", Vec::new())).await;
    let events = open(&quay, &[web, db, silent], "", None).await.take(100).await;
    let lines: Vec<_> = events.iter().map(line).collect();
    assert!(lines.is_sorted_by_key(|line| line.timestamp), "{:?}", texts(&events));
    for (id, word, count) in [(web, "web", 60), (db, "db", 40)] {
        let own: Vec<_> =
            lines.iter().filter(|line| line.container_id == Some(id)).map(|line| line.text.clone()).collect();
        assert_eq!(own, (0..count).map(|number| format!("{word} {number}")).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merged_stream_interrupted_repeatedly_misses_nothing() {
    let quay = quay("quiet:0", &[]).await;
    let ids = two(&quay).await;
    let (mut received, mut last_id) = (Vec::new(), None::<String>);
    while received.len() < 100 {
        let mut log = open(&quay, &ids, "&tail=all", last_id.as_deref()).await;
        let events = log.take((1 + received.len() % 9).min(100 - received.len())).await;
        last_id.clone_from(&events.last().unwrap().id);
        received.extend(texts(&events));
    }
    received.sort();
    let mut all: Vec<_> = (0..60).map(|number| format!("web {number}")).collect();
    all.extend((0..40).map(|number| format!("db {number}")));
    all.sort();
    assert_eq!(received, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_of_a_log_that_was_silent_before_the_interruption_are_not_lost() {
    let quay = quay("quiet:0", &[]).await;
    let web = started(&quay, printer("web", vec![print("web")])).await;
    let late = std::iter::once(pause(1_500)).chain((0..20).map(|number| print(&format!("late {number}"))));
    let late = started(&quay, printer("late", late.collect())).await;
    let first = open(&quay, &[web, late], "&tail=5", None).await.take(1).await;
    assert_eq!(texts(&first), ["web"]);
    printed(&quay, late, "late 19").await;
    let rest = open(&quay, &[web, late], "&tail=5", first[0].id.as_deref()).await.take(20).await;
    assert_eq!(texts(&rest), (0..20).map(|number| format!("late {number}")).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_failed_or_ended_log_does_not_end_the_others() {
    let quay = quay("quiet:0", &[]).await;
    let extras = Extras { log_driver: "none".to_owned(), ..Extras::default() };
    let mute = started(&quay, ContainerSpec { extras, ..printer("mute", Vec::new()) }).await;
    let short = started(&quay, printer("short", vec![print("bye"), Step::Exit(4)])).await;
    let web = started(&quay, printer("web", print_steps("web", 30, 30))).await;
    let mut log = open(&quay, &[mute, short, web], "", None).await;
    let (mut ends, mut lines) = (Vec::new(), Vec::new());
    while ends.len() < 2 || lines.len() < 31 {
        let event = log.next_data().await.unwrap();
        if event.name == "end" {
            ends.push((
                event.data["containerId"].clone(),
                event.data["reason"].clone(),
                event.data["exitCode"].clone(),
            ));
        } else {
            lines.push(line(&event).text);
        }
    }
    ends.sort_by_key(|(_, reason, _)| reason.to_string());
    let [refused, stopped] = ends.as_slice() else { panic!("{ends:?}") };
    assert_eq!((&refused.0, &refused.1), (&mute.to_string().into(), &"refused".into()));
    assert_eq!(*stopped, (short.to_string().into(), "stopped".into(), 4.into()));
    assert!(lines.contains(&"bye".to_owned()) && lines.contains(&"web 29".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merged_ids_must_be_complete_unique_and_limited() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", Vec::new())).await;
    let address = quay.server.address;
    for ids in ["", "ids=", "ids=boat", &format!("ids={}", id.short()), &format!("ids={id},"), "ids=%ff"] {
        let response = get(address, &format!("/api/logs/stream?{ids}")).await;
        assert_eq!(response.status, 400, "{ids}");
    }
    get(address, &format!("/api/logs/stream?ids={id},{id}")).await.problem(400, "bad_query");
    let many: Vec<_> = (0..33).map(|number| format!("{number:064x}")).collect();
    get(address, &format!("/api/logs/stream?ids={}", many.join(","))).await.problem(400, "bad_query");
    get(address, &format!("/api/logs/stream?ids={id},{:064x}", 7)).await.problem(404, "no_such_container");
}
