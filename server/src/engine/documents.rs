//! The calls of one container's page: what is known of it, and what runs in it.

use super::{EngineClient, EngineError, client::INSPECT_LIMIT, raw::target};
use app::model::ContainerId;
use serde_json::Value;
use std::time::Duration;

/// The engine starts `ps` for it and waits for the container's lock.
const TOP_LIMIT: Duration = Duration::from_secs(5);

impl EngineClient {
    /// All that the engine says of a container.
    ///
    /// # Errors
    /// As any call; status 404 when it is gone.
    pub async fn inspect_document(&self, id: ContainerId) -> Result<Value, EngineError> {
        let document = self.document("inspect", INSPECT_LIMIT, target(&format!("/containers/{id}/json"), &[])?).await?;
        if document.is_object() { Ok(document) } else { Err(EngineError::Nonsense("inspect is no object".to_owned())) }
    }

    /// All that the engine says of an image, by its content digest as inspect gives it.
    ///
    /// # Errors
    /// As any call; status 404 when it is gone, which a running container does not mind.
    pub async fn image_document(&self, digest: &str) -> Result<Value, EngineError> {
        if !digest.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ':') {
            return Err(EngineError::Nonsense(format!("{digest:?} is no digest")));
        }
        self.document("inspect_image", INSPECT_LIMIT, target(&format!("/images/{digest}/json"), &[])?).await
    }

    /// The processes of a container, as `ps` on the engine's host tells them: by the first of these lists of columns that
    /// it takes.
    ///
    /// # Errors
    /// As any call; 409 when it does not run.
    pub async fn top(&self, id: ContainerId, columns: &[&str]) -> Result<Value, EngineError> {
        let mut answer = Err(EngineError::Closed);
        for columns in columns.iter().copied() {
            let query = [("ps_args", columns)];
            let target = target(&format!("/containers/{id}/top"), if columns.is_empty() { &[] } else { &query })?;
            answer = self.document("top", TOP_LIMIT, target).await;
            // A `ps` that cannot do this is a 500 on every engine; anything else stays as it is, whatever is asked.
            if answer.as_ref().err().and_then(EngineError::status) != Some(500) {
                break;
            }
        }
        answer
    }
}
