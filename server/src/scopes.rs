//! Feeds of users who may not see every container: one for each scope.
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
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Creates the feeds; clones share them.
#[derive(Debug, Clone)]
pub struct Scopes {
    all: Feed,
    metrics: Metrics,
    supervisor: Supervisor,
    narrowed: Arc<Mutex<BTreeMap<Scope, (Feed, Seen)>>>,
}

impl Scopes {
    /// From the feed of all containers.
    pub fn new(all: Feed, metrics: Metrics, supervisor: Supervisor) -> Self {
        Self { all, metrics, supervisor, narrowed: Arc::default() }
    }

    /// The feed of a scope, and the containers that were ever in it.
    pub fn feed(&self, scope: &Scope) -> (Feed, Option<Seen>) {
        if scope.is_all() {
            return (self.all.clone(), None);
        }
        let mut narrowed = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        let (feed, seen) = narrowed.entry(scope.clone()).or_insert_with(|| self.narrow(scope.clone()));
        (feed.clone(), Some(seen.clone()))
    }

    fn narrow(&self, scope: Scope) -> (Feed, Seen) {
        let seen = Seen::default();
        let epoch: Arc<str> = format!("{:016x}", fastrand::u64(..)).into();
        let first = narrowed(&self.all.state(), &epoch, &scope, &seen);
        let (publisher, feed) = feed::channel(first, self.metrics.clone());
        self.supervisor.spawn("scope", follow(self.all.clone(), publisher, (epoch, scope, seen.clone())));
        (feed, seen)
    }
}

/// Runs until the server stops.
async fn follow(mut all: Feed, publisher: Publisher, (epoch, scope, seen): (Arc<str>, Scope, Seen)) {
    while let Some(held) = all.changed().await {
        publisher.publish(&narrowed(&held, &epoch, &scope, &seen), held.event_at());
    }
}

fn narrowed(held: &StateRef, epoch: &Arc<str>, scope: &Scope, seen: &Seen) -> State {
    seen.learn(held.containers().filter(|each| scope.sees(each)).map(|each| each.key()), |key| {
        held.container(key).is_some()
    });
    held.filtered(Arc::clone(epoch), |container| scope.sees(container), |key| seen.holds(key))
}
