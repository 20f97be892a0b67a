//! Follows the accounts file and the requests to end sessions, and ends what has expired.

use super::{Auth, accounts::AccountsError, session_ends};
use crate::{now, process::file_version::FileVersion};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// Interval for checking the files: cheap, and short enough for revocations.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Minimum interval while something expired cannot be removed.
const MIN_INTERVAL: Duration = Duration::from_millis(5);

/// Versions of the files that are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Versions {
    accounts: Option<FileVersion>,
    ends: Option<FileVersion>,
}

impl Auth {
    /// Checks the files until the task is aborted. Calls `on_ended` with a description when the
    /// command line has ended sessions.
    pub async fn follow(self, on_ended: impl Fn(&str) + Send + Sync + 'static) {
        let on_ended = Arc::new(on_ended);
        let mut applied = Versions { accounts: self.0.opened, ends: None };
        loop {
            sleep(self.until_next_check()).await;
            self.end_expired();
            self.0.checks.release_idle();
            let found = self.versions();
            if found == applied && !self.0.sessions.has_expired() && !self.0.proxied.is_to_be_written() {
                continue;
            }
            // File systems may be slow.
            let (auth, on_ended) = (self.clone(), Arc::clone(&on_ended));
            match tokio::task::spawn_blocking(move || auth.apply_changes(applied, found, &*on_ended)).await {
                Ok(now_applied) => applied = now_applied,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The server is stopping.
                Err(_) => return,
            }
        }
    }

    /// Time until the next check: a second, or less if something expires earlier.
    fn until_next_check(&self) -> Duration {
        let until = |end: u64| Duration::from_millis(end.saturating_sub(now().as_millis()));
        self.next_end().map_or(CHECK_INTERVAL, until).clamp(MIN_INTERVAL, CHECK_INTERVAL)
    }

    fn versions(&self) -> Versions {
        let ends = FileVersion::of(&self.0.folder.join(session_ends::NAME));
        Versions { accounts: self.0.file.version(), ends }
    }

    /// Applies changed files; returns the versions that are applied afterwards.
    fn apply_changes(&self, applied: Versions, found: Versions, on_ended: &dyn Fn(&str)) -> Versions {
        let accounts =
            if found.accounts == applied.accounts { applied.accounts } else { self.take_file(applied, found) };
        if found.ends != applied.ends
            && let Some(ended) = self.end_requested()
        {
            on_ended(&ended);
        }
        self.0.sessions.keep(|_| true);
        self.0.proxied.write();
        Versions { accounts, ends: found.ends }
    }

    /// Applies the accounts file; returns the version that is applied afterwards.
    fn take_file(&self, applied: Versions, found: Versions) -> Option<FileVersion> {
        match self.0.file.read() {
            Ok(accounts) => {
                tracing::info!(users = accounts.users().len(), tokens = accounts.tokens().len(), "accounts changed");
                self.take(accounts);
                found.accounts
            }
            // An unreadable file changes nothing. Errors of the system may be temporary, so they
            // are retried.
            Err(error) => {
                tracing::error!(%error, "cannot read the accounts; keeping the previous ones");
                if matches!(error, AccountsError::Io { .. }) { applied.accounts } else { found.accounts }
            }
        }
    }
}
