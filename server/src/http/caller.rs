//! What a handler works with: the server's state as its caller may see it.
//!
//! Handlers take a [`Caller`] and never the whole state, so that none can forget to ask whose containers it shows.

use super::{ActionsAllowed, AppState, Problem, ProblemCode, peer::Peer};
use crate::{
    audit::Entry,
    auth::{Identity, Issuer, Means, Role},
    details::Visibility,
    shares,
};
use app::model::ContainerId;
use axum::{extract::FromRequestParts, http::request::Parts};
use std::convert::Infallible;

/// Who asks, and what there is for them.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The feed, the timeline and the rights are theirs; streams end with [`Identity::open`].
    pub(super) state: AppState,
    /// Who.
    pub(super) identity: Identity,
    /// From where.
    pub(super) peer: Peer,
}

impl Caller {
    /// From what [`super::guard`] and [`super::identify`] have found out.
    pub(super) fn of(state: &AppState, parts: &Parts) -> Self {
        let identity = parts.extensions.get::<Identity>().cloned();
        let identity = identity.unwrap_or_else(|| Identity::nobody(&state.stop));
        let peer = parts.extensions.get::<Peer>().cloned().unwrap_or_else(|| Peer::of(parts, &[]));
        let (feed, seen) = state.scopes.feed(&identity.scope);
        let allow_actions = ActionsAllowed(identity.role.may_act());
        let (timeline, stop) = (state.timeline.visible_to(seen), identity.open.clone());
        Self { state: AppState { feed, timeline, allow_actions, stop, ..state.clone() }, identity, peer }
    }

    /// That they see this container. What is out of their sight is not there; who sees everything is told by the engine.
    ///
    /// # Errors
    /// When they do not.
    pub(super) fn sees(&self, id: ContainerId) -> Result<(), Problem> {
        let sees = self.identity.scope.is_all() || self.state.feed.state().container(id).is_some();
        if sees { Ok(()) } else { Err(Problem::no_such_container()) }
    }

    /// By what their share of streams is counted: an account or a token by its name, an address where nobody signs in.
    pub(super) fn share(&self) -> shares::Key {
        match self.identity.means {
            Means::Nothing => self.peer.address.to_string().into(),
            means => format!("{} {} {}", means.as_str(), self.identity.issuer.as_str(), self.identity.name).into(),
        }
    }

    /// Which containers an inspect answer may name to them.
    pub(super) fn visibility(&self) -> Visibility {
        if self.identity.scope.is_all() {
            return Visibility::default();
        }
        let held = self.state.feed.state();
        Visibility::of(held.containers().map(|container| (container.id, container.name.as_str())))
    }

    /// What it is called, if they see it.
    pub(super) fn name_of(&self, id: ContainerId) -> Option<String> {
        self.state.feed.state().container(id).map(|container| container.name.clone())
    }

    /// That they may change containers.
    ///
    /// # Errors
    /// When they may not, with what to do about it.
    pub(super) fn may_act(&self, otherwise: &'static str) -> Result<(), Problem> {
        if self.state.allow_actions.0 {
            return Ok(());
        }
        if self.identity.means == Means::Nothing {
            let hint = "Start it with --allow-actions (or QUAYLIGHT_ALLOW_ACTIONS=true) to allow this.";
            return Err(Problem::new(ProblemCode::ReadOnly, otherwise, hint));
        }
        let Identity { name, role, .. } = &self.identity;
        let detail = format!("{name} has the role {role}, which may look and change nothing.");
        Err(Problem::new(ProblemCode::Role, detail, self.role_hint(Role::Operator)))
    }

    /// How an administrator gives this caller another role: by a command only where one exists for that kind of user.
    pub(super) fn role_hint(&self, role: Role) -> String {
        let Identity { name, issuer, .. } = &self.identity;
        match issuer {
            Issuer::Local => {
                format!("An administrator of this server can change that: quaylight user role {name} {role}")
            }
            Issuer::Token => {
                format!("An administrator of this server can change that: quaylight token role {name} {role}")
            }
            Issuer::Proxy => format!(
                "The role comes from a group that the proxy names: an administrator can start this server with --group-role \
                 GROUP={role}, for a group of this user."
            ),
            Issuer::OpenId { .. } => format!(
                "The role comes from a group at the OpenID provider: an administrator can start this server with --group-role \
                 GROUP={role}, for a group of this user. It holds from the next sign-in."
            ),
            Issuer::Nobody => "Sign in with a user who has that role.".to_owned(),
        }
    }

    /// An entry for the audit log, to be completed.
    pub(super) fn entry(&self, action: &str) -> Entry {
        let Identity { name, means, issuer, .. } = &self.identity;
        Entry::new(action, name, means.as_str(), self.peer.address).of(issuer)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(state, parts))
    }
}
