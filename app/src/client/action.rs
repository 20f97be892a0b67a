//! Actions on containers (start, stop, remove …): one request each. The new state arrives through
//! the stream, not in the response.

use crate::base_path::address;
use crate::protocol::compact::Scanner;
use gloo_net::http::{Request, Response};

/// An action on a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start the main process.
    Start,
    /// Ask the main process to exit, then kill it.
    Stop,
    /// Stop, then start.
    Restart,
    /// Freeze the processes.
    Pause,
    /// Resume the processes.
    Unpause,
    /// Kill the processes immediately.
    Kill,
    /// Delete the container.
    Remove {
        /// Remove the container even if it is running.
        force: bool,
        /// Also remove the container's anonymous volumes.
        volumes: bool,
    },
}

impl Action {
    /// Name in URLs, class names and tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Kill => "kill",
            Self::Remove { .. } => "remove",
        }
    }

    fn url(self, container: &str) -> String {
        match self {
            Self::Remove { force, volumes } => format!("{container}?force={force}&volumes={volumes}"),
            other => format!("{container}/{}", other.as_str()),
        }
    }
}

/// Error of an action or a request, to be shown to the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ActionError {
    /// HTTP status; `None` without a response.
    pub status: Option<u16>,
    /// Stable code, if the server sent one.
    pub code: Option<String>,
    /// Error message; the engine's, if there is one.
    pub detail: String,
    /// Suggested action.
    pub hint: Option<String>,
}

/// Fields of `application/problem+json` that are shown.
#[derive(Debug, Default)]
pub(super) struct Problem {
    title: Option<String>,
    pub(super) detail: Option<String>,
    code: Option<String>,
    hint: Option<String>,
}

impl Problem {
    /// Reads a body. Missing fields stay empty.
    pub(super) fn read(body: &str) -> Self {
        let mut problem = Self::default();
        let scanner = &mut Scanner::new(body);
        let is_object = scanner.open_object().is_some();
        while is_object && scanner.more() && problem.read_member(scanner).is_some() {}
        problem
    }

    fn read_member(&mut self, scanner: &mut Scanner<'_>) -> Option<()> {
        let member = match scanner.text()?.as_str() {
            "title" => &mut self.title,
            "detail" => &mut self.detail,
            "code" => &mut self.code,
            "hint" => &mut self.hint,
            _ => return scanner.skip(),
        };
        *member = scanner.maybe_text()?;
        Some(())
    }
}

/// Sends an action and waits until the engine has finished it. `container` is the container's path
/// in the API.
///
/// # Errors
/// [`ActionError`] if the server or the engine refuses, or without a response.
pub async fn act(container: &str, action: Action) -> Result<(), ActionError> {
    let url = action.url(container);
    let request = match action {
        Action::Remove { .. } => Request::delete(&address(&url)),
        _ => Request::post(&address(&url)),
    };
    let response = request.send().await.map_err(|_| ActionError::unreachable())?;
    if response.ok() { Ok(()) } else { Err(refusal(&response).await) }
}

/// Sends JSON, or nothing if `body` is empty.
///
/// # Errors
/// [`ActionError`] if the server refuses, or without a response.
pub async fn post_json(url: &str, body: &str) -> Result<(), ActionError> {
    let request = Request::post(&address(url));
    let request =
        if body.is_empty() { request.build() } else { request.header("content-type", "application/json").body(body) };
    let request = request.map_err(|_| ActionError::unreachable())?;
    let response = request.send().await.map_err(|_| ActionError::unreachable())?;
    if response.ok() { Ok(()) } else { Err(refusal(&response).await) }
}

async fn refusal(response: &Response) -> ActionError {
    ActionError::refused(response.status(), &response.text().await.unwrap_or_default())
}

impl ActionError {
    fn unreachable() -> Self {
        Self {
            status: None,
            code: None,
            detail: "No response from the Quaylight server.".to_owned(),
            hint: Some("The action may have succeeded. The list will show it when the connection is back.".to_owned()),
        }
    }

    /// The error if there is no response to a request without side effects.
    pub(super) fn no_response() -> Self {
        Self { hint: None, ..Self::unreachable() }
    }

    /// The error if the response does not have the expected format.
    pub(super) fn unreadable() -> Self {
        Self {
            status: None,
            code: None,
            detail: "The server's response could not be read.".to_owned(),
            hint: Some("If the server was just updated, reload the page.".to_owned()),
        }
    }

    /// Creates the failure from the status and body of a response; the body need not be a problem
    /// document.
    pub(super) fn refused(status: u16, body: &str) -> Self {
        let Problem { title, detail, code, hint } = Problem::read(body);
        let detail = detail.or(title).unwrap_or_else(|| format!("The server responded with status {status}."));
        Self { status: Some(status), code, detail, hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_has_its_url() {
        assert_eq!(Action::Unpause.url("/api/containers/ab"), "/api/containers/ab/unpause");
        let remove = Action::Remove { force: true, volumes: false };
        assert_eq!(remove.url("/api/containers/ab"), "/api/containers/ab?force=true&volumes=false");
    }

    #[test]
    fn an_error_response_has_the_engines_message_and_the_hint() {
        let body = r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"container is paused","code":"conflict","hint":"Unpause it first."}"#;
        let error = ActionError::refused(409, body);
        assert_eq!(error.to_string(), "container is paused");
        assert_eq!((error.code.as_deref(), error.hint.as_deref()), (Some("conflict"), Some("Unpause it first.")));
    }

    #[test]
    fn an_error_page_of_a_proxy_gives_the_status() {
        assert_eq!(ActionError::refused(502, "<html>").to_string(), "The server responded with status 502.");
    }
}
