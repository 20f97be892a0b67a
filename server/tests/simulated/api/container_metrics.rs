//! `/metrics` with `--container-metrics`: fresh numbers on request, or none.

use crate::support::{LOSS_TIMEOUT, Quay, eventually, get, idler, quay};
use app::{model::ContainerStats, protocol::Snapshot};
use simulator::{DaemonState, Endpoint};
use std::time::Duration;

const ON: [&str; 3] = ["--container-metrics", "--stats-interval", "500ms"];

async fn scraped(quay: &Quay) -> String {
    String::from_utf8(get(quay.server.address, "/metrics").await.body.to_vec()).unwrap()
}

/// Returns the value of the only series with this name and container.
fn value(text: &str, name: &str, container: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(&format!("{name}{{name=\"{container}\",")))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn container_metrics_need_the_setting() {
    let quay = quay("quiet:8", &[]).await;
    assert!(!scraped(&quay).await.contains("quaylight_container_"));
    assert_eq!(quay.simulator.calls().count(Endpoint::Stats), 0, "a scrape costs nothing then");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scrape_without_viewers_takes_one_sample() {
    let quay = quay("quiet:8", &ON).await;
    let text = scraped(&quay).await;
    let running = quay.server.fetched().await.stats.len();
    for name in ["quaylight_container_memory_bytes", "quaylight_container_cpu_seconds_total"] {
        assert!(value(&text, name, "shop-web-1").is_some_and(|value| value > 0.0), "{name} in {text}");
        assert_eq!(text.lines().filter(|line| line.starts_with(&format!("{name}{{"))).count(), running);
    }
    assert!(
        text.contains(
            "# TYPE quaylight_container_cpu_seconds counter\n# UNIT quaylight_container_cpu_seconds seconds\n"
        ),
        "{text}"
    );
    assert_eq!(text.matches("quaylight_container_state{").count(), 8);
    assert!(text.contains("state=\"running\"} 1\n") && text.ends_with("# EOF\n"));
    assert!(text.contains("\nquaylight_viewers 0\n"), "a scrape is not a viewer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sampling_ends_with_the_scrape() {
    let quay = quay("quiet:8", &ON).await;
    scraped(&quay).await;
    let taken = || quay.simulator.calls().count(Endpoint::Stats);
    let at_once = taken();
    assert!(at_once > 0);
    // Four intervals: long enough to prove that nothing more happens.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(taken(), at_once);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn series_match_the_list() {
    let quay = quay("quiet:8", &["--container-metrics", "--stats-interval", "2s"]).await;
    eventually("both have the same values", async || {
        let text = scraped(&quay).await;
        let snapshot: Snapshot = get(quay.server.address, "/api/containers").await.json();
        let same = |stats: &ContainerStats| {
            let exported = |name: &str| value(&text, name, &stats.container_name);
            [
                ("quaylight_container_memory_bytes", stats.memory_usage),
                ("quaylight_container_memory_limit_bytes", stats.memory_limit),
                ("quaylight_container_network_receive_bytes_total", stats.network_rx),
                ("quaylight_container_network_transmit_bytes_total", stats.network_tx),
                ("quaylight_container_block_read_bytes_total", stats.block_read),
                ("quaylight_container_block_written_bytes_total", stats.block_write),
                ("quaylight_container_pids", stats.pids),
            ]
            .into_iter()
            .all(|(name, held)| exported(name) == held.map(|value| value as f64))
        };
        !snapshot.stats.is_empty() && snapshot.stats.iter().all(|stats| same(stats))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_numbers_and_lost_engines_are_left_out() {
    let quay = quay("quiet:8", &ON).await;
    assert!(value(&scraped(&quay).await, "quaylight_container_pids", "shop-web-1").is_some());
    // Older than two rounds at the next scrape, without a newer sample.
    quay.simulator.faults().hang(Endpoint::Stats, true);
    eventually("old numbers are left out", async || {
        let text = scraped(&quay).await;
        value(&text, "quaylight_container_pids", "shop-web-1").is_none()
            && text.contains("quaylight_container_state{name=\"shop-web-1\"")
    })
    .await;
    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    let lost = async {
        while !scraped(&quay).await.contains("quaylight_engine_up{engine=\"local\"} 0\n") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LOSS_TIMEOUT, lost).await.expect("the engine is lost");
    assert!(!scraped(&quay).await.contains("quaylight_container_state{"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_are_escaped_in_labels() {
    let quay = quay("quiet:3", &ON).await;
    let hostile = "a\"} 1\nquaylight_engine_up{engine=\"local\"} 0\n\\";
    quay.simulator.act(|engine, now| {
        let mut spec = idler("lantern");
        spec.labels.insert("com.docker.compose.project".to_owned(), hostile.to_owned());
        engine.create(spec, now).unwrap();
        engine.start("lantern", now).unwrap();
    });
    let escaped = "project=\"a\\\"} 1\\nquaylight_engine_up{engine=\\\"local\\\"} 0\\n\\\\\"";
    eventually("the name is exported", async || scraped(&quay).await.contains(escaped)).await;
    let text = scraped(&quay).await;
    assert!(!text.lines().any(|line| line == "quaylight_engine_up{engine=\"local\"} 0"), "{text}");
}
