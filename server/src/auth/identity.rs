//! Somebody who asks.

use super::{Role, Scope};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Names that a proxy may vouch for at once; beyond these, the oldest streams are not ended together.
const MOST_OPEN: usize = 4_096;

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Means {
    /// They did not need to.
    Nothing,
    /// A session after a sign-in.
    Session,
    /// A token.
    Token,
    /// A trusted proxy says so.
    Proxy,
}

impl Means {
    /// As the audit log tells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Session => "session",
            Self::Token => "token",
            Self::Proxy => "proxy",
        }
    }
}

/// Somebody who asks, and what they may.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who.
    pub name: Arc<str>,
    /// What they may do.
    pub role: Role,
    /// What they may see.
    pub scope: Scope,
    /// How that is known.
    pub means: Means,
    /// Cancelled when it ends, or the server does: streams end with it.
    pub open: CancellationToken,
}

impl Identity {
    /// Whoever reaches a server at which nobody signs in.
    pub fn anybody(may_act: bool, stop: &CancellationToken) -> Self {
        let role = if may_act { Role::Admin } else { Role::Viewer };
        Self { name: "anybody".into(), role, scope: Scope::All, means: Means::Nothing, open: stop.clone() }
    }

    /// Whoever has not signed in where one has to: sees and may nothing.
    pub fn nobody(stop: &CancellationToken) -> Self {
        Self { name: "nobody".into(), scope: Scope::Nothing, ..Self::anybody(false, stop) }
    }
}

/// What is open, by how and as whom it was opened.
#[derive(Debug, Default)]
pub(super) struct OpenByKey(Mutex<HashMap<(Means, String), CancellationToken>>);

impl OpenByKey {
    pub(super) fn token(&self, means: Means, name: &str, stop: &CancellationToken) -> CancellationToken {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = open.get(&(means, name.to_owned())) {
            return token.clone();
        }
        let token = stop.child_token();
        if open.len() < MOST_OPEN {
            open.insert((means, name.to_owned()), token.clone());
        }
        token
    }

    pub(super) fn end(&self, means: Means, name: &str) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = open.remove(&(means, name.to_owned())) {
            token.cancel();
        }
    }
}
