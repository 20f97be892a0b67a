//! The identity of a client.

use super::{Role, Scope, accounts::Token};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Authentication method of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// None: sign-in is not required.
    None,
    /// By a session after a sign-in.
    Session,
    /// By a token.
    Token,
    /// By a trusted proxy.
    Proxy,
    /// By the connection: the server that this one has joined.
    Join,
}

impl AuthMethod {
    /// Name in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Session => "session",
            Self::Token => "token",
            Self::Proxy => "proxy",
            Self::Join => "join",
        }
    }
}

/// Source of a name. The same name from two issuers means two users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    /// None: sign-in is not required.
    None,
    /// Users of `quaylight user`.
    Local,
    /// Tokens of `quaylight token`.
    Token,
    /// Header of a trusted proxy.
    Proxy,
    /// The setting `--join`.
    Join,
    /// An OpenID provider, with its own id for the user.
    OpenId {
        /// Issuer URL of the provider.
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

    /// Name of the issuer in the audit log: a provider's URL, or `none`, `local`, `token`, `proxy` or
    /// `join`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Local => "local",
            Self::Token => "token",
            Self::Proxy => "proxy",
            Self::Join => "join",
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

/// The identity of a client, with its rights.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Name of the user or token.
    pub name: Arc<str>,
    /// Role.
    pub role: Role,
    /// Containers that the client may see.
    pub scope: Scope,
    /// Authentication method.
    pub method: AuthMethod,
    /// Source of the name.
    pub issuer: Issuer,
    /// Cancelled when the identity ends or the server stops; ends the streams of the client.
    pub open: CancellationToken,
}

impl Identity {
    /// Identity of every client of a server without sign-in.
    pub fn anonymous(may_act: bool, stop: &CancellationToken) -> Self {
        let role = if may_act { Role::Admin } else { Role::Viewer };
        let (method, issuer) = (AuthMethod::None, Issuer::None);
        Self { name: "anybody".into(), role, scope: Scope::All, method, issuer, open: stop.clone() }
    }

    /// Identity of the server at `hub`, which this one has joined with these rights.
    pub fn joined(hub: &str, role: Role, scope: Scope, open: CancellationToken) -> Self {
        Self { name: hub.into(), role, scope, method: AuthMethod::Join, issuer: Issuer::Join, open }
    }

    /// Identity of a client that has to sign in first: it has no access.
    pub fn signed_out(stop: &CancellationToken) -> Self {
        Self { name: "nobody".into(), scope: Scope::Nothing, ..Self::anonymous(false, stop) }
    }
}

/// Streams opened with each token of the accounts file.
#[derive(Debug, Default)]
pub(super) struct OpenByToken(Mutex<HashMap<super::Digest, (Token, CancellationToken)>>);

impl OpenByToken {
    /// Returns a cancellation token that is cancelled when the API token ends.
    pub(super) fn open(&self, token: &Token, stop: &CancellationToken) -> CancellationToken {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, open) = held.entry(token.digest).or_insert_with(|| (token.clone(), stop.child_token()));
        if known != token {
            // The rights or the lifetime have changed.
            std::mem::replace(open, stop.child_token()).cancel();
            known.clone_from(token);
        }
        open.clone()
    }

    /// Ends the streams of invalid tokens.
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
