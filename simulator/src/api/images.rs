//! `/images/json` and `/images/create`.

use axum::Json;
use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::Shared;
use super::params::Params;
use super::refusal::Refusal;

/// `GET /images/json`.
pub(crate) async fn list(daemon: Shared) -> Json<Vec<Value>> {
    Json(daemon.act(|engine, _| {
        let describe = |image: &crate::engine::registry::Image| {
            json!({
                "Containers": -1, "Created": image.created_at.as_secs(), "Id": image.id, "Labels": null, "ParentId": "",
                "RepoDigests": null, "RepoTags": [image.tag], "SharedSize": -1, "Size": image.size_bytes,
                "VirtualSize": image.size_bytes,
            })
        };
        engine.images().map(describe).collect()
    }))
}

/// `POST /images/create`: an import (`fromSrc`, `repo`, `tag`) or a pull (`fromImage`, `tag`).
pub(crate) async fn create(daemon: Shared, params: Params, mut body: Body) -> Result<String, Refusal> {
    while let Some(part) = body.frame().await {
        // The content of an imported image does not matter, but dockerd reads it to its end, too.
        part.map_err(|error| Refusal::invalid(error.to_string()))?;
    }
    let (name, action) = match (params.text("fromSrc"), params.text("fromImage")) {
        (Some(_), _) => (params.text("repo").unwrap_or("imported"), "import"),
        (None, Some(name)) => (name, "pull"),
        (None, None) => return Err(Refusal::invalid("fromSrc or fromImage has to be given")),
    };
    let name = params.text("tag").map_or_else(|| name.to_owned(), |tag| format!("{name}:{tag}"));
    let id = daemon.act(|engine, now| engine.add_image(&name, action, now));
    Ok(json!({ "status": id }).to_string() + "\n")
}
