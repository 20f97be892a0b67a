//! Runs expensive computations on blocking threads, so that they do not delay other requests.
//!
//! In: a closure. Out: its result. Only a few run at a time, so that processors remain for other
//! work. Used for documents whose size containers control.

use std::{
    num::NonZero,
    panic,
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Permits for concurrent work: half of the processors, at least one.
static PERMITS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let processors = available_parallelism().map_or(1, NonZero::get);
    Arc::new(Semaphore::new((processors / 2).max(1)))
});

/// Runs `work` on a blocking thread. The permit is held until the work is done, even if the caller
/// is dropped.
///
/// # Panics
/// If the work panics.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // The semaphore is never closed; without a permit, the work would just start immediately.
    let permit = Arc::clone(&PERMITS).acquire_owned().await.ok();
    let done = spawn_blocking(move || {
        let done = work();
        drop(permit);
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
    async fn bulk_work_keeps_its_permit_until_done_even_if_the_caller_leaves() {
        let (release, wait) = mpsc::channel::<()>();
        let waits = Arc::new(std::sync::Mutex::new(wait));
        let turns = PERMITS.available_permits();
        let held = Arc::clone(&waits);
        let caller = tokio::spawn(run(move || held.lock().map(|wait| wait.recv()).is_ok()));
        while PERMITS.available_permits() == turns {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        caller.abort();
        assert!(caller.await.is_err());
        assert_eq!(PERMITS.available_permits(), turns - 1);
        let _ = release.send(());
        while PERMITS.available_permits() < turns {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
