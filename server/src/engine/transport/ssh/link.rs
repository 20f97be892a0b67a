//! The connection to a host, shared by everything that calls its engines.
//!
//! Connecting goes on if the caller gives up, because a call has less time than a distant host may
//! need. After a refusal, it waits before it tries again: hosts block addresses that fail often.

use super::{
    channel, route,
    session::{Failure, Session},
    target::TargetHost,
};
use crate::engine::transport::LinkError;
use app::model::EngineHop;
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Time without channels after which a connection is closed, because its engine is no longer
/// watched.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Delay after a failed key exchange, because a host that is starting may refuse it.
const HANDSHAKE_RETRY_DELAY: Duration = Duration::from_secs(1);
/// Delay after an unknown host key, until the user trusts it.
const HOST_KEY_RETRY_DELAY: Duration = Duration::from_secs(5);
/// First delay after a refused sign-in; doubled each time up to [`MAX_SIGN_IN_DELAY`].
const MIN_SIGN_IN_DELAY: Duration = Duration::from_secs(5);
const MAX_SIGN_IN_DELAY: Duration = Duration::from_secs(30);
/// Timeout of the probe of a host whose engine does not respond.
const PROBE_TIMEOUT: Duration = Duration::from_millis(700);

/// Links of this process by host. Engines on the same host share its link.
static LINKS: LazyLock<Mutex<HashMap<TargetHost, Arc<Link>>>> = LazyLock::new(Mutex::default);

/// The link to a host.
pub(super) fn find(host: TargetHost) -> Arc<Link> {
    let mut links = lock(&LINKS);
    let link = links.entry(host).or_insert_with_key(|host| {
        Arc::new(Link {
            host: host.clone(),
            step: Step::default(),
            state: Mutex::default(),
            refusals: AtomicUsize::new(0),
        })
    });
    Arc::clone(link)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The step at which a connection attempt waits.
#[derive(Debug, Default)]
pub(super) struct Step(Mutex<Option<EngineHop>>);

impl Step {
    pub(super) fn set(&self, hop: EngineHop) {
        *lock(&self.0) = Some(hop);
    }

    fn get(&self) -> EngineHop {
        lock(&self.0).unwrap_or(EngineHop::Dns)
    }
}

type Connecting = Shared<BoxFuture<'static, Result<Arc<Session>, LinkError>>>;

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Connecting(Connecting),
    Up(Arc<Session>),
    /// Failed, and not tried again before this time.
    Paused(LinkError, Instant),
}

/// The link to one host.
pub(super) struct Link {
    host: TargetHost,
    step: Step,
    state: Mutex<State>,
    /// Number of consecutive refused sign-ins.
    refusals: AtomicUsize,
}

impl Link {
    /// The open session; connects if there is none.
    pub(super) async fn session(self: &Arc<Self>) -> Result<Arc<Session>, LinkError> {
        let connecting = {
            let mut state = lock(&self.state);
            match &*state {
                State::Up(session) if !session.is_closed() => return Ok(Arc::clone(session)),
                State::Paused(error, until) if Instant::now() < *until => return Err(error.clone()),
                State::Connecting(connecting) => connecting.clone(),
                _ => {
                    // Goes on if the caller gives up.
                    let task = tokio::spawn(Arc::clone(self).connect());
                    let connecting =
                        task.map(|result| result.unwrap_or_else(|_| Err(channel::lost()))).boxed().shared();
                    *state = State::Connecting(connecting.clone());
                    connecting
                }
            }
        };
        connecting.await
    }

    async fn connect(self: Arc<Self>) -> Result<Arc<Session>, LinkError> {
        self.step.set(EngineHop::Dns);
        let connected = match route::find(&self.host) {
            Ok(hops) => Session::connect(hops, &self.step).await.map_err(|Failure { error, .. }| error),
            Err(error) => Err(error),
        };
        match connected {
            Ok(session) => {
                self.refusals.store(0, Ordering::Relaxed);
                let session = Arc::new(session);
                *lock(&self.state) = State::Up(Arc::clone(&session));
                tokio::spawn(close_when_idle(Arc::clone(&self), Arc::downgrade(&session)));
                Ok(session)
            }
            Err(error) => {
                *lock(&self.state) = match self.pause_after(&error) {
                    Some(pause) => State::Paused(error.clone(), Instant::now() + pause),
                    None => State::Idle,
                };
                Err(error)
            }
        }
    }

    fn pause_after(&self, error: &LinkError) -> Option<Duration> {
        match (error.hop, error.code) {
            (EngineHop::Auth, _) => {
                let refusals = self.refusals.fetch_add(1, Ordering::Relaxed).min(8);
                Some((MIN_SIGN_IN_DELAY * (1 << refusals)).min(MAX_SIGN_IN_DELAY))
            }
            (EngineHop::Ssh, "ssh_failed") => Some(HANDSHAKE_RETRY_DELAY),
            (EngineHop::Ssh, _) => Some(HOST_KEY_RETRY_DELAY),
            _ => None,
        }
    }

    /// The step that failed if a call had no response in time.
    pub(super) async fn hop_of_timeout(&self) -> EngineHop {
        let session = match &*lock(&self.state) {
            State::Up(session) => Arc::clone(session),
            State::Connecting(_) => return self.step.get(),
            State::Paused(error, _) => return error.hop,
            State::Idle => return EngineHop::Connect,
        };
        if !session.is_closed() && session.responds(PROBE_TIMEOUT).await { EngineHop::Engine } else { EngineHop::Ssh }
    }
}

/// Closes a connection that has had no channel for [`IDLE_TIMEOUT`].
async fn close_when_idle(link: Arc<Link>, session: Weak<Session>) {
    let mut was_idle = false;
    loop {
        sleep(IDLE_TIMEOUT).await;
        let Some(session) = session.upgrade() else { return };
        // The link's own, and the one above.
        let is_idle = Arc::strong_count(&session) <= 2;
        if is_idle && was_idle || session.is_closed() {
            let mut state = lock(&link.state);
            if matches!(&*state, State::Up(current) if Arc::ptr_eq(current, &session)) {
                *state = State::Idle;
            }
            return;
        }
        was_idle = is_idle;
    }
}
