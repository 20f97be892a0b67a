//! Engine calls of the container page: inspect, image inspect and top. Read next:
//! [`crate::details`].

use super::{EngineClient, EngineError, client::INSPECT_TIMEOUT, raw::target};
use app::model::ContainerId;
use serde_json::Value;
use std::time::Duration;

/// Timeout of the process list. The engine runs `ps` and waits for the container's lock.
const TOP_TIMEOUT: Duration = Duration::from_secs(5);

impl EngineClient {
    /// Returns the whole inspect response of a container.
    ///
    /// # Errors
    /// As any call; status 404 if it does not exist.
    pub async fn inspect_document(&self, id: ContainerId) -> Result<Value, EngineError> {
        let document =
            self.document("inspect", INSPECT_TIMEOUT, target(&format!("/containers/{id}/json"), &[])?).await?;
        if document.is_object() {
            Ok(document)
        } else {
            Err(EngineError::InvalidResponse("inspect is not an object".to_owned()))
        }
    }

    /// Returns the whole inspect response of an image, by the digest from the container's inspect.
    ///
    /// # Errors
    /// As any call; status 404 if it was removed, which is possible while a container runs.
    pub async fn image_document(&self, digest: &str) -> Result<Value, EngineError> {
        if !digest.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ':') {
            return Err(EngineError::InvalidResponse(format!("{digest:?} is not a digest")));
        }
        self.document("inspect_image", INSPECT_TIMEOUT, target(&format!("/images/{digest}/json"), &[])?).await
    }

    /// Lists the processes of a container with the `ps` of the engine's host. Tries the lists of
    /// columns in `columns` in order until `ps` accepts one.
    ///
    /// # Errors
    /// As any call; status 409 if it is not running.
    pub async fn top(&self, id: ContainerId, columns: &[&str]) -> Result<Value, EngineError> {
        let mut response = Err(EngineError::Closed);
        for columns in columns.iter().copied() {
            let query = [("ps_args", columns)];
            let target = target(&format!("/containers/{id}/top"), if columns.is_empty() { &[] } else { &query })?;
            response = self.document("top", TOP_TIMEOUT, target).await;
            // Every engine responds with 500 if `ps` rejects the columns; other errors do not
            // depend on them.
            if response.as_ref().err().and_then(EngineError::status) != Some(500) {
                break;
            }
        }
        response
    }
}
