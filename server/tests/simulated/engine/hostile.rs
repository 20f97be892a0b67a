//! A container with expensive text in every field slows down no request.

use crate::{
    process::startup::serving,
    support::{TEST_TIMEOUT, Viewer, eventually, get, idler, named},
};
use app::model::ContainerState;
use simulator::{
    ContainerSpec, Options, Simulator,
    engine::{
        program::{Body, Script, Step},
        spec::Healthcheck,
    },
};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Bytes per field. Debug builds are twenty times slower; 128 KiB took 7.5 s in a release build.
const BYTES: usize = if cfg!(debug_assertions) { 128 << 10 } else { 1 << 20 };
/// Time limit for a request: 200 ms is documented for a release build on an idle machine.
const REQUEST_LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 4_000 } else { 400 });
/// Time limit for `/healthz` meanwhile.
const HEALTH_LIMIT: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 100 });

fn hostile(name: &str, piece: &str) -> ContainerSpec {
    let text = piece.repeat(BYTES / piece.len());
    let print = Step::Print { stderr: false, text: text.clone() };
    let cycle = vec![Step::Sleep(Duration::from_secs(3_600))];
    let mut spec = ContainerSpec {
        command: vec!["/bin/server".to_owned(), text.clone(), format!("--option={text}")],
        env: vec![format!("TEXT={text}")],
        labels: [("text".to_owned(), text.clone()), ("team".to_owned(), "web".to_owned())].into(),
        healthcheck: Some(Healthcheck {
            test: vec!["CMD-SHELL".to_owned(), text],
            interval: Duration::from_secs(2),
            start_period: Duration::ZERO,
            retries: 1,
            passes: false,
        }),
        ..idler(name)
    };
    spec.program.body = Body::Script(Script { once: vec![print], cycle });
    spec
}

/// Returns the slowest response until stopped. Runs on a separate thread, because the simulator
/// keeps the test's thread busy.
fn slowest_health(address: SocketAddr, stop: &AtomicBool) -> Duration {
    let mut slowest = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        slowest = slowest.max(began.elapsed());
        std::thread::sleep(Duration::from_millis(5));
    }
    slowest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_megabyte_in_any_field_blocks_no_request() {
    let simulator =
        Simulator::start(Options { scenario: "quiet:1".parse().unwrap(), ..Options::default() }).await.unwrap();
    // A separate process, so that its own worker threads are measured.
    let (_program, address) = serving(&["--engine", &simulator.endpoint()], &[]).await;
    let mut viewer = Viewer::open(address, "", &[]).await;
    viewer.next().await;
    for (number, piece) in ["a=", "://", "\u{1b}[", "{", "-p ", "\\\""].into_iter().enumerate() {
        let name = format!("hostile-{number}");
        simulator.act(|engine, now| {
            engine.create(hostile(&name, piece), now).unwrap();
            engine.start(&name, now).unwrap();
        });
        viewer
            .until("it runs", TEST_TIMEOUT, |picture| {
                named(picture, &name).is_some_and(|one| one.state == ContainerState::Running)
            })
            .await;
        let container = named(&viewer.picture, &name).unwrap().clone();
        assert!(
            container.labels.iter().all(|(_, value)| value.len() <= 512 << 10) && container.command.len() <= 5 << 10
        );
        assert_eq!(container.labels.get("team").map(String::as_str), Some("web"));
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let health = std::thread::spawn(move || slowest_health(address, &stopped));
        let id = container.id;
        for path in ["", "/inspect", "/processes", "/logs?tail=5"] {
            let (path, began) = (format!("/api/containers/{id}{path}"), Instant::now());
            let response = get(address, &path).await;
            let took = began.elapsed();
            assert_eq!(response.status, 200, "{path} of {piece:?}");
            assert!(took <= REQUEST_LIMIT, "{path} of {piece:?} took {took:?}");
        }
        // Changes of other containers are not delayed.
        let began = Instant::now();
        simulator.act(|engine, now| engine.kill(&name, 9, now).unwrap());
        viewer
            .until("it ended", TEST_TIMEOUT, |picture| {
                named(picture, &name).is_some_and(|one| one.state == ContainerState::Exited)
            })
            .await;
        assert!(began.elapsed() <= REQUEST_LIMIT, "{piece:?}: the end arrived after {:?}", began.elapsed());
        stop.store(true, Ordering::Relaxed);
        let slowest = tokio::task::spawn_blocking(|| health.join().unwrap()).await.unwrap();
        assert!(slowest <= HEALTH_LIMIT, "{piece:?}: /healthz took {slowest:?}");
        simulator.act(|engine, now| engine.remove(&name, true, now).unwrap());
        viewer.until("it is removed", TEST_TIMEOUT, |picture| named(picture, &name).is_none()).await;
    }
    eventually("it still responds", async || get(address, "/readyz").await.status == 200).await;
}
