//! The server is killed while it sends frames, and restarted at the same address.

use crate::{
    engine::churn::{Rows, shown},
    process::startup::serving,
    support::{Program, TEST_TIMEOUT, Viewer, eventually, get, idler},
};
use app::protocol::Frame;
use simulator::{Options, Simulator, SimulatorHandle};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

const VIEWERS: usize = 8;
/// Half of the viewers do not read until the end, and a burst of frames of this size fills their
/// sockets, so that the current frame is truncated.
const LARGE: usize = 512 << 10;

fn there(simulator: &SimulatorHandle) -> Rows {
    simulator.act(|engine, _| {
        let containers = engine.containers();
        containers.map(|one| (one.id.to_string(), (one.name.clone(), one.state.as_str().to_owned()))).collect()
    })
}

/// True if the new server responds: a connection may have waited at the killed one.
async fn responds(address: SocketAddr) -> bool {
    let polling = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await?;
        std::io::Result::Ok(response.starts_with(b"HTTP/1.1 200"))
    };
    polling.await.unwrap_or(false)
}

/// Reads until the connection closes, reconnects until the server responds, and compares the final
/// state. Returns the time, and whether a frame was truncated.
async fn reads_across_a_restart(
    address: SocketAddr,
    mut viewer: Viewer,
    reads_from: Option<watch::Receiver<bool>>,
    expected: impl Fn() -> Rows,
) -> (Instant, bool) {
    if let Some(mut end) = reads_from {
        end.wait_for(|is_over| *is_over).await.unwrap();
    }
    let was_half = viewer.until_cut().await;
    let opened = async {
        while !responds(address).await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(2 * TEST_TIMEOUT, opened).await.expect("the server is back");
    let epoch = viewer.picture.epoch.clone();
    let mut back = Viewer::resume(address, viewer.picture).await;
    let first = back.next().await;
    assert!(matches!(&first.frame, Frame::Snapshot(snapshot) if snapshot.epoch != epoch), "{first:?}");
    back.until("all is as it is", 2 * TEST_TIMEOUT, |picture| shown(picture) == expected()).await;
    (Instant::now(), was_half)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_killed_during_a_frame_is_resumed_without_a_wrong_row() {
    let simulator =
        Simulator::start(Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() }).await.unwrap();
    let simulator = std::sync::Arc::new(simulator);
    simulator.act(|engine, now| drop(engine.add_image("idle:1", "import", now)));
    let mut heavy = idler("heavy");
    heavy.labels.insert("cargo".to_owned(), "x".repeat(LARGE));
    simulator.act(|engine, now| {
        engine.create(heavy, now).unwrap();
        engine.start("heavy", now).unwrap();
    });
    let endpoint = simulator.endpoint();
    let (program, address) = serving(&["--engine", &endpoint], &[]).await;
    let mut crowd = JoinSet::new();
    let (over, is_over) = watch::channel(false);
    for number in 0..VIEWERS {
        let mut viewer = Viewer::open(address, "", &[]).await;
        viewer.next().await;
        let simulator = simulator.clone();
        let reads_from = number.is_multiple_of(2).then(|| is_over.clone());
        crowd.spawn(async move { reads_across_a_restart(address, viewer, reads_from, || there(&simulator)).await });
    }
    for step in 0..24 {
        simulator.act(|engine, now| match step % 2 {
            0 => engine.pause("heavy", now).unwrap(),
            _ => engine.unpause("heavy", now).unwrap(),
        });
        // One frame per change.
        sleep(Duration::from_millis(60)).await;
    }
    simulator.act(|engine, now| engine.pause("heavy", now).unwrap());
    drop(program);
    let killed = Instant::now();
    over.send(true).unwrap();
    simulator.act(|engine, now| {
        engine.unpause("heavy", now).unwrap();
        engine.create(idler("missed"), now).unwrap();
        engine.remove("shop-web-1", true, now).unwrap();
    });
    let listen = address.to_string();
    let mut again = Program::start(&["--listen", &listen, "--engine", &endpoint], &[]);
    again.address().await;
    let listens = killed.elapsed();
    let ends = timeout(9 * TEST_TIMEOUT, crowd.join_all()).await.expect("all have reconnected");
    let halves = ends.iter().filter(|(_, was_half)| *was_half).count();
    assert!(halves > 0, "it was not killed in the middle of a frame");
    let last = ends.into_iter().map(|(end, _)| end).max().unwrap() - killed;
    println!(
        "killed with {halves} frames half sent: it listened again after {listens:?}, and the last of {VIEWERS} showed what is there after {last:?}"
    );
    eventually("it is ready", async || get(address, "/readyz").await.status == 200).await;
}
