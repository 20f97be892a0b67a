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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageSettings {
    /// Whether containers may be started, stopped, removed … from here (`--allow-actions`).
    pub actions_allowed: bool,
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

    /// As it stands in the HTML: `[actionsAllowed, snapshot]`, the snapshot in the compact form.
    #[cfg(feature = "ssr")]
    pub(super) fn write(&self) -> String {
        let Self { snapshot, settings: PageSettings { actions_allowed } } = self;
        format!("[{},{}]", u8::from(*actions_allowed), compact::write_snapshot(snapshot))
    }

    /// What was written; `None` when it is anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let scanner = &mut compact::Scanner::new(text);
        scanner.open()?;
        let settings = PageSettings { actions_allowed: scanner.natural()? == 1 };
        Some(Self { snapshot: compact::read_snapshot(scanner)?, settings })
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
