//! Follows the accounts file and the requests to end sessions, and ends what is over.

use super::{
    Auth,
    accounts::{AccountsError, Version},
    session_ends,
};
use crate::now;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// Files are looked at this often: it costs nothing, and a revocation takes no longer.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Between two looks while something has expired that cannot be removed.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(5);

/// The versions of the files that were taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    accounts: Option<Version>,
    ends: Option<Version>,
}

impl Auth {
    /// Runs until its task is aborted. `on_ended` is called with the sessions that the command line has ended.
    pub async fn follow(self, on_ended: impl Fn(&str) + Send + Sync + 'static) {
        let on_ended = Arc::new(on_ended);
        let mut seen = Seen { accounts: self.0.opened, ends: None };
        loop {
            sleep(self.until_next_look()).await;
            self.end_expired();
            self.0.checks.release_idle();
            let found = self.versions();
            if found == seen && !self.0.sessions.has_expired() && !self.0.proxied.is_to_be_written() {
                continue;
            }
            // Files may be slow to read and to write.
            let (auth, on_ended) = (self.clone(), Arc::clone(&on_ended));
            match tokio::task::spawn_blocking(move || auth.look(seen, found, &*on_ended)).await {
                Ok(now_seen) => seen = now_seen,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The server ends.
                Err(_) => return,
            }
        }
    }

    /// A second, or less where something expires before.
    fn until_next_look(&self) -> Duration {
        let until = |end: u64| Duration::from_millis(end.saturating_sub(now().as_millis()));
        self.next_end().map_or(LOOK_INTERVAL, until).clamp(SHORTEST_INTERVAL, LOOK_INTERVAL)
    }

    fn versions(&self) -> Seen {
        let ends = Version::of(&self.0.folder.join(session_ends::NAME));
        Seen { accounts: self.0.file.version(), ends }
    }

    /// What has been taken in when it is done.
    fn look(&self, seen: Seen, found: Seen, on_ended: &dyn Fn(&str)) -> Seen {
        let accounts = if found.accounts == seen.accounts { seen.accounts } else { self.take_file(seen, found) };
        if found.ends != seen.ends
            && let Some(ended) = self.end_requested()
        {
            on_ended(&ended);
        }
        self.0.sessions.keep(|_| true);
        self.0.proxied.write();
        Seen { accounts, ends: found.ends }
    }

    /// The version that is taken in afterwards.
    fn take_file(&self, seen: Seen, found: Seen) -> Option<Version> {
        match self.0.file.read() {
            Ok(accounts) => {
                tracing::info!(users = accounts.users().len(), tokens = accounts.tokens().len(), "accounts changed");
                self.take(accounts);
                found.accounts
            }
            // Nobody gets in by a file that cannot be read, and nobody is thrown out by it. The system may let it be read in a moment.
            Err(error) => {
                tracing::error!(%error, "the accounts stay as they were");
                if matches!(error, AccountsError::Io { .. }) { seen.accounts } else { found.accounts }
            }
        }
    }
}
