//! Checks every response and event in the tests against the OpenAPI document.
//!
//! Objects are closed here: an undocumented field fails the test, as does an undocumented status,
//! content type or problem code. Responses of other servers (a proxy, an engine) are skipped.

use bytes::Bytes;
use hyper::{HeaderMap, Method, StatusCode};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock, Mutex},
};

/// Larger bodies and events are not checked, because tests with many containers would take too
/// long.
const MAX_CHECKED_BYTES: usize = 256 << 10;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::new(server::http::document(false)));

/// The document with closed objects, and the validators built so far.
struct Contract {
    document: Value,
    codes: BTreeSet<String>,
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// Reads the document and builds the validators of the stream before a test measures.
pub(crate) fn prepare() {
    let events = "/paths/~1api~1containers~1stream/get/responses/200/content/text~1event-stream/schema/oneOf";
    for place in 0..3 {
        CONTRACT.validator(&format!("{events}/{place}/properties/data/contentSchema"), "the stream");
    }
}

/// Checks the status and media type of a response. `target`: path and query.
#[track_caller]
pub(crate) fn check_head(method: &Method, target: &str, status: StatusCode, headers: &HeaderMap) {
    if is_ours(headers) {
        CONTRACT.check_head(method, target, status, headers);
    }
}

/// Also checks the body of a response.
#[track_caller]
pub(crate) fn check(method: &Method, target: &str, status: StatusCode, headers: &HeaderMap, body: &Bytes) {
    if is_ours(headers) && !headers.contains_key("content-encoding") && body.len() <= MAX_CHECKED_BYTES {
        CONTRACT.check_body(method, target, status, headers, body);
    }
}

/// Checks an event of the stream at `target`.
#[track_caller]
pub(crate) fn check_event(target: &str, name: &str, id: Option<&str>, data: &str) {
    if data.len() <= MAX_CHECKED_BYTES {
        CONTRACT.check_event(target, name, id, data);
    }
}

/// Every response of this server has this header.
fn is_ours(headers: &HeaderMap) -> bool {
    headers.contains_key("cross-origin-opener-policy")
}

impl Contract {
    fn new(mut document: Value) -> Self {
        let codes = &document["components"]["schemas"]["ProblemCode"]["enum"];
        let codes = codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        close_all(&mut document);
        Self { document, codes, validators: Mutex::default() }
    }

    /// Returns the pointer to the path's description, if there is one; literal segments have
    /// precedence over parameters.
    fn path(&self, target: &str) -> Option<String> {
        let path = target.split('?').next().unwrap_or_default();
        let paths = self.document["paths"].as_object()?;
        let fits = |template: &&String| {
            let (template, path) = (template.split('/'), path.split('/'));
            template.clone().count() == path.clone().count()
                && template
                    .zip(path)
                    .all(|(wanted, part)| wanted == part || (wanted.starts_with('{') && !part.is_empty()))
        };
        let template = paths.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
        Some(format!("/paths/{}", template.replace('/', "~1")))
    }

    fn check_head(&self, method: &Method, target: &str, status: StatusCode, headers: &HeaderMap) {
        let context = format!("{method} {target}: {status}");
        let kind = media_type(headers);
        match self.response(method, target, status) {
            Place::Response(pointer) => {
                let response = self.document.pointer(&pointer).unwrap_or_else(|| panic!("{context} is not documented"));
                let documented: Vec<_> = response["content"].as_object().into_iter().flat_map(Map::keys).collect();
                let fits =
                    documented.iter().any(|each| each.as_str() == kind) || (documented.is_empty() && kind.is_empty());
                let is_empty = headers.get("content-length").is_some_and(|length| length == "0");
                assert!(fits || is_empty, "{context} as {kind:?} is not documented: {documented:?}");
            }
            Place::Problem => {
                assert!(
                    matches!(kind, "application/problem+json" | "text/html"),
                    "{context} as {kind:?} is no problem"
                );
            }
            Place::Elsewhere => {}
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            assert!(headers.contains_key("allow"), "{context} without Allow");
        }
    }

    fn check_body(&self, method: &Method, target: &str, status: StatusCode, headers: &HeaderMap, body: &Bytes) {
        let context = format!("{method} {target}: {status}");
        let kind = media_type(headers);
        if method == Method::HEAD {
            assert!(body.is_empty(), "{context} has a body");
            return;
        }
        if !kind.ends_with("json") {
            return;
        }
        let value: Value =
            serde_json::from_slice(body).unwrap_or_else(|error| panic!("{context}: {error} in {body:?}"));
        if kind == "application/problem+json" {
            self.validate("/components/schemas/Problem", &value, &context);
            let code = value["code"].as_str().unwrap_or_default();
            assert!(self.codes.contains(code), "{context}: the code {code} is not documented");
            assert_eq!(value["status"], status.as_u16(), "{context}");
        }
        if let Place::Response(pointer) = self.response(method, target, status) {
            let pointer = format!("{pointer}/content/{}/schema", kind.replace('/', "~1"));
            self.validate(&pointer, &value, &context);
        }
    }

    fn check_event(&self, target: &str, name: &str, id: Option<&str>, data: &str) {
        let context = format!("GET {target}: event {name}");
        let Some(path) = self.path(target) else { return };
        let items = format!("{path}/get/responses/200/content/text~1event-stream/schema/oneOf");
        let events =
            self.document.pointer(&items).and_then(Value::as_array).unwrap_or_else(|| panic!("{context}: no stream"));
        let place = events.iter().position(|event| event["properties"]["event"]["const"] == name);
        let place = place.unwrap_or_else(|| panic!("{context} is not documented"));
        let has_id = events[place]["properties"].get("id").is_some();
        assert_eq!(id.is_some(), has_id, "{context}: id {id:?}");
        let value = serde_json::from_str(data).unwrap_or_else(|error| panic!("{context}: {error} in {data}"));
        self.validate(&format!("{items}/{place}/properties/data/contentSchema"), &value, &context);
    }

    fn response(&self, method: &Method, target: &str, status: StatusCode) -> Place {
        let Some(path) = self.path(target) else {
            return if target.starts_with("/api") { Place::Problem } else { Place::Elsewhere };
        };
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        let operation = format!("{path}/{}", method.as_str().to_ascii_lowercase());
        match self.document.pointer(&operation) {
            Some(_) => Place::Response(format!("{operation}/responses/{}", status.as_u16())),
            None => Place::Problem,
        }
    }

    #[track_caller]
    fn validate(&self, pointer: &str, value: &Value, context: &str) {
        let validator = self.validator(pointer, context);
        let errors: Vec<_> =
            validator.iter_errors(value).take(5).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{context} does not fit the OpenAPI document: {errors:#?}\nin {value}");
    }

    #[track_caller]
    fn validator(&self, pointer: &str, context: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(validator) = validators.get(pointer) {
            return Arc::clone(validator);
        }
        let schema = self.document.pointer(pointer).unwrap_or_else(|| panic!("{context}: nothing at {pointer}"));
        // References point into the document's components.
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let validator = Arc::new(options.build(&whole).unwrap_or_else(|error| panic!("{pointer}: {error}")));
        validators.insert(pointer.to_owned(), Arc::clone(&validator));
        validator
    }
}

/// Location of the description of a response.
enum Place {
    /// At this pointer.
    Response(String),
    /// None: there is no such operation, so it must be a problem.
    Problem,
    /// None: it is a page or a file.
    Elsewhere,
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// The document leaves objects open, because fields may be added. Tests allow only documented
/// fields.
fn close_all(document: &mut Value) {
    for schema in document["components"]["schemas"].as_object_mut().unwrap().values_mut() {
        close(schema, true);
    }
    for path in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in path.as_object_mut().unwrap().values_mut() {
            for response in operation["responses"].as_object_mut().unwrap().values_mut() {
                for content in
                    response.get_mut("content").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
                {
                    close(&mut content["schema"], false);
                    for event in
                        content.pointer_mut("/schema/oneOf").and_then(Value::as_array_mut).into_iter().flatten()
                    {
                        close(&mut event["properties"]["data"]["contentSchema"], false);
                    }
                }
            }
        }
    }
}

/// `is_part`: an enclosing schema defines the fields.
fn close(schema: &mut Value, is_part: bool) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| close(schema, is_part)),
        Value::Object(fields) => {
            let names_fields = ["$ref", "properties", "allOf"].iter().any(|name| fields.contains_key(*name));
            if names_fields && !is_part && !fields.contains_key("additionalProperties") {
                fields.insert("unevaluatedProperties".to_owned(), false.into());
            }
            for (name, value) in fields.iter_mut() {
                match name.as_str() {
                    "allOf" => close(value, true),
                    "items" | "oneOf" | "anyOf" | "additionalProperties" => close(value, false),
                    "properties" => {
                        value
                            .as_object_mut()
                            .into_iter()
                            .flat_map(Map::values_mut)
                            .for_each(|field| close(field, false));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(path: &str, status: u16, kind: &'static str, body: &Value) -> std::thread::Result<()> {
        let headers = HeaderMap::from_iter([
            (hyper::header::CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind)),
            (
                hyper::header::HeaderName::from_static("cross-origin-opener-policy"),
                hyper::header::HeaderValue::from_static("same-origin"),
            ),
        ]);
        let (body, status) = (Bytes::from(body.to_string()), StatusCode::from_u16(status).unwrap());
        std::panic::catch_unwind(|| {
            check_head(&Method::GET, path, status, &headers);
            check(&Method::GET, path, status, &headers, &body);
        })
    }

    #[test]
    fn undocumented_responses_are_detected() {
        let health = json!({ "status": "ok", "version": "1" });
        assert!(response("/healthz", 200, "application/json", &health).is_ok());
        assert!(response("/healthz", 201, "application/json", &health).is_err(), "a status");
        assert!(response("/healthz", 200, "text/plain", &health).is_err(), "a content type");
        assert!(
            response("/healthz", 200, "application/json", &json!({ "status": "ok" })).is_err(),
            "a field that is missing"
        );
        let more = json!({ "status": "ok", "version": "1", "more": 1 });
        assert!(response("/healthz", 200, "application/json", &more).is_err(), "a field too many");
        let problem = |code: &str| json!({ "type": "about:blank", "title": "t", "status": 404, "detail": "d", "code": code, "hint": "h" });
        let kind = "application/problem+json";
        assert!(response("/api/nothing", 404, kind, &problem("no_such_route")).is_ok());
        assert!(response("/api/nothing", 404, kind, &problem("no_such_code")).is_err(), "a code");
        let path = format!("/api/containers/{}/stats", "0".repeat(64));
        assert!(response(&path, 404, kind, &problem("no_such_container")).is_ok());
        assert!(response(&path, 404, kind, &problem("no_such_route")).is_err(), "another operation's code");
    }

    #[test]
    fn labels_as_an_array_are_detected() {
        let beat =
            |data: &str| std::panic::catch_unwind(|| check_event("/api/containers/stream", "heartbeat", None, data));
        assert!(beat(r#"{"revision":1,"serverTime":"2026-11-23T09:30:00.125Z"}"#).is_ok());
        assert!(beat(r#"{"revision":1,"serverTime":"yesterday"}"#).is_err(), "a time");
        let schema = CONTRACT.validator("/components/schemas/Labels", "labels");
        assert!(schema.is_valid(&json!({})) && schema.is_valid(&json!({ "team": "web" })));
        assert!(!schema.is_valid(&json!([])));
    }
}
