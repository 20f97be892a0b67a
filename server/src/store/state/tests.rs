//! With any history of changes and disconnects, every reader ends with the state of the server.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::{
    examples::{NOW, container, key, sample, upsert},
    *,
};
use app::{
    model::ContainerState,
    protocol::{Frame, Picture},
};
use proptest::prelude::*;
use std::time::Duration;

#[test]
fn an_unchanged_observation_makes_no_revision() {
    let mut state = State::new("e");
    assert!(state.apply(upsert(container(1, ContainerState::Running, 1)), NOW));
    state.commit();
    assert!(!state.apply(upsert(container(1, ContainerState::Running, 1)), NOW));
    assert!(matches!(state.since(Revision(1), NOW), Catchup::UpToDate));
}

#[test]
fn a_late_sample_of_an_earlier_run_is_dropped() {
    let mut state = State::new("e");
    state.apply(upsert(container(1, ContainerState::Running, 2)), NOW);
    state.apply(Observation::Samples { engine: EngineName::LOCAL, samples: vec![sample(1, 1, 9)], taken_at: NOW }, NOW);
    state.commit();
    assert_eq!(state.snapshot(NOW).stats[0].pids, None);
}

#[test]
fn an_unknown_revision_gets_a_snapshot() {
    assert!(matches!(State::new("e").since(Revision(7), NOW), Catchup::Snapshot));
}

#[derive(Debug, Clone)]
enum Step {
    Upsert(u8, usize, u64),
    Remove(u8),
    Sample(u8, u64, u64),
    Seal,
    Read(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..6u8, 0..7usize, 0..3u64).prop_map(|(n, state, run)| Step::Upsert(n, state, run)),
        (0..6u8).prop_map(Step::Remove),
        (0..6u8, 0..3u64, 0..4u64).prop_map(|(n, run, pids)| Step::Sample(n, run, pids)),
        Just(Step::Seal),
        (0..3usize).prop_map(Step::Read),
    ]
}

fn read(picture: &mut Picture, state: &State) {
    let frame = if picture.epoch.is_empty() {
        Frame::Snapshot(state.snapshot(NOW))
    } else {
        match state.since(picture.revision, NOW) {
            Catchup::UpToDate => return,
            Catchup::Delta(delta) => Frame::Delta(*delta),
            Catchup::Snapshot => Frame::Snapshot(state.snapshot(NOW)),
        }
    };
    picture.apply(frame);
    let mut whole = Picture::default();
    whole.apply(Frame::Snapshot(state.snapshot(NOW)));
    assert_eq!(*picture, whole);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn readers_end_with_the_state_of_the_server(steps in prop::collection::vec(step(), 1..120)) {
        let mut state = State::new("e");
        let mut readers = [Picture::default(), Picture::default(), Picture::default()];
        let mut changed = false;
        for step in steps {
            changed |= match step {
                Step::Upsert(n, s, run) => state.apply(upsert(container(n, ContainerState::ALL[s], run)), NOW),
                Step::Remove(n) => {
                    let gone = Observation::Containers { upserted: vec![], removed: vec![key(n)], event_at: None };
                    state.apply(gone, NOW)
                }
                Step::Sample(n, run, pids) => {
                    state.apply(Observation::Samples { engine: EngineName::LOCAL, samples: vec![sample(n, run, pids)], taken_at: NOW }, NOW)
                }
                Step::Seal => false,
                Step::Read(reader) => {
                    if std::mem::take(&mut changed) {
                        state.commit();
                    }
                    read(&mut readers[reader], &state);
                    false
                }
            };
        }
    }
}

#[test]
fn equal_ids_on_two_engines_are_two_rows() {
    let mut state = State::new("e");
    let (one, other) = (key(2), key(3));
    assert_eq!(one.id, other.id);
    for engine in [one.engine, other.engine] {
        let engine = Engine { id: engine, ..app::samples::engine() };
        state.apply(Observation::Engine(Box::new(engine)), NOW);
    }
    state.apply(upsert(container(2, ContainerState::Running, 1)), NOW);
    state.apply(upsert(container(3, ContainerState::Exited, 1)), NOW);
    assert_eq!(state.with_id(one.id).collect::<Vec<_>>(), [other, one], "ordered by engine");
    state.apply(Observation::Containers { upserted: vec![], removed: vec![one], event_at: None }, NOW);
    assert_eq!(state.with_id(one.id).collect::<Vec<_>>(), [other]);
    state.apply(Observation::StatsInterval(other.engine, Some(Duration::from_secs(9))), NOW);
    let intervals: Vec<_> = state.engines().iter().map(|engine| engine.stats_interval_millis).collect();
    assert_eq!(intervals, [Some(9_000), None]);
}
