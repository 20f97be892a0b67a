//! Password checks: two at a time, even if their clients disconnect.
//!
//! In: a password and the hash of an account. Out: whether they match. Each check takes 19 MiB and
//! some 20 ms of one core, on a thread that may block. The permit belongs to the check and not to
//! the request, which ends when its client disconnects.

use super::password::Memory;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};

/// Maximum number of concurrent password checks.
const MAX_CHECKS: usize = 2;
/// Maximum number of waiting sign-ins. A check takes some 20 ms, so the last one waits 5 s.
const MAX_WAITING: usize = 512;
/// Time without a check after which its memory is freed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum number of blocks of 1 KiB kept for the next check; a hash of higher cost allocates its
/// own.
const MAX_KEPT_BLOCKS: usize = 19_456;

/// Checks passwords; clones share the limits and the memory.
#[derive(Debug, Clone)]
pub(super) struct PasswordChecks {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    idle: Arc<Mutex<Idle>>,
}

/// Memory blocks that are not in use.
#[derive(Default)]
struct Idle {
    memories: Vec<Memory>,
    last_used: Option<Instant>,
}

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Idle").field("memories", &self.memories.len()).finish()
    }
}

/// Too many sign-ins are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooBusy;

impl Default for PasswordChecks {
    fn default() -> Self {
        let (running, waiting) = (Arc::new(Semaphore::new(MAX_CHECKS)), Arc::new(Semaphore::new(MAX_WAITING)));
        Self { running, waiting, idle: Arc::default() }
    }
}

impl PasswordChecks {
    /// Runs `check` with memory for it when a permit is free. A started check always finishes and
    /// holds its permit until then.
    ///
    /// # Errors
    /// When too many sign-ins wait; never if the device or the address `is_known`, so that
    /// attackers cannot keep users out.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        is_known: bool,
        check: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, TooBusy> {
        let waiting = match Arc::clone(&self.waiting).try_acquire_owned() {
            Ok(waiting) => Some(waiting),
            Err(_) if is_known => None,
            Err(_) => return Err(TooBusy),
        };
        // The semaphore is never closed.
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| TooBusy)?;
        drop(waiting);
        let checks = self.clone();
        let checked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut memory = checks.lock().memories.pop().unwrap_or_default();
            let found = check(&mut memory);
            checks.keep(memory);
            found
        });
        checked.await.map_err(|_| TooBusy)
    }

    /// Frees the memory if there was no check for a while; called every second.
    pub(super) fn release_idle(&self) {
        let mut idle = self.lock();
        if idle.last_used.is_some_and(|at| at.elapsed() >= IDLE_TIMEOUT) {
            *idle = Idle::default();
        }
    }

    fn keep(&self, mut memory: Memory) {
        let mut idle = self.lock();
        idle.last_used = Some(Instant::now());
        if memory.len() > MAX_KEPT_BLOCKS {
            memory = Memory::new();
        }
        idle.memories.push(memory);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot hash has failed")]
    use super::*;
    use crate::auth::Password;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn at_most_two_checks_run_even_if_clients_disconnect() {
        let (checks, running, peak) =
            (PasswordChecks::default(), Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        for _ in 0..100 {
            let (running, peak) = (Arc::clone(&running), Arc::clone(&peak));
            let check = checks.run(false, move |memory| {
                memory.resize(1, argon2::Block::default());
                peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(5));
                running.fetch_sub(1, Ordering::SeqCst);
            });
            // A client that disconnects: its request is dropped while the check runs.
            let _ = tokio::time::timeout(Duration::from_millis(1), check).await;
        }
        // Started checks finish.
        let _all = checks.running.acquire_many(u32::try_from(MAX_CHECKS).unwrap()).await.unwrap();
        assert_eq!((peak.load(Ordering::SeqCst) <= MAX_CHECKS, running.load(Ordering::SeqCst)), (true, 0));
        let kept = checks.lock().memories.len();
        assert!((1..=MAX_CHECKS).contains(&kept), "{kept} memories for {MAX_CHECKS} checks");
    }

    #[tokio::test(start_paused = true)]
    async fn password_memory_is_reused_and_freed_when_idle() {
        let checks = PasswordChecks::default();
        let hash = Password::new("correct horse".to_owned()).hash().unwrap();
        for (typed, right) in [("correct horse", true), ("correct horsf", false)] {
            let (password, hash) = (Password::new(typed.to_owned()), hash.clone());
            assert_eq!(checks.run(false, move |memory| password.matches_with(Some(&hash), memory)).await, Ok(right));
        }
        assert_eq!(checks.lock().memories.iter().map(Vec::len).collect::<Vec<_>>(), [MAX_KEPT_BLOCKS]);
        checks.release_idle();
        assert_eq!(checks.lock().memories.len(), 1);
        tokio::time::advance(IDLE_TIMEOUT).await;
        checks.release_idle();
        assert!(checks.lock().memories.is_empty());
    }

    #[tokio::test]
    async fn a_full_queue_admits_known_clients() {
        let checks = PasswordChecks::default();
        let _all = checks.waiting.try_acquire_many(u32::try_from(MAX_WAITING).unwrap()).unwrap();
        assert_eq!(checks.run(false, |_| ()).await, Err(TooBusy));
        assert_eq!(checks.run(true, |_| ()).await, Ok(()));
    }
}
