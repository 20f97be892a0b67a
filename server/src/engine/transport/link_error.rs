//! An error on the way to an engine, with the step that failed.

use crate::engine::EngineAddress;
use app::model::EngineHop;

/// Failure of a step on the way to an engine, and how to solve it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LinkError {
    /// The step that failed.
    pub hop: EngineHop,
    /// Stable code for programs, part of the API.
    pub code: &'static str,
    /// Description of the failure.
    pub message: String,
    /// Suggested action.
    pub hint: String,
}

impl LinkError {
    /// Creates the error of a step.
    pub(super) fn new(hop: EngineHop, code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { hop, code, message: message.into(), hint: hint.into() }
    }

    /// A host name has no address.
    pub(super) fn dns(host: &str, reason: &dyn std::fmt::Display) -> Self {
        Self::new(
            EngineHop::Dns,
            "host_not_found",
            format!("the name {host} cannot be resolved: {reason}"),
            "Check the host's name in the engine's address, and the DNS server of this machine.",
        )
    }

    /// Names the engine in the hint: `quaylight engine trust NAME`.
    pub(super) fn for_engine(mut self, address: &EngineAddress) -> Self {
        let name = if address.is_named { address.name.to_string() } else { address.url.clone() };
        self.hint = self.hint.replace("trust NAME", &format!("trust {name}"));
        self
    }

    /// True if nothing accepted the connection.
    pub(crate) fn is_unreachable(&self) -> bool {
        matches!(self.code, "connection_refused" | "no_socket")
    }
}
