//! A server on a free port, requests to it, and readers of its stream.
//!
//! Every wait is for a condition, with a named timeout.
#![allow(dead_code, unused_imports, reason = "each test program uses a part of this")]

pub(crate) mod contract;
pub(crate) mod dockerd;
pub(crate) mod events;
pub(crate) mod filter;
pub(crate) mod http;
#[cfg(target_os = "linux")]
pub(crate) mod namespace;
pub(crate) mod nginx;
pub(crate) mod program;
pub(crate) mod server;
pub(crate) mod sshd;
pub(crate) mod tls;
pub(crate) mod tunnel;
pub(crate) mod viewer;

pub(crate) use events::{Event, Events};
pub(crate) use filter::Filter;
pub(crate) use http::{HttpResponse, delete, get, open, post, raw, request, send};
pub(crate) use program::{Program, ProgramOutput};
pub(crate) use server::{Quay, TestServer, quay};
pub(crate) use tunnel::Tunnel;
pub(crate) use viewer::{Received, Viewer};

use app::model::{Container, ContainerId, ContainerKey, ContainerState, EngineLink, EngineName};
use app::protocol::Picture;
use simulator::ContainerSpec;
use std::time::Duration;

/// Timeout from the engine's change to its frame; the server needs a twentieth of it.
pub(crate) const CHANGE_TIMEOUT: Duration = Duration::from_secs(1);
/// A missed event is corrected by the next comparison of the list, every 3 s.
pub(crate) const CORRECTION_TIMEOUT: Duration = Duration::from_secs(4);
/// Timeout from an engine's return to an active link: 1 s is documented, a busy machine gets
/// another.
pub(crate) const RECONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A ping every 2 s, 2 s for its response, and a second for a busy machine.
pub(crate) const LOSS_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout for everything without a documented limit.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Polls until the condition holds; panics with `what` after [`TEST_TIMEOUT`].
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(TEST_TIMEOUT, polling).await.is_ok(), "{what}: not within {TEST_TIMEOUT:?}");
}

/// A container of the simulator that idles.
pub(crate) fn idler(name: &str) -> ContainerSpec {
    ContainerSpec::new(name, "idle:1")
}

pub(crate) fn named<'a>(picture: &'a Picture, name: &str) -> Option<&'a Container> {
    picture.containers.values().find(|container| container.name == name).map(AsRef::as_ref)
}

pub(crate) fn state_of(picture: &Picture, name: &str) -> Option<ContainerState> {
    named(picture, name).map(|container| container.state)
}

/// Any container in `state`.
pub(crate) fn one_in(picture: &Picture, state: ContainerState) -> ContainerId {
    let found = picture.containers.values().find(|container| container.state == state);
    found.unwrap_or_else(|| panic!("there is no {state} container")).id
}

/// A container of the engine without a name.
pub(crate) fn local(id: ContainerId) -> ContainerKey {
    ContainerKey::new(EngineName::LOCAL, id)
}

pub(crate) fn link_of(picture: &Picture) -> Option<EngineLink> {
    picture.engines.first().map(|engine| engine.link)
}

/// Code of the engine's problem; empty without one.
pub(crate) fn problem_code(picture: &Picture) -> &str {
    picture.engines.first().and_then(|engine| engine.error.as_ref()).map_or("", |error| error.code.as_str())
}
