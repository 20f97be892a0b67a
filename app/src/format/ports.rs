//! Ports as short labels: `8080→80`, `127.0.0.1:15432→5432`, `10000–10100→10000–10100/udp`.
//!
//! In: a container's ports. Out: chips, with consecutive ports merged into ranges. Next:
//! [`crate::parts::port_list`], which links them.

use crate::model::{Container, Port};
use std::borrow::Cow;

/// Minimum number of consecutive ports in a range; two are shown separately, each with its link.
const MIN_RANGE: u16 = 3;

/// A published port or a range of them. Ordered as shown: TCP first, then ports bound to all
/// addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortChip {
    is_other: bool,
    protocol: String,
    /// Host address that the port is bound to; empty for all addresses.
    ip: String,
    is_closed: bool,
    public: u16,
    private: u16,
    /// Number of further ports in the range, on both sides.
    more: u16,
}

impl PortChip {
    /// Text of the chip: `8080→80`, with the host address if the port is bound to one.
    pub fn label(&self) -> String {
        let Self { ip, public, private, more, .. } = self;
        let mut label = match ip.as_str() {
            "" => String::new(),
            six if six.contains(':') => format!("[{six}]:"),
            four => format!("{four}:"),
        };
        push_range(&mut label, *public, *more);
        label.push('→');
        push_range(&mut label, *private, *more);
        push_protocol(&mut label, &self.protocol);
        label
    }

    /// False if nothing listens on the port.
    pub const fn is_open(&self) -> bool {
        !self.is_closed
    }

    /// True if a browser may be able to open the port: a single open TCP port.
    pub const fn may_be_link(&self) -> bool {
        !self.is_other && !self.is_closed && self.more == 0
    }

    /// URL for a browser that loaded the page from `page_host`; `None` if the port is not reachable
    /// from there.
    pub fn href(&self, page_host: &str) -> Option<String> {
        let host: Cow<'_, str> = match self.ip.as_str() {
            _ if !self.may_be_link() => return None,
            "" => page_host.into(),
            // A loopback address is reachable only if the browser runs on the same machine.
            ip if is_loopback(ip) && !is_loopback(page_host) => return None,
            six if six.contains(':') => format!("[{six}]").into(),
            four => four.into(),
        };
        let scheme = if is_tls(self.private) || is_tls(self.public) { "https" } else { "http" };
        Some(format!("{scheme}://{host}:{}", self.public))
    }

    /// True if `next` continues the range on both sides.
    fn continues_to(&self, next: &Self) -> bool {
        let follows = |first: u16, next: u16| u32::from(first) + u32::from(self.more) + 1 == u32::from(next);
        (&self.protocol, &self.ip, self.is_closed) == (&next.protocol, &next.ip, next.is_closed)
            && follows(self.public, next.public)
            && follows(self.private, next.private)
    }
}

/// True for 443, 8443, 9443 and so on; other ports usually speak plain HTTP.
const fn is_tls(port: u16) -> bool {
    port % 1000 == 443
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.ends_with(".localhost") || host == "::1" || host.starts_with("127.")
}

/// Published ports with ranges merged; an address published for IPv4 and IPv6 counts once.
pub fn published_ports(container: &Container) -> Vec<PortChip> {
    let runs = container.state.has_processes();
    let mut all: Vec<PortChip> = Vec::new();
    for port in &container.ports {
        let Some(chip) = published(port, runs) else { continue };
        // There are few; sorting would add 1 kB to the browser's module.
        if let Err(place) = all.binary_search(&chip) {
            all.insert(place, chip);
        }
    }
    folded(all)
}

fn published(port: &Port, runs: bool) -> Option<PortChip> {
    let Port { ip, private_port, public_port, protocol, open } = port;
    let ip = ip.as_deref().filter(|ip| !matches!(*ip, "0.0.0.0" | "::" | "*")).unwrap_or_default();
    Some(PortChip {
        is_other: protocol != "tcp",
        protocol: protocol.clone(),
        ip: ip.to_owned(),
        is_closed: !(*open && runs),
        public: (*public_port)?,
        private: *private_port,
        more: 0,
    })
}

/// Ports that are exposed but not published, with ranges merged: `80/tcp`, `10000–10100/udp`.
pub fn exposed_ports(container: &Container) -> Vec<String> {
    let exposed = container.ports.iter().filter(|port| port.public_port.is_none());
    let chip = |port: &Port| published(&Port { public_port: Some(port.private_port), ..port.clone() }, true);
    folded(exposed.filter_map(chip).collect())
        .iter()
        .map(|PortChip { private, more, protocol, .. }| {
            let mut label = String::new();
            push_range(&mut label, *private, *more);
            label.push('/');
            label.push_str(protocol);
            label
        })
        .collect()
}

/// Merges consecutive ports into ranges. Ports of two addresses may alternate, so runs are kept per
/// address.
fn folded(all: Vec<PortChip>) -> Vec<PortChip> {
    let mut chips: Vec<PortChip> = Vec::new();
    let mut run: Vec<PortChip> = Vec::new();
    for chip in all {
        if run.last().is_some_and(|last| !last.continues_to(&chip)) {
            end_run(&mut chips, &mut run);
        }
        run.push(chip);
    }
    end_run(&mut chips, &mut run);
    chips
}

fn end_run(chips: &mut Vec<PortChip>, run: &mut Vec<PortChip>) {
    let length = u16::try_from(run.len()).unwrap_or(u16::MAX);
    if length >= MIN_RANGE {
        run.truncate(1);
        chips.extend(run.pop().map(|first| PortChip { more: length - 1, ..first }));
    }
    chips.append(run);
}

fn push_range(label: &mut String, first: u16, more: u16) {
    label.push_str(&first.to_string());
    if more > 0 {
        label.push('–');
        label.push_str(&(first + more).to_string());
    }
}

fn push_protocol(label: &mut String, protocol: &str) {
    if protocol != "tcp" {
        label.push('/');
        label.push_str(protocol);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples::container};

    fn port(ip: &str, public_port: u16, private_port: u16, protocol: &str) -> Port {
        let public_port = Some(public_port).filter(|port| *port > 0);
        Port { ip: Some(ip.to_owned()), private_port, public_port, protocol: protocol.to_owned(), open: true }
    }

    fn with(ports: Vec<Port>) -> Container {
        Container { ports, ..container(1, "web", ContainerState::Running) }
    }

    fn labels(ports: Vec<Port>) -> Vec<String> {
        published_ports(&with(ports)).iter().map(PortChip::label).collect()
    }

    fn href(ports: Vec<Port>, page_host: &str) -> Option<String> {
        published_ports(&with(ports))[0].href(page_host)
    }

    #[test]
    fn all_addresses_are_merged_and_a_bound_one_is_shown() {
        assert_eq!(labels(vec![port("0.0.0.0", 8080, 80, "tcp"), port("::", 8080, 80, "tcp")]), ["8080→80"]);
        assert_eq!(labels(vec![port("127.0.0.1", 15432, 5432, "tcp")]), ["127.0.0.1:15432→5432"]);
        let two = vec![port("10.0.0.5", 8080, 80, "tcp"), port("127.0.0.1", 8080, 80, "tcp"), port("", 9, 9, "tcp")];
        assert_eq!(labels(two), ["9→9", "10.0.0.5:8080→80", "127.0.0.1:8080→80"]);
        assert_eq!(labels(vec![port("::1", 53, 53, "udp"), port("", 0, 9000, "tcp")]), ["[::1]:53→53/udp"]);
    }

    #[test]
    fn a_link_leads_to_ports_reachable_for_this_browser() {
        for (ip, private, page_host, expected) in [
            ("0.0.0.0", 80, "nas.example", Some("http://nas.example:8080")),
            ("::", 443, "[fd00::1]", Some("https://[fd00::1]:8080")),
            ("10.0.0.5", 8443, "nas.example", Some("https://10.0.0.5:8080")),
            ("fd00::5", 80, "nas.example", Some("http://[fd00::5]:8080")),
            ("127.0.0.1", 80, "nas.example", None),
            ("127.0.0.1", 80, "192.168.1.4", None),
            ("127.0.0.1", 80, "localhost", Some("http://127.0.0.1:8080")),
            ("127.0.0.1", 80, "[::1]", Some("http://127.0.0.1:8080")),
            ("127.0.1.1", 80, "quay.localhost", Some("http://127.0.1.1:8080")),
            ("::1", 80, "127.0.0.1", Some("http://[::1]:8080")),
            ("::1", 80, "nas.example", None),
        ] {
            assert_eq!(href(vec![port(ip, 8080, private, "tcp")], page_host).as_deref(), expected, "{ip} {page_host}");
        }
        assert_eq!(href(vec![port("", 53, 53, "udp")], "nas.example"), None);
        assert_eq!(href(vec![port("", 443, 3000, "tcp")], "nas.example").as_deref(), Some("https://nas.example:443"));
    }

    #[test]
    fn a_closed_port_is_not_a_link() {
        let configured = vec![Port { open: false, ..port("", 8080, 80, "tcp") }];
        let chips = published_ports(&with(configured));
        assert!(!chips[0].is_open() && chips[0].href("nas.example").is_none());
        let stopped = Container { state: ContainerState::Exited, ..with(vec![port("", 8080, 80, "tcp")]) };
        assert!(!published_ports(&stopped)[0].is_open(), "the port list is outdated");
    }

    #[test]
    fn consecutive_ports_are_merged_for_any_mapping() {
        let range = |ip: &str, public: u16, private: u16, count: u16, protocol: &str| {
            (0..count).map(|more| port(ip, public + more, private + more, protocol)).collect::<Vec<_>>()
        };
        let both = [range("0.0.0.0", 10_000, 10_000, 101, "udp"), range("::", 10_000, 10_000, 101, "udp")].concat();
        assert_eq!(labels(both), ["10000–10100→10000–10100/udp"]);
        assert_eq!(labels(range("127.0.0.1", 20_000, 10_000, 3, "tcp")), ["127.0.0.1:20000–20002→10000–10002"]);
        assert_eq!(labels(range("", 8080, 8080, 2, "tcp")), ["8080→8080", "8081→8081"]);
        assert_eq!(labels(range("", 65_533, 65_533, 3, "tcp")), ["65533–65535→65533–65535"]);
        let mixed = [range("", 80, 8080, 1, "tcp"), range("", 7000, 7000, 4, "tcp"), range("", 7005, 7005, 1, "tcp")];
        assert_eq!(labels(mixed.concat()), ["80→8080", "7000–7003→7000–7003", "7005→7005"]);
        let closed = range("", 7000, 7000, 4, "tcp").into_iter().map(|port| Port { open: false, ..port });
        assert_eq!(labels(closed.collect()), ["7000–7003→7000–7003"]);
        assert_eq!(href(range("", 7000, 7000, 3, "tcp"), "nas.example"), None, "a range is not a link");
    }

    #[test]
    fn exposed_ranges_are_merged() {
        let ports = (0..101).map(|more| port("", 0, 10_000 + more, "udp")).chain([port("", 0, 80, "tcp")]);
        let mut ports = ports.collect::<Vec<_>>();
        ports.sort();
        assert_eq!(exposed_ports(&with(ports)), ["80/tcp", "10000–10100/udp"]);
        assert_eq!(exposed_ports(&with(vec![port("", 0, 80, "tcp"), port("", 0, 81, "tcp")])), ["80/tcp", "81/tcp"]);
    }
}
