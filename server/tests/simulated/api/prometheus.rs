//! A real Prometheus scrapes the server and is queried. Skipped with a message if none is
//! installed; with `REQUIRE_DOCKER=1`, that is a failure.

use crate::support::{Quay, eventually, get, quay};
use app::protocol::Snapshot;
use serde_json::Value;
use simulator::DaemonState;
use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// The dashboard that operators import.
const DASHBOARD: &str = include_str!("../../../../packaging/grafana-dashboard.json");

/// A private Prometheus with its own storage folder; killed when dropped.
struct Prometheus {
    address: SocketAddr,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join("prometheus")).find(|file| file.is_file());
    if found.is_none() {
        assert!(std::env::var("REQUIRE_DOCKER").is_err(), "REQUIRE_DOCKER, but prometheus is not installed");
        eprintln!("skipped: prometheus is not installed (Debian: apt-get install prometheus)");
    }
    found
}

impl Prometheus {
    fn scraping(target: SocketAddr) -> Option<Self> {
        let program = installed()?;
        let folder = tempfile::tempdir().unwrap();
        let job = format!("- job_name: quaylight\n  static_configs:\n  - targets: ['{target}']\n");
        let config = format!("global:\n  scrape_interval: 1s\nscrape_configs:\n{job}");
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(program)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { address, child, _folder: folder })
    }

    /// Waits until its API responds.
    async fn until_ready(&self) {
        eventually("Prometheus is ready", async || tokio::net::TcpStream::connect(self.address).await.is_ok()).await;
        eventually("its API responds", async || get(self.address, "/-/ready").await.status == 200).await;
    }

    async fn fetch(&self, query: &str) -> Value {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        get(self.address, &format!("/api/v1/query?query={encoded}")).await.json()
    }

    /// The values of a query, by container.
    async fn by_name(&self, query: &str) -> Vec<(String, f64)> {
        let response = self.fetch(query).await;
        assert_eq!(response["status"], "success", "{query}: {response}");
        let mut values: Vec<_> = response["data"]["result"].as_array().unwrap().iter().map(value).collect();
        values.sort_by(|one, other| one.0.cmp(&other.0));
        values
    }
}

fn value(series: &Value) -> (String, f64) {
    let name = series["metric"]["name"].as_str().unwrap_or_default().to_owned();
    (name, series["value"][1].as_str().unwrap().parse().unwrap())
}

/// True if Prometheus and the server's API have the same values for every container.
async fn agrees(prometheus: &Prometheus, quay: &Quay) -> bool {
    let snapshot: Snapshot = get(quay.server.address, "/api/containers").await.json();
    let sorted = |mut held: Vec<(String, f64)>| {
        held.sort_by(|one, other| one.0.cmp(&other.0));
        held
    };
    let restarts = snapshot.containers.iter().map(|one| (one.name.clone(), one.restart_count as f64)).collect();
    let running = |read: fn(&app::model::ContainerStats) -> Option<u64>| {
        let read = |stats: &std::sync::Arc<app::model::ContainerStats>| {
            read(stats).map(|value| (stats.container_name.clone(), value as f64))
        };
        sorted(snapshot.stats.iter().filter_map(read).collect())
    };
    !snapshot.stats.is_empty()
        && prometheus.by_name("quaylight_container_restarts_total").await == sorted(restarts)
        && prometheus.by_name("quaylight_container_memory_bytes").await == running(|stats| stats.memory_usage)
        && prometheus.by_name("quaylight_container_memory_limit_bytes").await == running(|stats| stats.memory_limit)
        && prometheus.by_name("quaylight_container_network_receive_bytes_total").await
            == running(|stats| stats.network_rx)
        && prometheus.by_name("quaylight_container_pids").await == running(|stats| stats.pids)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_has_the_values_of_the_api_and_ends_lost_series() {
    // Several scrapes per sample, so that both can be queried for the same one.
    let quay = quay("quiet:8", &["--container-metrics", "--stats-interval", "4s"]).await;
    let Some(prometheus) = Prometheus::scraping(quay.server.address) else { return };
    prometheus.until_ready().await;
    eventually("the server is up", async || prometheus.by_name("up").await == [(String::new(), 1.0)]).await;
    eventually("both have the same values", async || agrees(&prometheus, &quay).await).await;
    eventually("time passes", async || {
        let cpu = prometheus.by_name("rate(quaylight_container_cpu_seconds_total[10s])").await;
        cpu.iter().any(|(_, cores)| *cores > 0.0)
    })
    .await;

    for expression in expressions() {
        let query = expression.replace("$__rate_interval", "10s").replace("$container", ".*").replace("$project", ".*");
        let response = prometheus.fetch(&query).await;
        assert_eq!(response["status"], "success", "{query}: {response}");
    }

    quay.simulator.faults().set_daemon(DaemonState::Down).await;
    eventually("the series end with the engine", async || {
        prometheus.by_name("quaylight_engine_up").await == [(String::new(), 0.0)]
            && prometheus.by_name("quaylight_container_state").await.is_empty()
            && prometheus.by_name("up").await == [(String::new(), 1.0)]
    })
    .await;
}

/// All queries of the dashboard.
fn expressions() -> Vec<String> {
    fn gather(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                let own = ["expr", "query"].into_iter().filter_map(|name| fields.get(name)?.as_str());
                found.extend(own.filter(|text| text.contains('_')).map(ToOwned::to_owned));
                fields.values().for_each(|value| gather(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| gather(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    gather(&serde_json::from_str(DASHBOARD).unwrap(), &mut found);
    // A function of Grafana that Prometheus does not have.
    found.retain(|expression| !expression.starts_with("label_values("));
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_queries_existing_metrics() {
    let quay = quay("quiet:8", &["--container-metrics"]).await;
    // Families without series are absent, and the one for failures has none before the first
    // failure.
    get(quay.server.address, &format!("/api/containers/{}/processes", "0".repeat(64)))
        .await
        .problem(404, "no_such_container");
    let text = String::from_utf8(get(quay.server.address, "/metrics").await.body.to_vec()).unwrap();
    let query: BTreeSet<&str> = DASHBOARD
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| ["quaylight_", "process_"].iter().any(|prefix| word.starts_with(prefix)))
        .collect();
    assert!(query.len() > 15, "{query:?}");
    for name in query {
        let family = ["_total", "_bucket"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
        assert!(text.contains(&format!("# TYPE {family} ")), "{name} is not in\n{text}");
    }
}
