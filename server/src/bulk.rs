//! Work on documents that a container makes large, off the threads that serve everybody.
//!
//! In: a closure that computes. Out: its result. It runs on a thread that may block, and only a few at a time: the rest of the
//! processors is for those who wait for something else.

use std::{
    num::NonZero,
    panic,
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Half of the processors, and one at least.
static FREE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let processors = available_parallelism().map_or(1, NonZero::get);
    Arc::new(Semaphore::new((processors / 2).max(1)))
});

/// Computes it on a thread that may block. It holds its turn until it is done, also when its caller has gone meanwhile.
///
/// # Panics
/// As the work does.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // The semaphore is never closed; without a turn the work would only run at once.
    let turn = Arc::clone(&FREE).acquire_owned().await.ok();
    let done = spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    match done.await {
        Ok(done) => done,
        Err(error) => panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Duration};

    #[tokio::test(flavor = "current_thread")]
    async fn the_others_go_on_meanwhile_and_a_caller_that_left_holds_its_turn_until_its_work_is_done() {
        let (release, wait) = mpsc::channel::<()>();
        let waits = Arc::new(std::sync::Mutex::new(wait));
        let turns = FREE.available_permits();
        let held = Arc::clone(&waits);
        let caller = tokio::spawn(run(move || held.lock().map(|wait| wait.recv()).is_ok()));
        while FREE.available_permits() == turns {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        caller.abort();
        assert!(caller.await.is_err());
        assert_eq!(FREE.available_permits(), turns - 1);
        let _ = release.send(());
        while FREE.available_permits() < turns {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
