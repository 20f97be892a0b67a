//! What those see who may not see everything: a feed of their own for each scope.
//!
//! In: the [`Feed`] of everything. Out: for each [`Scope`] that somebody asks for, a feed of the containers in it, at the same
//! revisions and under an epoch of its own, so that no page takes one picture for the other; and [`Seen`], which containers
//! were ever in it, for what is told of the past. There are as many scopes as accounts and groups name; each costs one look at
//! every row for each revision.

use crate::{
    auth::Scope,
    feed::{self, Feed, Publisher, StateRef},
    metrics::Metrics,
    store::State,
    supervisor::Supervisor,
    timeline::Seen,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Makes them; clones share them.
#[derive(Debug, Clone)]
pub struct Scopes {
    everything: Feed,
    metrics: Metrics,
    supervisor: Supervisor,
    narrowed: Arc<Mutex<BTreeMap<Scope, (Feed, Seen)>>>,
}

impl Scopes {
    /// Out of the feed of everything.
    pub fn new(everything: Feed, metrics: Metrics, supervisor: Supervisor) -> Self {
        Self { everything, metrics, supervisor, narrowed: Arc::default() }
    }

    /// What is seen in a scope, and was.
    pub fn feed(&self, scope: &Scope) -> (Feed, Option<Seen>) {
        if scope.is_all() {
            return (self.everything.clone(), None);
        }
        let mut narrowed = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        let (feed, seen) = narrowed.entry(scope.clone()).or_insert_with(|| self.narrow(scope.clone()));
        (feed.clone(), Some(seen.clone()))
    }

    fn narrow(&self, scope: Scope) -> (Feed, Seen) {
        let seen = Seen::default();
        let epoch: Arc<str> = format!("{:016x}", fastrand::u64(..)).into();
        let first = narrowed(&self.everything.state(), &epoch, &scope, &seen);
        let (publisher, feed) = feed::channel(first, self.metrics.clone());
        self.supervisor.spawn("scope", follow(self.everything.clone(), publisher, (epoch, scope, seen.clone())));
        (feed, seen)
    }
}

/// Until the server ends.
async fn follow(mut everything: Feed, publisher: Publisher, (epoch, scope, seen): (Arc<str>, Scope, Seen)) {
    while let Some(held) = everything.changed().await {
        publisher.publish(&narrowed(&held, &epoch, &scope, &seen), held.event_at());
    }
}

fn narrowed(held: &StateRef, epoch: &Arc<str>, scope: &Scope, seen: &Seen) -> State {
    seen.learn(held.containers().filter(|each| scope.sees(each)).map(|each| each.id), |id| {
        held.container(id).is_some()
    });
    held.filtered(Arc::clone(epoch), |container| scope.sees(container), |id| seen.holds(id))
}
