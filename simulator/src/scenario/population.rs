//! Creates containers from the catalogue: names, labels, pasts and loads, determined by the seed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::catalogue::{ServiceTemplate, TEMPLATES};
use crate::api::images::DEFAULT_PATH;
use crate::engine::State;
use crate::engine::ident::{digest, hash_number};
use crate::engine::load::Load;
use crate::engine::program::{Body, OnTerm, Program};
use crate::engine::seeding::Past;
use crate::engine::service::{Service, ServiceKind};
use crate::engine::spec::{Attachment, ContainerSpec, Healthcheck, Mount, Port, RestartPolicy};

/// A container and its past.
pub(super) type SeededContainer = (ContainerSpec, Past);

/// Suffixes of projects beyond the first round; the first round has none.
const SUFFIXES: [&str; 6] = ["staging", "eu", "us", "preview", "asia", "lab"];

/// Texts that break code that does not escape them. They are labels of one container of every
/// scenario.
const HOSTILE: [(&str, &str); 5] = [
    ("org.example.note.html", "<img src=x onerror=\"alert(1)\"><script>alert(2)</script>"),
    ("org.example.note.quotes", "\"double\" 'single' `back` &amp; \\ ${oops} {{ oops }}"),
    ("org.example.note.emoji", "🚢 ⚓️ 👩🏽‍🚀 harbour"),
    ("org.example.note.rtl", "مرفأ \u{202e}txt.exe"),
    ("org.example.note.lines", "one\ntwo\tthree"),
];

/// Idle containers: mostly running, one paused, one exited, one never started.
pub(super) fn quiet(count: usize, seed: u64) -> Vec<SeededContainer> {
    let mut containers = create(count, seed);
    for (index, (_, past)) in containers.iter_mut().enumerate() {
        let age = past.age;
        *past = match index % 8 {
            5 => Past { state: State::Paused, ..Past::running(age) },
            6 => Past::exited(age, age / 3, 0),
            7 => Past { state: State::Created, ..Past::running(age) },
            _ => *past,
        };
    }
    containers
}

/// Active containers, except for a few with other states.
pub(super) fn active(count: usize, seed: u64) -> Vec<SeededContainer> {
    let mut containers = create(count, seed);
    for (index, (spec, past)) in containers.iter_mut().enumerate() {
        let age = past.age;
        match index % TEMPLATES.len() {
            11 => *past = Past { state: State::Paused, ..Past::running(age) },
            15 => make_unhealthy(spec),
            20 => *past = Past::exited(age, Duration::from_secs(2_400), 137),
            21 => *past = Past::exited(age, Duration::from_secs(5 * 3_600), 0),
            _ => {}
        }
    }
    containers
}

/// Creates `count` containers: the catalogue is repeated, and each round has another suffix.
pub(super) fn create(count: usize, seed: u64) -> Vec<SeededContainer> {
    let mut containers: Vec<SeededContainer> = (0..count).map(|index| container(index, seed)).collect();
    if let Some((spec, _)) = containers.get_mut(3) {
        spec.labels.extend(HOSTILE.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
    containers
}

fn container(index: usize, seed: u64) -> SeededContainer {
    let template = &TEMPLATES[index % TEMPLATES.len()];
    let project = project(template.project, index / TEMPLATES.len());
    let hash = hash_number(&format!("{seed}:{project}:{}", template.service));
    // From a minute to two weeks, with many young ones, so that ages differ.
    let age = Duration::from_secs(60 + (hash % 1_100) * (hash % 1_100));
    (spec(template, &project, index, hash), Past::running(age))
}

/// Name of a project: `shop`, then `shop-staging`, …, then `shop-staging-2`.
fn project(name: &str, round: usize) -> String {
    match round.checked_sub(1) {
        None => name.to_owned(),
        Some(round) => {
            let place = SUFFIXES[round % SUFFIXES.len()];
            let again = round / SUFFIXES.len() + 1;
            if again == 1 { format!("{name}-{place}") } else { format!("{name}-{place}-{again}") }
        }
    }
}

fn spec(template: &ServiceTemplate, project: &str, index: usize, hash: u64) -> ContainerSpec {
    let name = format!("{project}-{}-1", template.service);
    let service = Service { kind: template.kind, seed: hash };
    let network = format!("{project}_default");
    let mut place = Attachment::new(&network, &name);
    place.aliases = vec![name.clone(), template.service.to_owned()];
    ContainerSpec {
        command: template.command.iter().map(|word| (*word).to_owned()).collect(),
        env: env(template, project),
        labels: labels(template, project, &name),
        memory_bytes: template.memory_mib << 20,
        restart: RestartPolicy::UnlessStopped,
        network_mode: network,
        attachments: vec![place],
        ports: ports(template, index),
        mounts: mounts(template, project),
        healthcheck: template.probed.then(|| healthcheck(template)),
        program: Program { body: Body::Service(service), on_term: on_term(template.kind) },
        load: Load::of(service, 1.0),
        ..ContainerSpec::new(&name, template.image)
    }
}

/// Environment variables of a service, including passwords and URLs with passwords, to test that
/// they are masked.
fn env(template: &ServiceTemplate, project: &str) -> Vec<String> {
    let secret = &digest(&format!("secret:{project}"))[..20];
    let mut env = vec![DEFAULT_PATH.to_owned(), "TZ=UTC".to_owned()];
    match template.kind {
        ServiceKind::Database => env.extend([format!("POSTGRES_DB={project}"), format!("POSTGRES_PASSWORD={secret}")]),
        ServiceKind::Web | ServiceKind::Worker => env.extend([
            "LOG_LEVEL=info".to_owned(),
            format!("DATABASE_URL=postgres://{project}:{secret}@db:5432/{project}"),
        ]),
        _ => {}
    }
    env
}

fn labels(template: &ServiceTemplate, project: &str, name: &str) -> BTreeMap<String, String> {
    let labels = [
        ("com.docker.compose.project", project.to_owned()),
        ("com.docker.compose.service", template.service.to_owned()),
        ("com.docker.compose.container-number", "1".to_owned()),
        ("com.docker.compose.oneoff", "False".to_owned()),
        ("com.docker.compose.version", "2.29.2".to_owned()),
        ("com.docker.compose.project.working_dir", format!("/srv/{project}")),
        ("com.docker.compose.project.config_files", format!("/srv/{project}/compose.yaml")),
        ("com.docker.compose.config-hash", digest(name)),
    ];
    labels.map(|(key, value)| (key.to_owned(), value)).into()
}

/// Ports of a service. Host ports of the first round are the usual ones; every later container gets
/// others.
fn ports(template: &ServiceTemplate, index: usize) -> Vec<Port> {
    let Some((private, familiar)) = template.port else { return Vec::new() };
    let port = |public: Option<u16>, host_ip: &str| Port {
        private,
        public,
        host_ip: host_ip.to_owned(),
        protocol: "tcp".to_owned(),
    };
    if familiar == 0 {
        return vec![port(None, "")];
    }
    // 20,000 containers at most: the sum stays below 65,536.
    let own = || 20_000 + u16::try_from(index).unwrap_or(0);
    let public = if index < TEMPLATES.len() { familiar } else { own() };
    vec![port(Some(public), "0.0.0.0"), port(Some(public), "::")]
}

fn mounts(template: &ServiceTemplate, project: &str) -> Vec<Mount> {
    let mount = |kind: &str, source: String, destination: &str, read_only| Mount {
        kind: kind.to_owned(),
        source,
        destination: destination.to_owned(),
        read_only,
    };
    let volume =
        template.volume.map(|(name, path)| mount("volume", name.replacen(template.project, project, 1), path, false));
    let config = matches!(template.kind, ServiceKind::Metrics | ServiceKind::Queue);
    let config = config.then(|| mount("bind", format!("/srv/{project}/{}", template.service), "/etc/config", true));
    volume.into_iter().chain(config).collect()
}

fn healthcheck(template: &ServiceTemplate) -> Healthcheck {
    let port = template.port.map_or(80, |(private, _)| private);
    let test = match template.kind {
        ServiceKind::Database => "pg_isready -q || exit 1".to_owned(),
        _ => format!("wget -qO- http://localhost:{port}/healthz || exit 1"),
    };
    Healthcheck {
        test: vec!["CMD-SHELL".to_owned(), test],
        interval: Duration::from_secs(30),
        start_period: Duration::from_secs(5),
        retries: 3,
        passes: true,
    }
}

fn make_unhealthy(spec: &mut ContainerSpec) {
    if let Some(check) = &mut spec.healthcheck {
        check.passes = false;
    }
}

/// Reaction of a service to SIGTERM. Databases take a moment to exit; workers exit with 143, like
/// Python and Java.
fn on_term(kind: ServiceKind) -> OnTerm {
    let (code, millis) = match kind {
        ServiceKind::Database => (0, 250),
        ServiceKind::Worker | ServiceKind::Transcoder => (143, 120),
        _ => (0, 60),
    };
    OnTerm::Exit { code, after: Duration::from_millis(millis) }
}
