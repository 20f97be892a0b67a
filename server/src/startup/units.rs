//! Watches each engine with tasks of its own, so that one that does not respond delays no other,
//! and follows the engines of the settings file and the servers that join.

use super::engines::{self, FoundEngine};
use crate::{
    auth::JoinHosts,
    config::{BadEngine, Config, EngineSetting},
    engine::{EngineHandle, Engines, Links, Permissions},
    far::{FarWatcher, link::JoinedHosts},
    history::History,
    process::{demand::Demand, demo::DemoEngine, file_version::FileVersion, metrics::Metrics, supervisor::Supervisor},
    sampler::{self, CallBudget, Intervals},
    timeline::Timeline,
    watcher::{self, Observation, ObservationSender, Watcher},
};
use app::model::{EngineLink, EngineName, EngineProblem};
use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Notify, task::JoinHandle, time::timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Interval for checking the settings file, the same as for the accounts.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Time for which a changed settings file must stay the same before it is read.
const SETTLE_TIME: Duration = Duration::from_millis(200);
/// Maximum number of bad entries that are logged one by one.
const MAX_LOGGED: usize = 20;

/// Values that the tasks of all engines share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) config: Config,
    /// True if the settings allow actions, or users sign in.
    pub(super) may_act: bool,
    pub(super) store: ObservationSender,
    pub(super) timeline: Timeline,
    pub(super) swarm_events: Arc<Notify>,
    pub(super) history: History,
    pub(super) demand: Demand,
    pub(super) budget: CallBudget,
    pub(super) metrics: Metrics,
    pub(super) supervisor: Supervisor,
}

/// The engines that are watched.
#[derive(Debug)]
pub(super) struct Units {
    shared: Shared,
    engines: Engines,
    joined: JoinedHosts,
    settings: Settings,
    units: BTreeMap<EngineName, Unit>,
}

/// The engines of the settings; a bad one does not affect the others.
pub(super) type Settings = Vec<Result<EngineSetting, BadEngine>>;

/// An engine that is watched, or cannot be.
#[derive(Debug)]
struct Unit {
    setting: Result<EngineSetting, BadEngine>,
    /// Address of the engine, for people.
    description: String,
    tasks: Vec<JoinHandle<()>>,
    demo: Option<DemoEngine>,
    stop: DropGuard,
}

/// An engine of the settings, before it is watched.
#[derive(Debug)]
pub(super) struct Found {
    name: EngineName,
    setting: Result<EngineSetting, BadEngine>,
    engine: Result<FoundEngine, BadEngine>,
}

/// Finds the engines of the settings, before anything is started.
///
/// # Errors
/// When an engine cannot be watched that a flag or a variable names, or no engine can be.
pub(super) async fn find_all(config: &Config, joined: &JoinedHosts) -> anyhow::Result<(Settings, Vec<Found>)> {
    let settings = config.engines().map_err(anyhow::Error::msg)?;
    let only_joins = settings.iter().flatten().any(EngineSetting::is_joins);
    let mut all = Vec::new();
    for (name, setting) in by_name(settings.clone(), &joined.hosts().borrow()) {
        all.push(find(name, setting, joined, config.demo_fallback).await);
    }
    let bad: Vec<_> = all.iter().filter_map(|found| found.engine.as_ref().err()).collect();
    if let Some(first) = bad.first().filter(|_| config.engines_file.is_none() || bad.len() == all.len()) {
        anyhow::bail!(first.message.clone());
    }
    anyhow::ensure!(!all.is_empty() || only_joins, "no engine of the settings can be watched");
    Ok((settings, all))
}

async fn find(
    name: EngineName,
    setting: Result<EngineSetting, BadEngine>,
    joined: &JoinedHosts,
    demo_fallback: bool,
) -> Found {
    let engine = match setting.clone() {
        Ok(setting) => engines::find(setting.clone(), joined, demo_fallback).await.map_err(|error| {
            let message = format!("engine {name}: {error:#}");
            BadEngine { name: Some(name), address: setting.choice.to_string(), message }
        }),
        Err(bad) => Err(bad),
    };
    Found { name, setting, engine }
}

impl Units {
    /// Starts to watch these engines, which are added to `engines`.
    pub(super) async fn start(
        shared: Shared,
        engines: Engines,
        joined: JoinedHosts,
        (settings, all): (Settings, Vec<Found>),
    ) -> Self {
        let mut units = Self { shared, engines, joined, settings, units: BTreeMap::new() };
        for found in all {
            units.add(found).await;
        }
        units
    }

    /// Follows the settings file, if there is one, and the servers that join, until its task is
    /// aborted.
    pub(super) async fn follow(mut self, file: Option<PathBuf>) {
        let mut hosts = self.joined.hosts();
        // Both may have changed since they were read for the start.
        let (mut applied, mut read, mut is_missing, mut is_changed) = (None, None, false, true);
        loop {
            // An empty file is about to be written.
            let found = file.as_deref().and_then(FileVersion::of).filter(|found| !found.is_empty());
            if file.is_some() && found.is_none() && !std::mem::replace(&mut is_missing, true) {
                tracing::error!(file = ?file, "the settings file is missing or empty; the engines stay as they are");
            }
            is_missing &= found.is_none();
            // Not while it is being written.
            let is_settled = std::mem::replace(&mut read, found) == found;
            if let Some(file) = file.as_deref().filter(|_| found.is_some() && found != applied && is_settled) {
                applied = found;
                match Config::engines_in(file) {
                    Ok(settings) => {
                        self.settings = settings;
                        is_changed = true;
                    }
                    Err(error) => {
                        let error = error.line();
                        tracing::error!(error, "cannot use the changed settings; the engines stay as they are");
                    }
                }
            }
            if is_changed {
                let known = Arc::clone(&hosts.borrow_and_update());
                self.apply(&known).await;
            }
            let interval = if found.is_some() && found != applied { SETTLE_TIME } else { CHECK_INTERVAL };
            is_changed = timeout(interval, hosts.changed()).await.is_ok_and(|changed| changed.is_ok());
        }
    }

    /// Adds, changes and removes engines until they are those of the settings and of the servers
    /// that join.
    async fn apply(&mut self, hosts: &JoinHosts) {
        let wanted = by_name(self.settings.clone(), hosts);
        let is_other = |name: &EngineName, unit: &Unit| wanted.get(name) != Some(&unit.setting);
        let gone: Vec<_> =
            self.units.iter().filter(|(name, unit)| is_other(name, unit)).map(|(name, _)| *name).collect();
        for name in gone {
            self.stop(name).await;
        }
        for (name, setting) in wanted {
            if !self.units.contains_key(&name) {
                let found = find(name, setting, &self.joined, self.shared.config.demo_fallback).await;
                self.add(found).await;
            }
        }
    }

    async fn add(&mut self, Found { name, setting, engine }: Found) {
        let unit = match engine {
            Ok(engine) => self.watch(setting, engine),
            Err(bad) => {
                self.show_bad(name, &bad).await;
                let stop = CancellationToken::new().drop_guard();
                Unit { description: bad.address, setting, tasks: Vec::new(), demo: None, stop }
            }
        };
        self.units.insert(name, unit);
    }

    fn watch(&self, setting: Result<EngineSetting, BadEngine>, found: FoundEngine) -> Unit {
        let (FoundEngine { address, demo, far }, stop) = (found, CancellationToken::new());
        let shared = &self.shared;
        if let Some(server) = far {
            let outputs = (shared.store.clone(), shared.timeline.clone(), shared.history.clone());
            let watcher = FarWatcher::new(&address, server, outputs, shared.demand.clone());
            self.engines.insert(address.name, watcher.handle());
            let tasks = vec![shared.supervisor.spawn_until("far watcher", stop.clone(), watcher.run())];
            return Unit { setting, description: address.to_string(), tasks, demo: None, stop: stop.drop_guard() };
        }
        let (name, permissions) = (address.name, Permissions::new(shared.may_act));
        let (watcher, links) = Watcher::new(
            (address.clone(), permissions.clone()),
            (shared.store.clone(), shared.timeline.clone(), Arc::clone(&shared.swarm_events)),
            shared.demand.clone(),
            &shared.config,
            sampler::find_stats_source,
            shared.metrics.clone(),
        );
        let intervals = Intervals {
            active: shared.config.stats_interval,
            idle: shared.config.idle_stats_interval,
            budget: shared.budget.clone(),
        };
        let sampling = sampler::run(
            name,
            shared.demand.clone(),
            links.clone(),
            shared.store.clone(),
            shared.metrics.clone(),
            shared.history.clone(),
            intervals,
        );
        self.engines.insert(name, EngineHandle { links, permissions, far: None });
        let mut tasks = vec![
            shared.supervisor.spawn_until("watcher", stop.clone(), watcher.run()),
            shared.supervisor.spawn_until("sampler", stop.clone(), sampling),
        ];
        if let Some(demo) = &demo {
            tasks.push(shared.supervisor.spawn_until("demo engine", stop.clone(), demo.failed()));
        }
        let description = if address.demo { "the demo engine (simulated)".to_owned() } else { address.to_string() };
        Unit { setting, description, tasks, demo, stop: stop.drop_guard() }
    }

    /// Shows an engine that cannot be watched, with the reason.
    async fn show_bad(&self, name: EngineName, bad: &BadEngine) {
        tracing::error!(error = bad.message, "an engine of the settings cannot be watched");
        let error = EngineProblem {
            code: "bad_setting".to_owned(),
            message: format!("Its settings cannot be used: {}", bad.message),
            hint: "Correct the settings; `quaylight check-config` checks them.".to_owned(),
        };
        self.engines
            .insert(name, EngineHandle { links: Links::none(), permissions: Permissions::new(false), far: None });
        let engine = watcher::unknown_engine(name, &bad.address);
        let engine = app::model::Engine { link: EngineLink::Lost, error: Some(error), ..engine };
        self.shared.store.send(Observation::Engine(Box::new(engine))).await;
    }

    async fn stop(&mut self, name: EngineName) {
        let Some(Unit { tasks, demo, stop, .. }) = self.units.remove(&name) else { return };
        if let Some(server) = self.engines.get(name).and_then(|engine| engine.far) {
            server.close();
        }
        self.engines.remove(name);
        drop(stop);
        for task in tasks {
            // The supervisor has reported a panic.
            let _ = task.await;
        }
        if let Some(demo) = demo {
            demo.shutdown().await;
        }
        self.shared.store.send(Observation::EngineRemoved(name)).await;
        tracing::info!(engine.name = %name, "engine no longer watched");
    }

    /// Description of the engines.
    pub(super) fn description(&self) -> String {
        let named = self.units.iter().map(|(name, unit)| format!("{name} ({})", unit.description));
        match self.units.values().next() {
            Some(unit) if self.units.len() == 1 => unit.description.clone(),
            _ => named.collect::<Vec<_>>().join(", "),
        }
    }
}

/// The engines by name, with those of the Docker contexts and of servers that join; bad ones without
/// a name are logged.
fn by_name(settings: Settings, hosts: &JoinHosts) -> BTreeMap<EngineName, Result<EngineSetting, BadEngine>> {
    let named: BTreeSet<_> = settings.iter().flatten().filter_map(EngineSetting::join_host).collect();
    let (mut wanted, mut unwatched) = (BTreeMap::new(), Vec::<BadEngine>::new());
    let mut adds_contexts = false;
    for setting in settings {
        let name = match &setting {
            Ok(setting) if setting.is_contexts() => {
                adds_contexts = true;
                continue;
            }
            Ok(setting) if setting.is_joins() => continue,
            Ok(setting) => Some(setting.name()),
            Err(bad) => bad.name,
        };
        match (name, setting) {
            (Some(name), setting) if setting.is_ok() || !wanted.contains_key(&name) => {
                if let Some(Err(bad)) = wanted.insert(name, setting) {
                    unwatched.push(bad);
                }
            }
            (_, Err(bad)) => unwatched.push(bad),
            (_, Ok(_)) => {}
        }
    }
    let more = unwatched.len().saturating_sub(MAX_LOGGED);
    for bad in unwatched.into_iter().take(MAX_LOGGED) {
        tracing::error!(error = bad.message, "an engine of the settings cannot be watched");
    }
    if more > 0 {
        tracing::error!(count = more, "more engines of the settings cannot be watched");
    }
    let contexts = if adds_contexts { engines::contexts() } else { Vec::new() };
    let is_unnamed = |name: &EngineName| !named.contains(name);
    let joined = hosts.all().iter().filter(|host| host.is_enrolled()).map(|host| host.name).filter(is_unnamed);
    for setting in contexts.into_iter().chain(joined.map(EngineSetting::joined)) {
        match wanted.entry(setting.name()) {
            Entry::Vacant(vacant) => {
                vacant.insert(Ok(setting));
            }
            Entry::Occupied(other) => {
                let (name, address) = (other.key(), &setting.choice);
                tracing::warn!(%name, %address, "it is not watched: another engine has its name");
            }
        }
    }
    wanted
}
