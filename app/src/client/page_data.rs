//! What a page starts from. The server fills it in while rendering; it crosses to the browser inside the HTML.

use crate::{
    model::Timestamp,
    protocol::{Revision, Snapshot, compact},
};
use std::{fmt, sync::Arc};

/// The list at rendering time, and what this server lets its pages do.
#[derive(Debug, Clone, PartialEq)]
pub struct PageData {
    /// The list; the stream goes on from its revision.
    pub snapshot: Snapshot,
    /// Fixed for the life of the server.
    pub settings: PageSettings,
}

/// What the server was configured with, as far as pages need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSettings {
    /// Whether containers may be started, stopped, removed … from here (`--allow-actions`).
    pub actions_allowed: bool,
    /// How often samples are taken, as asked for (`--stats-interval`), in milliseconds.
    pub stats_interval_millis: u64,
}

impl Default for PageSettings {
    /// As a server without flags.
    fn default() -> Self {
        Self { actions_allowed: false, stats_interval_millis: 2_000 }
    }
}

impl PageData {
    /// Nothing known: no epoch, so the stream begins with a snapshot.
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

    /// As it stands in the HTML: `[actionsAllowed, statsIntervalMillis, snapshot]`, the snapshot in the compact form.
    #[cfg(feature = "ssr")]
    pub(super) fn write(&self) -> String {
        let Self { snapshot, settings: PageSettings { actions_allowed, stats_interval_millis } } = self;
        format!("[{},{stats_interval_millis},{}]", u8::from(*actions_allowed), compact::write_snapshot(snapshot))
    }

    /// What was written; `None` when it is anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let scanner = &mut compact::Scanner::new(text);
        scanner.open()?;
        let settings =
            PageSettings { actions_allowed: scanner.natural()? == 1, stats_interval_millis: scanner.natural()? };
        Some(Self { snapshot: compact::read_snapshot(scanner, &compact::Held::new())?, settings })
    }

    /// Whether it came from a server.
    pub(super) fn is_known(&self) -> bool {
        !self.snapshot.epoch.is_empty()
    }
}

/// Makes a page's [`PageData`]. The server puts one into the Leptos context of every page it renders.
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
