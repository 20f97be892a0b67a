//! Published ports, as links where a browser can follow them.

use crate::prelude::*;
use crate::{app::use_page_host, model::Port};

/// As many as fit a card's line beside the project.
const MAX_SHOWN: usize = 2;

/// Published ports: `8080→80`, TCP as links to this page's host; the tooltip has them all.
#[component]
pub fn PortList<'a>(
    /// The container's ports, published or not.
    ports: &'a [Port],
    /// Whether all are shown, however many. Default: no.
    #[prop(optional)]
    all: bool,
) -> Erased {
    let ports = published(ports);
    let room = if all { ports.len() } else { MAX_SHOWN };
    let more = ports.len().saturating_sub(room);
    let labels = ports.iter().map(Published::label).collect::<Vec<_>>().join(", ");
    let title = Some(labels).filter(|labels| !labels.is_empty());
    let shown = ports.into_iter().take(room).map(|port| view! { <PortLink port /> }).collect_view();
    view! {
        <span class="port-list" title=title>
            {shown}
            {(more > 0).then(|| view! { <span>"+" {more}</span> })}
        </span>
    }
    .erased()
}

/// An address that may not be known yet.
type Address = Box<dyn FnMut() -> Option<String> + Send>;

#[component]
fn PortLink(
    /// The port.
    port: Published,
) -> Erased {
    let label = port.label();
    match port.scheme() {
        Some(scheme) => {
            let host = use_page_host();
            let public = port.public;
            let href: Address = Box::new(move || host.get().map(|host| format!("{scheme}://{host}:{public}")));
            view! {
                <a class="port-list__port" href=href target="_blank" rel="noreferrer">
                    {label}
                </a>
                " "
            }
            .erased()
        }
        None => view! { <span class="port-list__port">{label}</span> " " }.erased(),
    }
}

/// A port that is reachable from outside; ordered as shown, TCP first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published {
    is_other: bool,
    public: u16,
    private: u16,
    protocol: String,
}

impl Published {
    fn label(&self) -> String {
        let Self { is_other: _, public, private, protocol } = self;
        let suffix = if protocol == "tcp" { String::new() } else { format!("/{protocol}") };
        format!("{public}→{private}{suffix}")
    }

    /// What a browser would speak to it; `None` for what browsers do not speak.
    fn scheme(&self) -> Option<&'static str> {
        match (self.protocol.as_str(), self.private) {
            ("tcp", 443 | 8443) => Some("https"),
            ("tcp", _) => Some("http"),
            _ => None,
        }
    }
}

/// Whether any port is published.
pub fn has_published(ports: &[Port]) -> bool {
    ports.iter().any(|port| port.public_port.is_some())
}

/// Published ports, each once: engines list IPv4 and IPv6 apart.
fn published(ports: &[Port]) -> Vec<Published> {
    let mut all = Vec::new();
    for Port { ip: _, private_port, public_port, protocol } in ports {
        let Some(public) = *public_port else { continue };
        let is_other = protocol != "tcp";
        let port = Published { is_other, public, private: *private_port, protocol: protocol.clone() };
        // They are few; a sort of its own would weigh 1 kB in the page's module.
        if let Err(place) = all.binary_search(&port) {
            all.insert(place, port);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(ip: &str, private_port: u16, public_port: Option<u16>, protocol: &str) -> Port {
        Port { ip: Some(ip.to_owned()), private_port, public_port, protocol: protocol.to_owned() }
    }

    #[test]
    fn published_ports_are_listed_once_and_linked_where_browsers_speak_them() {
        let ports = [
            port("0.0.0.0", 80, Some(8080), "tcp"),
            port("::", 80, Some(8080), "tcp"),
            port("0.0.0.0", 443, Some(8443), "tcp"),
            port("0.0.0.0", 53, Some(5353), "udp"),
            port("", 9000, None, "tcp"),
        ];
        let found: Vec<_> = published(&ports).iter().map(|port| (port.label(), port.scheme())).collect();
        let expected = [("8080→80", Some("http")), ("8443→443", Some("https")), ("5353→53/udp", None)];
        assert_eq!(found, expected.map(|(label, scheme)| (label.to_owned(), scheme)));
    }
}
