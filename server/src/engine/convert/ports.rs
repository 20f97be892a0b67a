//! Ports of a container: open, configured and exposed.
//!
//! In: the three fields of an inspect response that contain ports. Out: one sorted list. Engines
//! empty `NetworkSettings.Ports` as soon as a container has no processes; `HostConfig.PortBindings`
//! and `Config.ExposedPorts` keep the configuration.

use crate::engine::JsonRef;
use app::model::Port;

/// The fields of inspect that contain ports.
#[derive(Debug)]
pub(super) struct PortFacts<'a> {
    /// `NetworkSettings.Ports`: ports that are open now, published or not.
    pub(super) open: JsonRef<'a>,
    /// `HostConfig.PortBindings`: ports to be published.
    pub(super) configured: JsonRef<'a>,
    /// `Config.ExposedPorts`.
    pub(super) exposed: Vec<String>,
    /// `HostConfig.NetworkMode`.
    pub(super) network_mode: &'a str,
    /// True if the container has processes that could listen.
    pub(super) has_processes: bool,
}

/// Merges the ports: open, then configured but not open, then only exposed.
pub(super) fn ports(facts: PortFacts<'_>) -> Vec<Port> {
    let PortFacts { open, configured, exposed, network_mode, has_processes } = facts;
    let mut ports: Vec<Port> = bindings(open, has_processes).collect();
    // The engine ignores port bindings in these modes.
    let publishes = !matches!(network_mode, "host" | "none") && !network_mode.starts_with("container:");
    if publishes {
        // Compared by container port, because the engine may have chosen the host port.
        let missing: Vec<_> = bindings(configured, false)
            .filter(|port| !ports.iter().any(|other| other.public_port.is_some() && is_same(other, port)))
            .collect();
        ports.retain(|port| port.public_port.is_some() || !missing.iter().any(|other| is_same(other, port)));
        ports.extend(missing);
    }
    for port in exposed.iter().filter_map(|key| exposed_port(key, has_processes)) {
        if !ports.iter().any(|other| is_same(other, &port)) {
            ports.push(port);
        }
    }
    ordered(ports)
}

/// Sorts by container port and removes duplicates.
pub(super) fn ordered(mut ports: Vec<Port>) -> Vec<Port> {
    ports.sort_by(|a, b| {
        (a.private_port, &a.protocol, &a.ip, a.public_port).cmp(&(b.private_port, &b.protocol, &b.ip, b.public_port))
    });
    ports.dedup();
    ports
}

fn is_same(one: &Port, other: &Port) -> bool {
    one.private_port == other.private_port && one.protocol == other.protocol
}

/// Parses `80/tcp`; the default protocol is TCP.
fn exposed_port(key: &str, open: bool) -> Option<Port> {
    let (number, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
    Some(Port { ip: None, private_port: number.parse().ok()?, public_port: None, protocol: protocol.to_owned(), open })
}

fn bindings(map: JsonRef<'_>, open: bool) -> impl Iterator<Item = Port> {
    map.fields("").filter_map(move |(key, bindings)| Some((exposed_port(key, open)?, bindings))).flat_map(
        |(exposed, bindings)| {
            let published = bindings.list("").filter(|binding| binding.0.is_object()).map(|binding| {
                // Empty, 0 or a range: the engine chooses when the container starts.
                let public_port = binding.count("/HostPort").and_then(|port| u16::try_from(port).ok());
                let ip = binding.owned("/HostIp").filter(|_| public_port.is_some());
                Port { ip, public_port, ..exposed.clone() }
            });
            let mut ports: Vec<_> = published.collect();
            if ports.is_empty() {
                ports.push(exposed);
            }
            ports
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

    use super::*;
    use serde_json::{Value, json};

    fn facts(open: Value, configured: Value, exposed: &[&str]) -> PortFacts<'static> {
        PortFacts {
            open: JsonRef(Box::leak(Box::new(open))),
            configured: JsonRef(Box::leak(Box::new(configured))),
            exposed: exposed.iter().map(|key| (*key).to_owned()).collect(),
            network_mode: "bridge",
            has_processes: true,
        }
    }

    /// `127.0.0.1:8080→80/tcp`, with `!` where it is not open.
    fn shown(facts: PortFacts<'_>) -> Vec<String> {
        let shown = |Port { ip, private_port, public_port, protocol, open }: Port| {
            let public = public_port.map(|port| format!("{}:{port}→", ip.as_deref().unwrap_or_default()));
            format!("{}{}{private_port}/{protocol}", if open { "" } else { "!" }, public.unwrap_or_default())
        };
        ports(facts).into_iter().map(shown).collect()
    }

    #[test]
    fn every_bound_host_address_is_kept() {
        let two = json!({"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "15432"}, {"HostIp": "10.0.0.5", "HostPort": "15432"}]});
        let facts = facts(two.clone(), two, &["5432/tcp"]);
        assert_eq!(shown(facts), ["10.0.0.5:15432→5432/tcp", "127.0.0.1:15432→5432/tcp"]);
    }

    #[test]
    fn a_stopped_container_shows_its_configured_ports() {
        let configured = json!({
            "80/tcp": [{"HostIp": "", "HostPort": "8080"}], "81/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}],
            "82/tcp": [{"HostIp": "", "HostPort": "9000-9010"}], "83/tcp": [{"HostIp": "", "HostPort": "0"}],
        });
        let stopped = PortFacts { has_processes: false, ..facts(json!({}), configured, &["80/tcp", "53/udp"]) };
        assert_eq!(shown(stopped), ["!53/udp", "!:8080→80/tcp", "!81/tcp", "!82/tcp", "!83/tcp"]);
    }

    #[test]
    fn a_running_container_without_a_network_has_only_configured_ports() {
        let configured = json!({"80/tcp": [{"HostIp": "", "HostPort": "8080"}]});
        assert_eq!(shown(facts(json!({}), configured.clone(), &["80/tcp", "9/tcp"])), ["9/tcp", "!:8080→80/tcp"]);
        // Some engines show the same port as exposed only.
        assert_eq!(shown(facts(json!({"80/tcp": null}), configured, &["80/tcp"])), ["!:8080→80/tcp"]);
    }

    #[test]
    fn the_chosen_host_port_replaces_an_open_one() {
        let open =
            json!({"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "32768"}, {"HostIp": "::", "HostPort": "32768"}]});
        let configured = json!({"80/tcp": [{"HostIp": "", "HostPort": ""}]});
        assert_eq!(shown(facts(open, configured, &["80/tcp"])), ["0.0.0.0:32768→80/tcp", ":::32768→80/tcp"]);
    }

    #[test]
    fn host_none_and_joined_networks_have_no_configured_ports() {
        for network_mode in ["host", "none", "container:abc"] {
            let configured = json!({"80/tcp": [{"HostIp": "", "HostPort": "8080"}]});
            let facts = PortFacts { network_mode, ..facts(json!({}), configured, &["80/tcp"]) };
            assert_eq!(shown(facts), ["80/tcp"], "{network_mode}");
        }
    }

    #[test]
    fn a_port_that_is_not_a_number_is_skipped() {
        let open = json!({"99999/tcp": [{"HostIp": "", "HostPort": "1"}], "x": null, "80": [{"HostPort": "70000"}]});
        assert_eq!(shown(facts(open, json!({}), &["70000/tcp"])), ["80/tcp"]);
    }
}
