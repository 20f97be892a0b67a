//! The user behind a request, and what they may see and do.
//!
//! Handlers take a [`Caller`] instead of the data of all containers, so that none can forget whose
//! containers it shows.

use super::{container_path::ContainerPath, peer::Peer};
use crate::{
    audit::{Audit, Entry},
    auth::{AuthMethod, Identity, Issuer, Role},
    details::Visibility,
    engine::EngineClient,
    feed::Feed,
    history::History,
    http::{
        scopes::Scopes,
        state::{AppState, EngineState},
        wire::problem::{Problem, ProblemCode},
    },
    now,
    process::shares,
    timeline::Timeline,
};
use app::model::{ContainerId, ContainerKey, EngineName, SampleHistory};
use axum::{extract::FromRequestParts, http::request::Parts};
use std::{convert::Infallible, time::Duration};
use tokio_util::sync::CancellationToken;

/// The user who sent a request, and the user's rights.
#[derive(Debug, Clone)]
pub(in crate::http) struct Caller {
    /// The user.
    pub(in crate::http) identity: Identity,
    /// The client's address and host.
    pub(in crate::http) peer: Peer,
    /// The containers that the user may see.
    pub(in crate::http) feed: Feed,
    /// The events that the user may see.
    pub(in crate::http) timeline: Timeline,
    /// Cancelled when the server stops or the user's session ends.
    pub(in crate::http) stop: CancellationToken,
    /// Audit log.
    pub(in crate::http) audit: Audit,
    history: History,
    scopes: Scopes,
    engines: EngineState,
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
            scopes: state.containers.scopes.clone(),
            engines: state.engines.clone(),
        }
    }

    /// The feed of the engines named in a query, separated by commas; without names, of all.
    ///
    /// # Errors
    /// When an engine does not exist, or too many combinations are in use.
    pub(in crate::http) fn feed_of(&self, names: Option<&str>) -> Result<Feed, Problem> {
        let Some(names) = names else { return Ok(self.feed.clone()) };
        let find = |name| self.engines.all.find(name).ok_or_else(Problem::no_engine);
        let engines = names.split(',').map(find).collect::<Result<_, _>>()?;
        self.scopes.of_engines(&self.identity.scope, engines).map_err(|_| {
            let detail = "Too many different combinations of engines are in use.";
            Problem::new(ProblemCode::TooMany, detail, "Use fewer combinations of engines, or none.")
        })
    }

    /// Checks that engines with these names exist.
    ///
    /// # Errors
    /// When one does not.
    pub(in crate::http) fn check_engines(&self, names: &[String]) -> Result<(), Problem> {
        let is_known = |name: &String| self.engines.all.find(name).is_some();
        if names.iter().all(is_known) { Ok(()) } else { Err(Problem::no_engine()) }
    }

    /// The client of an engine.
    ///
    /// # Errors
    /// While the engine is not connected.
    pub(in crate::http) fn engine(&self, name: EngineName) -> Result<EngineClient, Problem> {
        self.engines.client(name, &self.feed)
    }

    /// The container that a path names, if the user may see it. For users who may see every
    /// container, the engine checks whether it exists.
    ///
    /// # Errors
    /// When there is no such container or engine, and when several engines have the container and
    /// the path names none. A container that the user may not see has the same problem as one that
    /// does not exist.
    pub(in crate::http) fn container(&self, path: &ContainerPath) -> Result<ContainerKey, Problem> {
        self.resolve(path.engine.as_deref(), path.id()?)
    }

    /// The container with this id, on the engine if one is named.
    ///
    /// # Errors
    /// As [`Self::container`].
    pub(in crate::http) fn resolve(&self, engine: Option<&str>, id: ContainerId) -> Result<ContainerKey, Problem> {
        let state = self.feed.state();
        let engine = match engine {
            Some(name) => self.engines.all.find(name).ok_or_else(Problem::no_engine)?,
            None => {
                let found: Vec<_> = state.with_id(id).collect();
                match &found[..] {
                    [key] => key.engine,
                    [] => self.engines.all.only().ok_or_else(Problem::no_such_container)?,
                    several => return Err(Problem::ambiguous(several)),
                }
            }
        };
        let key = ContainerKey::new(engine, id);
        let sees = self.identity.scope.is_all() || state.container(key).is_some();
        if sees { Ok(key) } else { Err(Problem::no_such_container()) }
    }

    /// Samples of a container over the last `window`.
    ///
    /// # Errors
    /// When there is no such container, or the user may not see it.
    pub(in crate::http) fn samples(&self, key: ContainerKey, window: Duration) -> Result<SampleHistory, Problem> {
        self.feed.state().container(key).ok_or_else(Problem::no_such_container)?;
        Ok(self.history.of(key, window, now()))
    }

    /// Key by which the user's open streams are counted: the account or token, or the address if
    /// sign-in is not required.
    pub(in crate::http) fn share(&self) -> shares::Key {
        match self.identity.method {
            AuthMethod::None => self.peer.address.to_string().into(),
            method => format!("{} {} {}", method.as_str(), self.identity.issuer.as_str(), self.identity.name).into(),
        }
    }

    /// The containers of an engine that an inspect response may show to the user.
    pub(in crate::http) fn visibility(&self, engine: EngineName) -> Visibility {
        if self.identity.scope.is_all() {
            return Visibility::default();
        }
        let state = self.feed.state();
        let beside = state.containers().filter(|container| container.engine == engine);
        Visibility::of(beside.map(|container| (container.id, container.name.as_str())))
    }

    /// Name of a container, if the user may see it.
    pub(in crate::http) fn name_of(&self, key: ContainerKey) -> Option<String> {
        self.feed.state().container(key).map(|container| container.name.clone())
    }

    /// True if the user may change containers.
    pub(in crate::http) fn is_operator(&self) -> bool {
        self.identity.role.may_act()
    }

    /// Checks that the user may change containers. `otherwise` is the detail if no role would allow
    /// it.
    ///
    /// # Errors
    /// When the user may not; the hint has the solution.
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

    /// Allows an engine's client to send actions, because the first user may have been added after
    /// the start.
    pub(in crate::http) fn allow_actions(&self, engine: EngineName) {
        if let Some(engine) = self.engines.all.get(engine) {
            engine.permissions.allow_actions();
        }
    }

    /// Hint for an administrator on giving this user another role: a command, if there is one for
    /// this kind of user.
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
            Issuer::Join => format!("An administrator can start the server that joined with --join-role {role}."),
            Issuer::None => "Sign in with a user who has that role.".to_owned(),
        }
    }

    /// An entry for the audit log about a container, to be completed.
    pub(in crate::http) fn entry_on(&self, action: &str, key: ContainerKey) -> Entry {
        self.entry(action).to(Some(key.engine), key.id, self.name_of(key))
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
