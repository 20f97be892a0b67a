//! Signals that change with each frame; then random histories of changes, lost frames and resumes
//! with a simulated server.
#![allow(clippy::unwrap_used, reason = "a test that cannot make its own data has failed")]

use super::*;
use crate::{
    client::{
        PageData,
        reader::{OutOfSync, Reader, StreamEvent},
    },
    model::{ContainerState, EngineName},
    protocol::{Delta, FrameId, Heartbeat, RemovedContainer, compact},
};
use proptest::prelude::*;

/// Key of a container. Odd and even numbers are on two engines, with the same ids.
fn key(number: u8) -> ContainerKey {
    let engine = if number.is_multiple_of(2) { EngineName::LOCAL } else { EngineName::new("far").unwrap() };
    ContainerKey::new(engine, format!("{:02x}{:062}", number / 2, 0).parse().unwrap())
}

fn container(number: u8, state: ContainerState, name: &str) -> Arc<Container> {
    let unknown = Container::unknown(key(number));
    Arc::new(Container { name: name.to_owned(), image: "busybox".to_owned(), state, ..unknown })
}

fn sample(number: u8, pids: u64) -> Arc<ContainerStats> {
    let unknown = ContainerStats::unknown(key(number), String::new(), Timestamp::default());
    Arc::new(ContainerStats { pids: Some(pids), ..unknown })
}

fn snapshot_of(picture: &Picture) -> Snapshot {
    Snapshot {
        epoch: picture.epoch.clone(),
        revision: picture.revision,
        server_time: Timestamp::default(),
        engines: picture.engines.clone(),
        containers: picture.containers.values().cloned().collect(),
        stats: picture.stats.values().cloned().collect(),
        sampled_at: picture.sampled_at,
    }
}

/// Two running containers with a sample each.
fn two() -> Snapshot {
    Snapshot {
        epoch: "a".to_owned(),
        revision: Revision(1),
        containers: vec![container(1, ContainerState::Running, "one"), container(2, ContainerState::Running, "two")],
        stats: vec![sample(1, 1), sample(2, 2)],
        ..PageData::unknown().snapshot
    }
}

fn delta() -> Delta {
    Delta::empty(Revision(2), Timestamp::default())
}

mod notifications {
    //! Signals that are notified of a frame.

    use super::*;

    /// Counts how often each signal was notified, with memos that track one signal each.
    struct Listener {
        runs: StoredValue<[u32; 5]>,
        memos: Vec<Memo<()>>,
    }

    impl Listener {
        /// Tracks the keys, then container and sample of the first row, then those of the second.
        fn new(rows: Rows) -> Self {
            let runs = StoredValue::new([0; 5]);
            let (one, two) = (rows.get(key(1)).unwrap(), rows.get(key(2)).unwrap());
            let tracks: [Box<dyn Fn() + Send + Sync>; 5] = [
                Box::new(move || rows.keys().track()),
                Box::new(move || one.container.track()),
                Box::new(move || one.stats.track()),
                Box::new(move || two.container.track()),
                Box::new(move || two.stats.track()),
            ];
            let listen = |(place, track): (usize, Box<dyn Fn() + Send + Sync>)| {
                Memo::new(move |_| {
                    track();
                    runs.update_value(|runs| runs[place] += 1);
                })
            };
            let listener = Self { runs, memos: tracks.into_iter().enumerate().map(listen).collect() };
            listener.notified();
            listener
        }

        /// Number of notifications since the last call.
        fn notified(&self) -> [u32; 5] {
            self.memos.iter().for_each(|memo| memo.get_untracked());
            self.runs.try_update_value(std::mem::take).unwrap()
        }
    }

    fn check(frame: Frame, expected: [u32; 5]) {
        Owner::new().with(|| {
            let rows = Rows::new(two());
            let listener = Listener::new(rows);
            rows.apply(frame);
            assert_eq!(listener.notified(), expected);
        });
    }

    #[test]
    fn a_sample_changes_only_its_row() {
        check(Frame::Delta(Delta { stats: vec![sample(2, 9)], ..delta() }), [0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_change_of_state_changes_only_its_row() {
        let paused = container(1, ContainerState::Paused, "one");
        check(Frame::Delta(Delta { upserted: vec![paused], ..delta() }), [0, 1, 0, 0, 0]);
    }

    #[test]
    fn a_container_that_stops_loses_its_sample() {
        let stopped = container(1, ContainerState::Exited, "one");
        check(Frame::Delta(Delta { upserted: vec![stopped], ..delta() }), [0, 1, 1, 0, 0]);
    }

    #[test]
    fn a_new_and_a_removed_container_change_only_the_keys() {
        let new = container(3, ContainerState::Created, "three");
        check(Frame::Delta(Delta { upserted: vec![new], ..delta() }), [1, 0, 0, 0, 0]);
        let gone = RemovedContainer::from(key(2));
        check(Frame::Delta(Delta { removed: vec![gone], ..delta() }), [1, 0, 0, 0, 0]);
    }

    #[test]
    fn equal_values_and_empty_frames_change_nothing() {
        let same = container(1, ContainerState::Running, "one");
        check(Frame::Delta(Delta { upserted: vec![same], stats: vec![sample(2, 2)], ..delta() }), [0; 5]);
        check(Frame::Snapshot(Snapshot { revision: Revision(9), ..two() }), [0; 5]);
        check(Frame::Heartbeat(Heartbeat { revision: Revision(1), server_time: Timestamp::default() }), [0; 5]);
    }

    #[test]
    fn a_removed_row_is_not_found_and_its_signals_stay_readable() {
        Owner::new().with(|| {
            let rows = Rows::new(two());
            let row = rows.get(key(2)).unwrap();
            rows.apply(Frame::Snapshot(Snapshot { epoch: "b".to_owned(), ..PageData::unknown().snapshot }));
            assert!(rows.get(key(2)).is_none() && rows.keys().get_untracked().is_empty());
            assert_eq!(row.container.get_untracked().name, "two");
        });
    }
}

/// A server that keeps the state at each revision of each run, and resumes streams as the contract
/// says.
struct Server {
    history: Vec<Picture>,
    /// Number of newest revisions in the change log.
    log: usize,
}

impl Server {
    fn new() -> Self {
        let first = Picture { epoch: "run0".to_owned(), ..Picture::default() };
        Self { history: vec![first], log: 4 }
    }

    fn current(&self) -> &Picture {
        &self.history[self.history.len() - 1]
    }

    fn change(&mut self, number: u8, kind: u8, value: u64) {
        let mut next = self.current().clone();
        next.revision.0 += 1;
        match kind {
            0 => drop((next.containers.remove(&key(number)), next.stats.remove(&key(number)))),
            1 => {
                next.containers.insert(key(number), container(number, ContainerState::Exited, &format!("n{value}")));
                next.stats.remove(&key(number));
            }
            2 => start(&mut next, number),
            _ => {
                next.sampled_at = Some(Timestamp::from_millis(value));
                let running = (0..5).filter(|one| {
                    next.containers.get(&key(*one)).is_some_and(|container| container.state.has_processes())
                });
                next.stats.extend(running.map(|one| (key(one), sample(one, value))));
            }
        }
        self.history.push(next);
    }

    fn restart(&mut self) {
        let runs = self.history.iter().map(|picture| &picture.epoch).collect::<std::collections::BTreeSet<_>>().len();
        let next = Picture { epoch: format!("run{runs}"), revision: Revision(1), ..self.current().clone() };
        self.history.push(next);
    }

    /// The one frame that leads from a position to the current state.
    fn frame_since(&self, from: Option<&FrameId>) -> Frame {
        let current = self.current();
        let newest = self.history.len().saturating_sub(self.log);
        let known = |picture: &&Picture| picture.epoch == current.epoch && from == Some(&position(picture));
        self.history[newest..]
            .iter()
            .find(known)
            .map_or_else(|| Frame::Snapshot(snapshot_of(current)), |held| Frame::Delta(between(held, current)))
    }
}

/// Starts a container with an empty sample. Without it, a delta over a stop and a start could not
/// replace the old run's sample.
fn start(picture: &mut Picture, number: u8) {
    let running = container(number, ContainerState::Running, "up");
    let unknown = ContainerStats::unknown(running.key(), String::new(), Timestamp::default());
    let before = picture.containers.insert(running.key(), running);
    if before.is_none_or(|before| !before.state.has_processes()) {
        picture.stats.insert(unknown.key(), Arc::new(unknown));
    }
}

fn position(picture: &Picture) -> FrameId {
    FrameId { epoch: picture.epoch.clone(), revision: picture.revision }
}

fn between(from: &Picture, to: &Picture) -> Delta {
    let gone = from.containers.values().filter(|one| !to.containers.contains_key(&one.key()));
    Delta {
        removed: gone.map(|one| RemovedContainer::from(one.key())).collect(),
        upserted: changed(&from.containers, &to.containers),
        stats: changed(&from.stats, &to.stats),
        sampled_at: to.sampled_at.filter(|_| from.sampled_at != to.sampled_at),
        ..Delta::empty(to.revision, Timestamp::default())
    }
}

fn changed<T: PartialEq>(from: &ByKey<Arc<T>>, to: &ByKey<Arc<T>>) -> Vec<Arc<T>> {
    to.iter().filter(|(key, value)| from.get(key) != Some(value)).map(|(_, value)| Arc::clone(value)).collect()
}

/// The event as the browser's stream delivers it.
fn event(frame: &Frame, at: &Picture) -> StreamEvent {
    let (name, data) = match frame {
        Frame::Snapshot(snapshot) => ("snapshot", compact::write_snapshot(snapshot)),
        Frame::Delta(delta) => ("delta", compact::write_delta(delta)),
        Frame::Heartbeat(heartbeat) => ("heartbeat", compact::write_heartbeat(*heartbeat)),
    };
    StreamEvent { name: name.to_owned(), data, id: position(at).to_string() }
}

fn held(rows: Rows) -> compact::Held {
    rows.with_picture(|picture| picture.containers.clone()).unwrap()
}

/// The state that the page shows, read from its signals.
fn shown(rows: Rows) -> (Vec<Arc<Container>>, Vec<Arc<ContainerStats>>) {
    let rows: Vec<_> = rows.keys().get_untracked().iter().map(|id| rows.get(*id).unwrap()).collect();
    (
        rows.iter().map(|row| row.container.get_untracked()).collect(),
        rows.iter().filter_map(|row| row.stats.get_untracked()).collect(),
    )
}

fn assert_equal(rows: Rows, server: &Picture) {
    rows.with_picture(|picture| assert_eq!(picture, server)).unwrap();
    let (containers, stats) = shown(rows);
    assert_eq!(containers, server.containers.values().cloned().collect::<Vec<_>>());
    assert_eq!(stats, server.stats.values().cloned().collect::<Vec<_>>());
}

#[derive(Debug, Clone)]
enum Step {
    Change(u8, u8, u64),
    Restart,
    /// Receive a frame, or resume a stream.
    Receive,
    /// Fetch a snapshot.
    Fetch,
    /// Receive a frame of another run on the old stream.
    Stray,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..5_u8, 0..5_u8, 0..9_u64).prop_map(|(number, kind, value)| Step::Change(number, kind, value)),
        1 => Just(Step::Restart),
        4 => Just(Step::Receive),
        1 => Just(Step::Fetch),
        1 => Just(Step::Stray),
    ]
}

proptest! {
    #[test]
    fn the_page_always_equals_the_server(steps in prop::collection::vec(step(), 0..60)) {
        Owner::new().with(|| {
            let mut server = Server::new();
            let rows = Rows::new(snapshot_of(server.current()));
            let mut reader = Reader::new(position(server.current()));
            for step in steps {
                match step {
                    Step::Change(number, kind, value) => server.change(number, kind, value),
                    Step::Restart => server.restart(),
                    Step::Receive => {
                        let frame = server.frame_since(reader.position());
                        rows.apply(reader.read(&event(&frame, server.current()), &held(rows)).unwrap());
                        assert_equal(rows, server.current());
                    }
                    Step::Fetch => {
                        let fetched = snapshot_of(server.current());
                        if reader.overtake(&fetched) {
                            rows.apply(Frame::Snapshot(fetched));
                        }
                        assert_equal(rows, server.current());
                    }
                    Step::Stray => {
                        let stray = Picture { epoch: "other".to_owned(), ..server.current().clone() };
                        let frame = Frame::Delta(between(&Picture::default(), &stray));
                        assert!(matches!(reader.read(&event(&frame, &stray), &held(rows)), Err(OutOfSync::ForeignEpoch(_))));
                    }
                }
            }
        });
    }
}
