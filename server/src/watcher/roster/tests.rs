//! Changes of a roster by events and lists.
#![allow(clippy::unwrap_used, reason = "a test that cannot make its own data has failed")]

use super::*;
use app::model::Health;
use app::model::{ContainerKey, EngineName};
use serde_json::json;
use std::time::Duration;

fn id() -> ContainerId {
    "ab".repeat(32).parse().unwrap()
}

fn running(never_restarts: bool) -> Inspected {
    let container = Container {
        name: "web".into(),
        state: ContainerState::Running,
        ..Container::unknown(ContainerKey::new(EngineName::LOCAL, id()))
    };
    Inspected {
        container,
        never_restarts,
        knows_state: true,
        stop: Default::default(),
        run: None,
        network: Network::Own,
    }
}

fn event(kind: EventKind) -> ContainerEvent {
    ContainerEvent { id: id(), kind, time_nanos: 5_000_000 }
}

fn row(state: ContainerState) -> ListRow {
    let row = json!({"Id": id(), "Names": ["/web"], "Image": "nginx:1", "State": state});
    ListRow {
        engine: EngineName::LOCAL,
        id: id(),
        state: Some(state),
        name: Some("web".into()),
        names_image: Some(true),
        row: row.to_string().into(),
    }
}

#[test]
fn a_die_event_updates_the_row_unless_a_policy_restarts_it() {
    let now = Instant::now();
    let mut roster = Roster::default();
    roster.apply_inspect(running(true), now);
    let updated = roster.apply_event(&event(EventKind::Died { exit_code: Some(1) }), None, now).updated.unwrap();
    assert_eq!((updated.state, updated.exit_code), (ContainerState::Exited, Some(1)));

    roster.apply_inspect(running(false), now);
    let reaction = roster.apply_event(&event(EventKind::Died { exit_code: Some(1) }), None, now);
    assert_eq!(reaction, EventEffect { updated: None, removed: false, dirty: true });
}

#[test]
fn a_list_older_than_an_event_does_not_apply_to_its_container() {
    let requested_at = Instant::now();
    let mut roster = Roster::default();
    roster.apply_inspect(running(true), requested_at);
    roster.apply_event(&event(EventKind::Paused), None, requested_at + Duration::from_millis(1));
    assert!(roster.differing(&[row(ContainerState::Running)], requested_at).is_empty());
    assert_eq!(roster.differing(&[row(ContainerState::Running)], requested_at + Duration::from_secs(1)), [id()]);
    assert!(roster.differing(&[row(ContainerState::Paused)], requested_at + Duration::from_secs(1)).is_empty());
}

#[test]
fn containers_missing_or_new_in_a_list_are_inspected() {
    let now = Instant::now();
    let mut roster = Roster::default();
    assert_eq!(roster.differing(&[row(ContainerState::Created)], now), [id()]);
    roster.apply_inspect(running(true), now);
    assert_eq!(roster.differing(&[], now + Duration::from_secs(1)), [id()]);
}

#[test]
fn a_list_that_shows_an_id_instead_of_the_name_marks_the_image() {
    let now = Instant::now();
    let mut roster = Roster::default();
    let image_id = format!("sha256:{}", "3f".repeat(32));
    let made_of = |image: &str| {
        let mut inspected = running(true);
        (inspected.container.image, inspected.container.image_id) = (image.to_owned(), image_id.clone());
        inspected
    };
    let listed = |names_image| [ListRow { names_image, ..row(ContainerState::Running) }];
    roster.apply_inspect(made_of("app:latest"), now);
    assert!(roster.complete_from_list(&listed(Some(true))).is_empty());
    assert!(roster.complete_from_list(&listed(Some(false)))[0].image_outdated);
    assert!(roster.complete_from_list(&listed(Some(false))).is_empty(), "reported once");
    assert!(roster.complete_from_list(&listed(None)).is_empty(), "an engine without this field");
    assert_eq!(roster.apply_inspect(made_of("app:latest"), now), None, "inspect does not have it");
    assert!(!roster.complete_from_list(&listed(Some(true)))[0].image_outdated, "the tag came back");
    roster.apply_inspect(made_of(&image_id[7..19]), now);
    assert!(roster.complete_from_list(&listed(Some(false))).is_empty(), "given by its id");
}

#[test]
fn a_die_event_unpublishes_the_ports() {
    let now = Instant::now();
    let mut roster = Roster::default();
    let mut inspected = running(true);
    let port =
        app::model::Port { ip: None, private_port: 80, public_port: Some(8080), protocol: "tcp".into(), open: true };
    inspected.container.ports = vec![port];
    roster.apply_inspect(inspected, now);
    let updated = roster.apply_event(&event(EventKind::Died { exit_code: Some(0) }), None, now).updated.unwrap();
    assert!(!updated.ports[0].open);
}

#[test]
fn an_unknown_container_is_dirty_and_a_removed_one_is_dropped() {
    let now = Instant::now();
    let mut roster = Roster::default();
    assert!(roster.apply_event(&event(EventKind::Other), None, now).dirty);
    roster.apply_inspect(running(true), now);
    assert!(roster.apply_event(&event(EventKind::Removed), None, now).removed);
    assert!(!roster.remove(id()));
}

fn problem() -> EngineProblem {
    EngineProblem { code: "not_answering".into(), message: "No.".into(), hint: "Wait.".into() }
}

#[test]
fn after_an_outage_the_list_applies_until_an_inspect_succeeds() {
    let now = Instant::now();
    let [lost, later, latest] = [1, 3, 4].map(|seconds| now + Duration::from_secs(seconds));
    let mut roster = Roster::default();
    roster.apply_inspect(running(true), now);
    assert_eq!(roster.apply_row(&row(ContainerState::Paused), lost, None), None, "inspect is better than the list");
    let listing = ContainerList { rows: vec![row(ContainerState::Paused)], unreadable: 0 };
    assert_eq!(roster.retain_listed(&listing), []);
    assert_eq!(roster.apply_row(&listing.rows[0], later, None).unwrap().state, ContainerState::Paused);
    roster.apply_inspect(running(true), later);
    assert_eq!(roster.apply_row(&row(ContainerState::Paused), latest, None), None);
}

#[test]
fn a_list_row_is_used_until_inspect_responds() {
    let now = Instant::now();
    let later = now + Duration::from_secs(3);
    let mut roster = Roster::default();
    let shown = roster.apply_row(&row(ContainerState::Running), now, None).unwrap();
    assert_eq!((shown.name.as_str(), shown.image.as_str(), shown.inspect_error), ("web", "nginx:1", None));
    assert_eq!(roster.set_problem(id(), problem()).unwrap().inspect_error, Some(problem()));
    assert_eq!(roster.set_problem(id(), problem()), None, "that is not new");
    // The list still applies to it, and it does not delay other inspects.
    let paused = roster.apply_row(&row(ContainerState::Paused), later, Some(problem())).unwrap();
    assert_eq!((paused.state, paused.inspect_error), (ContainerState::Paused, Some(problem())));
    assert!(roster.stalest(8).is_empty());
    let healed = roster.apply_inspect(running(true), later).unwrap();
    assert_eq!((healed.state, healed.inspect_error), (ContainerState::Running, None));
    assert_eq!(
        roster.apply_row(&row(ContainerState::Paused), later + Duration::from_secs(1), None),
        None,
        "inspect speaks"
    );
}

#[test]
fn inspect_data_is_kept_while_inspect_fails() {
    let now = Instant::now();
    let later = now + Duration::from_secs(3);
    let mut roster = Roster::default();
    let mut known = running(true);
    (known.container.command, known.container.started_at) = ("nginx".into(), Some(Timestamp::from_millis(5)));
    roster.apply_inspect(known, now);
    roster.set_problem(id(), problem());
    assert_eq!(roster.apply_row(&row(ContainerState::Running), later, Some(problem())), None);
    let ended =
        roster.apply_row(&row(ContainerState::Exited), later + Duration::from_secs(1), Some(problem())).unwrap();
    assert_eq!((ended.state, ended.command.as_str(), ended.started_at), (ContainerState::Exited, "nginx", None));
    // An event is newer than a list that was requested before it.
    roster.apply_event(&event(EventKind::Started), None, later + Duration::from_secs(9));
    assert_eq!(roster.apply_row(&row(ContainerState::Exited), later + Duration::from_secs(8), Some(problem())), None);
}

#[test]
fn an_unknown_state_keeps_the_last_one_and_reports_a_problem() {
    let now = Instant::now();
    let mut roster = Roster::default();
    roster.apply_inspect(running(true), now);
    let mut strange = running(true);
    (strange.knows_state, strange.container.state) = (false, ContainerState::Created);
    let shown = roster.apply_inspect(strange, now).unwrap();
    assert_eq!(shown.state, ContainerState::Running);
    assert_eq!(shown.inspect_error.map(|problem| problem.code), Some("unknown_state".to_owned()));
}

#[test]
fn an_unreadable_row_removes_no_container() {
    let now = Instant::now();
    let mut roster = Roster::default();
    roster.apply_inspect(running(true), now);
    assert!(roster.retain_listed(&ContainerList { rows: vec![], unreadable: 1 }).is_empty());
    assert_eq!(roster.retain_listed(&ContainerList { rows: vec![], unreadable: 0 }), [id()]);
}

#[test]
fn values_of_one_run_are_not_shown_for_the_next() {
    let now = Instant::now();
    let health = |health| event(EventKind::Health(health));
    let mut roster = Roster::default();
    roster.apply_inspect(running(true), now);
    assert_eq!(
        roster.apply_event(&health(Health::Unhealthy), None, now).updated.unwrap().health,
        Some(Health::Unhealthy)
    );

    let paused = roster.apply_event(&event(EventKind::Paused), None, now).updated.unwrap();
    assert_eq!((paused.state, paused.health), (ContainerState::Paused, None));
    assert_eq!(
        roster.apply_event(&health(Health::Unhealthy), None, now).updated,
        None,
        "of a check from before the pause"
    );
    // Inspect returns the state then.
    assert!(roster.apply_event(&event(EventKind::Unpaused), None, now).dirty);

    roster.apply_event(&health(Health::Healthy), None, now);
    let died = roster
        .apply_event(&event(EventKind::Died { exit_code: Some(137) }), Some(Cause::Request), now)
        .updated
        .unwrap();
    assert_eq!((died.health, died.exit_code), (None, Some(137)));
    assert_eq!(roster.apply_event(&health(Health::Unhealthy), None, now).updated, None, "it has ended");

    let started = ContainerEvent { time_nanos: 9_000_000, ..event(EventKind::Started) };
    let started = roster.apply_event(&started, None, now).updated.unwrap();
    assert_eq!((started.exit_code, started.end_cause, started.health), (None, None, None));
    assert_eq!(roster.apply_event(&health(Health::Unhealthy), None, now).updated, None, "of the run before");
}
