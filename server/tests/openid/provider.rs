//! A real OpenID provider: npm's `oidc-provider`, started by `end2end/support/openid-provider.mjs`.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

/// Timeout of the start: Node first reads a few hundred files.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Sometimes Node 20 listens but never reports it: it deadlocks while writing its key.
const TRIES: usize = 3;
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/support/openid-provider.mjs");
const PACKAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../node_modules/oidc-provider");

/// A running provider; killed when dropped.
#[derive(Debug)]
pub(crate) struct OpenIdProvider {
    child: Child,
    /// Kept open, because the provider writes more lines and would end with a closed pipe.
    _stdout: BufReader<ChildStdout>,
    pub(crate) issuer: String,
}

impl OpenIdProvider {
    /// Starts a provider on `port`, or 0 for a free one. Returns `None` with a message without Node
    /// or the package; with `REQUIRE_DOCKER=1`, that is a failure.
    pub(crate) async fn start(port: u16) -> Option<Self> {
        for _ in 0..TRIES {
            let arguments = [SCRIPT, &port.to_string(), "http://quay.test/sign-in/callback"].map(ToOwned::to_owned);
            let mut command = Command::new("node");
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            let is_there = Path::new(PACKAGE).is_dir();
            let Some(mut child) = is_there.then(|| command.spawn().ok()).flatten() else {
                let reason = "there is no node, or no oidc-provider beside it; run scripts/setup --tests";
                let is_required = std::env::var("REQUIRE_DOCKER").is_ok_and(|value| value == "1");
                assert!(!is_required, "REQUIRE_DOCKER=1, but {reason}");
                eprintln!("skipped: {reason}");
                return None;
            };
            let mut stdout = BufReader::new(child.stdout.take().unwrap());
            let reading = tokio::task::spawn_blocking(move || {
                let mut line = String::new();
                stdout.read_line(&mut line).map(|_| (line, stdout))
            });
            let Ok(read) = tokio::time::timeout(START_TIMEOUT, reading).await else {
                // Its end also ends the reader, which would outlive this test otherwise.
                let _ = (child.kill(), child.wait());
                continue;
            };
            let (line, stdout) = read.unwrap().unwrap();
            let issuer = line.trim().to_owned();
            assert!(issuer.starts_with("http://"), "the provider says where it is, not {issuer:?}");
            return Some(Self { child, _stdout: stdout, issuer });
        }
        panic!("the provider did not print its address, {TRIES} times");
    }
}

impl Drop for OpenIdProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
