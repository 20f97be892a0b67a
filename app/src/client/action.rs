//! Start, stop, remove …: one request each. What came of it arrives through the stream, not through the answer.

use crate::base_path::address;
use crate::{model::ContainerId, protocol::compact::Scanner};
use gloo_net::http::{Request, Response};

/// What can be done to a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start its main process.
    Start,
    /// Ask the process to end, then end it.
    Stop,
    /// Stop, then start.
    Restart,
    /// Freeze its processes.
    Pause,
    /// Thaw them.
    Unpause,
    /// End its processes at once.
    Kill,
    /// Delete the container.
    Remove {
        /// Even if it runs.
        force: bool,
        /// Its anonymous volumes too.
        volumes: bool,
    },
}

impl Action {
    /// The word in the address, in class names and in tests.
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

    fn url(self, id: ContainerId) -> String {
        match self {
            Self::Remove { force, volumes } => format!("/api/containers/{id}?force={force}&volumes={volumes}"),
            other => format!("/api/containers/{id}/{}", other.as_str()),
        }
    }
}

/// Why an action was not done, for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ActionError {
    /// HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// Stable word for programs, where the server gave one.
    pub code: Option<String>,
    /// What happened: the engine's own reason, where it gave one.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// `application/problem+json`, as far as it is shown.
#[derive(Debug, Default)]
pub(super) struct Problem {
    title: Option<String>,
    pub(super) detail: Option<String>,
    code: Option<String>,
    hint: Option<String>,
}

impl Problem {
    /// Of a body that is none, nothing.
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

/// Does it, and waits until the engine has.
///
/// # Errors
/// [`ActionError`] when the server or the engine refuses, or no answer comes.
pub async fn act(id: ContainerId, action: Action) -> Result<(), ActionError> {
    let url = action.url(id);
    let request = match action {
        Action::Remove { .. } => Request::delete(&address(&url)),
        _ => Request::post(&address(&url)),
    };
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
            detail: "No answer from the Quaylight server.".to_owned(),
            hint: Some(
                "It may still have been done; the list shows what is so once the connection is back.".to_owned(),
            ),
        }
    }

    /// To a question, which changes nothing.
    pub(super) fn no_answer() -> Self {
        Self { hint: None, ..Self::unreachable() }
    }

    /// An answer in a shape of another version.
    pub(super) fn unreadable() -> Self {
        Self {
            status: None,
            code: None,
            detail: "The server's answer could not be read.".to_owned(),
            hint: Some("If it was just updated, reload the page.".to_owned()),
        }
    }

    /// From the answer's status and body; a body that is no problem document still leaves the status.
    pub(super) fn refused(status: u16, body: &str) -> Self {
        let Problem { title, detail, code, hint } = Problem::read(body);
        let detail = detail.or(title).unwrap_or_else(|| format!("The server answered with status {status}."));
        Self { status: Some(status), code, detail, hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_has_the_address_of_the_contract() {
        let id: ContainerId = "ab".repeat(32).parse().unwrap_or_else(|_| unreachable!());
        assert_eq!(Action::Unpause.url(id), format!("/api/containers/{id}/unpause"));
        assert_eq!(
            Action::Remove { force: true, volumes: false }.url(id),
            format!("/api/containers/{id}?force=true&volumes=false")
        );
    }

    #[test]
    fn a_refusal_carries_the_engines_reason_and_the_hint() {
        let body = r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"container is paused","code":"conflict","hint":"Unpause it first."}"#;
        let error = ActionError::refused(409, body);
        assert_eq!(error.to_string(), "container is paused");
        assert_eq!((error.code.as_deref(), error.hint.as_deref()), (Some("conflict"), Some("Unpause it first.")));
    }

    #[test]
    fn a_proxys_html_page_still_tells_the_status() {
        assert_eq!(ActionError::refused(502, "<html>").to_string(), "The server answered with status 502.");
    }
}
