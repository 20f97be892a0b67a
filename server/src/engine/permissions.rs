//! Allowlist of the Engine API calls that Quaylight makes, with their purpose. Others are not sent.
//!
//! [`Permissions::allows`] checks each request before it is sent. `quaylight doctor` prints the
//! switches that a socket proxy needs. `docs/SECURITY.md` contains the same table.

use axum::http::{Method, Uri, uri::PathAndQuery};
use bollard::BollardRequest;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Purpose of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The container list with states and measurements.
    List,
    /// A container's page and its log.
    Container,
    /// The page of a swarm; only sent to its managers, while there are viewers of it.
    Swarm,
    /// Actions.
    Action,
    /// Actions on a swarm.
    SwarmAction,
}

impl Purpose {
    /// True if only a server that may change something makes these calls.
    pub const fn is_action(self) -> bool {
        matches!(self, Self::Action | Self::SwarmAction)
    }

    /// True if only managers of a swarm get these calls.
    pub const fn is_of_swarm(self) -> bool {
        matches!(self, Self::Swarm | Self::SwarmAction)
    }
}

/// A call of the Engine API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Purpose of the call.
    pub purpose: Purpose,
    /// HTTP method.
    pub method: &'static str,
    /// Path without the API version; `{}` matches one segment.
    pub path: &'static str,
    /// Consequence of a refusal, for calls that Quaylight can do without.
    pub without: Option<&'static str>,
    /// Settings that allow the call in the common socket proxies (Tecnativa, linuxserver,
    /// wollomatic's forks).
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

use Purpose::{Action, Container, List, Swarm, SwarmAction};

/// Consequence without the lists of a swarm.
const NO_SWARM: Option<&str> = Some("nothing of a swarm");

/// All calls.
pub const CALLS: [Call; 24] = [
    call(List, "GET", "/_ping", None, &["PING"]),
    call(List, "GET", "/version", None, &["VERSION"]),
    call(List, "GET", "/info", Some("the number of CPUs and the memory of the host are unknown"), &["INFO"]),
    call(List, "GET", "/events", None, &["EVENTS"]),
    call(List, "GET", "/containers/json", None, &["CONTAINERS"]),
    call(List, "GET", "/containers/{}/json", None, &["CONTAINERS"]),
    call(
        List,
        "GET",
        "/containers/{}/stats",
        Some("no CPU, memory and I/O numbers if the kernel's files cannot be read"),
        &["CONTAINERS"],
    ),
    call(Container, "GET", "/containers/{}/top", Some("no processes"), &["CONTAINERS"]),
    call(Container, "GET", "/containers/{}/logs", Some("no logs"), &["CONTAINERS"]),
    call(Container, "GET", "/images/{}/json", Some("the docker run command repeats the image defaults"), &["IMAGES"]),
    call(Swarm, "GET", "/nodes", NO_SWARM, &["NODES"]),
    call(Swarm, "GET", "/services", NO_SWARM, &["SERVICES"]),
    call(Swarm, "GET", "/tasks", NO_SWARM, &["TASKS"]),
    call(Action, "POST", "/containers/{}/start", None, &["POST", "ALLOW_START"]),
    call(Action, "POST", "/containers/{}/stop", None, &["POST", "ALLOW_STOP"]),
    call(Action, "POST", "/containers/{}/restart", None, &["POST", "ALLOW_RESTARTS"]),
    call(Action, "POST", "/containers/{}/kill", None, &["POST", "ALLOW_RESTARTS"]),
    call(Action, "POST", "/containers/{}/pause", None, &["POST"]),
    call(Action, "POST", "/containers/{}/unpause", None, &["POST"]),
    call(Action, "DELETE", "/containers/{}", None, &["POST"]),
    call(SwarmAction, "GET", "/services/{}", None, &["SERVICES"]),
    call(SwarmAction, "POST", "/services/{}/update", None, &["SERVICES", "POST"]),
    call(SwarmAction, "GET", "/nodes/{}", None, &["NODES"]),
    call(SwarmAction, "POST", "/nodes/{}/update", None, &["NODES", "POST"]),
];

/// The calls that this server may make. Clones share the state.
#[derive(Debug, Clone)]
pub struct Permissions(Arc<AtomicBool>);

impl Permissions {
    /// Allows reading calls, and actions if `may_act`.
    pub fn new(may_act: bool) -> Self {
        Self(Arc::new(AtomicBool::new(may_act)))
    }

    /// Allows actions from now on, because a user who may act has sent one.
    pub fn allow_actions(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns an allowed request unchanged, and sends any other to a path that no engine has.
    pub(super) fn checked(&self, mut request: BollardRequest) -> BollardRequest {
        if !self.allows(request.method(), request.uri().path()) {
            tracing::error!(method = %request.method(), path = request.uri().path(), "blocked a call that is not allowed");
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(PathAndQuery::from_static("/not-allowed-by-quaylight"));
            // Only an address without a path would be refused here, and this one has one.
            *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        }
        request
    }

    /// True if a request may be sent. `path` may begin with the API version.
    pub fn allows(&self, method: &Method, path: &str) -> bool {
        let path = without_version(path);
        self.calls().any(|call| call.method == method.as_str() && matches_pattern(call.path, path))
    }

    /// The allowed calls.
    pub fn calls(&self) -> impl Iterator<Item = &'static Call> + use<> {
        let may_act = self.0.load(Ordering::Relaxed);
        CALLS.iter().filter(move |call| may_act || !call.purpose.is_action())
    }

    /// Settings to enable in a socket proxy, in the order of the table, without those of a swarm.
    pub fn switches(&self) -> Vec<&'static str> {
        switches(self.calls().filter(|call| !call.purpose.is_of_swarm()))
    }

    /// Further settings for a manager of a swarm.
    pub fn swarm_switches(&self) -> Vec<&'static str> {
        let others = self.switches();
        let all = switches(self.calls());
        all.into_iter().filter(|switch| !others.contains(switch)).collect()
    }
}

fn switches(calls: impl Iterator<Item = &'static Call>) -> Vec<&'static str> {
    let mut switches: Vec<&str> = Vec::new();
    for switch in calls.flat_map(|call| call.switches) {
        if !switches.contains(switch) {
            switches.push(switch);
        }
    }
    switches
}

/// Removes the version: `/v1.41/events` becomes `/events`.
fn without_version(path: &str) -> &str {
    let rest = path.strip_prefix("/v").and_then(|rest| rest.split_once('/'));
    match rest {
        Some((version, _)) if version.starts_with(|letter: char| letter.is_ascii_digit()) => &path[version.len() + 2..],
        _ => path,
    }
}

/// True if a path matches a pattern. `{}` matches one segment except `.` and `..`; images are named
/// by digest, without slashes.
fn matches_pattern(pattern: &str, path: &str) -> bool {
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
    fn only_listed_calls_are_allowed() {
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
    fn a_read_only_server_sends_no_action() {
        const SWARM: [&str; 3] = ["NODES", "SERVICES", "TASKS"];
        let (reading, acting) = (Permissions::new(false), Permissions::new(true));
        for call in CALLS.iter().filter(|call| call.purpose.is_action()) {
            let path = call.path.replace("{}", "0f");
            let method: Method = call.method.parse().unwrap_or_default();
            assert!(!reading.allows(&method, &path) && acting.allows(&method, &path), "{path}");
        }
        assert_eq!(reading.switches(), ["PING", "VERSION", "INFO", "EVENTS", "CONTAINERS", "IMAGES"]);
        assert!(acting.switches().contains(&"POST"));
        assert_eq!((reading.swarm_switches(), acting.swarm_switches()), (SWARM.to_vec(), SWARM.to_vec()));
    }
}
