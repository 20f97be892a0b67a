//! Builds the server from its stages and runs it until it is stopped.

mod engines;
mod joining;
mod units;

use crate::{
    audit::Audit,
    auth::Auth,
    config::Config,
    engine::Engines,
    far::link::JoinedHosts,
    feed,
    history::History,
    http::{
        self, AccessState, AllowedHosts, AppState, ContainerState, Diagnoses, EngineState, Guard, PageState,
        ProcessState, ProxyHeaders, StreamState, Timeouts, scopes::Scopes, site::Site,
    },
    logs::LogReaders,
    openid::OpenId,
    process::{
        cost::CostMeter,
        demand::Demand,
        metrics::Metrics,
        supervisor::{Supervisor, TaskFailure},
    },
    sampler::CallBudget,
    store::{self, State},
    swarm::Swarm,
    timeline::Timeline,
    watcher,
};
use anyhow::Context as _;
use joining::Joining;
use leptos::config::LeptosOptions;
use std::{future::Future, net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use units::{Shared, Units};

/// Time after a failure during which `/healthz` reports it, while streams have ended already.
const FAILURE_REPORT_TIME: Duration = Duration::from_millis(250);
/// Timeout for open requests after [`FAILURE_REPORT_TIME`]: a failed server exits within a second.
const FAILURE_DRAIN_TIMEOUT: Duration = Duration::from_millis(250);

/// A server that is bound to its address but does not serve yet.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    address: SocketAddr,
    router: axum::Router,
    /// Description of the engines.
    engines: String,
    metrics: Metrics,
    audit: Audit,
    supervisor: Supervisor,
    stop: CancellationToken,
}

impl Application {
    /// Binds the address, finds the engine and starts the stages.
    ///
    /// # Errors
    /// When the server would be open to a network, the accounts or a secret cannot be read, the
    /// address is in use or the demo engine cannot start. A missing engine is not an error: the
    /// watcher retries.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let access = &config.access;
        access.complete()?;
        let (audit, audit_writer) = Audit::open(config.audit_log());
        let auth =
            Auth::open(&config.data_dir(), access.session_lifetime, access.has_external_sign_in(), stop.clone())?;
        let openid = OpenId::from_config(access)?;
        auth.keep_those_of(openid.as_ref().map(OpenId::fingerprint));
        may_listen(&config, auth.is_required())?;
        let listener = listening(config.listen)
            .with_context(|| format!("cannot listen on {}; choose another address with --listen", config.listen))?;
        let address = listener.local_addr().context("the listener has no address")?;
        let joined = JoinedHosts::open(&config.data_dir(), stop.clone())?;
        config.join.complete()?;
        // Before any stage starts, so that the error is the only output.
        let found = units::find_all(&config, &joined).await?;
        let site = site(&config)?;
        let leptos = LeptosOptions::builder().output_name("quaylight").site_addr(address).build();

        let (demand, metrics) = (Demand::default(), Metrics::default());
        let state = State::new(format!("{:016x}", fastrand::u64(..)));
        let (publisher, feed) = feed::channel(state.clone(), metrics.clone());
        let (store, observations) = watcher::observations();
        let timeline = Timeline::default();
        let history = History::new(config.stats_interval);
        let (supervisor, swarm) = (Supervisor::default(), Swarm::default());
        let publish = move |state: &State, event_at| publisher.publish(state, event_at);
        supervisor.spawn("store", store::run(state, observations, publish));
        let shared = Shared {
            config: config.clone(),
            may_act: config.allow_actions || auth.is_required(),
            store,
            timeline: timeline.clone(),
            swarm_events: swarm.events(),
            history: history.clone(),
            demand: demand.clone(),
            budget: CallBudget::default(),
            metrics: metrics.clone(),
            supervisor: supervisor.clone(),
        };
        let all = Engines::default();
        supervisor.spawn("swarm", swarm.clone().run(all.clone()));
        let units = Units::start(shared, all.clone(), joined.clone(), found).await;
        let engines = units.description();
        supervisor.spawn("settings", units.follow(config.engines_file.clone()));
        let join_audit = audit.clone();
        let record = move |change| http::record_join(&join_audit, change);
        supervisor.spawn("joined servers", joined.clone().follow(record));

        let ended_audit = audit.clone();
        supervisor.spawn("accounts", auth.clone().follow(move |ended| ended_audit.record_command("endSession", ended)));
        if let Some(writer) = audit_writer {
            supervisor.spawn("audit", writer.run());
        }
        let proxy_headers = ProxyHeaders {
            user: access.proxy_user_header.clone(),
            groups: access.proxy_groups_header.clone(),
            roles: access.group_role.clone().into(),
        };
        let hosts = AllowedHosts::new(address, &access.hosts());
        let guard = Guard::new(hosts, &access.origins(), &access.trusted_proxy).at(access.public_url.as_deref());
        let state = AppState {
            containers: ContainerState {
                scopes: Scopes::new(feed, metrics.clone(), supervisor.clone()),
                history,
                timeline,
            },
            engines: EngineState { all, swarm, allow_actions: config.allow_actions },
            access: AccessState { auth, openid, proxy_headers, joined, audit: audit.clone() },
            streams: StreamState {
                demand,
                log_readers: LogReaders::new(metrics.clone()),
                diagnoses: Diagnoses::default(),
                stop: stop.clone(),
            },
            process: ProcessState {
                metrics: metrics.clone(),
                cost: CostMeter::new(metrics.clone()),
                container_metrics: config.container_metrics,
                stats_interval: config.stats_interval,
                supervisor: supervisor.clone(),
            },
            pages: PageState { site, leptos, styleguide: config.styleguide },
        };
        let router = http::router(state, guard, access.base());
        if let Some(hub) = config.join.join.clone() {
            let data_dir = config.data_dir();
            let router = (router.clone(), access.base());
            let joining = Joining::new((hub, config.join.clone()), &data_dir, router, audit.clone(), stop.clone());
            supervisor.spawn("join", joining.run());
        }
        Ok(Self { listener, address, router, engines, metrics, audit, supervisor, stop })
    }

    /// Address on which the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Description of the engines.
    pub fn engine(&self) -> &str {
        &self.engines
    }

    /// The tasks of this server, for tests.
    pub fn supervisor(&self) -> Supervisor {
        self.supervisor.clone()
    }

    /// Serves until `stopped` is ready, then ends the streams and drains other requests.
    ///
    /// # Errors
    /// When a required task has ended. Streams end immediately, and the process should
    /// exit so that it is restarted.
    pub async fn run_until(self, stopped: impl Future<Output = ()> + Send + 'static) -> Result<(), TaskFailure> {
        let Self { listener, address: _, router, engines: _, metrics, audit, supervisor, stop } = self;
        let closing = CancellationToken::new();
        let serving = http::serve(listener, router, Timeouts::default(), metrics, closing.clone());
        let mut serving = std::pin::pin!(serving);
        let failure = tokio::select! {
            () = &mut serving => None,
            () = stopped => None,
            failure = supervisor.failed() => Some(failure),
        };
        stop.cancel();
        if failure.is_none() {
            closing.cancel();
            serving.await;
        } else if timeout(FAILURE_REPORT_TIME, &mut serving).await.is_err() {
            closing.cancel();
            let _ = timeout(FAILURE_DRAIN_TIMEOUT, serving).await;
        }
        // Before its writer is stopped.
        let _ = timeout(FAILURE_DRAIN_TIMEOUT, audit.flush()).await;
        supervisor.shutdown().await;
        failure.map_or(Ok(()), Err)
    }
}

/// Checks that unauthenticated clients cannot reach the engine: if the server can be reached from a
/// network, users must sign in by a method that others cannot forge.
///
/// # Errors
/// When the server would be open to others; the error has the solution.
pub fn may_listen(config: &Config, signs_in: bool) -> anyhow::Result<()> {
    let (listen, access) = (config.listen, &config.access);
    let is_local = listen.ip().to_canonical().is_loopback();
    let wide: Vec<_> = access.wide_proxies().iter().map(ToString::to_string).collect();
    anyhow::ensure!(
        wide.is_empty() || access.proxy_user_header.is_none(),
        "--trusted-proxy {} with --proxy-user-header lets everyone in that network sign in as any user by sending that header; \
         set it to the proxy's address, such as --trusted-proxy 127.0.0.1",
        wide.join(",")
    );
    let data_dir = config.data_dir.as_ref().map(|folder| format!(" --data-dir {}", folder.display()));
    let solution = format!(
        "add a user with `quaylight user add NAME --role admin{}` (in {}), or use --insecure-no-auth \
         (QUAYLIGHT_INSECURE_NO_AUTH=true)",
        data_dir.unwrap_or_default(),
        config.data_dir().display()
    );
    let open_settings = access.exposing_settings().join(", ");
    let is_open = !signs_in && (!is_local || !open_settings.is_empty());
    anyhow::ensure!(
        !is_open || is_local || access.insecure_no_auth,
        "listening on {listen} would open the engine to everyone on that network, because sign-in is not required; {solution}"
    );
    anyhow::ensure!(
        !is_open || access.insecure_no_auth,
        "{open_settings} would open the engine to every client of a proxy, because sign-in is not required; {solution}"
    );
    if is_open {
        tracing::warn!(%listen, "everyone who reaches this server can see every container, because of --insecure-no-auth");
    }
    if !wide.is_empty() {
        let networks = wide.join(",");
        tracing::warn!(
            networks,
            "--trusted-proxy includes addresses other than your proxy's; their forwarding headers would be trusted; set it to the proxy's address"
        );
    }
    Ok(())
}

/// Files of the pages. Only debug builds may render pages without them, for tests.
fn site(config: &Config) -> anyhow::Result<Site> {
    let site = Site::find(config.site_root.as_deref());
    let may_miss = cfg!(debug_assertions) && config.site_root.is_none();
    anyhow::ensure!(
        may_miss || site.is_complete(),
        "the built pages are not in {}; build them with `make build`, or set their folder with --site-root",
        site.place()
    );
    Ok(site)
}

/// Maximum number of connections that wait to be accepted: as many as arrive within a second.
const BACKLOG: u32 = 4_096;

fn listening(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // So that connections of the previous run do not block the port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Listens for SIGINT and SIGTERM from now on. The future is ready at the first signal.
///
/// # Errors
/// When the system refuses signal handlers.
pub fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
