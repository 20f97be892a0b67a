//! The body of `create`, and the container it describes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::creation_extras::{ExtrasOfConfig, ExtrasOfHost, extras};
use super::refusal::Refusal;
use crate::engine::ident::hash_number;
use crate::engine::load::Load;
use crate::engine::script;
use crate::engine::spec::{Attachment, ContainerSpec, Healthcheck, Mount, Port, RestartPolicy};

/// The fields of the body that are used; `null` counts as absent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Creation {
    image: Option<String>,
    cmd: Option<Words>,
    entrypoint: Option<Words>,
    env: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
    exposed_ports: Option<BTreeMap<String, Value>>,
    healthcheck: Option<Check>,
    tty: Option<bool>,
    stop_signal: Option<String>,
    host_config: Option<HostConfig>,
    networking_config: Option<NetworkingConfig>,
    #[serde(flatten)]
    extras: ExtrasOfConfig,
}

/// A command: a list of words, or a single word.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Many(Vec<String>),
    One(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Check {
    test: Option<Vec<String>>,
    interval: Option<u64>,
    start_period: Option<u64>,
    retries: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostConfig {
    memory: Option<u64>,
    nano_cpus: Option<u64>,
    restart_policy: Option<Policy>,
    auto_remove: Option<bool>,
    network_mode: Option<String>,
    port_bindings: Option<BTreeMap<String, Option<Vec<Binding>>>>,
    binds: Option<Vec<String>>,
    mounts: Option<Vec<MountPoint>>,
    #[serde(flatten)]
    extras: ExtrasOfHost,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Policy {
    name: Option<String>,
    maximum_retry_count: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Binding {
    host_ip: Option<String>,
    host_port: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct MountPoint {
    #[serde(rename = "Type")]
    kind: Option<String>,
    source: Option<String>,
    target: Option<String>,
    read_only: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NetworkingConfig {
    endpoints_config: Option<BTreeMap<String, Value>>,
}

/// Default interval of health checks in dockerd.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);

impl Creation {
    /// The container that the body describes.
    ///
    /// # Errors
    /// 400 for an invalid restart policy or port.
    pub(crate) fn into_spec(self, name: Option<&str>) -> Result<ContainerSpec, Refusal> {
        let host = self.host_config.unwrap_or_default();
        let networking = self.networking_config.unwrap_or_default();
        let mut command = words(self.entrypoint);
        let extras = extras(self.extras, host.extras, command.len());
        command.extend(words(self.cmd));
        let network_mode = host.network_mode.filter(|mode| !mode.is_empty()).unwrap_or_else(|| "default".to_owned());
        let attachments = attachments(&network_mode, networking.endpoints_config, name.unwrap_or_default());
        Ok(ContainerSpec {
            name: name.map(|name| name.strip_prefix('/').unwrap_or(name).to_owned()),
            image: self.image.unwrap_or_default(),
            env: self.env.unwrap_or_default(),
            labels: self.labels.unwrap_or_default(),
            memory_bytes: host.memory.unwrap_or(0),
            nano_cpus: host.nano_cpus.unwrap_or(0),
            restart: policy(host.restart_policy.unwrap_or_default())?,
            auto_remove: host.auto_remove.unwrap_or(false),
            network_mode,
            attachments,
            ports: ports(&self.exposed_ports.unwrap_or_default(), &host.port_bindings.unwrap_or_default())?,
            mounts: mounts(&host.binds.unwrap_or_default(), host.mounts.unwrap_or_default()),
            healthcheck: self.healthcheck.and_then(healthcheck),
            tty: self.tty.unwrap_or(false),
            stop_signal: self.stop_signal.unwrap_or_default(),
            program: script::parse(&command),
            load: Load::idle(hash_number(name.unwrap_or_default())),
            command,
            extras,
        })
    }
}

fn words(words: Option<Words>) -> Vec<String> {
    match words {
        Some(Words::Many(words)) => words,
        Some(Words::One(word)) => vec![word],
        None => Vec::new(),
    }
}

fn policy(Policy { name, maximum_retry_count }: Policy) -> Result<RestartPolicy, Refusal> {
    match name.as_deref().unwrap_or_default() {
        "" | "no" => Ok(RestartPolicy::No),
        "always" => Ok(RestartPolicy::Always),
        "unless-stopped" => Ok(RestartPolicy::UnlessStopped),
        "on-failure" => Ok(RestartPolicy::OnFailure(maximum_retry_count.unwrap_or(0))),
        other => Err(Refusal::invalid(format!("invalid restart policy '{other}'"))),
    }
}

fn healthcheck(check: Check) -> Option<Healthcheck> {
    let test = check.test.filter(|test| !test.is_empty() && test[0] != "NONE")?;
    let command = match test.as_slice() {
        [kind, text] if kind == "CMD-SHELL" => vec!["sh".to_owned(), "-c".to_owned(), text.clone()],
        [_, words @ ..] => words.to_vec(),
        [] => return None,
    };
    let passes = script::parse(&command).ending().is_none_or(|ending| ending.exit_code == 0);
    let nanos = |value: Option<u64>| value.filter(|nanos| *nanos > 0).map(Duration::from_nanos);
    Some(Healthcheck {
        passes,
        interval: nanos(check.interval).unwrap_or(DEFAULT_INTERVAL),
        start_period: nanos(check.start_period).unwrap_or_default(),
        retries: check.retries.filter(|retries| *retries > 0).unwrap_or(3),
        test,
    })
}

fn attachments(mode: &str, endpoints: Option<BTreeMap<String, Value>>, name: &str) -> Vec<Attachment> {
    let named: Vec<String> = endpoints.unwrap_or_default().into_keys().collect();
    let networks = match mode {
        _ if mode.starts_with("container:") => Vec::new(),
        "default" if named.is_empty() => vec!["bridge".to_owned()],
        "default" => named,
        _ => std::iter::once(mode.to_owned()).chain(named.into_iter().filter(|network| network != mode)).collect(),
    };
    networks.iter().map(|network| Attachment::new(network, name)).collect()
}

fn ports(
    exposed: &BTreeMap<String, Value>,
    bindings: &BTreeMap<String, Option<Vec<Binding>>>,
) -> Result<Vec<Port>, Refusal> {
    let mut ports = Vec::new();
    for (key, bindings) in bindings {
        for binding in bindings.iter().flatten() {
            let public = binding.host_port.as_deref().unwrap_or_default();
            // An empty host port lets the engine choose one.
            let chosen = || 32_768 + u16::try_from(hash_number(key) % 20_000).unwrap_or(0);
            let public = if public.is_empty() { chosen() } else { number(public)? };
            let host_ip = binding.host_ip.clone().filter(|ip| !ip.is_empty()).unwrap_or_else(|| "0.0.0.0".to_owned());
            ports.push(port(key, Some(public), host_ip)?);
        }
    }
    for key in exposed.keys().filter(|key| !bindings.contains_key(*key)) {
        ports.push(port(key, None, String::new())?);
    }
    Ok(ports)
}

fn port(key: &str, public: Option<u16>, host_ip: String) -> Result<Port, Refusal> {
    let (private, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
    Ok(Port { private: number(private)?, public, host_ip, protocol: protocol.to_owned() })
}

fn number(text: &str) -> Result<u16, Refusal> {
    text.parse().map_err(|_| Refusal::invalid(format!("invalid port specification: {text:?}")))
}

fn mounts(binds: &[String], mounts: Vec<MountPoint>) -> Vec<Mount> {
    let of_bind = |bind: &String| {
        let mut parts = bind.split(':');
        let (source, destination) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let read_only = parts.next().is_some_and(|mode| mode.split(',').any(|word| word == "ro"));
        let kind = if source.starts_with('/') { "bind" } else { "volume" };
        Some(Mount { kind: kind.to_owned(), source, destination, read_only })
    };
    let of_point = |MountPoint { kind, source, target, read_only }: MountPoint| Mount {
        kind: kind.unwrap_or_else(|| "volume".to_owned()),
        source: source.unwrap_or_default(),
        destination: target.unwrap_or_default(),
        read_only: read_only.unwrap_or(false),
    };
    binds.iter().filter_map(of_bind).chain(mounts.into_iter().map(of_point)).collect()
}
