//! Somebody who asks.

use super::{Role, Scope, accounts::Token};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::sync::CancellationToken;

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

/// Where a name comes from. The same name of two issuers is two users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    /// Nobody had to sign in.
    Nobody,
    /// The users of `quaylight user`.
    Local,
    /// The tokens of `quaylight token`.
    Token,
    /// A trusted proxy's header.
    Proxy,
    /// An OpenID provider, and its own id for the user.
    OpenId {
        /// As the provider calls itself.
        issuer: Arc<str>,
        /// The claim `sub`.
        subject: Arc<str>,
    },
}

impl Issuer {
    /// An OpenID provider.
    pub fn openid(issuer: &str, subject: &str) -> Self {
        Self::OpenId { issuer: issuer.into(), subject: subject.into() }
    }

    /// As the audit log has it: a provider's address, or `none`, `local`, `token` or `proxy`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Nobody => "none",
            Self::Local => "local",
            Self::Token => "token",
            Self::Proxy => "proxy",
            Self::OpenId { issuer, .. } => issuer,
        }
    }

    /// The provider's id for the user.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::OpenId { subject, .. } if !subject.is_empty() => Some(subject),
            _ => None,
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
    /// Where the name comes from.
    pub issuer: Issuer,
    /// Cancelled when it ends, or the server does: streams end with it.
    pub open: CancellationToken,
}

impl Identity {
    /// Whoever reaches a server at which nobody signs in.
    pub fn anybody(may_act: bool, stop: &CancellationToken) -> Self {
        let role = if may_act { Role::Admin } else { Role::Viewer };
        let (means, issuer) = (Means::Nothing, Issuer::Nobody);
        Self { name: "anybody".into(), role, scope: Scope::All, means, issuer, open: stop.clone() }
    }

    /// Whoever has not signed in where one has to: sees and may nothing.
    pub fn nobody(stop: &CancellationToken) -> Self {
        Self { name: "nobody".into(), scope: Scope::Nothing, ..Self::anybody(false, stop) }
    }
}

/// What each token of the accounts file has open.
#[derive(Debug, Default)]
pub(super) struct OpenByToken(Mutex<HashMap<super::Digest, (Token, CancellationToken)>>);

impl OpenByToken {
    /// What is opened with a token ends with this.
    pub(super) fn open(&self, token: &Token, stop: &CancellationToken) -> CancellationToken {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, open) = held.entry(token.digest).or_insert_with(|| (token.clone(), stop.child_token()));
        if known != token {
            // Other rights, or another lifetime.
            std::mem::replace(open, stop.child_token()).cancel();
            known.clone_from(token);
        }
        open.clone()
    }

    /// Ends what was opened with tokens that do not hold.
    pub(super) fn keep(&self, holds: impl Fn(&Token) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (token, open)| {
            let stays = holds(token);
            if !stays {
                open.cancel();
            }
            stays
        });
    }
}
