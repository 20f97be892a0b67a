//! The services of scenarios: typical Compose projects.

use crate::engine::service::ServiceKind;
use crate::engine::service::ServiceKind::{Cache, Database, Idle, Metrics, Queue, Transcoder, Web, Worker};

/// A service of a project.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServiceTemplate {
    pub(super) project: &'static str,
    pub(super) service: &'static str,
    pub(super) image: &'static str,
    pub(super) command: &'static [&'static str],
    pub(super) kind: ServiceKind,
    /// Container port and host port (0 if not published); `None` without a port.
    pub(super) port: Option<(u16, u16)>,
    /// Memory limit in MiB; 0 for no limit.
    pub(super) memory_mib: u64,
    /// A named volume and its mount point.
    pub(super) volume: Option<(&'static str, &'static str)>,
    pub(super) probed: bool,
}

const fn template(
    project: &'static str,
    service: &'static str,
    image: &'static str,
    command: &'static [&'static str],
    kind: ServiceKind,
) -> ServiceTemplate {
    ServiceTemplate { project, service, image, command, kind, port: None, memory_mib: 0, volume: None, probed: false }
}

impl ServiceTemplate {
    const fn port(self, private: u16, public: u16) -> Self {
        Self { port: Some((private, public)), ..self }
    }

    const fn limit(self, memory_mib: u64) -> Self {
        Self { memory_mib, ..self }
    }

    const fn volume(self, name: &'static str, path: &'static str) -> Self {
        Self { volume: Some((name, path)), ..self }
    }

    const fn probed(self) -> Self {
        Self { probed: true, ..self }
    }
}

/// The first containers of every scenario, in this order.
pub(super) const TEMPLATES: [ServiceTemplate; 30] = [
    template("shop", "web", "nginx:1.27-alpine", &["nginx", "-g", "daemon off;"], Web)
        .port(80, 8080)
        .limit(256)
        .probed(),
    template("shop", "api", "ghcr.io/quay-shop/api:2.14.1", &["/app/server", "--port", "3000"], Web)
        .port(3000, 0)
        .limit(512)
        .probed(),
    template("shop", "db", "postgres:16.4-alpine", &["postgres"], Database)
        .port(5432, 0)
        .limit(1024)
        .volume("shop_pgdata", "/var/lib/postgresql/data")
        .probed(),
    template("shop", "cache", "redis:7.4-alpine", &["redis-server", "--save", "60", "1"], Cache)
        .port(6379, 0)
        .limit(256),
    template("shop", "worker", "ghcr.io/quay-shop/api:2.14.1", &["/app/worker", "--queues", "mail,orders"], Worker)
        .limit(512),
    template("media", "jellyfin", "jellyfin/jellyfin:10.9.11", &["/jellyfin/jellyfin"], Web)
        .port(8096, 8096)
        .limit(2048)
        .volume("media_library", "/media")
        .probed(),
    template(
        "observability",
        "prometheus",
        "prom/prometheus:v2.54.1",
        &["/bin/prometheus", "--config.file=/etc/prometheus/prometheus.yml"],
        Metrics,
    )
    .port(9090, 9090)
    .limit(1024)
    .volume("observability_prometheus", "/prometheus"),
    template("observability", "grafana", "grafana/grafana:11.2.0", &["/run.sh"], Web)
        .port(3000, 3001)
        .limit(512)
        .volume("observability_grafana", "/var/lib/grafana")
        .probed(),
    template(
        "media",
        "transcoder",
        "ghcr.io/quay-media/transcoder:1.8.0",
        &["/usr/bin/transcode", "--watch", "/media/in"],
        Transcoder,
    )
    .limit(2048)
    .volume("media_library", "/media"),
    template("shop", "queue", "rabbitmq:3.13-management-alpine", &["rabbitmq-server"], Queue)
        .port(15672, 15672)
        .limit(512)
        .volume("shop_rabbitmq", "/var/lib/rabbitmq")
        .probed(),
    template(
        "observability",
        "loki",
        "grafana/loki:3.1.1",
        &["/usr/bin/loki", "-config.file=/etc/loki/local-config.yaml"],
        Metrics,
    )
    .port(3100, 0)
    .limit(768)
    .volume("observability_loki", "/loki"),
    template("media", "sonarr", "linuxserver/sonarr:4.0.9", &["/init"], Worker)
        .port(8989, 8989)
        .volume("media_library", "/media"),
    template("media", "db", "postgres:15.8-alpine", &["postgres"], Database)
        .port(5432, 0)
        .limit(512)
        .volume("media_pgdata", "/var/lib/postgresql/data")
        .probed(),
    template("observability", "node-exporter", "prom/node-exporter:v1.8.2", &["/bin/node_exporter"], Idle)
        .port(9100, 0)
        .limit(64),
    template("observability", "alertmanager", "prom/alertmanager:v0.27.0", &["/bin/alertmanager"], Idle)
        .port(9093, 9093)
        .limit(128),
    template("blog", "ghost", "ghost:5.94-alpine", &["docker-entrypoint.sh", "node", "current/index.js"], Web)
        .port(2368, 2368)
        .limit(384)
        .probed(),
    template("blog", "mysql", "mysql:8.4", &["mysqld"], Database)
        .port(3306, 0)
        .limit(768)
        .volume("blog_mysql", "/var/lib/mysql")
        .probed(),
    template(
        "home",
        "mosquitto",
        "eclipse-mosquitto:2.0.19",
        &["/usr/sbin/mosquitto", "-c", "/mosquitto/config/mosquitto.conf"],
        Queue,
    )
    .port(1883, 1883)
    .limit(64),
    template("home", "assistant", "homeassistant/home-assistant:2026.9", &["/init"], Web)
        .port(8123, 8123)
        .limit(1024)
        .volume("home_config", "/config"),
    template("ci", "gitea", "gitea/gitea:1.22.2", &["/bin/s6-svscan", "/etc/s6"], Web)
        .port(3000, 3003)
        .limit(512)
        .volume("ci_gitea", "/data")
        .probed(),
    template("ci", "runner", "gitea/act_runner:0.2.11", &["/sbin/tini", "--", "run.sh"], Worker).limit(1536),
    template("ci", "registry", "registry:2.8.3", &["/entrypoint.sh", "/etc/docker/registry/config.yml"], Idle)
        .port(5000, 5000)
        .volume("ci_registry", "/var/lib/registry"),
    template("shop", "search", "opensearchproject/opensearch:2.17.0", &["./opensearch-docker-entrypoint.sh"], Database)
        .port(9200, 0)
        .limit(2048)
        .volume("shop_search", "/usr/share/opensearch/data")
        .probed(),
    template(
        "observability",
        "otel-collector",
        "otel/opentelemetry-collector:0.109.0",
        &["/otelcol", "--config", "/etc/otelcol/config.yaml"],
        Metrics,
    )
    .port(4317, 4317)
    .limit(256),
    template("home", "zigbee2mqtt", "koenkk/zigbee2mqtt:1.40", &["docker-entrypoint.sh", "node", "index.js"], Worker)
        .port(8080, 8082)
        .limit(192),
    template("chat", "synapse", "matrixdotorg/synapse:v1.115.0", &["/start.py"], Web)
        .port(8008, 8008)
        .limit(1024)
        .volume("chat_synapse", "/data")
        .probed(),
    template("chat", "db", "postgres:16.4-alpine", &["postgres"], Database)
        .port(5432, 0)
        .limit(512)
        .volume("chat_pgdata", "/var/lib/postgresql/data")
        .probed(),
    template("media", "radarr", "linuxserver/radarr:5.11", &["/init"], Worker)
        .port(7878, 7878)
        .volume("media_library", "/media"),
    template("docs", "wiki", "requarks/wiki:2.5", &["node", "server"], Web).port(3000, 3005).limit(384).probed(),
    template("docs", "backup", "offen/docker-volume-backup:v2.43.0", &["/usr/bin/backup", "-foreground"], Idle)
        .limit(128),
];
