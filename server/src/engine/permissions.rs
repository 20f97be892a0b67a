//! Every call of the Engine API that Quaylight makes, and what for: the one table. What is not in it is not sent.
//!
//! [`Permissions::allows`] looks at each request before it leaves; `quaylight doctor` prints from it what a socket proxy has to let
//! through; `docs/SECURITY.md` shows it, and a test compares them.

use axum::http::{Method, Uri, uri::PathAndQuery};
use bollard::BollardRequest;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The list, its state and its numbers.
    Watch,
    /// One container's page and its log.
    Look,
    /// Changes.
    Act,
}

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What for.
    pub purpose: Purpose,
    /// Its method.
    pub method: &'static str,
    /// Its path without the version; `{}` stands for one name.
    pub path: &'static str,
    /// What is missing without a response, if Quaylight works without one.
    pub without: Option<&'static str>,
    /// The switches that let it through the usual socket proxies (Tecnativa's, linuxserver's and wollomatic's forks of it).
    pub switches: &'static [&'static str],
}

const fn call(
    purpose: Purpose,
    method: &'static str,
    path: &'static str,
    without: Option<&'static str>,
    switches: &'static [&'static str],
) -> Call {
    Call { purpose, method, path, without, switches }
}

use Purpose::{Act, Look, Watch};

/// All of them.
pub const CALLS: [Call; 17] = [
    call(Watch, "GET", "/_ping", None, &["PING"]),
    call(Watch, "GET", "/version", None, &["VERSION"]),
    call(Watch, "GET", "/info", Some("the number of processors and the memory of the host are unknown"), &["INFO"]),
    call(Watch, "GET", "/events", None, &["EVENTS"]),
    call(Watch, "GET", "/containers/json", None, &["CONTAINERS"]),
    call(Watch, "GET", "/containers/{}/json", None, &["CONTAINERS"]),
    call(
        Watch,
        "GET",
        "/containers/{}/stats",
        Some("no CPU, memory and I/O where the kernel's files cannot be read"),
        &["CONTAINERS"],
    ),
    call(Look, "GET", "/containers/{}/top", Some("no processes"), &["CONTAINERS"]),
    call(Look, "GET", "/containers/{}/logs", Some("no logs"), &["CONTAINERS"]),
    call(
        Look,
        "GET",
        "/images/{}/json",
        Some("the docker run line repeats what the image sets by itself"),
        &["IMAGES"],
    ),
    call(Act, "POST", "/containers/{}/start", None, &["POST", "ALLOW_START"]),
    call(Act, "POST", "/containers/{}/stop", None, &["POST", "ALLOW_STOP"]),
    call(Act, "POST", "/containers/{}/restart", None, &["POST", "ALLOW_RESTARTS"]),
    call(Act, "POST", "/containers/{}/kill", None, &["POST", "ALLOW_RESTARTS"]),
    call(Act, "POST", "/containers/{}/pause", None, &["POST"]),
    call(Act, "POST", "/containers/{}/unpause", None, &["POST"]),
    call(Act, "DELETE", "/containers/{}", None, &["POST"]),
];

/// Which of them a server may make; clones share it.
#[derive(Debug, Clone)]
pub struct Permissions(Arc<AtomicBool>);

impl Permissions {
    /// Those that read, and if `may_act`, those that change something.
    pub fn new(may_act: bool) -> Self {
        Self(Arc::new(AtomicBool::new(may_act)))
    }

    /// From now on those that change something, too: somebody has asked who may.
    pub fn allow_acting(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// A request as it may leave: one that may not is led to an address that no engine has.
    pub(super) fn checked(&self, mut request: BollardRequest) -> BollardRequest {
        if !self.allows(request.method(), request.uri().path()) {
            tracing::error!(method = %request.method(), path = request.uri().path(), "not sent: this server may not make this call");
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(PathAndQuery::from_static("/not-allowed-by-quaylight"));
            // Only an address without a path would be refused here, and this one has one.
            *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        }
        request
    }

    /// Whether a request may leave. `path` may begin with the API's version.
    pub fn allows(&self, method: &Method, path: &str) -> bool {
        let path = without_version(path);
        self.calls().any(|call| call.method == method.as_str() && fits(call.path, path))
    }

    /// The calls that may be made.
    pub fn calls(&self) -> impl Iterator<Item = &'static Call> + use<> {
        let may_act = self.0.load(Ordering::Relaxed);
        CALLS.iter().filter(move |call| may_act || call.purpose != Act)
    }

    /// What to switch on at a socket proxy, in the table's order.
    pub fn switches(&self) -> Vec<&'static str> {
        let mut switches: Vec<&str> = Vec::new();
        for switch in self.calls().flat_map(|call| call.switches) {
            if !switches.contains(switch) {
                switches.push(switch);
            }
        }
        switches
    }
}

/// `/v1.41/events` is `/events`.
fn without_version(path: &str) -> &str {
    let rest = path.strip_prefix("/v").and_then(|rest| rest.split_once('/'));
    match rest {
        Some((version, _)) if version.starts_with(|letter: char| letter.is_ascii_digit()) => &path[version.len() + 2..],
        _ => path,
    }
}

/// A name is one part of a path, and never a way up. An image may be named with slashes, but here it is a digest.
fn fits(pattern: &str, path: &str) -> bool {
    let is_name = |part: &str| !matches!(part, "" | "." | "..");
    let (mut wanted, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some("{}"), Some(part)) if is_name(part) => {}
            (Some(wanted), Some(part)) if wanted == part => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_calls_of_the_table_may_leave() {
        for (method, path) in [
            (Method::GET, "/events"),
            (Method::GET, "/v1.41/containers/json"),
            (Method::GET, "/v1.52/containers/0f/json"),
            (Method::GET, "/images/sha256:0f/json"),
        ] {
            assert!(Permissions::new(false).allows(&method, path), "{method} {path}");
        }
        for (method, path) in [
            (Method::POST, "/containers/create"),
            (Method::POST, "/v1.41/containers/0f/exec"),
            (Method::GET, "/containers/0f/archive"),
            (Method::GET, "/containers/0f/export"),
            (Method::GET, "/containers/../secrets/json"),
            (Method::GET, "/containers//json"),
            (Method::GET, "/v1.41"),
            (Method::DELETE, "/images/0f"),
            (Method::PUT, "/containers/0f/json"),
        ] {
            assert!(!Permissions::new(true).allows(&method, path), "{method} {path}");
        }
    }

    #[test]
    fn a_server_that_reads_sends_no_change() {
        let (reading, acting) = (Permissions::new(false), Permissions::new(true));
        for call in CALLS.iter().filter(|call| call.purpose == Act) {
            let path = call.path.replace("{}", "0f");
            let method: Method = call.method.parse().unwrap_or_default();
            assert!(!reading.allows(&method, &path) && acting.allows(&method, &path), "{path}");
        }
        assert_eq!(reading.switches(), ["PING", "VERSION", "INFO", "EVENTS", "CONTAINERS", "IMAGES"]);
        assert!(acting.switches().contains(&"POST"));
    }
}
