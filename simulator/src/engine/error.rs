//! Refusals of the engine, with its own messages.

/// A refusal. Each variant is a status code of the Engine API; the text is the engine's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No container has this id, name or id prefix (404).
    #[error("No such container: {0}")]
    NoSuchContainer(String),
    /// Another object does not exist, or the message has a prefix (404).
    #[error("{0}")]
    NotFound(String),
    /// No image has this name (404).
    #[error("No such image: {0}")]
    NoSuchImage(String),
    /// The container is already in that state (304, without a body).
    #[error("not modified")]
    NotModified,
    /// The current state forbids the action (409).
    #[error("{0}")]
    Conflict(String),
    /// The request is invalid (400).
    #[error("{0}")]
    Invalid(String),
    /// Status 500, such as for unpausing a container that is not paused.
    #[error("{0}")]
    Internal(String),
    /// Status 501, such as for reading a log that is sent elsewhere.
    #[error("{0}")]
    NotImplemented(String),
}

impl EngineError {
    /// The same refusal with a prefix, as the engine wraps some of its errors.
    #[must_use]
    pub fn prefixed(self, words: &str) -> Self {
        match self {
            Self::NoSuchContainer(name) => Self::NotFound(format!("{words}: No such container: {name}")),
            Self::Conflict(text) => Self::Conflict(format!("{words}: {text}")),
            Self::Invalid(text) => Self::Invalid(format!("{words}: {text}")),
            other @ (Self::NotFound(_)
            | Self::NoSuchImage(_)
            | Self::NotModified
            | Self::Internal(_)
            | Self::NotImplemented(_)) => other,
        }
    }
}
