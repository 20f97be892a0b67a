//! Published ports, as links if the browser can open them.

use super::page_host::use_page_host;
use crate::prelude::*;
use crate::{
    format::{PortChip, published_ports},
    model::{Container, Port},
};

/// Maximum number of ports shown: as many as fit in a card next to the project.
const MAX_SHOWN: usize = 2;
/// Maximum number of ports shown on the container's page and in tooltips; the Inspect tab has all
/// ports.
const MAX_SHOWN_OF_ALL: usize = 40;

/// Published ports such as `8080→80`. TCP ports that this browser can reach are links. The tooltip
/// lists more.
#[component]
pub fn PortList<'a>(
    /// Container whose ports are listed.
    container: &'a Container,
    /// Whether to use the higher limit. Default: false.
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

/// The list of ports as text.
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
        words.push_str(if ports.iter().any(PortChip::is_open) {
            "; dimmed: currently closed"
        } else {
            "; currently closed"
        });
    }
    Some(words).filter(|words| !words.is_empty())
}

/// A URL that may be unknown at first.
type Address = Box<dyn FnMut() -> Option<String> + Send>;

#[component]
fn PortLink(
    /// Port or range that is shown.
    port: PortChip,
) -> Erased {
    let label = port.label();
    if port.may_be_link() {
        let host = use_page_host();
        let href: Address = Box::new(move || host.get().and_then(|host| port.href(&host)));
        return view! {
            // Without `href` it is not a link.
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

/// True if any port is published while the container is running.
pub fn has_published(ports: &[Port]) -> bool {
    ports.iter().any(|port| port.public_port.is_some())
}
