//! OpenAPI schema of `since` and `until`, which are parsed in [`super::LogTime::read`].

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat,
        schema::{AnyOfBuilder, Schema, Type},
    },
};

/// A time in a query string.
#[derive(Debug, Clone, Copy)]
pub struct TimeText;

impl PartialSchema for TimeText {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let instant = text()
            .description(Some("RFC 3339 with any offset and fraction."))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        let seconds = text().description(Some("Seconds since 1970.")).pattern(Some(r"^\d{1,10}(\.\d{1,9})?$"));
        let age = text().description(Some("Age, such as `10m`.")).pattern(Some(r"^\d{1,6}(ms|s|m|h|d|w)$"));
        let date = text()
            .description(Some("Date; of `until`, its end."))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)));
        let clock = text()
            .description(Some("Time of day in UTC, the latest that has passed."))
            .pattern(Some(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"));
        AnyOfBuilder::new()
            .description(Some("A time in one of these forms."))
            .item(instant)
            .item(seconds)
            .item(age)
            .item(date)
            .item(clock)
            .into()
    }
}

impl ToSchema for TimeText {}
