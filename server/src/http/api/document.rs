//! `GET /api/openapi.json`: the OpenAPI 3.1 document of the API.
//!
//! In: the descriptions beside the handlers (`utoipa::path`) and the types of responses. Out: one
//! JSON document. Adds what cannot be derived: security, and that nullable fields are always
//! present.

use crate::http::{
    entry::cookies,
    state::AccessState,
    wire::{
        event_stream,
        problem::{Problem, ProblemCode, problems},
        sse,
    },
};
use app::{
    model::{LogEnd, LogGap, LogLine, LogResume},
    protocol::{Delta, Heartbeat, Snapshot},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::OpenApi;

/// Root of the document. Lists schemas that no operation names by type.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Quaylight API",
        description = "Containers of a Docker Engine: their state, samples, logs and events, once or as server-sent events. \
                       Names are camelCase, times are RFC 3339 in UTC, sizes are bytes. A value that is not known is null; \
                       a field that is omitted is never null. Ignore unknown fields: changes only add.\n\n\
                       The schema of a stream (`text/event-stream`) describes each of its events, as `itemSchema` of OpenAPI 3.2 \
                       does: `data` is a string of JSON, whose schema is in `contentSchema`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "Engines", description = "The engines and the state of their connections."),
        (name = "Containers", description = "All containers, and facts and samples of one."),
        (name = "Actions", description = "Start, stop and remove containers. Allowed by role, or by --allow-actions if sign-in is not required."),
        (name = "Logs", description = "Logs of containers, as streams and files."),
        (name = "Events", description = "Events of containers."),
        (name = "Swarm", description = "Clusters of Docker Swarm with a manager among the engines."),
        (name = "Sign-in", description = "Sessions of browsers. Programs send a token instead."),
        (name = "Server", description = "Health, metrics and audit log of this server."),
    ),
    components(schemas(
        Problem,
        ProblemCode,
        Snapshot,
        Delta,
        Heartbeat,
        LogLine,
        LogEnd,
        LogGap,
        LogResume,
        sse::Beat,
        app::model::SwarmPolled,
        super::logs::ContainerName,
        super::diagnosis::Begin,
        super::diagnosis::Stamp,
        crate::engine::TimeText,
    ))
)]
pub(in crate::http) struct Base;

problems!(DocumentProblems: SignInNeeded);

/// This document: OpenAPI 3.1.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "getOpenApi",
    tag = "Server",
    responses((status = 200, description = "The OpenAPI 3.1 document.", body = Value), DocumentProblems)
)]
pub(in crate::http) async fn show(State(access): State<AccessState>) -> ([(HeaderName, &'static str); 1], Json<Value>) {
    let mut document = document(access.auth.is_required());
    let base = app::base_path::current();
    if !base.is_empty() {
        document["servers"] = json!([{ "url": &*base }]);
    }
    ([(header::CACHE_CONTROL, "no-cache")], Json(document))
}

/// The document of a server that requires sign-in, or of one that does not.
pub fn document(sign_in_required: bool) -> Value {
    let (_, mut openapi) = super::operations().split_for_parts();
    env!("CARGO_PKG_VERSION").clone_into(&mut openapi.info.version);
    // Plain types with string keys always serialize.
    let mut document = serde_json::to_value(openapi).unwrap_or_default();
    add_security(&mut document, sign_in_required);
    describe_events(&mut document);
    describe_requests(&mut document);
    require_nullable_fields(&mut document);
    document
}

/// Adds the authentication methods. Operations without authentication override them.
fn add_security(document: &mut Value, required: bool) {
    document["components"]["securitySchemes"] = json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "For programs: a token made by `quaylight token add NAME`."
        },
        "join": {
            "type": "http",
            "scheme": "bearer",
            "description": "For other Quaylight servers: the token made by `quaylight engine invite NAME`, then their key."
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookies::SESSION.stem(),
            "description": "For browsers: the cookie set by POST /sign-in. Over https its name begins with `__Host-` or `__Secure-`."
        }
    });
    let mut ways = vec![json!({ "token": [] }), json!({ "session": [] })];
    if !required {
        ways.insert(0, json!({}));
    }
    document["security"] = ways.into();
}

/// Moves the schemas of events from their extension to the standard place: utoipa does not support
/// `const` and `contentSchema`.
fn describe_events(document: &mut Value) {
    for operation in operations_mut(document) {
        let Some(content) = operation.pointer_mut("/responses/200/content/text~1event-stream") else { continue };
        if let Some(schema) = content.as_object_mut().and_then(|content| content.remove(event_stream::SCHEMA)) {
            content["schema"] = schema;
        }
    }
}

/// Corrects the output of utoipa: an optional body is not nullable, and ids are unique.
fn describe_requests(document: &mut Value) {
    for operation in operations_mut(document) {
        if let Some(schema) = operation.pointer_mut("/requestBody/content/application~1json/schema")
            && let Some(body) =
                schema["oneOf"].as_array().and_then(|bodies| bodies.iter().find(|body| body["type"] != "null"))
        {
            *schema = body.clone();
        }
        // `get_mut`, because indexing would add missing keys.
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            if parameter["name"] == "ids" {
                parameter["schema"]["uniqueItems"] = true.into();
            }
        }
    }
}

/// Marks nullable fields of responses as required, because only fields documented as omitted may be
/// missing. A request body may omit nullable fields and those with a default.
fn require_nullable_fields(document: &mut Value) {
    let mut of_requests = BTreeSet::new();
    for operation in operations_mut(document) {
        collect_references(&operation["requestBody"], &mut of_requests);
    }
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for (name, schema) in schemas {
        if !of_requests.contains(name) {
            require_nullable(schema);
        }
    }
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    paths.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut())
}

fn collect_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                names.extend(name.rsplit('/').next().map(str::to_owned));
            }
            fields.values().for_each(|value| collect_references(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, names)),
        _ => {}
    }
}

fn require_nullable(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let properties = fields.get("properties").and_then(Value::as_object);
            let nullable: Vec<_> = properties
                .into_iter()
                .flatten()
                .filter(|(_, property)| is_nullable(property))
                .map(|(name, _)| Value::from(name.as_str()))
                .collect();
            if !nullable.is_empty()
                && let Value::Array(required) = fields.entry("required").or_insert_with(|| json!([]))
            {
                required.extend(nullable);
                let sorted: BTreeSet<_> = required.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
                *required = sorted.into_iter().map(Value::from).collect();
            }
            fields.values_mut().for_each(require_nullable);
        }
        Value::Array(values) => values.iter_mut().for_each(require_nullable),
        _ => {}
    }
}

fn is_nullable(property: &Value) -> bool {
    let says_null = |value: &Value| {
        value == "null" || value.as_array().is_some_and(|types| types.iter().any(|each| each == "null"))
    };
    let alternatives = ["oneOf", "anyOf"].into_iter().filter_map(|name| property[name].as_array());
    says_null(&property["type"]) || alternatives.flatten().any(|each| says_null(&each["type"]))
}

#[cfg(test)]
mod tests;
