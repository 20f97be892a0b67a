//! Follows the accounts file, and ends what is over.

use super::Auth;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// One look at the file's date a second is nothing, and a revocation takes no longer.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(1_000);

impl Auth {
    /// For as long as the server runs.
    pub async fn follow(self) {
        let mut looks = interval(LOOKED_AT_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = self.0.file.version();
        loop {
            looks.tick().await;
            if self.is_required() {
                // What has expired.
                self.0.sessions.keep(|_| true);
            }
            let version = self.0.file.version();
            if version == seen {
                continue;
            }
            match self.0.file.read() {
                Ok(accounts) => {
                    seen = version;
                    tracing::info!(
                        users = accounts.users().len(),
                        tokens = accounts.tokens().len(),
                        "accounts changed"
                    );
                    self.take(accounts);
                }
                // Nobody gets in by a file that cannot be read, and nobody is thrown out by it.
                Err(error) => {
                    if seen.is_some() {
                        tracing::error!(%error, "the accounts stay as they were");
                    }
                    seen = version;
                }
            }
        }
    }
}
