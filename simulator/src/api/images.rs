//! `/images/json`, `/images/{name}/json` and `/images/create`.

use axum::Json;
use axum::body::Body;
use axum::extract::Path;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::Shared;
use super::params::Params;
use super::refusal::Refusal;
use crate::engine::EngineError;
use crate::engine::registry::Image;

/// The environment variable that nearly every image sets.
pub(crate) const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// `GET /images/json`.
pub(crate) async fn list(daemon: Shared) -> Json<Vec<Value>> {
    Json(daemon.act(|engine, _| {
        let describe = |image: &Image| {
            json!({
                "Containers": -1, "Created": image.created_at.as_secs(), "Id": image.id, "Labels": null, "ParentId": "",
                "RepoDigests": null, "RepoTags": [image.tag], "SharedSize": -1, "Size": image.size_bytes,
                "VirtualSize": image.size_bytes,
            })
        };
        engine.images().map(describe).collect()
    }))
}

/// `GET /images/{name}/json`, by content digest or tag.
pub(crate) async fn inspect(daemon: Shared, Path(name): Path<String>) -> Result<Json<Value>, Refusal> {
    let found =
        daemon.act(|engine, _| engine.images().find(|image| image.id == name || image.tag == name).map(describe));
    Ok(Json(found.ok_or_else(|| EngineError::NotFound(format!("no such image: {name}: No such image: {name}")))?))
}

fn describe(image: &Image) -> Value {
    let words = |words: &[String]| if words.is_empty() { Value::Null } else { json!(words) };
    // Every image of a scenario has it; an imported one does not.
    let env = if image.command.is_empty() { Value::Null } else { json!([DEFAULT_PATH]) };
    json!({
        "Id": image.id, "RepoTags": [image.tag], "RepoDigests": [], "Parent": "", "Comment": "", "Author": "", "Container": "",
        "Created": image.created_at.to_string(), "Architecture": "amd64", "Os": "linux", "Size": image.size_bytes,
        "VirtualSize": image.size_bytes,
        "Config": {
            "Hostname": "", "Domainname": "", "User": "", "Tty": false, "Env": env, "Cmd": words(&image.command), "Image": "",
            "Volumes": null, "WorkingDir": "", "Entrypoint": null, "OnBuild": null, "Labels": null,
        },
    })
}

/// `POST /images/create`: an import (`fromSrc`, `repo`, `tag`) or a pull (`fromImage`, `tag`).
pub(crate) async fn create(daemon: Shared, params: Params, mut body: Body) -> Result<String, Refusal> {
    while let Some(part) = body.frame().await {
        // The content of an imported image is not used, but dockerd also reads it to its end.
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
