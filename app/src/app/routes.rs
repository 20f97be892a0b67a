//! The page of each chunk: which chunk a URL needs, when to fetch it, and how the server draws
//! it.
//!
//! Next: [`crate::chunks`].

#[cfg(feature = "ssr")]
use crate::chunks::ServerCode;
use crate::prelude::*;
use crate::{
    base_path,
    chunks::{Chunk, Chunks},
};
use leptos::{ev, wasm_bindgen::JsCast, web_sys::Element};

/// The chunk of the page at a URL of this server, if it has one. Must agree with the routes of
/// [`super::App`].
#[must_use]
pub fn chunk_at(path: &str) -> Option<Chunk> {
    let path = base_path::path(path).split(['?', '#']).next().unwrap_or_default();
    let of_containers = |path: &str| match path.strip_prefix("/containers/")?.split_once('/') {
        Some((_, part)) => (part == "logs").then_some(Chunk::Logs),
        None => (path != "/containers/").then_some(Chunk::Container),
    };
    if let Some(rest) = path.strip_prefix("/engines/") {
        return match rest.find('/') {
            None => (!rest.is_empty()).then_some(Chunk::Engines),
            Some(end) => of_containers(rest.get(end..)?),
        };
    }
    match path {
        "/realtime-test" => Some(Chunk::RealtimeTest),
        "/logs" => Some(Chunk::Logs),
        "/events" => Some(Chunk::Events),
        "/engines" => Some(Chunk::Engines),
        "/swarm" => Some(Chunk::Swarm),
        _ => of_containers(path),
    }
}

/// Selector of links to pages, and of controls of actions.
const POINTED_AT: &str = "a[href^='/'], .container-actions, .select-box, .select-group";

/// Fetches a chunk when the pointer moves over an element that needs it.
pub(super) fn fetch_on_hover() {
    let Some(chunks) = use_context::<Chunks>() else { return };
    let handle = window_event_listener(ev::pointerover, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let nearest = target.and_then(|target| target.closest(POINTED_AT).ok().flatten());
        let chunk = nearest.and_then(|element| match element.get_attribute("href") {
            Some(_) if element.class_name() == "why-link" => Some(Chunk::Why),
            Some(href) => chunk_at(&href),
            None => Some(Chunk::Actions),
        });
        if let Some(chunk) = chunk {
            chunks.fetch(chunk);
        }
    });
    on_cleanup(move || handle.remove());
}

/// Provides the server's way to draw chunks.
#[cfg(feature = "ssr")]
pub(super) fn provide_server_code() {
    use crate::{acting, keyboard, list, pages};

    provide_context(ServerCode(|chunk| match chunk {
        Chunk::Container => view! { <pages::ContainerPage /> }.erased(),
        Chunk::RealtimeTest => view! { <pages::RealtimeTestPage /> }.erased(),
        Chunk::Logs => view! { <pages::LogsPage /> }.erased(),
        Chunk::Events => view! { <pages::EventsPage /> }.erased(),
        Chunk::Engines => view! { <pages::EnginesPage /> }.erased(),
        Chunk::Swarm => view! { <pages::SwarmPage /> }.erased(),
        Chunk::Actions => view! { <acting::action_parts::ActionParts /> }.erased(),
        Chunk::List => view! { <list::list_parts::ListParts /> }.erased(),
        Chunk::Why => view! { <pages::WhyPanel /> }.erased(),
        Chunk::LastVisit => view! { <pages::LastVisitLine /> }.erased(),
        Chunk::Quick => view! { <keyboard::quick_parts::QuickParts /> }.erased(),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_found_by_path() {
        for (path, chunk) in [
            ("/containers", None),
            ("/containers/", None),
            ("/containers/3f1a", Some(Chunk::Container)),
            ("/containers/3f1a?tab=inspect", Some(Chunk::Container)),
            ("/containers/3f1a/logs", Some(Chunk::Logs)),
            ("/containers/3f1a/logs?q=a/b", Some(Chunk::Logs)),
            ("/containers/3f1a/elsewhere", None),
            ("/logs", Some(Chunk::Logs)),
            ("/logs?ids=3f1a", Some(Chunk::Logs)),
            ("/realtime-test", Some(Chunk::RealtimeTest)),
            ("/engines", Some(Chunk::Engines)),
            ("/swarm", Some(Chunk::Swarm)),
            ("/engines/", None),
            ("/engines/web-3", Some(Chunk::Engines)),
            ("/engines/web-3/containers/web", Some(Chunk::Container)),
            ("/engines/web-3/containers/web/logs?q=x", Some(Chunk::Logs)),
            ("/engines/web-3/containers/", None),
            ("/engines/web-3/events", None),
            ("/elsewhere", None),
        ] {
            assert_eq!(chunk_at(path), chunk, "{path}");
        }
    }
}
