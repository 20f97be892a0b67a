//! Initial data of a page. The server fills it in while rendering; the HTML carries it to the
//! browser.

use crate::{
    model::Timestamp,
    protocol::{Revision, Snapshot, compact},
};
use std::{fmt, sync::Arc};

/// The list at rendering time, and the server's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct PageData {
    /// The list. The stream continues from its revision.
    pub snapshot: Snapshot,
    /// Settings of the server, which do not change while it runs.
    pub settings: PageSettings,
}

/// The server's settings that pages need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSettings {
    /// True if containers may be started, stopped, removed and so on (`--allow-actions`).
    pub actions_allowed: bool,
    /// Configured interval between samples (`--stats-interval`), in milliseconds.
    pub stats_interval_millis: u64,
    /// True if an engine was a manager of a swarm when the page was rendered.
    pub has_swarm: bool,
}

impl Default for PageSettings {
    /// The settings of a server without flags.
    fn default() -> Self {
        Self { actions_allowed: false, stats_interval_millis: 2_000, has_swarm: false }
    }
}

impl PageData {
    /// No data: without an epoch, the stream starts with a snapshot.
    pub fn unknown() -> Self {
        let snapshot = Snapshot {
            epoch: String::new(),
            revision: Revision::default(),
            server_time: Timestamp::default(),
            engines: Vec::new(),
            containers: Vec::new(),
            stats: Vec::new(),
            sampled_at: None,
        };
        Self { snapshot, settings: PageSettings::default() }
    }

    /// Serializes the data for the HTML: `[actionsAllowed, statsIntervalMillis, hasSwarm, snapshot]`, the
    /// snapshot in the compact format.
    #[cfg(feature = "ssr")]
    pub(super) fn write(&self) -> String {
        let Self { snapshot, settings: PageSettings { actions_allowed, stats_interval_millis, has_swarm } } = self;
        let [actions, swarm] = [*actions_allowed, *has_swarm].map(u8::from);
        format!("[{actions},{stats_interval_millis},{swarm},{}]", compact::write_snapshot(snapshot))
    }

    /// Parses the data from the HTML; `None` if the text is malformed.
    pub(super) fn read(text: &str) -> Option<Self> {
        let scanner = &mut compact::Scanner::new(text);
        scanner.open()?;
        let settings = PageSettings {
            actions_allowed: scanner.natural()? == 1,
            stats_interval_millis: scanner.natural()?,
            has_swarm: scanner.natural()? == 1,
        };
        Some(Self { snapshot: compact::read_snapshot(scanner, &compact::Held::new())?, settings })
    }

    /// True if the data came from a server.
    pub(super) fn is_known(&self) -> bool {
        !self.snapshot.epoch.is_empty()
    }
}

/// Creates a page's [`PageData`]. The server puts one into the Leptos context of every page it
/// renders.
#[derive(Clone)]
pub struct PageDataSource(pub Arc<dyn Fn() -> PageData + Send + Sync>);

impl PageDataSource {
    /// The data for the page being rendered.
    pub fn get(&self) -> PageData {
        (self.0)()
    }
}

impl fmt::Debug for PageDataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageDataSource")
    }
}
