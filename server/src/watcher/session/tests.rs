//! Order of events, lists and inspects in a session, under paused time and without an engine: a
//! call gets no response unless the test supplies it.
#![allow(clippy::unwrap_used, reason = "a test that cannot make its own data has failed")]

use super::{first_snapshot::FIRST_INSPECT_TIMEOUT, *};
use crate::{
    config::Cli,
    engine::{EngineAddress, EventActor, ListRow, Network, Permissions, convert::Inspected},
    process::{demand::Demand, metrics::Metrics},
    timeline::Timeline,
    watcher::observations,
};
use app::model::{Container, ContainerId, ContainerKey, ContainerState, EngineLink, EngineName};
use clap::Parser as _;
use futures::{FutureExt as _, channel::mpsc::UnboundedSender};
use serde_json::json;
use std::future::ready;
use tokio::{
    sync::mpsc::Receiver,
    time::{advance, sleep, timeout},
};

type Events = UnboundedSender<Result<EventMessage, EngineError>>;

/// A watcher and its observations.
fn watcher() -> (Watcher, Receiver<Observation>) {
    let (store, observations) = observations();
    let (watcher, _links) = Watcher::new(
        (EngineAddress::new("http://engine.test"), Permissions::new(false)),
        (store, Timeline::default(), std::sync::Arc::default()),
        Demand::default(),
        &Cli::parse_from(["quaylight"]).config,
        |_| None,
        Metrics::default(),
    );
    (watcher, observations)
}

/// A session and the sender of its events.
fn session(watcher: &mut Watcher) -> (Session<'_>, Events) {
    let mut session = Session::subscribe(watcher, EngineClient::unresponsive(), EngineFacts::default()).unwrap();
    let (sender, events) = futures::channel::mpsc::unbounded();
    session.events = events.boxed();
    (session, sender)
}

impl Session<'_> {
    /// Inspects a container for the first time.
    async fn add(&mut self, state: ContainerState, store: &mut Receiver<Observation>) {
        self.calls.mark_dirty(id(), &Cause::Comparison);
        assert_eq!(self.started(), 1);
        self.respond(state).await;
        assert_eq!(published(store), [(id(), Some(state))]);
    }

    async fn receive(&mut self, action: &str) {
        self.handle_message(Some(Ok(event(action)))).await.unwrap();
    }

    /// Starts due calls and returns their number.
    fn started(&mut self) -> usize {
        let before = self.calls.in_flight.len();
        self.start_due();
        self.calls.in_flight.len() - before
    }

    /// Completes the inspect in flight.
    async fn respond(&mut self, state: ContainerState) {
        self.handle_completed(inspect(id(), Ok(state))).await.unwrap();
    }

    async fn fail(&mut self) {
        self.handle_completed(inspect(id(), Err(EngineError::Timeout(Duration::from_secs(3))))).await.unwrap();
    }

    async fn list(&mut self, requested_at: Instant, state: ContainerState) {
        self.handle_completed(Completed::Listed { requested_at, result: Ok(list(&[id()], state)) }).await.unwrap();
    }
}

fn id() -> ContainerId {
    "ab".repeat(32).parse().unwrap()
}

fn other_id() -> ContainerId {
    "cd".repeat(32).parse().unwrap()
}

fn event(action: &str) -> EventMessage {
    EventMessage {
        kind: Some("container".into()),
        action: Some(action.into()),
        actor: Some(EventActor { id: Some(id().to_string()), attributes: None }),
        time: None,
        time_nano: Some(now().as_millis() as i64 * 1_000_000),
    }
}

fn inspect(id: ContainerId, state: Result<ContainerState, EngineError>) -> Completed {
    let result = state.map(|state| Inspected {
        container: Container {
            name: "web".into(),
            state,
            ..Container::unknown(ContainerKey::new(EngineName::LOCAL, id))
        },
        knows_state: true,
        never_restarts: true,
        stop: Default::default(),
        run: None,
        network: Network::Own,
    });
    Completed::Inspected { id, requested_at: Instant::now(), result: Box::new(result) }
}

fn list(ids: &[ContainerId], state: ContainerState) -> ContainerList {
    let row = |id: &ContainerId| ListRow {
        engine: EngineName::LOCAL,
        id: *id,
        state: Some(state),
        name: Some("web".into()),
        names_image: Some(true),
        row: json!({"Id": id, "Names": ["/web"], "Image": "nginx:1", "State": state}).to_string().into(),
    };
    ContainerList { rows: ids.iter().map(row).collect(), unreadable: 0 }
}

/// States published since the last call; `None` for a removed container.
fn published(store: &mut Receiver<Observation>) -> Vec<(ContainerId, Option<ContainerState>)> {
    let mut states = Vec::new();
    while let Ok(observation) = store.try_recv() {
        let Observation::Containers { upserted, removed, event_at: _ } = observation else { continue };
        states.extend(upserted.iter().map(|container| (container.id, Some(container.state))));
        states.extend(removed.into_iter().map(|key| (key.id, None)));
    }
    states
}

#[tokio::test(start_paused = true)]
async fn an_event_before_the_first_list_outdates_list_and_inspect() {
    let (mut watcher, mut store) = watcher();
    let (mut session, events) = session(&mut watcher);
    let listing = async {
        events.unbounded_send(Ok(event("start"))).unwrap();
        sleep(Duration::from_millis(10)).await;
        Ok(list(&[id()], ContainerState::Created))
    };
    session.start(listing).await.unwrap();
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Created))]);

    session.respond(ContainerState::Created).await;
    assert_eq!(published(&mut store), [], "the inspect was requested before the event was handled");
    assert_eq!(session.started(), 1);
    session.respond(ContainerState::Running).await;
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Running))]);
    assert_eq!(session.started(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_during_the_first_inspects_causes_another_inspect() {
    let (mut watcher, mut store) = watcher();
    let (mut session, events) = session(&mut watcher);
    let sender = events.clone();
    let response = async move {
        sleep(Duration::from_millis(5)).await;
        sender.unbounded_send(Ok(event("start"))).unwrap();
        inspect(id(), Ok(ContainerState::Created))
    };
    session.calls.in_flight.push(response.boxed());
    let listing = ready(Ok(list(&[id(), other_id()], ContainerState::Created)));
    session.start(listing).await.unwrap();
    assert_eq!(published(&mut store).len(), 2);

    assert_eq!(session.started(), 1);
    session.respond(ContainerState::Running).await;
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Running))]);
}

/// Ends a session after the list and the first inspect of its first snapshot, but before the second.
async fn lose_during_first_inspects(watcher: &mut Watcher, listing: ContainerList, state: ContainerState) {
    let (mut session, events) = session(watcher);
    session.calls.in_flight.push(ready(inspect(id(), Ok(state))).boxed());
    let end = async {
        sleep(FIRST_INSPECT_TIMEOUT / 2).await;
        drop(events);
    };
    let (lost, ()) = tokio::join!(session.start(ready(Ok(listing))), end);
    assert!(matches!(lost, Err(EngineError::Closed)), "{lost:?}");
}

#[tokio::test(start_paused = true)]
async fn changes_known_when_the_link_is_lost_during_the_first_inspects_are_published() {
    let (mut watcher, mut store) = watcher();
    let (mut session, events) = session(&mut watcher);
    session.calls.in_flight.push(ready(inspect(id(), Ok(ContainerState::Running))).boxed());
    session.start(ready(Ok(list(&[id(), other_id()], ContainerState::Running)))).await.unwrap();
    drop((session, events));
    assert_eq!(published(&mut store).len(), 2);

    lose_during_first_inspects(&mut watcher, list(&[id(), other_id()], ContainerState::Paused), ContainerState::Paused)
        .await;
    let changes = published(&mut store);
    for id in [id(), other_id()] {
        assert!(changes.contains(&(id, Some(ContainerState::Paused))), "{changes:?}");
    }
    lose_during_first_inspects(&mut watcher, list(&[other_id()], ContainerState::Paused), ContainerState::Paused).await;
    assert_eq!(published(&mut store), [(id(), None)]);
}

#[tokio::test(start_paused = true)]
async fn an_inspect_older_than_an_event_is_requested_again() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    session.add(ContainerState::Running, &mut store).await;
    session.receive("pause").await;
    assert_eq!(session.started(), 1);
    session.receive("unpause").await;
    let states = [ContainerState::Paused, ContainerState::Running].map(|state| (id(), Some(state)));
    assert_eq!(published(&mut store), states);

    session.respond(ContainerState::Paused).await;
    assert_eq!(published(&mut store), [], "the response is older than the second event");
    assert_eq!(session.started(), 1);
    session.respond(ContainerState::Running).await;
    assert_eq!(published(&mut store), []);
    assert_eq!(session.started(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_list_older_than_an_event_does_not_undo_it() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    // Its inspect hangs, so that the list is used.
    session.start(ready(Ok(list(&[id()], ContainerState::Running)))).await.unwrap();
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Running))]);
    let older = Instant::now();
    advance(Duration::from_millis(1)).await;
    session.receive("pause").await;
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Paused))]);

    session.list(older, ContainerState::Running).await;
    assert_eq!(published(&mut store), []);
    advance(Duration::from_millis(1)).await;
    session.list(Instant::now(), ContainerState::Exited).await;
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Exited))]);
}

#[tokio::test(start_paused = true)]
async fn an_older_list_or_inspect_does_not_restore_a_removed_container() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    session.add(ContainerState::Exited, &mut store).await;
    session.receive("update").await;
    assert_eq!(session.started(), 1);
    let older = Instant::now();
    session.receive("destroy").await;
    assert_eq!(published(&mut store), [(id(), None)]);

    session.respond(ContainerState::Exited).await;
    session.list(older, ContainerState::Exited).await;
    assert_eq!(published(&mut store), []);
    assert_eq!(session.started(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_snapshot_has_the_row_of_a_container_whose_inspect_hangs() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    let response = async {
        sleep(Duration::from_millis(5)).await;
        inspect(other_id(), Ok(ContainerState::Running))
    };
    session.calls.in_flight.push(response.boxed());
    let began = Instant::now();
    let listing = ready(Ok(list(&[id(), other_id()], ContainerState::Created)));
    session.start(listing).await.unwrap();
    let waited = began.elapsed();
    assert!((FIRST_INSPECT_TIMEOUT..FIRST_INSPECT_TIMEOUT * 3 / 2).contains(&waited), "{waited:?}");
    let states = [(other_id(), Some(ContainerState::Running)), (id(), Some(ContainerState::Created))];
    assert_eq!(published(&mut store), states);

    session.respond(ContainerState::Running).await;
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Running))]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_inspect_is_retried_with_backoff_or_after_an_event() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    session.add(ContainerState::Running, &mut store).await;
    session.calls.mark_dirty(id(), &Cause::Comparison);
    for secs in [1, 2, 4, 8, 8] {
        assert_eq!(session.started(), 1);
        session.fail().await;
        advance(Duration::from_secs(secs) - Duration::from_millis(2)).await;
        session.calls.mark_dirty(id(), &Cause::Comparison);
        assert_eq!(session.started(), 0, "{secs} s have not passed");
        advance(Duration::from_millis(3)).await;
    }
    assert_eq!(session.started(), 1);
    session.fail().await;
    session.receive("pause").await;
    assert_eq!(session.started(), 1, "an event ends the wait");

    session.respond(ContainerState::Paused).await;
    session.calls.mark_dirty(id(), &Cause::Comparison);
    assert_eq!(session.started(), 1, "a success ends the backoff");
}

#[tokio::test(start_paused = true)]
async fn a_container_is_marked_once_a_ping_shows_that_only_its_inspect_fails() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    session.add(ContainerState::Running, &mut store).await;
    session.calls.mark_dirty(id(), &Cause::Comparison);
    assert_eq!(session.started(), 1);
    session.fail().await;
    assert_eq!(published(&mut store), []);
    session.handle_completed(Completed::Pinged(Ok(()))).await.unwrap();
    let Ok(Observation::Containers { upserted, .. }) = store.try_recv() else { panic!("nothing was published") };
    assert_eq!(upserted[0].inspect_error.as_ref().map(|problem| problem.code.as_str()), Some("not_answering"));
}

#[tokio::test(start_paused = true)]
async fn a_replayed_event_only_causes_an_inspect() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    session.add(ContainerState::Running, &mut store).await;
    let old = |action| {
        let message = event(action);
        EventMessage { time_nano: message.time_nano.map(|nanos| nanos - 1_000_000_000), ..message }
    };
    session.handle_message(Some(Ok(old("unpause")))).await.unwrap();
    session.handle_message(Some(Ok(old("destroy")))).await.unwrap();
    assert_eq!((published(&mut store), session.started()), (vec![], 1));
    // Then the engine's clock was set back.
    advance(REPLAY_WINDOW).await;
    session.handle_message(Some(Ok(old("pause")))).await.unwrap();
    assert_eq!(published(&mut store), [(id(), Some(ContainerState::Paused))]);
}

#[tokio::test(start_paused = true)]
async fn events_are_published_while_calls_hang() {
    let (mut watcher, mut store) = watcher();
    let _viewer = watcher.demand.add_viewer();
    let (mut session, events) = session(&mut watcher);
    session.add(ContainerState::Running, &mut store).await;
    for action in ["pause", "unpause"] {
        events.unbounded_send(Ok(event(action))).unwrap();
    }
    assert!(timeout(Duration::from_millis(1), session.follow()).await.is_err());
    let states = [ContainerState::Paused, ContainerState::Running].map(|state| (id(), Some(state)));
    assert_eq!(published(&mut store), states);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_engine_is_noticed_by_a_ping() {
    for (viewers, interval) in [(1, PING_INTERVAL), (0, IDLE_INTERVAL)] {
        let (mut watcher, _store) = watcher();
        let _viewers: Vec<_> = (0..viewers).map(|_| watcher.demand.add_viewer()).collect();
        let (mut session, _events) = session(&mut watcher);
        let began = Instant::now();
        let Err(error) = session.follow().await;
        let EngineError::Timeout(ping_timeout) = error else { panic!("{error}") };
        assert_eq!(began.elapsed().as_secs(), (interval + ping_timeout).as_secs());
    }
}

#[tokio::test(start_paused = true)]
async fn the_link_is_up_after_the_first_snapshot() {
    let (mut watcher, mut store) = watcher();
    let (mut session, _events) = session(&mut watcher);
    session.start(ready(Ok(list(&[id()], ContainerState::Running)))).await.unwrap();
    assert!(matches!(store.try_recv(), Ok(Observation::Containers { .. })));
    let Ok(Observation::Engine(engine)) = store.try_recv() else { panic!("the link was not reported") };
    assert_eq!(engine.link, EngineLink::Up);
}
