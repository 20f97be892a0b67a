//! Who did what: each action, each sign-in, each look at secrets, whether it was done or refused.
//!
//! In: entries, from the handlers. Out: `GET /api/audit`, of the newest [`MOST`]; and a log line each, which is the one to keep.

use app::model::{ContainerId, Timestamp};
use serde::Serialize;
use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Kept in memory, some 3 MiB at most.
const MOST: usize = 10_000;
/// Of a name that somebody typed, or of what an engine says: enough to know it by.
const LONGEST_TEXT: usize = 256;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done.
    Done,
    /// Not allowed.
    Denied,
    /// Allowed, and failed.
    Failed,
}

/// One thing that somebody did or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// How that is known: `none`, `session`, `token` or `proxy`.
    pub means: &'static str,
    /// From where.
    pub from: IpAddr,
    /// `start`, `remove`, `signIn` …
    pub action: String,
    /// To what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_id: Option<ContainerId>,
    /// Its name, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
    /// How it ended.
    pub result: Outcome,
    /// Why it did not end well, or how it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Entry {
    /// Of now, done, to nothing.
    pub fn new(action: &str, who: &str, means: &'static str, from: IpAddr) -> Self {
        let (action, who) = (action.to_owned(), short(who));
        let (container_id, container_name) = (None, None);
        Self {
            at: crate::now(),
            who,
            means,
            from,
            action,
            container_id,
            container_name,
            result: Outcome::Done,
            detail: None,
        }
    }

    /// To this container.
    pub fn to(self, id: ContainerId, name: Option<String>) -> Self {
        Self { container_id: Some(id), container_name: name, ..self }
    }

    /// It ended so.
    pub fn ended(self, result: Outcome, detail: Option<&str>) -> Self {
        Self { result, detail: detail.map(short), ..self }
    }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// The newest entries; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Audit(Arc<Mutex<VecDeque<Entry>>>);

impl Audit {
    /// Writes it down.
    pub fn record(&self, entry: Entry) {
        let Entry { at: _, who, means, from, action, container_id, container_name, result, detail } = &entry;
        let (id, name) =
            (container_id.map(|id| id.to_string()).unwrap_or_default(), container_name.as_deref().unwrap_or_default());
        let detail = detail.as_deref().unwrap_or_default();
        // As values, which the log quotes: what somebody typed cannot make a line of its own.
        tracing::info!(target: "audit", who = who.as_str(), means, %from, action = action.as_str(), container.id = id, container.name = name, result = ?result, detail, "audit");
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push_back(entry);
        if entries.len() > MOST {
            entries.pop_front();
        }
    }

    /// The newest, at most `limit`, oldest first.
    pub fn newest(&self, limit: usize) -> Vec<Entry> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().skip(entries.len().saturating_sub(limit)).cloned().collect()
    }
}
