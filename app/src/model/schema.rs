//! JSON schemas of the types with hand-written serialization, for the OpenAPI document; the others
//! derive theirs.

use super::{ContainerId, EngineName, Labels, Timestamp};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat,
        schema::{AdditionalProperties, Schema, Type},
    },
};

impl PartialSchema for ContainerId {
    fn schema() -> RefOr<Schema> {
        text("Full id of a container: 64 hexadecimal digits.").pattern(Some("^[0-9a-f]{64}$")).into()
    }
}

impl ToSchema for ContainerId {}

impl PartialSchema for EngineName {
    fn schema() -> RefOr<Schema> {
        text("Name of an engine; `local` for a single engine without a name.")
            .pattern(Some("^[a-z0-9][a-z0-9._-]{0,62}$"))
            .into()
    }
}

impl ToSchema for EngineName {}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        text("Time as RFC 3339 in UTC, with milliseconds.")
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .pattern(Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"))
            .into()
    }
}

impl ToSchema for Timestamp {}

impl PartialSchema for Labels {
    fn schema() -> RefOr<Schema> {
        let values = RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).build()));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("Labels by name; an empty object if there are none."))
            .additional_properties(Some(AdditionalProperties::RefOr(values)))
            .into()
    }
}

impl ToSchema for Labels {}

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}
