//! Published ports, as links where a browser can follow them.

use super::page_host::use_page_host;
use crate::prelude::*;
use crate::{
    format::{PortChip, published_ports},
    model::{Container, Port},
};

/// As many as fit a card's line beside the project.
const MAX_SHOWN: usize = 2;
/// As many as anyone reads on the container's own page; the inspect response has them all.
const MAX_SHOWN_OF_ALL: usize = 40;

/// Published ports: `8080→80`, TCP as links where something listens for this browser; the tooltip has more of them.
#[component]
pub fn PortList<'a>(
    /// The container whose ports they are.
    container: &'a Container,
    /// Whether all are shown, as far as anyone reads them. Default: no.
    #[prop(optional)]
    all: bool,
) -> Erased {
    let ports = published_ports(container);
    let room = if all { MAX_SHOWN_OF_ALL } else { MAX_SHOWN };
    let more = ports.len().saturating_sub(room);
    let title = tooltip(&ports);
    let shown = ports.into_iter().take(room).map(|port| view! { <PortLink port /> }).collect_view();
    view! {
        <span class="port-list" title=title>
            {shown}
            {(more > 0).then(|| view! { <span>"+" {more}</span> })}
        </span>
    }
    .erased()
}

/// What there is no room for.
fn tooltip(ports: &[PortChip]) -> Option<String> {
    let mut words = String::new();
    for port in ports.iter().take(MAX_SHOWN_OF_ALL) {
        if !words.is_empty() {
            words.push_str(", ");
        }
        words.push_str(&port.label());
    }
    if ports.len() > MAX_SHOWN_OF_ALL {
        words.push_str(", …");
    }
    if ports.iter().any(|port| !port.is_open()) {
        words.push_str(if ports.iter().any(PortChip::is_open) { "; dimmed: not open now" } else { "; not open now" });
    }
    Some(words).filter(|words| !words.is_empty())
}

/// An address that may not be known yet.
type Address = Box<dyn FnMut() -> Option<String> + Send>;

#[component]
fn PortLink(
    /// The port.
    port: PortChip,
) -> Erased {
    let label = port.label();
    if port.may_be_link() {
        let host = use_page_host();
        let href: Address = Box::new(move || host.get().and_then(|host| port.href(&host)));
        return view! {
            // Without an address it is no link.
            <a class="port-list__port" href=href target="_blank" rel="noreferrer">
                {label}
            </a>
            " "
        }
        .erased();
    }
    let class = if port.is_open() { "port-list__port" } else { "port-list__port port-list__port--closed" };
    view! { <span class=class>{label}</span> " " }.erased()
}

/// Whether any port is published, or would be while it runs.
pub fn has_published(ports: &[Port]) -> bool {
    ports.iter().any(|port| port.public_port.is_some())
}
