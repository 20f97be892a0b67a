//! The state that handlers share, in groups. A handler takes the groups it needs with `State`, and
//! the data of the containers from its [`Caller`](super::entry::caller::Caller), which holds only
//! what the user may see.

use super::wire::problem::Problem;
use crate::{
    audit::Audit,
    auth::{Auth, GroupRole},
    engine::{EngineClient, Engines},
    far::link::JoinedHosts,
    feed::Feed,
    history::History,
    http::{scopes::Scopes, site::Site},
    logs::LogReaders,
    openid::OpenId,
    process::{cost::CostMeter, demand::Demand, metrics::Metrics, shares::ClientLimits, supervisor::Supervisor},
    swarm::Swarm,
    timeline::Timeline,
};
use app::model::{EngineLink, EngineName};
use axum::{extract::FromRef, http::HeaderName};
use leptos::config::LeptosOptions;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// State of the server, in groups. Only the router and its middleware take this type; handlers take
/// a group.
#[derive(Debug, Clone, FromRef)]
pub struct AppState {
    /// Data of all containers. Handlers get it through their `Caller`.
    #[from_ref(skip)]
    pub containers: ContainerState,
    /// Access to the engines.
    pub engines: EngineState,
    /// Sign-in.
    pub access: AccessState,
    /// Open streams.
    pub streams: StreamState,
    /// State of the process.
    pub process: ProcessState,
    /// Rendering of the pages.
    pub pages: PageState,
}

/// Data of all containers, before the scope of a user is applied.
#[derive(Debug, Clone)]
pub struct ContainerState {
    /// Current state, one feed for each scope.
    pub scopes: Scopes,
    /// Samples of the last hours.
    pub history: History,
    /// Events of the last day.
    pub timeline: Timeline,
}

/// The engines, and whether their containers may be changed.
#[derive(Debug, Clone)]
pub struct EngineState {
    /// The engines by name.
    pub all: Engines,
    /// The swarms of these engines.
    pub swarm: Swarm,
    /// `--allow-actions`: true if containers may be changed while sign-in is not required.
    pub allow_actions: bool,
}

/// Sign-in.
#[derive(Debug, Clone)]
pub struct AccessState {
    /// Users, tokens and sessions.
    pub auth: Auth,
    /// The OpenID provider, if one is configured.
    pub openid: Option<OpenId>,
    /// Headers in which a trusted proxy names its users.
    pub proxy_headers: ProxyHeaders,
    /// Servers that join this one.
    pub joined: JoinedHosts,
    /// Audit log.
    pub audit: Audit,
}

/// Headers in which a trusted proxy names its users.
#[derive(Debug, Clone, Default)]
pub struct ProxyHeaders {
    /// Header with the user's name.
    pub user: Option<HeaderName>,
    /// Header with the user's groups.
    pub groups: Option<HeaderName>,
    /// Roles of groups.
    pub roles: Arc<[GroupRole]>,
}

/// Open streams.
#[derive(Debug, Clone)]
pub struct StreamState {
    /// Counts viewers.
    pub demand: Demand,
    /// Limits the number of logs that are read concurrently.
    pub log_readers: LogReaders,
    /// Limits the diagnostic streams.
    pub diagnoses: Diagnoses,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
}

/// Maximum number of diagnostic streams of all clients; a test opens four.
pub(super) const MAX_DIAGNOSES: usize = 32;
/// Maximum number of diagnostic streams of one client: two tests at once.
pub(super) const MAX_DIAGNOSES_PER_CLIENT: usize = 8;

/// Limits the diagnostic streams; clones share the count.
#[derive(Debug, Clone)]
pub struct Diagnoses {
    /// If users sign in: a limit per user.
    pub(super) of_users: ClientLimits,
    /// If sign-in is not required: only the total limit, for the person who sets up the server.
    pub(super) all: ClientLimits,
}

impl Default for Diagnoses {
    fn default() -> Self {
        Self {
            of_users: ClientLimits::new(MAX_DIAGNOSES, MAX_DIAGNOSES_PER_CLIENT),
            all: ClientLimits::new(MAX_DIAGNOSES, MAX_DIAGNOSES),
        }
    }
}

/// State of the process.
#[derive(Debug, Clone)]
pub struct ProcessState {
    /// Counters.
    pub metrics: Metrics,
    /// Resource usage.
    pub cost: CostMeter,
    /// `--container-metrics`: true if `/metrics` has series of each container.
    pub container_metrics: bool,
    /// `--stats-interval`: interval between two samples while there are viewers.
    pub stats_interval: Duration,
    /// Tasks that the server needs.
    pub supervisor: Supervisor,
}

/// The pages.
#[derive(Debug, Clone)]
pub struct PageState {
    /// Files.
    pub site: Site,
    /// Options of Leptos.
    pub leptos: LeptosOptions,
    /// `--styleguide`: true if `/styleguide` is served.
    pub styleguide: bool,
}

impl EngineState {
    /// The client of an engine, while it is connected. The error is the one in `feed`.
    ///
    /// # Errors
    /// While there is no connection.
    pub(super) fn client(&self, name: EngineName, feed: &Feed) -> Result<EngineClient, Problem> {
        let links = self.all.get(name).ok_or_else(Problem::no_engine)?.links;
        if let Some(client) = links.client.borrow().clone() {
            return Ok(client);
        }
        let state = feed.state();
        let engine = state.engine(name).filter(|engine| engine.link != EngineLink::Up);
        Err(match engine.and_then(|engine| engine.error.as_ref()) {
            Some(problem) => Problem::from(problem),
            None => Problem::engine_lost("The engine has not responded yet.", "Try again in a moment."),
        })
    }
}

/// Required by `leptos_axum`.
impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.pages.leptos.clone()
    }
}
