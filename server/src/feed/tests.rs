//! With any history of changes, disconnects, slow reads, restarts and overrun logs, every reader
//! ends with the state of the server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use crate::{
    process::demand::Demand,
    store::examples::{NOW, container, key, sample, upsert},
    watcher::Observation,
};
use app::{
    model::ContainerState,
    protocol::{Frame as Progress, FrameId, Picture, compact},
};
use futures::FutureExt as _;
use proptest::prelude::*;
use std::collections::HashMap;
use tokio_util::sync::CancellationToken;

/// Number of rows in the model; few, so that a history changes the same ones repeatedly.
const ROWS: u8 = 5;
const READERS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Upsert(u8, usize, u64),
    Remove(u8),
    Sample(u8, u64, u64),
    /// All containers are replaced: more removals than the log holds.
    EngineRestart(u8),
    /// A revision that is not published, as in a narrowed feed.
    Commit,
    Publish,
    ServerRestart,
    /// A reader reads everything that has arrived.
    Read(usize),
    /// The reader loses its connection, and reconnects with its state.
    Reconnect(usize),
    /// The reader reconnects without state, as after a reload.
    Reload(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..ROWS, 0..7usize, 0..3u64).prop_map(|(n, state, run)| Step::Upsert(n, state, run)),
        2 => (0..ROWS).prop_map(Step::Remove),
        3 => (0..ROWS, 0..3u64, 0..4u64).prop_map(|(n, run, pids)| Step::Sample(n, run, pids)),
        1 => (0..200u8).prop_map(Step::EngineRestart),
        3 => Just(Step::Commit),
        8 => Just(Step::Publish),
        1 => Just(Step::ServerRestart),
        6 => (0..READERS).prop_map(Step::Read),
        3 => (0..READERS).prop_map(Step::Reconnect),
        1 => (0..READERS).prop_map(Step::Reload),
    ]
}

/// The server under test, and its state at every published revision.
struct Server {
    state: State,
    publisher: Publisher,
    feed: Feed,
    changed: bool,
    held: HashMap<(String, Revision), Picture>,
}

impl Server {
    fn start(epoch: usize, held: HashMap<(String, Revision), Picture>) -> Self {
        let state = State::new(format!("e{epoch}"));
        let (publisher, feed) = channel(state.clone(), Metrics::default());
        let mut server = Self { state, publisher, feed, changed: false, held };
        server.note();
        server
    }

    fn apply(&mut self, observation: Observation) {
        self.changed |= self.state.apply(observation, NOW);
    }

    fn commit(&mut self) {
        if self.changed {
            self.state.commit();
        }
    }

    fn publish(&mut self) {
        if std::mem::take(&mut self.changed) {
            let event_at = self.state.commit();
            self.publisher.publish(&self.state, event_at);
            self.note();
        }
    }

    fn note(&mut self) {
        let mut picture = Picture::default();
        picture.apply(Progress::Snapshot(self.state.snapshot(NOW)));
        self.held.insert((picture.epoch.clone(), picture.revision), picture);
    }
}

/// A browser: the state that it shows, and a stream that may have ended.
struct Reader {
    picture: Picture,
    viewer: Viewer,
    options: StreamOptions,
    unread: Vec<u8>,
}

impl Reader {
    fn open(server: &Server, picture: Picture, options: StreamOptions) -> Self {
        let id = FrameId { epoch: picture.epoch.clone(), revision: picture.revision };
        let resume = (!picture.epoch.is_empty()).then_some(&id);
        let viewing = Demand::default().add_viewer();
        let held = compact::fingerprint(picture.containers.values().map(|container| &**container));
        let options = StreamOptions { known: held, ..options };
        let viewer = Viewer::new(&server.feed, options, resume, Some(viewing), CancellationToken::new());
        Self { picture, viewer, options, unread: Vec::new() }
    }

    /// Reads everything that is ready, and checks the state after every frame.
    fn read(&mut self, server: &Server) {
        let mut events = 0;
        while let Some(bytes) = self.viewer.next().now_or_never() {
            events += 1;
            assert!(events <= MAX_RECENT_FRAMES + 2, "no event is sent again");
            self.unread.extend_from_slice(&bytes.expect("the server goes on"));
            while let Some(end) = self.unread.windows(2).position(|bytes| bytes == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                self.take(str::from_utf8(&event).unwrap());
                self.check(server);
            }
        }
    }

    fn take(&mut self, event: &str) {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (event, data) = (field("event").unwrap(), field("data").unwrap());
        let frame = match self.options.format {
            StreamFormat::Compact => compact::read(event, data, &self.picture.containers),
            StreamFormat::Json | StreamFormat::JsonWithoutStats => Progress::parse(event, data),
        };
        self.picture.apply(frame.unwrap());
    }

    fn check(&self, server: &Server) {
        let held = &server.held[&(self.picture.epoch.clone(), self.picture.revision)];
        match self.options.format {
            StreamFormat::Json => assert_eq!(self.picture, *held),
            StreamFormat::JsonWithoutStats => assert_eq!(self.picture.containers, held.containers),
            StreamFormat::Compact => assert_eq!(self.picture, without_names(held.clone())),
        }
    }
}

/// The state as pages have it: samples have the names of their rows.
fn without_names(mut picture: Picture) -> Picture {
    for (_, sample) in picture.stats.iter_mut() {
        Arc::make_mut(sample).container_name.clear();
    }
    picture
}

fn live(steps: Vec<Step>) {
    let mut epochs = 0;
    let mut server = Server::start(epochs, HashMap::new());
    let options = |reader: usize| StreamOptions {
        format: [StreamFormat::JsonWithoutStats, StreamFormat::Json, StreamFormat::Compact][reader],
        encoding: ContentEncoding::Identity,
        known: None,
    };
    let mut readers: Vec<_> =
        (0..READERS).map(|number| Reader::open(&server, Picture::default(), options(number))).collect();
    for step in steps {
        match step {
            Step::Upsert(n, state, run) => server.apply(upsert(container(n, ContainerState::ALL[state], run))),
            Step::Remove(n) => {
                server.apply(Observation::Containers { upserted: vec![], removed: vec![key(n)], event_at: None });
            }
            Step::Sample(n, run, pids) => {
                server.apply(Observation::Samples {
                    engine: app::model::EngineName::LOCAL,
                    samples: vec![sample(n, run, pids)],
                    taken_at: NOW,
                });
            }
            Step::EngineRestart(from) => {
                let removed = server.state.containers().map(|row| row.key()).collect();
                let others = (from..from + 12).map(|n| container(n, ContainerState::Running, 0).into()).collect();
                server.apply(Observation::Containers { upserted: others, removed, event_at: None });
            }
            Step::Commit => server.commit(),
            Step::Publish => server.publish(),
            Step::ServerRestart => {
                epochs += 1;
                server = Server::start(epochs, std::mem::take(&mut server.held));
                for reader in &mut readers {
                    *reader = Reader::open(&server, std::mem::take(&mut reader.picture), reader.options);
                }
            }
            Step::Read(number) => readers[number].read(&server),
            Step::Reconnect(number) => {
                let reader = &mut readers[number];
                *reader = Reader::open(&server, std::mem::take(&mut reader.picture), reader.options);
            }
            Step::Reload(number) => readers[number] = Reader::open(&server, Picture::default(), options(number)),
        }
    }
    server.publish();
    for reader in &mut readers {
        reader.read(&server);
        let revision = reader.picture.revision;
        assert!(reader.options.format == StreamFormat::JsonWithoutStats || revision == server.state.revision());
        assert_eq!(reader.picture.epoch, server.state.epoch());
        let present = &server.held[&(reader.picture.epoch.clone(), server.state.revision())];
        assert_eq!(reader.picture.containers, present.containers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn readers_end_with_the_state_of_the_server(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async { live(steps) });
    }
}
