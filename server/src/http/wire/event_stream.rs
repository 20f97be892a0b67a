//! Describes streams of server-sent events in the OpenAPI document.

use std::{collections::BTreeMap, marker::PhantomData};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, extensions::ExtensionsBuilder},
};

/// Name of the extension with the schema of an event until the document is complete, because utoipa
/// has no place for it.
pub(in crate::http) const SCHEMA: &str = "x-event-schema";

/// Description of one kind of event of a stream.
#[derive(Debug)]
pub(in crate::http) struct EventDescription {
    name: &'static str,
    description: &'static str,
    has_id: bool,
    data: String,
}

impl EventDescription {
    /// Describes an event of this name, whose data is a `T`. `T` must be among the schemas of the
    /// document.
    pub(in crate::http) fn of<T: ToSchema>(name: &'static str, description: &'static str) -> Self {
        Self { name, description, has_id: false, data: T::name().into_owned() }
    }

    /// Adds an id, for `Last-Event-ID`.
    pub(in crate::http) fn with_id(self) -> Self {
        Self { has_id: true, ..self }
    }

    /// Schema of the event, as in OpenAPI 3.2.
    fn schema(&self) -> serde_json::Value {
        let mut schema = serde_json::json!({
            "type": "object",
            "description": self.description,
            "required": ["event", "data"],
            "properties": {
                "event": { "const": self.name },
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": Ref::from_schema_name(&self.data),
                },
            },
        });
        if self.has_id {
            schema["properties"]["id"] = serde_json::json!({ "type": "string" });
            schema["required"] = serde_json::json!(["event", "id", "data"]);
        }
        schema
    }
}

/// The events of a stream.
pub(in crate::http) trait EventStream {
    /// Description of the stream.
    const DESCRIPTION: &str;

    /// The events that the stream can send.
    fn events() -> Vec<EventDescription>;
}

/// Response of a stream, for `utoipa::path`.
pub(in crate::http) struct Streamed<S>(PhantomData<S>);

impl<S: EventStream> IntoResponses for Streamed<S> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let events: Vec<_> = S::events().iter().map(EventDescription::schema).collect();
        let schema = ExtensionsBuilder::new().add(SCHEMA, serde_json::json!({ "oneOf": events })).build();
        let content = ContentBuilder::new().extensions(Some(schema)).build();
        let response = ResponseBuilder::new().description(S::DESCRIPTION).content("text/event-stream", content).build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}
