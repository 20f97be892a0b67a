//! Feeds of users who may not see every container, one for each scope, and of some engines.
//!
//! In: the [`Feed`] of all containers. Out: for each [`Scope`] in use, a feed of its containers,
//! with the same revisions but its own epoch, so that no client mixes the two; and [`Seen`],
//! the containers that were ever in it, for past events. The number of scopes is limited by
//! accounts and groups; each costs one pass over all rows per revision.

use crate::{
    auth::Scope,
    feed::{self, Feed, Publisher, StateRef},
    process::{metrics::Metrics, supervisor::Supervisor},
    store::State,
    timeline::Seen,
};
use app::model::{Container, EngineName};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

/// Selection of a feed: the containers of a scope, on these engines or, for `None`, on all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct View {
    scope: Scope,
    engines: Option<BTreeSet<EngineName>>,
}

impl View {
    fn has(&self, engine: EngineName) -> bool {
        self.engines.as_ref().is_none_or(|engines| engines.contains(&engine))
    }

    fn sees(&self, container: &Container) -> bool {
        self.has(container.engine) && self.scope.sees(container)
    }
}

/// Feeds of some engines at once: each costs one pass over all rows per revision.
const MAX_ENGINE_FILTERS: usize = 64;

/// Error: there are too many feeds of some engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyFilters;

/// Creates the feeds; clones share them.
#[derive(Debug, Clone)]
pub struct Scopes {
    all: Feed,
    metrics: Metrics,
    supervisor: Supervisor,
    narrowed: Arc<Mutex<BTreeMap<View, (Feed, Seen)>>>,
}

impl Scopes {
    /// Creates the scopes from the feed of all containers.
    pub fn new(all: Feed, metrics: Metrics, supervisor: Supervisor) -> Self {
        Self { all, metrics, supervisor, narrowed: Arc::default() }
    }

    /// The feed of a scope, and the containers that were ever in it.
    pub fn feed(&self, scope: &Scope) -> (Feed, Option<Seen>) {
        if scope.is_all() {
            return (self.all.clone(), None);
        }
        let (feed, seen) = self.view(View { scope: scope.clone(), engines: None });
        (feed, Some(seen))
    }

    /// The feed of a scope on some engines.
    ///
    /// # Errors
    /// When there are too many of these.
    pub fn of_engines(&self, scope: &Scope, engines: BTreeSet<EngineName>) -> Result<Feed, TooManyFilters> {
        let view = View { scope: scope.clone(), engines: Some(engines) };
        let narrowed = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        let count = narrowed.keys().filter(|view| view.engines.is_some()).count();
        if count >= MAX_ENGINE_FILTERS && !narrowed.contains_key(&view) {
            return Err(TooManyFilters);
        }
        drop(narrowed);
        Ok(self.view(view).0)
    }

    fn view(&self, view: View) -> (Feed, Seen) {
        let mut narrowed = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        let (feed, seen) = narrowed.entry(view.clone()).or_insert_with(|| self.narrow(view));
        (feed.clone(), seen.clone())
    }

    fn narrow(&self, view: View) -> (Feed, Seen) {
        let seen = Seen::default();
        let epoch: Arc<str> = format!("{:016x}", fastrand::u64(..)).into();
        let first = narrowed(&self.all.state(), &epoch, &view, &seen);
        let (publisher, feed) = feed::channel(first, self.metrics.clone());
        self.supervisor.spawn("scope", follow(self.all.clone(), publisher, (epoch, view, seen.clone())));
        (feed, seen)
    }
}

/// Runs until the server stops.
async fn follow(mut all: Feed, publisher: Publisher, (epoch, view, seen): (Arc<str>, View, Seen)) {
    while let Some(held) = all.changed().await {
        publisher.publish(&narrowed(&held, &epoch, &view, &seen), held.event_at());
    }
}

fn narrowed(held: &StateRef, epoch: &Arc<str>, view: &View, seen: &Seen) -> State {
    seen.learn(held.containers().filter(|each| view.sees(each)).map(|each| each.key()), |key| {
        held.container(key).is_some()
    });
    let has = |engine| view.has(engine);
    held.filtered(Arc::clone(epoch), has, |container| view.scope.sees(container), |key| seen.contains(key))
}
