//! Faults of the simulated engine, which can be set at run time from Rust and over HTTP.
//!
//! Read by the listener, the request guard and the event log. A [`FaultPatch`] changes only the
//! faults it contains:
//!
//! ```json
//! {"eventGap": true, "slow": {"list": 500, "inspect": 0}, "hang": {"stats": true},
//!  "garbageList": true, "badEventLine": "broken-json", "daemon": "down",
//!  "containers": {"web": {"inspect": "hang", "stats": {"status": 500}}, "db": {"inspect": null}},
//!  "badResponses": {"inspect": "truncated", "stats": {"huge": 100000000}, "list": null}}
//! ```
//!
//! - `eventGap`: events are neither sent nor kept for replay.
//! - `slow`: delay of each call of a kind, in milliseconds; 0 ends it.
//! - `hang`: calls of a kind are accepted but get no response.
//! - `garbageList`: the list responds with 200 and text that is not JSON.
//! - `badEventLine`: one line in every open event stream, now: `broken-json`, `not-text`,
//!   `wrong-kinds`, `unknown-type` or `unknown-action`.
//! - `badResponses`: bad responses to calls of a kind: `garbage`, `truncated`, `{"huge": BYTES}`,
//!   `{"drip": MILLIS}`, `{"error": BYTES}`, `unknown-state`; null ends it. See [`BadResponse`].
//! - `containers`: responses to calls of a kind about one container, by its name: `hang`,
//!   `{"status": 500}`, `{"body": "{}"}` (status 200), or `{"merge": {"State": {"Health": 7}}}`
//!   (the normal response with these fields replaced); null ends it. In the list, a merge changes
//!   its row.
//! - `daemon`: `up`, `down` (listener closed, connections cut, replay lost), `frozen` (accepts,
//!   never responds; ended by `up`), or `{"restart": 500}` (down, and up again after this many
//!   milliseconds). Containers keep running, as with live restore.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};

use crate::calls::Endpoint;

/// State of the daemon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DaemonState {
    /// Running.
    #[default]
    Up,
    /// Down: nothing listens.
    Down,
    /// Frozen: the daemon accepts connections but never responds.
    Frozen,
    /// Down, and up again after this many milliseconds.
    Restart(u64),
}

/// A bad response, which a client must handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadResponse {
    /// Status 200 and text that is not JSON.
    Garbage,
    /// Half of the first chunk of the normal response (usually the whole body, or the first event),
    /// then the connection is closed.
    Truncated,
    /// This many spaces, which JSON allows, and then the normal response.
    Huge(u64),
    /// The normal response, at one byte per this many milliseconds.
    Drip(u64),
    /// Status 500 and this many bytes that are not JSON.
    Error(u64),
    /// The normal response, but running containers have an unknown state.
    UnknownState,
}

/// Fault of the calls of one kind about one container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerFault {
    /// The calls get no response.
    Hang,
    /// The calls are refused with this status; 404 has the message for a missing container.
    Status(u16),
    /// Status 200 and this text.
    Body(String),
    /// The normal response with these fields replaced, at any depth. The only fault that applies to
    /// the list.
    Merge(serde_json::Value),
}

/// Faults of containers, by name and kind of call.
pub type ContainerFaults = BTreeMap<String, BTreeMap<Endpoint, ContainerFault>>;

/// A line that a client of the event stream cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadLine {
    /// Not JSON.
    BrokenJson,
    /// Bytes that are not UTF-8.
    NotText,
    /// JSON with numbers and arrays in place of strings.
    WrongKinds,
    /// JSON with an unknown type.
    UnknownType,
    /// JSON about a container with an unknown action.
    UnknownAction,
}

impl BadLine {
    pub(crate) fn text(self) -> &'static [u8] {
        match self {
            Self::BrokenJson => b"{\"Type\":\"container\",\"Action\":\"sta\n",
            Self::NotText => b"\xff\xfe\x00{\"Type\":\"container\"}\n",
            Self::WrongKinds => b"{\"Type\":7,\"Action\":[],\"Actor\":\"me\",\"timeNano\":{}}\n",
            Self::UnknownAction => {
                b"{\"Type\":\"container\",\"Action\":\"levitate: 3 m\",\"Actor\":{\"ID\":\
                  \"abababababababababababababababababababababababababababababababab\",\"Attributes\":null},\
                  \"time\":9223372036854775807}\n"
            }
            Self::UnknownType => {
                b"{\"Type\":\"lighthouse\",\"Action\":\"blink\",\"Actor\":{\"ID\":\"1\",\"Attributes\":{}},\
                  \"scope\":\"local\",\"time\":1,\"timeNano\":1000000000}\n"
            }
        }
    }
}

/// A change of faults; absent fields stay unchanged.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FaultPatch {
    /// True if events are dropped.
    pub event_gap: Option<bool>,
    /// Delay in milliseconds by kind of call; 0 ends it.
    pub slow: BTreeMap<Endpoint, u64>,
    /// Kinds of call that hang (`true`) or no longer do (`false`).
    pub hang: BTreeMap<Endpoint, bool>,
    /// True if the list is garbage.
    pub garbage_list: Option<bool>,
    /// A line to send on every open event stream.
    pub bad_event_line: Option<BadLine>,
    /// Bad responses by kind of call; `None` ends one.
    #[serde(rename = "badResponses")]
    pub bad_responses: BTreeMap<Endpoint, Option<BadResponse>>,
    /// Faults of single containers by kind of call; `None` ends one.
    pub containers: BTreeMap<String, BTreeMap<Endpoint, Option<ContainerFault>>>,
    /// New state of the daemon.
    pub daemon: Option<DaemonState>,
}

/// The active faults.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultSet {
    /// True if events are dropped.
    pub event_gap: bool,
    /// Delay in milliseconds by kind of call.
    pub slow: BTreeMap<Endpoint, u64>,
    /// Kinds of call that hang.
    pub hang: BTreeSet<Endpoint>,
    /// True if the list is garbage.
    pub garbage_list: bool,
    /// Bad responses by kind of call.
    #[serde(rename = "badResponses")]
    pub bad_responses: BTreeMap<Endpoint, BadResponse>,
    /// Faults of single containers by kind of call.
    pub containers: ContainerFaults,
    /// State of the daemon.
    pub daemon: DaemonState,
}

/// Handle to the faults; clones share them.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    set: Mutex<FaultSet>,
    /// Requested state of the daemon.
    wanted: watch::Sender<DaemonState>,
    /// State that the listener has reached.
    reached: watch::Sender<DaemonState>,
    bad_lines: broadcast::Sender<BadLine>,
}

impl Default for Faults {
    fn default() -> Self {
        Self(Arc::new(Shared {
            set: Mutex::default(),
            wanted: watch::Sender::new(DaemonState::Up),
            reached: watch::Sender::new(DaemonState::Up),
            // Lines are only queued until the task of each open stream runs again.
            bad_lines: broadcast::Sender::new(16),
        }))
    }
}

impl Faults {
    /// Applies `patch`, and waits until a change of the daemon's state has taken place.
    pub async fn apply(&self, patch: FaultPatch) {
        let FaultPatch { event_gap, slow, hang, garbage_list, bad_event_line, bad_responses, containers, daemon } =
            patch;
        self.with(|set| {
            set.event_gap = event_gap.unwrap_or(set.event_gap);
            set.garbage_list = garbage_list.unwrap_or(set.garbage_list);
            set.slow.extend(slow);
            set.slow.retain(|_, millis| *millis > 0);
            for (endpoint, hangs) in hang {
                if hangs {
                    set.hang.insert(endpoint)
                } else {
                    set.hang.remove(&endpoint)
                };
            }
        });
        for (endpoint, bad) in bad_responses {
            self.set_bad_response(endpoint, bad);
        }
        for (name, faults) in containers {
            for (endpoint, fault) in faults {
                self.container(&name, endpoint, fault);
            }
        }
        if let Some(line) = bad_event_line {
            // Fails without open streams, which is fine.
            let _ = self.0.bad_lines.send(line);
        }
        if let Some(state) = daemon {
            self.set_daemon(state).await;
        }
    }

    /// Drops events from now on, or stops doing so.
    pub fn set_event_gap(&self, gap: bool) {
        self.with(|set| set.event_gap = gap);
    }

    /// Delays each call of this kind; zero ends it.
    pub fn slow(&self, endpoint: Endpoint, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.with(|set| if millis == 0 { set.slow.remove(&endpoint) } else { set.slow.insert(endpoint, millis) });
    }

    /// Starts or stops leaving calls of this kind without a response.
    pub fn hang(&self, endpoint: Endpoint, hangs: bool) {
        self.with(|set| if hangs { set.hang.insert(endpoint) } else { set.hang.remove(&endpoint) });
    }

    /// Starts or stops sending garbage as the list.
    pub fn set_garbage_list(&self, garbage: bool) {
        self.with(|set| set.garbage_list = garbage);
    }

    /// Sets a bad response for calls of this kind; `None` ends it.
    pub fn set_bad_response(&self, endpoint: Endpoint, bad: Option<BadResponse>) {
        self.with(|set| match bad {
            Some(bad) => set.bad_responses.insert(endpoint, bad),
            None => set.bad_responses.remove(&endpoint),
        });
    }

    /// Sets a fault for calls of this kind about one container, by its name; `None` ends it.
    pub fn container(&self, name: &str, endpoint: Endpoint, fault: Option<ContainerFault>) {
        self.with(|set| {
            let faults = set.containers.entry(name.to_owned()).or_default();
            match fault {
                Some(fault) => faults.insert(endpoint, fault),
                None => faults.remove(&endpoint),
            };
            set.containers.retain(|_, faults| !faults.is_empty());
        });
    }

    /// Sends one bad line on every open event stream.
    pub fn send_bad_event_line(&self, line: BadLine) {
        let _ = self.0.bad_lines.send(line);
    }

    /// Sets the state of the daemon, and waits until it is reached. A restart ends when the daemon
    /// is up again.
    pub async fn set_daemon(&self, state: DaemonState) {
        let reached = if matches!(state, DaemonState::Restart(_)) { DaemonState::Up } else { state };
        // The listener reports the new state only after it has seen it; an old report must not be
        // mistaken for it.
        self.0.reached.send_replace(DaemonState::Restart(0));
        self.0.wanted.send_replace(state);
        let _ = self.0.reached.subscribe().wait_for(|now| *now == reached).await;
    }

    /// Ends every fault.
    pub async fn clear(&self) {
        self.with(|set| *set = FaultSet::default());
        self.set_daemon(DaemonState::Up).await;
    }

    /// The active faults.
    #[must_use]
    pub fn current(&self) -> FaultSet {
        FaultSet { daemon: *self.0.wanted.borrow(), ..self.with(|set| set.clone()) }
    }

    /// Waits until the daemon is not frozen.
    pub(crate) async fn thawed(&self) {
        let _ = self.0.wanted.subscribe().wait_for(|state| *state != DaemonState::Frozen).await;
    }

    pub(crate) fn watch_daemon(&self) -> watch::Receiver<DaemonState> {
        self.0.wanted.subscribe()
    }

    pub(crate) fn report(&self, state: DaemonState) {
        self.0.reached.send_replace(state);
    }

    /// Ends a restart, so that the daemon stays up.
    pub(crate) fn come_back(&self) {
        self.0.wanted.send_if_modified(|state| {
            let restarting = matches!(state, DaemonState::Restart(_));
            if restarting {
                *state = DaemonState::Up;
            }
            restarting
        });
    }

    pub(crate) fn bad_lines(&self) -> broadcast::Receiver<BadLine> {
        self.0.bad_lines.subscribe()
    }

    fn with<T>(&self, action: impl FnOnce(&mut FaultSet) -> T) -> T {
        action(&mut self.0.set.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
