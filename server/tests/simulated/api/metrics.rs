//! Metrics of the server.

use crate::support::{CHANGE_TIMEOUT, TEST_TIMEOUT, TestServer, eventually, get, quay, state_of};
use app::{
    model::{ContainerState, MonitoringCost},
    protocol::Picture,
};
use simulator::{Listen, Options, Simulator};

/// Returns the value of a series in `/metrics`.
fn value(text: &str, series: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_valid_open_metrics_with_counters() {
    let quay = quay("quiet:8", &["--stats-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    let response = get(quay.server.address, "/metrics").await;
    assert_eq!(response.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = String::from_utf8(response.body.to_vec()).unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    for (series, at_least) in [
        ("quaylight_viewers", 1.0),
        ("quaylight_containers{state=\"running\",engine=\"local\"}", 5.0),
        ("quaylight_engine_up{engine=\"local\"}", 1.0),
        ("quaylight_engine_calls_total{call=\"list\",engine=\"local\"}", 1.0),
        ("quaylight_engine_calls_total{call=\"stats\",engine=\"local\"}", 5.0),
        ("quaylight_sweep_seconds_count", 1.0),
        ("quaylight_frames_total", 1.0),
        ("process_cpu_seconds_total", 0.0),
        ("process_memory_bytes", 100_000.0),
    ] {
        assert!(value(&text, series).is_some_and(|value| value >= at_least), "{series} in {text}");
    }
    // Only a gap in the events leads to a difference in a comparison.
    assert_eq!(value(&text, "quaylight_reconcile_differences_total"), Some(0.0));
    quay.simulator.faults().set_event_gap(true);
    quay.simulator.act(|engine, now| engine.pause("shop-web-1", now).unwrap());
    let paused = |picture: &Picture| state_of(picture, "shop-web-1") == Some(ContainerState::Paused);
    viewer.until("the comparison finds it", TEST_TIMEOUT, paused).await;
    eventually("it is counted", async || {
        let text = get(quay.server.address, "/metrics").await.body;
        value(&String::from_utf8_lossy(&text), "quaylight_reconcile_differences_total") == Some(1.0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_missed_events_the_comparison_finds_no_difference() {
    let quay = quay("quiet:8", &["--refresh-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    for round in 0..20 {
        quay.simulator.act(|engine, now| match round % 4 {
            0 => engine.pause("shop-web-1", now).unwrap(),
            1 => engine.unpause("shop-web-1", now).unwrap(),
            2 => engine.kill("shop-web-1", 9, now).unwrap(),
            _ => engine.start("shop-web-1", now).unwrap(),
        });
        let wanted = match round % 4 {
            0 => ContainerState::Paused,
            2 => ContainerState::Exited,
            _ => ContainerState::Running,
        };
        viewer.until("it shows", CHANGE_TIMEOUT, |picture| state_of(picture, "shop-web-1") == Some(wanted)).await;
    }
    let before = quay.simulator.calls().count(simulator::Endpoint::List);
    eventually("the list is compared", async || quay.simulator.calls().count(simulator::Endpoint::List) > before + 1)
        .await;
    let text = get(quay.server.address, "/metrics").await.body;
    assert_eq!(value(&String::from_utf8_lossy(&text), "quaylight_reconcile_differences_total"), Some(0.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cost_has_rates_from_the_second_request_on() {
    let quay = quay("quiet:8", &["--stats-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.until("samples arrive", TEST_TIMEOUT, |picture| picture.sampled_at.is_some()).await;
    let first: MonitoringCost = get(quay.server.address, "/api/cost").await.json();
    assert_eq!((first.viewers, first.engine_calls_per_second), (1, None));
    assert!(first.time_per_sample_micros.is_some());
    assert_eq!(first.engines, []);
    eventually("rates are known", async || {
        let cost: MonitoringCost = get(quay.server.address, "/api/cost").await.json();
        cost.engine_calls_per_second.is_some_and(|calls| calls > 1.0)
            && (cost.cpu_percent.is_some() || !cfg!(target_os = "linux"))
            && cost.engines.len() == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_is_counted_for_each_engine() {
    let options = || Options {
        scenario: "quiet:8".parse().unwrap(),
        listen: Listen::Tcp("127.0.0.1:0".parse().unwrap()),
        ..Options::default()
    };
    let (busy, idle) = (Simulator::start(options()).await.unwrap(), Simulator::start(options()).await.unwrap());
    let flags = ["--engine", &format!("idle={}", idle.endpoint()), "--stats-interval", "500ms"];
    let server = TestServer::start(&format!("busy={}", busy.endpoint()), &flags).await;
    let mut viewer = server.viewer().await;
    viewer
        .until("samples arrive", TEST_TIMEOUT, |picture| {
            ["busy", "idle"].iter().all(|name| picture.stats.keys().any(|key| key.engine.as_str() == *name))
        })
        .await;
    idle.act(|engine, now| {
        for name in engine.containers().map(|container| container.name.clone()).collect::<Vec<_>>() {
            let _ = engine.remove(&name, true, now);
        }
    });
    get(server.address, "/api/cost").await;
    eventually("the idle engine has less traffic", async || {
        let cost: MonitoringCost = get(server.address, "/api/cost").await.json();
        let of = |name: &str| cost.engines.iter().find(|traffic| traffic.engine.as_str() == name).cloned();
        let (Some(busy), Some(idle)) = (of("busy"), of("idle")) else { return false };
        // Eight samples of more than 1 kB each, every 500 ms.
        busy.calls_per_second > 10.0
            && busy.received_bytes_per_second > 16_000.0
            && busy.sent_bytes_per_second > 1_000.0
            && idle.received_bytes_per_second < 8_000.0
            && idle.calls_per_second > 0.0
    })
    .await;
    let text = get(server.address, "/metrics").await.body;
    let text = String::from_utf8_lossy(&text);
    assert!(value(&text, "quaylight_engine_received_bytes_total{engine=\"busy\"}") > Some(16_000.0), "{text}");
}
