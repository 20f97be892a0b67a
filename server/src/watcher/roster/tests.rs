//! What events and lists make of a container.
#![allow(clippy::unwrap_used, reason = "a test that cannot make its own data has failed")]

use super::*;
use app::model::EngineId;
use std::time::Duration;

fn id() -> ContainerId {
    "ab".repeat(32).parse().unwrap()
}

fn running(stays_ended: bool) -> Inspected {
    let container = Container {
        id: id(),
        engine: EngineId::local(),
        name: "web".into(),
        image: String::new(),
        image_id: String::new(),
        command: String::new(),
        state: ContainerState::Running,
        health: None,
        exit_code: None,
        oom_killed: false,
        restart_count: 0,
        error: None,
        created_at: None,
        started_at: None,
        finished_at: None,
        ports: vec![],
        networks: vec![],
        mounts: vec![],
        labels: Default::default(),
        project: None,
        service: None,
        network_of: None,
        nano_cpus: None,
    };
    Inspected { container, stays_ended, run: None }
}

fn event(news: News) -> ContainerEvent {
    ContainerEvent { id: id(), news, time_nanos: 5_000_000 }
}

fn row(state: ContainerState) -> Listed {
    Listed { id: id(), state: Some(state), name: Some("web".into()) }
}

#[test]
fn a_death_is_painted_only_where_nothing_starts_it_again() {
    let now = Instant::now();
    let mut roster = Roster::default();
    roster.inspected(running(true), now);
    let painted = roster.react(&event(News::Died { exit_code: Some(1) }), now).painted.unwrap();
    assert_eq!((painted.state, painted.exit_code), (ContainerState::Exited, Some(1)));

    roster.inspected(running(false), now);
    let reaction = roster.react(&event(News::Died { exit_code: Some(1) }), now);
    assert_eq!(reaction, Reaction { painted: None, removed: false, dirty: true });
}

#[test]
fn a_list_older_than_an_event_may_not_speak_about_its_container() {
    let asked_at = Instant::now();
    let mut roster = Roster::default();
    roster.inspected(running(true), asked_at);
    roster.react(&event(News::Paused), asked_at + Duration::from_millis(1));
    assert!(roster.differing(&[row(ContainerState::Running)], asked_at).is_empty());
    assert_eq!(roster.differing(&[row(ContainerState::Running)], asked_at + Duration::from_secs(1)), [id()]);
    assert!(roster.differing(&[row(ContainerState::Paused)], asked_at + Duration::from_secs(1)).is_empty());
}

#[test]
fn what_a_list_lacks_or_adds_is_inspected() {
    let now = Instant::now();
    let mut roster = Roster::default();
    assert_eq!(roster.differing(&[row(ContainerState::Created)], now), [id()]);
    roster.inspected(running(true), now);
    assert_eq!(roster.differing(&[], now + Duration::from_secs(1)), [id()]);
}

#[test]
fn an_unknown_container_is_dirty_and_a_removed_one_gone() {
    let now = Instant::now();
    let mut roster = Roster::default();
    assert!(roster.react(&event(News::Other), now).dirty);
    roster.inspected(running(true), now);
    assert!(roster.react(&event(News::Removed), now).removed);
    assert!(!roster.gone(id()));
}
