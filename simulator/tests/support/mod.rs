//! Runs a behavior on an engine and cleans up after it, even if it fails.

pub(crate) mod kind;
pub(crate) mod lab;

use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use simulator::{Options, RealEngine, Simulator};

use lab::Lab;

/// Timeout of a behavior: a real engine on a busy machine takes half a second per start, and some
/// restart four times.
const BEHAVIOUR_TIMEOUT: Duration = Duration::from_secs(90);

type Behavior = fn(Arc<Lab>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// On a private simulator.
pub(crate) async fn on_the_simulator(behavior: Behavior) {
    let simulator =
        Simulator::start(Options { scenario: "quiet:0".parse().unwrap(), ..Options::default() }).await.unwrap();
    let image = "quaylight-busybox:test";
    simulator.act(|engine, now| engine.add_image(image, "import", now));
    run(Lab::connect(&simulator.endpoint(), image).await, behavior).await;
    simulator.shutdown().await;
}

/// On the real engine of this process, if there is one; skipped with the reason if its kind has a
/// difference.
pub(crate) async fn on_a_real_engine(name: &str, behavior: Behavior) {
    let obtained = tokio::task::spawn_blocking(RealEngine::obtain).await.unwrap();
    let Some(engine) = obtained else { return };
    let lab = Lab::connect(engine.url(), RealEngine::IMAGE).await;
    match lab.kind.difference(name) {
        // Bypasses libtest's capture; a closed stderr is not a failure.
        Some(reason) => drop(writeln!(std::io::stderr(), "skipped: {name}: {reason}")),
        None => run(lab, behavior).await,
    }
}

async fn run(lab: Lab, behavior: Behavior) {
    let lab = Arc::new(lab);
    let outcome = tokio::spawn(tokio::time::timeout(BEHAVIOUR_TIMEOUT, behavior(Arc::clone(&lab)))).await;
    lab.clean_up().await;
    match outcome {
        Ok(finished) => finished.expect("the behavior did not end in time"),
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
