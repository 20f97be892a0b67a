//! Recovery from missing and wrong data of the engine.

use crate::support::{
    CHANGE_TIMEOUT, CORRECTION_TIMEOUT, RECONNECT_TIMEOUT, TEST_TIMEOUT, idler, link_of, local, named, problem_code,
    quay, state_of,
};
use app::model::{ContainerState, EngineLink};
use simulator::{BadLine, Endpoint};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_events_are_corrected_by_the_next_comparison() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    let gone = named(&viewer.picture, "shop-web-1").unwrap().id;
    let paused = viewer.picture.containers.values().find(|one| one.state == ContainerState::Paused).unwrap().id;
    quay.simulator.faults().set_event_gap(true);
    quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        engine.remove("shop-web-1", true, now).unwrap();
        engine.unpause(&paused.to_string(), now).unwrap();
        engine.create(idler("untold"), now).unwrap();
    });
    quay.simulator.faults().set_event_gap(false);
    let healed = |picture: &app::protocol::Picture| {
        !picture.containers.contains_key(&local(gone))
            && picture.containers[&local(paused)].state == ContainerState::Running
            && state_of(picture, "untold") == Some(ContainerState::Created)
    };
    viewer.until("three changes without events are shown", CORRECTION_TIMEOUT, healed).await;
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_without_events_is_detected() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    let before = named(&viewer.picture, "shop-web-1").unwrap().started_at;
    quay.simulator.faults().set_event_gap(true);
    quay.simulator.act(|engine, now| {
        engine.kill("shop-web-1", 9, now).unwrap();
        engine.start("shop-web-1", now).unwrap();
    });
    quay.simulator.faults().set_event_gap(false);
    let healed = |picture: &app::protocol::Picture| named(picture, "shop-web-1").unwrap().started_at > before;
    viewer.until("the new start shows", CORRECTION_TIMEOUT, healed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_event_line_loses_no_change() {
    for line in
        [BadLine::BrokenJson, BadLine::NotText, BadLine::WrongKinds, BadLine::UnknownType, BadLine::UnknownAction]
    {
        let quay = quay("quiet:8", &[]).await;
        let mut viewer = quay.server.viewer().await;
        viewer.next().await;
        quay.simulator.faults().send_bad_event_line(line);
        quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
        let shown = |picture: &app::protocol::Picture| {
            state_of(picture, "shop-web-1") == Some(ContainerState::Paused) && link_of(picture) == Some(EngineLink::Up)
        };
        viewer.until("the change after a bad line shows", RECONNECT_TIMEOUT, shown).await;
        assert_eq!(viewer.picture.containers.len(), 8);
        quay.simulator.act(|engine, now| engine.unpause("shop-web-1", now).unwrap());
        let shown = |picture: &app::protocol::Picture| {
            state_of(picture, "shop-web-1") == Some(ContainerState::Running) && link_of(picture) == Some(EngineLink::Up)
        };
        viewer.until("and the one after that", RECONNECT_TIMEOUT, shown).await;
        viewer.assert_true(&quay.server).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_list_is_reported_and_rows_are_kept() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    quay.simulator.faults().set_garbage_list(true);
    viewer
        .until("the invalid list is reported", CORRECTION_TIMEOUT, |picture| problem_code(picture) == "bad_answer")
        .await;
    assert_eq!((link_of(&viewer.picture), viewer.picture.containers.len()), (Some(EngineLink::Lost), 8));
    quay.simulator.faults().set_garbage_list(false);
    viewer.until("the link is up", RECONNECT_TIMEOUT, |picture| link_of(picture) == Some(EngineLink::Up)).await;
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_inspects_delay_neither_the_link_nor_events() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    quay.simulator.faults().hang(Endpoint::Inspect, true);
    quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    let paused = |picture: &app::protocol::Picture| state_of(picture, "shop-web-1") == Some(ContainerState::Paused);
    viewer.until("the pause shows", CHANGE_TIMEOUT, paused).await;
    quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        engine.create(idler("late"), now).unwrap();
    });
    quay.simulator.faults().hang(Endpoint::Inspect, false);
    viewer.until("the new one shows", TEST_TIMEOUT, |picture| state_of(picture, "late").is_some()).await;
    assert_eq!(link_of(&viewer.picture), Some(EngineLink::Up));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hanging_samples_delay_no_state_change() {
    let quay = quay("quiet:8", &[]).await;
    quay.simulator.faults().hang(Endpoint::Stats, true);
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    for (wanted, _) in [(ContainerState::Paused, 0), (ContainerState::Running, 1)] {
        quay.simulator.act(|engine, now| match wanted {
            ContainerState::Paused => engine.pause("shop-web-1", now).unwrap(),
            _ => engine.unpause("shop-web-1", now).unwrap(),
        });
        viewer.until("it shows", CHANGE_TIMEOUT, |picture| state_of(picture, "shop-web-1") == Some(wanted)).await;
    }
    // A sample has 8 s; unknown numbers are marked, and the link is up.
    viewer.until("the sweep ends", 2 * TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    assert!(viewer.picture.stats.values().all(|sample| sample.memory_usage.is_none() && sample.cpu_percent.is_none()));
    assert_eq!(link_of(&viewer.picture), Some(EngineLink::Up));
    quay.simulator.faults().hang(Endpoint::Stats, false);
    let known = |picture: &app::protocol::Picture| picture.stats.values().any(|one| one.memory_usage.is_some());
    viewer.until("numbers return", TEST_TIMEOUT, known).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_event_stream_the_comparison_still_works() {
    let quay = quay("quiet:0", &[]).await;
    quay.simulator.act(|engine, now| drop(engine.add_image("idle:1", "import", now)));
    quay.simulator.faults().hang(Endpoint::Events, true);
    quay.simulator.faults().set_daemon(simulator::DaemonState::Restart(50)).await;
    let mut viewer = quay.server.viewer().await;
    viewer.until("the link is up", TEST_TIMEOUT, |picture| link_of(picture) == Some(EngineLink::Up)).await;
    quay.simulator.act(|engine, now| engine.create(idler("untold"), now).map(drop).unwrap());
    let limit = CORRECTION_TIMEOUT + Duration::from_secs(1);
    viewer.until("it shows", limit, |picture| state_of(picture, "untold").is_some()).await;
}
