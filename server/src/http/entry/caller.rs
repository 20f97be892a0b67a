//! The user behind a request, and what they may see and do.
//!
//! Handlers take a [`Caller`] instead of the data of all containers, so that none can forget whose
//! containers it shows.

use super::peer::Peer;
use crate::{
    audit::{Audit, Entry},
    auth::{AuthMethod, Identity, Issuer, Role},
    details::Visibility,
    engine::EngineClient,
    feed::Feed,
    history::History,
    http::{
        state::{AppState, EngineState},
        wire::problem::{Problem, ProblemCode},
    },
    now,
    process::shares,
    timeline::Timeline,
};
use app::model::{ContainerId, SampleHistory};
use axum::{extract::FromRequestParts, http::request::Parts};
use std::{convert::Infallible, time::Duration};
use tokio_util::sync::CancellationToken;

/// The user behind a request, and what they may see and do.
#[derive(Debug, Clone)]
pub(in crate::http) struct Caller {
    /// The user.
    pub(in crate::http) identity: Identity,
    /// The client's address and host.
    pub(in crate::http) peer: Peer,
    /// The containers they may see.
    pub(in crate::http) feed: Feed,
    /// The events they may see.
    pub(in crate::http) timeline: Timeline,
    /// Cancelled when the server stops or their session ends.
    pub(in crate::http) stop: CancellationToken,
    /// Audit log.
    pub(in crate::http) audit: Audit,
    history: History,
    engine: EngineState,
}

impl Caller {
    /// Creates the caller from the extensions of [`super::guard`] and [`super::identify`].
    pub(in crate::http) fn of(state: &AppState, parts: &Parts) -> Self {
        let identity = parts.extensions.get::<Identity>().cloned();
        let identity = identity.unwrap_or_else(|| Identity::signed_out(&state.streams.stop));
        let peer = parts.extensions.get::<Peer>().cloned().unwrap_or_else(|| Peer::of(parts, &[]));
        let (feed, seen) = state.containers.scopes.feed(&identity.scope);
        Self {
            stop: identity.open.clone(),
            identity,
            peer,
            feed,
            timeline: state.containers.timeline.visible_to(seen),
            audit: state.access.audit.clone(),
            history: state.containers.history.clone(),
            engine: state.engine.clone(),
        }
    }

    /// The engine's client.
    ///
    /// # Errors
    /// While the engine is not connected.
    pub(in crate::http) fn engine(&self) -> Result<EngineClient, Problem> {
        self.engine.client(&self.feed)
    }

    /// Checks that they may see a container. For users who may see every container, the engine
    /// checks whether it exists.
    ///
    /// # Errors
    /// When they may not: the same problem as for a container that does not exist.
    pub(in crate::http) fn sees(&self, id: ContainerId) -> Result<(), Problem> {
        let sees = self.identity.scope.is_all() || self.feed.state().container(id).is_some();
        if sees { Ok(()) } else { Err(Problem::no_such_container()) }
    }

    /// Samples of a container over the last `window`.
    ///
    /// # Errors
    /// When there is no such container, or the user may not see it.
    pub(in crate::http) fn samples(&self, id: ContainerId, window: Duration) -> Result<SampleHistory, Problem> {
        self.feed.state().container(id).ok_or_else(Problem::no_such_container)?;
        Ok(self.history.of(id, window, now()))
    }

    /// Key by which their open streams are counted: the account or token, or the address where
    /// sign-in is not required.
    pub(in crate::http) fn share(&self) -> shares::Key {
        match self.identity.method {
            AuthMethod::None => self.peer.address.to_string().into(),
            method => format!("{} {} {}", method.as_str(), self.identity.issuer.as_str(), self.identity.name).into(),
        }
    }

    /// The containers that an inspect response may name to them.
    pub(in crate::http) fn visibility(&self) -> Visibility {
        if self.identity.scope.is_all() {
            return Visibility::default();
        }
        let state = self.feed.state();
        Visibility::of(state.containers().map(|container| (container.id, container.name.as_str())))
    }

    /// Name of a container, if they may see it.
    pub(in crate::http) fn name_of(&self, id: ContainerId) -> Option<String> {
        self.feed.state().container(id).map(|container| container.name.clone())
    }

    /// True if they may change containers.
    pub(in crate::http) fn is_operator(&self) -> bool {
        self.identity.role.may_act()
    }

    /// Checks that they may change containers. `otherwise` is the detail where no role would allow
    /// it.
    ///
    /// # Errors
    /// When they may not; the hint has the solution.
    pub(in crate::http) fn may_act(&self, otherwise: &'static str) -> Result<(), Problem> {
        if self.is_operator() {
            return Ok(());
        }
        if self.identity.method == AuthMethod::None {
            let hint = "Start it with --allow-actions (or QUAYLIGHT_ALLOW_ACTIONS=true) to allow this.";
            return Err(Problem::new(ProblemCode::ReadOnly, otherwise, hint));
        }
        let Identity { name, role, .. } = &self.identity;
        let detail = format!("{name} has the role {role}, which cannot change anything.");
        Err(Problem::new(ProblemCode::Role, detail, self.role_hint(Role::Operator)))
    }

    /// Allows the engine's client to send actions. The first user may have been added after the
    /// start.
    pub(in crate::http) fn allow_actions(&self) {
        self.engine.permissions.allow_actions();
    }

    /// Hint for an administrator on giving this user another role: a command, if this kind of user
    /// has one.
    pub(in crate::http) fn role_hint(&self, role: Role) -> String {
        let Identity { name, issuer, .. } = &self.identity;
        match issuer {
            Issuer::Local => {
                format!("An administrator of this server can change that: quaylight user role {name} {role}")
            }
            Issuer::Token => {
                format!("An administrator of this server can change that: quaylight token role {name} {role}")
            }
            Issuer::Proxy => format!(
                "The role comes from a group in the proxy's header: an administrator can start this server with --group-role \
                 GROUP={role}, for a group of this user."
            ),
            Issuer::OpenId { .. } => format!(
                "The role comes from a group at the OpenID provider: an administrator can start this server with --group-role \
                 GROUP={role}, for a group of this user. It applies from the next sign-in."
            ),
            Issuer::None => "Sign in with a user who has that role.".to_owned(),
        }
    }

    /// An entry for the audit log, to be completed.
    pub(in crate::http) fn entry(&self, action: &str) -> Entry {
        let Identity { name, method, issuer, .. } = &self.identity;
        Entry::new(action, name, method.as_str(), self.peer.address).of(issuer)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(state, parts))
    }
}
