//! Supervises the tasks that run as long as the process, or as long as something that they serve.
//!
//! In: named tasks. Out: the first [`TaskFailure`], if a task panicked or ended without a shutdown.
//! It is logged here and reported by `/healthz` and `/readyz`. [`crate::startup`] then stops
//! serving, and `main` exits with an error, so that systemd or Docker restart the server. That is
//! better than a stale list on pages that say "Live".

use futures::FutureExt as _;
use std::{
    any::Any,
    fmt,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A task that ended unexpectedly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the task `{task}` {end}")]
pub struct TaskFailure {
    /// Name of the task.
    pub task: &'static str,
    /// Way in which the task ended.
    pub end: TaskEnd,
}

/// Way in which a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskEnd {
    /// The task returned.
    Returned,
    /// The task panicked with this message.
    Panicked(String),
}

impl fmt::Display for TaskEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned => f.write_str("ended unexpectedly"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
        }
    }
}

/// Runs tasks and detects their end; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Supervisor(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    tasks: TaskTracker,
    stop: CancellationToken,
    failure: OnceLock<TaskFailure>,
    failed: CancellationToken,
    /// Name of the task that a test makes panic.
    panicking: watch::Sender<&'static str>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            failure: OnceLock::new(),
            failed: CancellationToken::new(),
            panicking: watch::Sender::new(""),
        }
    }
}

impl Supervisor {
    /// Runs a task until [`Self::shutdown`]. An earlier end is a failure.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.spawn_until(name, self.0.stop.clone(), task));
    }

    /// Runs a task until `stop` is cancelled or [`Self::shutdown`]. An earlier end is a failure.
    /// The handle waits for the end of the task.
    pub fn spawn_until(
        &self,
        name: &'static str,
        stop: CancellationToken,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let shared = Arc::clone(&self.0);
        let task = panicking_on_demand(name, shared.panicking.subscribe(), task);
        self.0.tasks.spawn(async move {
            let task = stop.run_until_cancelled(AssertUnwindSafe(task).catch_unwind());
            let ended = shared.stop.run_until_cancelled(task).await.flatten();
            let end = match ended {
                None => return,
                Some(Ok(())) if stop.is_cancelled() => return,
                Some(Ok(())) => TaskEnd::Returned,
                Some(Err(panic)) => TaskEnd::Panicked(message(&*panic)),
            };
            shared.fail(TaskFailure { task: name, end });
        })
    }

    /// Returns the first failure, if any.
    pub fn failure(&self) -> Option<&TaskFailure> {
        self.0.failure.get()
    }

    /// Waits for the first failure.
    pub async fn failed(&self) -> TaskFailure {
        loop {
            self.0.failed.cancelled().await;
            // The failure is set before the token is cancelled.
            if let Some(failure) = self.failure() {
                return failure.clone();
            }
        }
    }

    /// Stops all tasks and waits until they have ended.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Makes the task with this name panic, for tests only.
    pub fn panic_in(&self, task: &'static str) {
        self.0.panicking.send_replace(task);
    }
}

impl Shared {
    fn fail(&self, failure: TaskFailure) {
        if self.stop.is_cancelled() {
            return;
        }
        tracing::error!(task = failure.task, end = %failure.end, "a required task has ended");
        let _ = self.failure.set(failure);
        self.failed.cancel();
    }
}

async fn panicking_on_demand(
    name: &'static str,
    mut panicking: watch::Receiver<&'static str>,
    task: impl Future<Output = ()> + Send,
) {
    tokio::select! {
        () = task => {}
        Ok(_) = panicking.wait_for(|panicking| *panicking == name) => panic!("{name} panics for a test"),
    }
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::pending, time::Duration};
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(5);

    async fn failure(supervisor: &Supervisor) -> Option<TaskFailure> {
        timeout(SOON, supervisor.failed()).await.ok()
    }

    #[tokio::test]
    async fn a_panic_is_reported_with_the_task_and_its_message() {
        let supervisor = Supervisor::default();
        supervisor.spawn("steady", pending());
        let number = 7;
        supervisor.spawn("shaky", async move { panic!("not {number}") });
        let end = TaskEnd::Panicked("not 7".to_owned());
        assert_eq!(failure(&supervisor).await, Some(TaskFailure { task: "shaky", end }));
        assert_eq!(supervisor.failure().map(|failure| failure.task), Some("shaky"));
    }

    #[tokio::test]
    async fn a_returning_task_is_a_failure_and_the_first_failure_is_kept() {
        let supervisor = Supervisor::default();
        supervisor.spawn("short", async {});
        let first = failure(&supervisor).await;
        assert_eq!(first.map(|failure| failure.to_string()).as_deref(), Some("the task `short` ended unexpectedly"));
        supervisor.spawn("later", async {});
        tokio::task::yield_now().await;
        assert_eq!(supervisor.failure().map(|failure| failure.task), Some("short"));
    }

    #[tokio::test]
    async fn stopping_tasks_is_not_a_failure() {
        let supervisor = Supervisor::default();
        supervisor.spawn("steady", pending());
        supervisor.shutdown().await;
        assert_eq!(supervisor.failure(), None);
    }

    #[tokio::test]
    async fn a_task_may_end_once_it_is_stopped() {
        let supervisor = Supervisor::default();
        let (stop, returned) = (CancellationToken::new(), CancellationToken::new());
        let stopped = supervisor.spawn_until("stopped", stop.clone(), pending());
        let returning = supervisor.spawn_until("returning", returned.clone(), async move { returned.cancel() });
        stop.cancel();
        let _ = tokio::join!(stopped, returning);
        assert_eq!(supervisor.failure(), None);
        drop(supervisor.spawn_until("steady", CancellationToken::new(), async {}));
        assert_eq!(failure(&supervisor).await.map(|failure| failure.task), Some("steady"));
    }

    #[tokio::test]
    async fn any_task_can_be_made_to_panic() {
        let supervisor = Supervisor::default();
        supervisor.spawn("steady", pending());
        supervisor.panic_in("steady");
        assert_eq!(failure(&supervisor).await.map(|failure| failure.task), Some("steady"));
    }
}
