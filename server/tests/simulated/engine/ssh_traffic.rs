//! Much data, and much distance, through one ssh connection.

use super::ssh::{far, is_up, simulator, socket};
use crate::{
    logs::reading::{counting, numbered, open, print, printer, started, texts},
    support::{
        CHANGE_TIMEOUT, CORRECTION_TIMEOUT, Quay, TEST_TIMEOUT, TestServer, eventually, http, idler, link_of,
        sshd::Sshd, state_of,
    },
};
use app::{
    model::{ContainerId, ContainerState, EngineLink},
    protocol::Picture,
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Method;
use simulator::engine::program::{Body, OnTerm, Program, Script, Step};
use std::{fs, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::Instant,
};

/// A container that prints without a pause.
async fn flood(quay: &Quay, name: &str) -> ContainerId {
    let text = "x".repeat(4_000);
    let print = || Step::Print { stderr: false, text: text.clone() };
    let cycle = (0..5).map(|_| print()).chain([Step::Sleep(Duration::from_millis(10))]).collect();
    let body = Body::Script(Script { once: Vec::new(), cycle });
    let on_term = OnTerm::Exit { code: 0, after: Duration::ZERO };
    started(quay, simulator::ContainerSpec { program: Program { body, on_term }, ..idler(name) }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_logs_are_followed_at_once_and_an_unread_one_stops_no_other() {
    let Some((sshd, quay)) = far("").await else { return };
    let flooded = flood(&quay, "flood").await;
    let mut ids = Vec::new();
    for number in 0..32 {
        ids.push(started(&quay, printer(&format!("talker-{number}"), counting(60, 100))).await);
    }
    // These readers read nothing.
    let mut unread = Vec::new();
    for _ in 0..3 {
        unread.push(open(&quay, flooded, "?tail=0", None).await);
    }
    let mut logs = Vec::new();
    for id in &ids {
        logs.push(open(&quay, *id, "", None).await);
    }
    for log in &mut logs {
        assert_eq!(texts(&log.take(60).await), numbered(0, 60));
    }
    let mut viewer = quay.server.viewer().await;
    let wanted = [ContainerState::Paused, ContainerState::Running];
    for state in wanted.into_iter().cycle().take(10) {
        quay.simulator.act(|engine, now| match state {
            ContainerState::Paused => engine.pause("talker-1", now).unwrap(),
            _ => engine.unpause("talker-1", now).unwrap(),
        });
        viewer.until("it changes", CHANGE_TIMEOUT, |picture| state_of(picture, "talker-1") == Some(state)).await;
    }
    assert_eq!(link_of(&viewer.picture), Some(EngineLink::Up));
    assert_eq!(sshd.sign_ins(), 1, "{}", sshd.log());
    drop((unread, logs));
    eventually("closed logs close their channels", async || {
        quay.simulator.calls().open(simulator::Endpoint::Logs) == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_is_read_late_stops_nothing_else_and_is_complete() {
    let Some((sshd, quay)) = far("").await else { return };
    let text = "x".repeat(200_000);
    // More than waits in memory.
    let steps = (0..250).map(|_| Step::Print { stderr: false, text: text.clone() }).chain([print("done")]);
    let big = started(&quay, printer("big", steps.collect())).await;
    let mut newest = open(&quay, big, "?tail=1", None).await;
    while texts(&newest.take(1).await) != ["done"] {}
    drop(newest);
    let id = started(&quay, printer("talker", counting(60, 100))).await;
    let path = format!("/api/containers/{big}/logs?timestamps=false");
    let request = http::request(quay.server.address, Method::GET, &path).body(Full::<Bytes>::default()).unwrap();
    let unread = http::open(quay.server.address, request).await;
    assert_eq!(unread.status(), 200);
    let mut log = open(&quay, id, "", None).await;
    assert_eq!(texts(&log.take(60).await), numbered(0, 60));
    let mut viewer = quay.server.viewer().await;
    viewer.until("it is listed", TEST_TIMEOUT, |picture| picture.containers.len() == 2).await;
    assert_eq!((link_of(&viewer.picture), sshd.sign_ins()), (Some(EngineLink::Up), 1));
    let downloaded = unread.into_body().collect().await.unwrap().to_bytes();
    let lines: Vec<_> = std::str::from_utf8(&downloaded).unwrap().lines().collect();
    let (last, others) = lines.split_last().unwrap();
    assert!(*last == "done" && others.len() == 250 && others.iter().all(|line| **line == text), "{}", lines.len());
}

/// Passes bytes on after a pause, in both directions. Returns the port.
async fn distant(port: u16, one_way: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
            tokio::spawn(delayed(from_near, to_far, one_way));
            tokio::spawn(delayed(from_far, to_near, one_way));
        }
    });
    own
}

async fn delayed(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, pause: Duration) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some((due, bytes)) = receiver.recv().await {
            tokio::time::sleep_until(due).await;
            let bytes: Vec<u8> = bytes;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if sender.send((Instant::now() + pause, buffer[..count].to_vec())).is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_distant_host_needs_longer_than_a_call_and_is_connected_once() {
    let Some(sshd) = Sshd::start("").await else { return };
    let port = distant(sshd.port, Duration::from_millis(200)).await;
    let key = fs::read_to_string(sshd.path("host_key.pub")).unwrap();
    fs::write(sshd.path("known_hosts"), format!("[127.0.0.1]:{port} {key}")).unwrap();
    let simulator = simulator().await;
    let engine = sshd.engine(&socket(&simulator)).replace(&format!(":{}/", sshd.port), &format!(":{port}/"));
    let quay = Quay { simulator, server: TestServer::start(&engine, &[]).await };
    let mut viewer = quay.server.viewer().await;
    viewer.until("the link is up", TEST_TIMEOUT, is_up).await;
    let id = started(&quay, printer("talker", counting(12, 50))).await;
    let mut log = open(&quay, id, "", None).await;
    assert_eq!(texts(&log.take(12).await), numbered(0, 12));
    quay.simulator.act(|engine, now| engine.pause("talker", now).unwrap());
    let paused = |picture: &Picture| state_of(picture, "talker") == Some(ContainerState::Paused);
    viewer.until("the event arrives", CORRECTION_TIMEOUT, paused).await;
    let round_trip = viewer.picture.engines[0].round_trip_millis.unwrap();
    assert!((400..1_000).contains(&round_trip), "{round_trip} ms");
    assert_eq!(sshd.sign_ins(), 1, "{}", sshd.log());
}
