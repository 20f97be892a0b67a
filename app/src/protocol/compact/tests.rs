//! Round trips, and rejection of malformed data.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use crate::model::{
    Cause, ContainerId, ContainerKey, ContainerState, ContainerStats, Engine, EngineHop, EngineKind, EngineLink,
    EngineName, EngineProblem, Health, Labels, Mount, Port, StatsSource, memory_percent,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// A time, with room for the times that are encoded relative to it.
fn time() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_000_u64).prop_map(Timestamp::from_millis)
}

/// One of a few names, so that equal ids occur on different engines.
fn engine_name() -> impl Strategy<Value = EngineName> {
    select(vec!["local", "a", "web-3"]).prop_map(|name| EngineName::new(name).unwrap())
}

/// Ids, most of them different and some equal.
fn id() -> impl Strategy<Value = ContainerId> {
    prop_oneof![3 => any::<[u8; 32]>(), 1 => Just([7; 32])].prop_map(ContainerId::from_bytes)
}

fn port() -> impl Strategy<Value = Port> {
    (option::of(".*"), any::<u16>(), option::of(any::<u16>()), ".*", any::<bool>()).prop_map(
        |(ip, private_port, public_port, protocol, open)| Port { ip, private_port, public_port, protocol, open },
    )
}

fn mount() -> impl Strategy<Value = Mount> {
    (".*", ".*", ".*", any::<bool>()).prop_map(|(kind, source, destination, read_only)| Mount {
        kind,
        source,
        destination,
        read_only,
    })
}

fn labels() -> impl Strategy<Value = Labels> {
    let name =
        prop_oneof![".*", Just("com.docker.compose.project".to_owned()), Just("com.docker.compose.service".to_owned())];
    vec((name, ".*"), 0..4).prop_map(|labels| labels.into_iter().collect())
}

fn problem() -> impl Strategy<Value = Option<EngineProblem>> {
    option::of((".*", ".*", ".*"))
        .prop_map(|problem| problem.map(|(code, message, hint)| EngineProblem { code, message, hint }))
}

prop_compose! {
    fn container()(
        (id, engine, name, image, image_id, image_outdated, command) in (id(), engine_name(), ".*", ".*", ".*", any::<bool>(), ".*"),
        (state, health, exit_code, oom_killed, restart_count, error) in
            (select(&ContainerState::ALL[..]), option::of(select(&Health::ALL[..])), option::of(any::<i64>()), any::<bool>(), any::<i64>(), option::of(".*")),
        (process_oom_killed, end_cause) in (any::<bool>(), option::of(select(&Cause::ALL[..]))),
        (created_at, started_at, finished_at) in (option::of(time()), option::of(time()), option::of(time())),
        (ports, networks, network_of, nano_cpus, mounts, labels) in
            (vec(port(), 0..3), vec(".*", 0..3), option::of(id()), option::of(0..i64::MAX as u64), vec(mount(), 0..3), labels()),
        inspect_error in problem(),
    ) -> Arc<Container> {
        let mut container = Container {
            id, engine, name, image, image_id, image_outdated, command, state, health, exit_code, oom_killed, process_oom_killed, end_cause, restart_count,
            error, created_at, started_at, finished_at, ports, networks, network_of, nano_cpus, mounts, labels, project: None, service: None,
            concealed_labels: Default::default(),
            inspect_error,
        };
        container.place_in_compose();
        Arc::new(container)
    }
}

prop_compose! {
    fn sample()(
        (engine, id) in (engine_name(), id()),
        hundredths in option::of(0..10_000_000_u64),
        counts in proptest::array::uniform8(option::of(0..i64::MAX as u64)),
        timestamp in time(),
    ) -> Arc<ContainerStats> {
        let [memory_usage, memory_cache, memory_limit, network_rx, network_tx, block_read, block_write, pids] = counts;
        Arc::new(ContainerStats {
            cpu_percent: hundredths.map(|hundredths| hundredths as f64 / 100.0),
            memory_usage, memory_cache, memory_limit, memory_percent: memory_percent(memory_usage, memory_limit),
            network_rx, network_tx, block_read, block_write, pids,
            ..ContainerStats::unknown(ContainerKey::new(engine, id), String::new(), timestamp)
        })
    }
}

prop_compose! {
    fn engine()(
        (id, name, endpoint, demo) in (engine_name(), ".*", ".*", any::<bool>()),
        link in select(vec![EngineLink::Connecting, EngineLink::Up, EngineLink::Lost]),
        since in time(),
        error in problem(),
        words in proptest::array::uniform4(option::of(".*")),
        (cpus, memory_total, stats_interval_millis) in
            (option::of(any::<u32>()), option::of(0..i64::MAX as u64), option::of(0..i64::MAX as u64)),
        stats_source in option::of(select(vec![StatsSource::Files, StatsSource::Api])),
        (kind, hop, labels, same_engine_as) in
            (select(&EngineKind::ALL[..]), option::of(select(&EngineHop::ALL[..])), labels(), vec(engine_name(), 0..3)),
        (engine_link, notice) in
            (option::of(select(vec![EngineLink::Connecting, EngineLink::Up, EngineLink::Lost])), option::of(".*")),
        (round_trip_millis, clock_offset_millis, clock_error_millis) in
            (option::of(0..i64::MAX as u64), option::of(any::<i64>()), option::of(0..i64::MAX as u64)),
    ) -> Engine {
        let [version, api_version, os, arch] = words;
        Engine {
            id, name, endpoint, demo, link, since, error, version, api_version, os, arch, cpus, memory_total,
            stats_source, stats_interval_millis, kind, hop, labels, same_engine_as, round_trip_millis,
            clock_offset_millis, clock_error_millis, engine_link, notice, engine_id: None,
        }
    }
}

/// Elements with different keys, in any order.
fn unique<T: Clone + std::fmt::Debug>(
    one: impl Strategy<Value = Arc<T>>,
    key: fn(&T) -> ContainerKey,
) -> impl Strategy<Value = Vec<Arc<T>>> {
    vec(one, 0..4).prop_map(move |all| {
        let mut keys = std::collections::BTreeSet::new();
        all.into_iter().filter(|one| keys.insert(key(one))).collect()
    })
}

prop_compose! {
    fn snapshot()(
        epoch in ".*", revision in 0..i64::MAX as u64, server_time in time(), engines in vec(engine(), 0..3),
        containers in unique(container(), Container::key), stats in unique(sample(), ContainerStats::key),
        sampled_at in option::of(time()),
    ) -> Snapshot {
        Snapshot { epoch, revision: Revision(revision), server_time, engines, containers, stats, sampled_at }
    }
}

prop_compose! {
    fn delta()(
        revision in 0..i64::MAX as u64, server_time in time(), engines in option::of(vec(engine(), 0..3)),
        upserted in unique(container(), Container::key), removed in vec((engine_name(), id()), 0..4),
        stats in unique(sample(), ContainerStats::key),
        sampled_at in option::of(time()), event_at in option::of(time()),
    ) -> Delta {
        let removed = removed.into_iter().map(|(engine, id)| RemovedContainer { engine, id }).collect();
        Delta { revision: Revision(revision), server_time, engines, upserted, removed, stats, sampled_at, event_at }
    }
}

/// A reader that holds every container with a sample in the delta.
fn held(delta: &Delta) -> Held {
    delta.stats.iter().map(|sample| (sample.key(), Arc::new(Container::unknown(sample.key())))).collect()
}

proptest! {
    #[test]
    fn a_snapshot_round_trips(mut snapshot in snapshot()) {
        let text = write_snapshot(&snapshot);
        let Frame::Snapshot(mut read) = read("snapshot", &text, &Held::new()).unwrap() else { panic!("a snapshot is one") };
        // The order in a frame has no meaning.
        for containers in [&mut snapshot.containers, &mut read.containers] {
            containers.sort_by_key(|container| container.key());
        }
        prop_assert_eq!(read, snapshot);
    }

    #[test]
    fn ids_and_names_are_left_out_for_a_reader_that_holds_them(snapshot in snapshot(), other in container()) {
        // Ids are unique on an engine.
        let by_id: Held = snapshot.containers.iter().map(|each| (each.key(), Arc::clone(each))).collect();
        prop_assume!(by_id.len() == snapshot.containers.len());
        let fingerprint = |held: &Held| fingerprint(held.values().map(|each| &**each));
        let short = write_snapshot_for(&snapshot, fingerprint(&by_id));
        prop_assert!(by_id.is_empty() || short.len() < write_snapshot(&snapshot).len());
        let whole = read("snapshot", &write_snapshot(&snapshot), &Held::new()).unwrap();
        prop_assert_eq!(read("snapshot", &short, &by_id).unwrap(), whole);
        // A reader that holds other containers rejects it.
        let mut others = by_id.clone();
        others.insert(other.key(), Arc::clone(&other));
        if fingerprint(&others) != fingerprint(&by_id) && !by_id.is_empty() {
            prop_assert!(read("snapshot", &short, &others).is_err());
            prop_assert_eq!(write_snapshot_for(&snapshot, fingerprint(&others)), write_snapshot(&snapshot));
        }
    }

    #[test]
    fn a_delta_round_trips(delta in delta()) {
        prop_assert_eq!(read("delta", &write_delta(&delta), &held(&delta)).unwrap(), Frame::Delta(delta));
    }

    #[test]
    fn frames_are_json_on_one_line(snapshot in snapshot(), delta in delta()) {
        for text in [write_snapshot(&snapshot), write_delta(&delta)] {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            prop_assert!(!text.contains(['\n', '\r']));
        }
    }

    #[test]
    fn a_truncated_frame_is_rejected(delta in delta(), place in 0.0..1.0_f64) {
        let text = write_delta(&delta);
        let mut end = (text.len() as f64 * place) as usize;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        prop_assert!(read("delta", &text[..end], &Held::new()).is_err());
    }

    #[test]
    fn malformed_data_does_not_panic(text in "([\\[\\]{}\",:0-9a-z\\\\ é-]|null){0,60}") {
        for event in Frame::EVENTS {
            let _ = read(event, &text, &Held::new());
        }
    }

    #[test]
    fn any_json_value_can_be_skipped(value in "\\[(\"[a-z\\\\\"]{0,3}\"|1|null|\\{\"a\":\\[\\]\\}),7\\]") {
        if serde_json::from_str::<serde_json::Value>(&value).is_ok() {
            let mut scanner = Scanner::new(&value);
            scanner.open().unwrap();
            scanner.skip().unwrap();
            prop_assert_eq!(scanner.natural(), Some(7));
        }
    }
}

#[test]
fn unknown_elements_at_the_end_of_arrays_are_skipped() {
    let text =
        r#"[7,1000,null,null,null,["",["new"]],["",[],[],[],[],[],[],[],[],[],["new"],7],"",null,{"new":[1,"]"]}]"#;
    let Ok(Frame::Delta(delta)) = read("delta", text, &Held::new()) else { panic!("it is a delta") };
    assert_eq!(delta, Delta::empty(Revision(7), Timestamp::from_millis(1000)));
}

#[test]
fn escape_sequences_are_decoded() {
    let mut scanner = Scanner::new(r#" "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é🚢" "#);
    assert_eq!(scanner.text().as_deref(), Some("\"\\/\u{8}\u{c}\n\r\té\u{fffd}\u{fffd}é🚢"));
}

#[test]
fn unknown_and_malformed_events_are_named() {
    assert!(matches!(read("gossip", "[]", &Held::new()), Err(InvalidFrame::Event(name)) if name == "gossip"));
    assert!(matches!(read("delta", "<html>", &Held::new()), Err(InvalidFrame::Malformed(name)) if name == "delta"));
}

#[test]
fn samples_find_their_containers_by_id_prefix() {
    let id = |last: u8| {
        let mut bytes = [7; 32];
        bytes[31] = last;
        ContainerId::from_bytes(bytes)
    };
    let key = |last| ContainerKey::new(EngineName::LOCAL, id(last));
    let container = |last| Arc::new(Container::unknown(key(last)));
    let sample = Arc::new(ContainerStats::unknown(key(1), String::new(), Timestamp::default()));
    let delta = Delta { stats: vec![sample], ..Delta::empty(Revision(1), Timestamp::default()) };
    let read = |upserted: Vec<Arc<Container>>, held: &[u8]| {
        let held = held.iter().map(|last| (key(*last), container(*last))).collect();
        let Ok(Frame::Delta(read)) = read("delta", &write_delta(&Delta { upserted, ..delta.clone() }), &held) else {
            return None;
        };
        Some(read.stats.iter().map(|sample| sample.container_id).collect::<Vec<_>>())
    };
    assert_eq!(read(vec![], &[1]), Some(vec![id(1)]));
    assert_eq!(read(vec![container(1)], &[]), Some(vec![id(1)]));
    assert_eq!(read(vec![container(1)], &[1]), Some(vec![id(1)]));
    assert_eq!(read(vec![], &[]), Some(vec![]), "no longer held: a delta to an earlier revision");
    assert_eq!(read(vec![], &[1, 2]), None, "ambiguous");
    assert_eq!(read(vec![container(2)], &[1]), None);
}

#[test]
fn equal_ids_on_two_engines_stay_apart() {
    let id = ContainerId::from_bytes([7; 32]);
    let keys = ["a", "b", "local"].map(|name| ContainerKey::new(EngineName::new(name).unwrap(), id));
    let containers: Vec<_> = keys.iter().map(|key| Arc::new(Container::unknown(*key))).collect();
    let held = containers.iter().map(|container| (container.key(), Arc::clone(container))).collect();
    let sample = |(place, key): (usize, &ContainerKey)| {
        let unknown = ContainerStats::unknown(*key, String::new(), Timestamp::default());
        Arc::new(ContainerStats { pids: Some(place as u64), ..unknown })
    };
    let delta = Delta {
        upserted: containers,
        removed: keys.iter().map(|key| RemovedContainer::from(*key)).collect(),
        stats: keys.iter().enumerate().map(sample).collect(),
        ..Delta::empty(Revision(1), Timestamp::default())
    };
    assert_eq!(read("delta", &write_delta(&delta), &held).unwrap(), Frame::Delta(delta));
}

#[test]
fn the_default_engine_costs_nothing_and_another_a_few_bytes() {
    let length = |engine: &str| {
        let engine = EngineName::new(engine).unwrap();
        let key = |number| ContainerKey::new(engine, ContainerId::from_bytes([number; 32]));
        let stats =
            (0..200).map(|number| Arc::new(ContainerStats::unknown(key(number), String::new(), Timestamp::default())));
        let delta = Delta { stats: stats.collect(), ..Delta::empty(Revision(1), Timestamp::default()) };
        write_delta(&delta).len()
    };
    assert_eq!(length("web-1"), length("local") + r#",["web-1",200]"#.len());
}
