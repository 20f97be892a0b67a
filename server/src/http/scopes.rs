//! Feeds of users who may not see every container, one for each scope, and of some engines.
//!
//! In: the [`Feed`] of all containers. Out: for each [`Scope`] in use, a feed of its containers,
//! with the same revisions but its own epoch, so that no client mixes the two; and [`Seen`],
//! the containers that were ever in it, for past events. The number of scopes is limited by
//! accounts and groups; each costs one pass over all rows per revision. Feeds of some engines are
//! removed when they have no readers.

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
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Selection of a feed: the containers of a scope, on some engines or, for `None`, on all.
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

/// Maximum number of feeds of some engines. Each costs one pass over all rows per revision.
const MAX_ENGINE_FILTERS: usize = 64;

/// Time for which a feed of some engines is kept without a viewer, so that a viewer that reconnects
/// can continue.
const UNUSED_TIMEOUT: Duration = Duration::from_secs(30);

/// Error: there are too many feeds of some engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyFilters;

/// Creates the feeds; clones share them.
#[derive(Debug, Clone)]
pub struct Scopes {
    all: Feed,
    metrics: Metrics,
    supervisor: Supervisor,
    narrowed: Arc<Mutex<BTreeMap<View, Narrowed>>>,
}

/// The feed of a view, and the task that fills it.
#[derive(Debug)]
struct Narrowed {
    publisher: Arc<Publisher>,
    seen: Seen,
    /// A handle that keeps the feed of a scope, whose [`Seen`] is needed for past events.
    _kept: Option<Feed>,
    /// Ends the task that fills the feed when dropped.
    _stop: DropGuard,
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
        let mut narrowed = self.lock();
        let (feed, seen) = self.view(&mut narrowed, View { scope: scope.clone(), engines: None });
        (feed, Some(seen))
    }

    /// The feed of a scope on some engines.
    ///
    /// # Errors
    /// When there are too many such feeds.
    pub fn of_engines(&self, scope: &Scope, engines: BTreeSet<EngineName>) -> Result<Feed, TooManyFilters> {
        let view = View { scope: scope.clone(), engines: Some(engines) };
        let mut narrowed = self.lock();
        let is_full = |views: &BTreeMap<View, Narrowed>| {
            views.keys().filter(|view| view.engines.is_some()).count() >= MAX_ENGINE_FILTERS
        };
        if is_full(&narrowed) && !narrowed.contains_key(&view) {
            narrowed.retain(|_, narrowed| !narrowed.publisher.is_unused());
            if is_full(&narrowed) {
                return Err(TooManyFilters);
            }
        }
        Ok(self.view(&mut narrowed, view).0)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<View, Narrowed>> {
        self.narrowed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self, views: &mut BTreeMap<View, Narrowed>, view: View) -> (Feed, Seen) {
        let narrowed = views.entry(view.clone()).or_insert_with(|| self.narrow(view));
        (narrowed.publisher.subscribe(), narrowed.seen.clone())
    }

    fn narrow(&self, view: View) -> Narrowed {
        let seen = Seen::default();
        let epoch: Arc<str> = format!("{:016x}", fastrand::u64(..)).into();
        let all = self.all.clone();
        let first = narrowed(&all.state(), &epoch, &view, &seen);
        let (publisher, feed) = feed::channel(first, self.metrics.clone());
        let (publisher, stop) = (Arc::new(publisher), CancellationToken::new());
        let kept = view.engines.is_none().then_some(feed);
        let fill = fill(self.clone(), all, Arc::clone(&publisher), (epoch, view, seen.clone()));
        drop(self.supervisor.spawn_until("scope", stop.clone(), fill));
        Narrowed { publisher, seen, _kept: kept, _stop: stop.drop_guard() }
    }

    /// Removes a feed that still has no viewer, which ends its task.
    fn remove_unused(&self, view: &View) {
        let mut narrowed = self.lock();
        if narrowed.get(view).is_some_and(|narrowed| narrowed.publisher.is_unused()) {
            narrowed.remove(view);
        }
    }
}

/// Fills a feed until it is removed or the server stops.
async fn fill(scopes: Scopes, mut all: Feed, publisher: Arc<Publisher>, (epoch, view, seen): (Arc<str>, View, Seen)) {
    let unused = || async {
        publisher.unused().await;
        sleep(UNUSED_TIMEOUT).await;
    };
    let mut long_unused = pin!(unused());
    loop {
        tokio::select! {
            Some(held) = all.changed() => {
                publisher.publish(&narrowed(&held, &epoch, &view, &seen), held.event_at());
            }
            () = &mut long_unused => {
                scopes.remove_unused(&view);
                long_unused.set(unused());
            }
        }
    }
}

fn narrowed(held: &StateRef, epoch: &Arc<str>, view: &View, seen: &Seen) -> State {
    seen.learn(held.containers().filter(|each| view.sees(each)).map(|each| each.key()), |key| {
        held.container(key).is_some()
    });
    let has = |engine| view.has(engine);
    held.filtered(Arc::clone(epoch), has, |container| view.scope.sees(container), |key| seen.contains(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn feeds_of_engines_are_limited_while_in_use_and_removed_afterwards() {
        let (_publisher, all) = feed::channel(State::new("e"), Metrics::default());
        let supervisor = Supervisor::default();
        let scopes = Scopes::new(all, Metrics::default(), supervisor.clone());
        let filter = |number: usize| BTreeSet::from([EngineName::new(&format!("e{number}")).unwrap()]);
        let feed = |number| scopes.of_engines(&Scope::All, filter(number));
        let mut used: Vec<_> = (0..MAX_ENGINE_FILTERS).map(|number| feed(number).unwrap()).collect();
        assert_eq!(feed(MAX_ENGINE_FILTERS).map(drop), Err(TooManyFilters));
        assert!(feed(0).is_ok());

        used.pop();
        let last = feed(MAX_ENGINE_FILTERS).unwrap();
        drop(used);
        let epoch = || feed(0).unwrap().state().epoch().to_owned();
        let first = epoch();
        sleep(UNUSED_TIMEOUT / 2).await;
        assert_eq!(epoch(), first, "one that returns in time continues");
        sleep(UNUSED_TIMEOUT * 2).await;
        assert_eq!(scopes.lock().len(), 1, "only the last is in use");
        assert_ne!(epoch(), first);
        drop(last);
        assert_eq!(supervisor.failure(), None);
    }
}
