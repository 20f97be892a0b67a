//! A required task that ends stops the whole server, which is then restarted: no stale list ever
//! looks live.

use crate::support::{Program, TEST_TIMEOUT, TestServer, Viewer, get};
use server::process::supervisor::TaskEnd;
use simulator::{Options, Simulator};
use std::time::{Duration, Instant};

/// Documented limit from the panic to the exit.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);
/// Slack for a busy machine.
const SLACK: Duration = Duration::from_secs(2);
const TASKS: [&str; 4] = ["store", "watcher", "sampler", "accounts"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panicking_task_ends_streams_fails_health_checks_and_stops_the_server() {
    for task in TASKS {
        let options = Options { scenario: "quiet:8".parse().unwrap(), ..Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let server = TestServer::start(&simulator.endpoint(), &[]).await;
        server.until_ready().await;
        assert_eq!(get(server.address, "/healthz").await.status, 200);
        let mut viewer = server.viewer().await;
        viewer.next().await;
        let panicked = Instant::now();
        server.supervisor.panic_in(task);
        viewer.until_ended(TEST_TIMEOUT).await;
        let ended = panicked.elapsed();
        // While the server still responds.
        get(server.address, "/healthz").await.problem(503, "task_failed");
        get(server.address, "/readyz").await.problem(503, "task_failed");
        let failure = server.failure(TEST_TIMEOUT).await;
        let stopped = panicked.elapsed();
        println!("{task}: streams ended after {ended:?}, the server after {stopped:?}");
        assert_eq!((failure.task, failure.end), (task, TaskEnd::Panicked(format!("{task} panics for a test"))));
        assert!(stopped <= EXIT_TIMEOUT + SLACK, "{task}: {stopped:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_engine_is_supervised() {
    let server = TestServer::start("demo:quiet:8", &[]).await;
    server.until_ready().await;
    server.supervisor.panic_in("demo engine");
    assert_eq!(server.failure(TEST_TIMEOUT).await.task, "demo engine");
}

// Only debug builds can panic on demand.
#[cfg(debug_assertions)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_exits_with_an_error_within_a_second_and_names_the_task() {
    for task in TASKS {
        let mut program = Program::start(
            &["--engine", "demo:quiet:8", "--listen", "127.0.0.1:0", "--data-dir", "/nonexistent"],
            &[("QUAYLIGHT_PANIC_TASK", task)],
        );
        let (address, _) = program.address().await;
        let mut viewer = Viewer::open(address, "", &[]).await;
        viewer.next().await;
        viewer.until_ended(TEST_TIMEOUT).await;
        let ended = Instant::now();
        let output = program.ended().await;
        assert!(ended.elapsed() <= EXIT_TIMEOUT + SLACK, "{task}: {:?}", ended.elapsed());
        assert_eq!(output.status.code(), Some(1), "{task}: {output:?}");
        assert!(output.stderr.contains("ERROR") && output.stderr.contains(&format!("task=\"{task}\"")), "{output:?}");
        assert!(
            output.stderr.contains(&format!("quaylight: the task `{task}` panicked: {task} panics for a test")),
            "{output:?}"
        );
    }
}
