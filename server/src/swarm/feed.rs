//! Gives requests and streams the picture, and the poller its demand.

use super::{Picture, poller::Poller};
use crate::engine::Engines;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot, watch},
    time::timeout,
};

/// Timeout of a request that waits for a poll: longer than a busy manager needs.
const POLL_TIMEOUT: Duration = Duration::from_millis(1_500);

/// The swarms; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Swarm(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    picture: watch::Sender<Arc<Picture>>,
    demand: Mutex<Demand>,
    /// Notified when there is more demand.
    demanded: Notify,
    /// Notified when something may have changed.
    events: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Demand {
    viewers: usize,
    /// Requests that wait until everything is polled.
    waiting: Vec<oneshot::Sender<()>>,
}

/// Guard of one viewer.
#[derive(Debug)]
struct ViewerGuard(Swarm);

/// Reads the pictures as they change.
#[derive(Debug)]
pub struct PictureReader {
    pictures: watch::Receiver<Arc<Picture>>,
    _viewing: ViewerGuard,
}

impl Swarm {
    /// Polls until its task is aborted.
    pub async fn run(self, engines: Engines) {
        Poller::new(self, engines).run().await;
    }

    /// To be notified of each event of a swarm.
    pub fn events(&self) -> Arc<Notify> {
        Arc::clone(&self.0.events)
    }

    /// The picture in memory.
    pub fn picture(&self) -> Arc<Picture> {
        Arc::clone(&self.0.picture.borrow())
    }

    /// The picture after a poll, if the one in memory is older than the interval of polls; what
    /// does not respond in time stays as it is.
    pub async fn polled(&self) -> Arc<Picture> {
        let (sender, done) = oneshot::channel();
        self.demand(|demand| demand.waiting.push(sender));
        self.0.demanded.notify_one();
        // The sender is dropped only with the poller, at the end of the server.
        let _ = timeout(POLL_TIMEOUT, done).await;
        self.picture()
    }

    /// Polls at once, because something has been changed.
    pub fn poll_now(&self) {
        self.0.events.notify_one();
    }

    /// Reads the pictures from now on. It counts as a viewer.
    pub fn reader(&self) -> PictureReader {
        self.demand(|demand| demand.viewers += 1);
        self.0.demanded.notify_one();
        PictureReader { pictures: self.0.picture.subscribe(), _viewing: ViewerGuard(self.clone()) }
    }

    /// True if there are viewers or waiting requests.
    pub(super) fn is_demanded(&self) -> bool {
        self.demand(|demand| {
            demand.waiting.retain(|waiting| !waiting.is_closed());
            demand.viewers > 0 || !demand.waiting.is_empty()
        })
    }

    /// Waits for more demand.
    pub(super) async fn demanded(&self) {
        self.0.demanded.notified().await;
    }

    /// Waits for an event.
    pub(super) async fn event(&self) {
        self.0.events.notified().await;
    }

    /// Everything is polled: the waiting requests get the picture.
    pub(super) fn settle(&self) {
        for waiting in self.demand(|demand| std::mem::take(&mut demand.waiting)) {
            // Its request may have timed out.
            let _ = waiting.send(());
        }
    }

    pub(super) fn publish(&self, picture: Picture) {
        self.0.picture.send_if_modified(|known| {
            let is_new = **known != picture;
            if is_new {
                *known = Arc::new(picture);
            }
            is_new
        });
    }

    fn demand<T>(&self, change: impl FnOnce(&mut Demand) -> T) -> T {
        change(&mut self.0.demand.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for ViewerGuard {
    fn drop(&mut self) {
        self.0.demand(|demand| demand.viewers = demand.viewers.saturating_sub(1));
    }
}

impl PictureReader {
    /// The newest picture; waits for a change after the first call. Cancel safe.
    pub async fn changed(&mut self) -> Arc<Picture> {
        // The sender exists as long as the guard.
        let _ = self.pictures.changed().await;
        Arc::clone(&self.pictures.borrow_and_update())
    }
}
