//! A real Docker Engine for tests, so that the simulator stays equal to it. Needs the feature
//! `real-engine`.
//!
//! In: `DOCKER_HOST`, or an installed `dockerd` and root. Out: an address and an image.
//! [`supervisor`] owns the daemon, [`http`] connects to it, [`image`] builds the image from
//! busybox.

mod http;
mod image;
mod supervisor;

use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, OnceLock};

use supervisor::Supervisor;

/// A real engine with a busybox image. Clones share it.
///
/// An engine of `DOCKER_HOST` stays as it was, except for the image. A private one is stopped, with
/// everything in it, when its last clone is dropped; [`RealEngine::obtain`] keeps one until the
/// process ends.
#[derive(Clone, Debug)]
pub struct RealEngine {
    url: Arc<str>,
    _supervisor: Option<Arc<Supervisor>>,
}

/// Error: there is no real engine.
#[derive(Debug, thiserror::Error)]
pub enum RealEngineError {
    /// There is no engine, and no daemon to start one.
    #[error("{0}")]
    Missing(&'static str),
    /// `DOCKER_HOST` names something other than unix:///PATH or tcp://ADDRESS:PORT.
    #[error("DOCKER_HOST={0} is neither unix:///PATH nor tcp://ADDRESS:PORT")]
    Address(String),
    /// The daemon did not start; contains the end of its log.
    #[error("dockerd did not become ready:\n{0}")]
    NotReady(String),
    /// A file or socket failed.
    #[error("could not {0}")]
    Io(&'static str, #[source] std::io::Error),
    /// The engine refused the image.
    #[error("the engine refused the image with {0}")]
    Import(String),
}

impl RealEngine {
    /// The image for tests, built from busybox, without a default command.
    pub const IMAGE: &str = "quaylight-busybox:test";

    /// The engine of this test process: `DOCKER_HOST`, or a private one; `None` if there is
    /// neither, and the reason is printed.
    ///
    /// Blocks for a second or two on the first call.
    ///
    /// # Panics
    /// Panics if there is no engine although `REQUIRE_DOCKER=1`.
    #[must_use]
    pub fn obtain() -> Option<Self> {
        static OF_PROCESS: OnceLock<Option<RealEngine>> = OnceLock::new();
        OF_PROCESS.get_or_init(Self::start_or_report).clone()
    }

    /// Connects to `DOCKER_HOST` or starts a private engine, and gives it the image.
    ///
    /// # Errors
    /// If there is no engine, or it fails.
    pub fn start() -> Result<Self, RealEngineError> {
        let engine = match std::env::var("DOCKER_HOST") {
            Ok(url) if !url.is_empty() => Self { url: url.into(), _supervisor: None },
            _ => Self::start_private()?,
        };
        image::import(&engine.url, Self::IMAGE)?;
        Ok(engine)
    }

    /// Gives the engine at `url` the image [`Self::IMAGE`].
    ///
    /// # Errors
    /// If there is no busybox, or the engine refuses the image.
    pub fn give_image(url: &str) -> Result<(), RealEngineError> {
        image::import(url, Self::IMAGE)
    }

    /// Address of the engine, in the format of `DOCKER_HOST`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn start_private() -> Result<Self, RealEngineError> {
        if !std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
            return Err(RealEngineError::Missing("DOCKER_HOST is not set, and only root can start a dockerd"));
        }
        let supervisor = Supervisor::start(None).or_else(|_| Supervisor::start(Some("vfs")))?;
        Ok(Self { url: supervisor.url().into(), _supervisor: Some(Arc::new(supervisor)) })
    }

    fn start_or_report() -> Option<Self> {
        match Self::start() {
            Ok(engine) => Some(engine),
            Err(error) if std::env::var("REQUIRE_DOCKER").is_ok_and(|value| value == "1") => {
                panic!("REQUIRE_DOCKER=1, but there is no real engine: {error}")
            }
            Err(error) => {
                print_line(&format!("skipped: no real engine: {error}"));
                None
            }
        }
    }
}

/// Prints a line for the user, past libtest's capture.
fn print_line(line: &str) {
    use std::io::Write;
    // A closed stderr is not an error.
    let _ = writeln!(std::io::stderr(), "{line}");
}
