//! The first event of the stream, later events, and reconnecting clients.

use crate::support::{CHANGE_TIMEOUT, TEST_TIMEOUT, Viewer, link_of, named, quay, state_of};
use app::{
    model::{ContainerState, EngineLink},
    protocol::{Frame, FrameId, Revision},
};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_gets_the_headers_of_the_contract_and_a_snapshot_first() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-cache, no-transform"),
        ("x-accel-buffering", "no"),
    ] {
        assert_eq!(viewer.headers[name], value);
    }
    assert!(viewer.headers.get("content-encoding").is_none());
    let first = viewer.next().await;
    assert!(matches!(first.frame, Frame::Snapshot(_)), "{first:?}");
    assert!(first.retry.unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(first.id, Some(FrameId { epoch: viewer.picture.epoch.clone(), revision: viewer.picture.revision }));
    assert_eq!((viewer.picture.containers.len(), link_of(&viewer.picture)), (8, Some(EngineLink::Up)));
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gzip_stream_has_the_same_events_in_a_third_of_the_bytes() {
    let quay = quay("busy:100", &["--stats-interval", "500ms"]).await;
    let mut plain = quay.server.viewer().await;
    let mut gzip = Viewer::open(quay.server.address, "", &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
    assert_eq!(gzip.headers["content-encoding"], "gzip");
    assert_eq!(gzip.headers["vary"], "accept-encoding");
    for viewer in [&mut plain, &mut gzip] {
        assert!(matches!(viewer.next().await.frame, Frame::Snapshot(_)));
        for _ in 0..4 {
            viewer.next_data().await;
        }
        viewer.assert_true(&quay.server).await;
    }
    assert!(gzip.bytes * 3 < plain.bytes, "{} bytes and {} compressed", plain.bytes, gzip.bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_frame_is_readable_as_soon_as_it_arrives() {
    let quay = quay("quiet:8", &[]).await;
    let gzip = [("accept-encoding", "gzip")];
    let mut viewer = Viewer::open(quay.server.address, "?stats=false", &gzip).await;
    viewer.next().await;
    quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    let paused = |picture: &app::protocol::Picture| state_of(picture, "shop-web-1") == Some(ContainerState::Paused);
    viewer.until("the pause shows", CHANGE_TIMEOUT, paused).await;
    assert!(matches!(viewer.next().await.frame, Frame::Heartbeat(_)));
    let id = FrameId { epoch: viewer.picture.epoch.clone(), revision: viewer.picture.revision }.to_string();
    let headers = [("accept-encoding", "gzip"), ("last-event-id", id.as_str())];
    let mut back = Viewer { picture: viewer.picture, ..Viewer::open(quay.server.address, "", &headers).await };
    assert!(matches!(back.next().await.frame, Frame::Delta(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_stream_has_a_heartbeat_every_three_seconds() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = Viewer::open(quay.server.address, "?stats=false", &[]).await;
    viewer.next().await;
    for _ in 0..2 {
        let since = Instant::now();
        let Frame::Heartbeat(beat) = viewer.next().await.frame else { panic!("nothing happens here") };
        assert!(since.elapsed() <= Duration::from_secs(3), "{:?}", since.elapsed());
        assert!(beat.revision >= viewer.picture.revision);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_start_has_a_new_epoch() {
    let quay = quay("quiet:1", &[]).await;
    let before = quay.server.fetched().await.epoch;
    let again = crate::support::TestServer::start(&quay.simulator.endpoint(), &[]).await;
    assert_ne!(again.fetched().await.epoch, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reconnecting_viewer_gets_one_delta() {
    let quay = quay("quiet:8", &[]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    let held = viewer.picture.clone();
    quay.simulator.act(|engine, now| {
        engine.pause("shop-web-1", now).unwrap();
        engine.rename("shop-web-1", "shop-front-1", now).unwrap();
        let running = engine.containers().find(|one| one.name != "shop-front-1" && one.state.has_process());
        let gone = running.unwrap().name.clone();
        engine.remove(&gone, true, now).unwrap();
    });
    let shown = |picture: &app::protocol::Picture| {
        state_of(picture, "shop-front-1") == Some(ContainerState::Paused) && picture.containers.len() == 7
    };
    viewer.until("three changes show", CHANGE_TIMEOUT, shown).await;
    drop(viewer);

    let id = FrameId { epoch: held.epoch.clone(), revision: held.revision }.to_string();
    let by_header = [("last-event-id", id.as_str())];
    for (query, headers) in [("", by_header.as_slice()), (&format!("?lastEventId={id}"), &[])] {
        let opened = Viewer::open(quay.server.address, query, headers).await;
        let mut back = Viewer { picture: held.clone(), ..opened };
        let first = back.next().await;
        let Frame::Delta(delta) = &first.frame else { panic!("one delta is enough: {first:?}") };
        assert!(first.retry.is_some());
        assert_eq!(delta.removed.len(), 1);
        assert!(shown(&back.picture));
        back.assert_true(&quay.server).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reconnecting_viewer_that_missed_nothing_gets_a_heartbeat_immediately() {
    let quay = quay("quiet:0", &[]).await;
    let held = quay.server.fetched().await;
    let mut back = Viewer::resume(quay.server.address, held).await;
    let started = Instant::now();
    let first = back.next().await;
    assert!(matches!(&first.frame, Frame::Delta(delta) if delta.upserted.is_empty()), "{first:?}");
    assert!(started.elapsed() < CHANGE_TIMEOUT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_event_id_gets_a_snapshot() {
    let quay = quay("quiet:3", &[]).await;
    let present = quay.server.fetched().await;
    let id = |epoch: &str, revision| FrameId { epoch: epoch.to_owned(), revision: Revision(revision) }.to_string();
    let future = id(&present.epoch, present.revision.0 + 1_000_000);
    for id in [id("another", 1), future, id(&present.epoch, u64::MAX), "garbage".into(), ".".into(), "-1.-1".into()] {
        for (query, headers) in
            [(String::new(), vec![("last-event-id", id.as_str())]), (format!("?lastEventId={id}"), vec![])]
        {
            let mut viewer = Viewer::open(quay.server.address, &query, &headers).await;
            let first = viewer.next().await;
            assert!(matches!(first.frame, Frame::Snapshot(_)), "{id}: {first:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_left_out_on_request() {
    let quay = quay("busy:12", &["--stats-interval", "500ms"]).await;
    let mut with = quay.server.viewer().await;
    let mut without = Viewer::open(quay.server.address, "?stats=false", &[]).await;
    let first = without.next().await;
    let Frame::Snapshot(snapshot) = first.frame else { panic!("a snapshot comes first") };
    assert!(snapshot.stats.is_empty() && snapshot.sampled_at.is_none() && snapshot.containers.len() == 12);
    with.until("samples are taken", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    let target =
        with.picture.containers.values().find(|one| one.state == ContainerState::Running).unwrap().name.clone();
    quay.simulator.act(|engine, now| engine.rename(&target, "renamed-by-the-test", now).unwrap());
    let came = without.until("the name shows", CHANGE_TIMEOUT, |now| named(now, "renamed-by-the-test").is_some()).await;
    for received in came {
        if let Frame::Delta(delta) = received.frame {
            assert!(delta.stats.is_empty() && delta.sampled_at.is_none(), "{delta:?}");
        }
    }
    assert!(without.picture.stats.is_empty());
}
