//! What is wrong with the engine at the moment, switchable at run time from Rust and over HTTP.
//!
//! Owned here; the listener, the request guard and the event log look at it. One [`FaultPatch`] changes only what it names:
//!
//! ```json
//! {"eventGap": true, "slow": {"list": 500, "inspect": 0}, "hang": {"stats": true}, "garbageList": true,
//!  "containers": {"web": {"inspect": "hang", "stats": {"status": 500}}, "db": {"inspect": null}},
//!  "badEventLine": "broken-json", "daemon": "down", "answers": {"inspect": "truncated", "stats": {"huge": 100000000}, "list": null}}
//! ```
//!
//! - `eventGap`: events happen and are told to nobody, and are not kept for replay either.
//! - `slow`: milliseconds before each call of a kind is taken up; 0 ends it.
//! - `hang`: calls of a kind are accepted and never answered.
//! - `garbageList`: the list answers 200 with text that is not JSON.
//! - `badEventLine`: one line in every open event stream, now: `broken-json`, `not-text`, `wrong-kinds`, `unknown-type` or
//!   `unknown-action`.
//! - `answers`: what calls of a kind answer instead: `garbage`, `truncated`, `{"huge": BYTES}`, `{"drip": MILLIS}`, `{"error": BYTES}`,
//!   `unknown-state`; null ends it. See [`BadAnswer`].
//! - `containers`: what calls of a kind answer for one container, by its name: `hang`, `{"status": 500}`, `{"body": "{}"}` (status 200), or
//!   `{"merge": {"State": {"Health": 7}}}` (the true answer with these fields in place of its own); null ends it. In the list, a merge
//!   changes its row.
//! - `daemon`: `up`, `down` (listener closed, connections cut, replay lost), `frozen` (accepts, never answers; thawed by `up`),
//!   or `{"restart": 500}` (down, and up again after so many milliseconds). Containers outlive it, as with live restore.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};

use crate::calls::Endpoint;

/// How the daemon is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DaemonState {
    /// Well.
    #[default]
    Up,
    /// Gone: nothing listens.
    Down,
    /// Stuck: it accepts and never answers.
    Frozen,
    /// Gone, and back after so many milliseconds.
    Restart(u64),
}

/// An answer that a client has to survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadAnswer {
    /// 200, and text that is not JSON.
    Garbage,
    /// The first half of the true answer, and then the connection is cut. An event stream is cut after its first piece.
    Truncated,
    /// So many blanks, which JSON allows, and then the true answer.
    Huge(u64),
    /// The true answer, a byte every so many milliseconds.
    Drip(u64),
    /// 500, and so many bytes that are no JSON.
    Error(u64),
    /// The true answer, but that what runs is in a state that nobody has heard of.
    UnknownState,
}

/// What is wrong with the calls of a kind about one container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContainerFault {
    /// They are accepted and never answered.
    Hang,
    /// They are refused with this status, 404 in the words for a container that is not there.
    Status(u16),
    /// 200, and this text.
    Body(String),
    /// The true answer with these fields in place of its own, at any depth. The only one that the list knows.
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
    /// Bytes that are no UTF-8.
    NotText,
    /// JSON, with numbers and lists where texts should be.
    WrongKinds,
    /// JSON, of a type no client knows.
    UnknownType,
    /// JSON, of a container and with an action no client knows.
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

/// A change of faults; what it does not name stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FaultPatch {
    /// Whether events are dropped.
    pub event_gap: Option<bool>,
    /// Milliseconds of delay by kind of call; 0 ends it.
    pub slow: BTreeMap<Endpoint, u64>,
    /// Kinds of call that hang (`true`) or no longer do (`false`).
    pub hang: BTreeMap<Endpoint, bool>,
    /// Whether the list answers nonsense.
    pub garbage_list: Option<bool>,
    /// A line to send on every open event stream.
    pub bad_event_line: Option<BadLine>,
    /// What calls of a kind answer instead; `None` ends it.
    pub answers: BTreeMap<Endpoint, Option<BadAnswer>>,
    /// What calls of a kind answer for single containers; `None` ends it.
    pub containers: BTreeMap<String, BTreeMap<Endpoint, Option<ContainerFault>>>,
    /// How the daemon is to be.
    pub daemon: Option<DaemonState>,
}

/// The faults in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultSet {
    /// Whether events are dropped.
    pub event_gap: bool,
    /// Milliseconds of delay by kind of call.
    pub slow: BTreeMap<Endpoint, u64>,
    /// Kinds of call that hang.
    pub hang: BTreeSet<Endpoint>,
    /// Whether the list answers nonsense.
    pub garbage_list: bool,
    /// What calls of a kind answer instead.
    pub answers: BTreeMap<Endpoint, BadAnswer>,
    /// What calls of a kind answer for single containers.
    pub containers: ContainerFaults,
    /// How the daemon is.
    pub daemon: DaemonState,
}

/// The handle on the faults. Clones share them.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    set: Mutex<FaultSet>,
    /// What the daemon is to be.
    wanted: watch::Sender<DaemonState>,
    /// What the listener has made of it.
    reached: watch::Sender<DaemonState>,
    bad_lines: broadcast::Sender<BadLine>,
}

impl Default for Faults {
    fn default() -> Self {
        Self(Arc::new(Shared {
            set: Mutex::default(),
            wanted: watch::Sender::new(DaemonState::Up),
            reached: watch::Sender::new(DaemonState::Up),
            // Lines wait here only until each open stream's task runs again.
            bad_lines: broadcast::Sender::new(16),
        }))
    }
}

impl Faults {
    /// Changes what `patch` names, and waits until a change of the daemon has taken place.
    pub async fn apply(&self, patch: FaultPatch) {
        let FaultPatch { event_gap, slow, hang, garbage_list, bad_event_line, answers, containers, daemon } = patch;
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
        for (endpoint, bad) in answers {
            self.answer(endpoint, bad);
        }
        for (name, faults) in containers {
            for (endpoint, fault) in faults {
                self.container(&name, endpoint, fault);
            }
        }
        if let Some(line) = bad_event_line {
            // Without an open stream nobody is there to be confused.
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

    /// Leaves calls of this kind without an answer, or no longer.
    pub fn hang(&self, endpoint: Endpoint, hangs: bool) {
        self.with(|set| if hangs { set.hang.insert(endpoint) } else { set.hang.remove(&endpoint) });
    }

    /// Answers the list with nonsense, or no longer.
    pub fn set_garbage_list(&self, garbage: bool) {
        self.with(|set| set.garbage_list = garbage);
    }

    /// Has calls of this kind answered badly; with `None`, truly again.
    pub fn answer(&self, endpoint: Endpoint, bad: Option<BadAnswer>) {
        self.with(|set| match bad {
            Some(bad) => set.answers.insert(endpoint, bad),
            None => set.answers.remove(&endpoint),
        });
    }

    /// Has calls of this kind about one container answered badly, by its name; with `None`, truly again.
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

    /// Brings the daemon down, up, or to a halt, and waits until that has taken place. A restart has taken place when it is back up.
    pub async fn set_daemon(&self, state: DaemonState) {
        let reached = if matches!(state, DaemonState::Restart(_)) { DaemonState::Up } else { state };
        // The listener reports the new state only after it has seen it; an old report must not be mistaken for it.
        self.0.reached.send_replace(DaemonState::Restart(0));
        self.0.wanted.send_replace(state);
        let _ = self.0.reached.subscribe().wait_for(|now| *now == reached).await;
    }

    /// Ends every fault.
    pub async fn clear(&self) {
        self.with(|set| *set = FaultSet::default());
        self.set_daemon(DaemonState::Up).await;
    }

    /// The faults in force.
    #[must_use]
    pub fn current(&self) -> FaultSet {
        FaultSet { daemon: *self.0.wanted.borrow(), ..self.with(|set| set.clone()) }
    }

    /// Resolves when the daemon is not frozen; at once, as a rule.
    pub(crate) async fn thawed(&self) {
        let _ = self.0.wanted.subscribe().wait_for(|state| *state != DaemonState::Frozen).await;
    }

    pub(crate) fn watch_daemon(&self) -> watch::Receiver<DaemonState> {
        self.0.wanted.subscribe()
    }

    pub(crate) fn report(&self, state: DaemonState) {
        self.0.reached.send_replace(state);
    }

    /// A restart is over: the daemon is to stay up.
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
