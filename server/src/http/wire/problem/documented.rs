//! Describes the problems of an operation in the OpenAPI document.

use super::{MEDIA_TYPE, Problem, ProblemCode};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use utoipa::{
    ToSchema as _,
    openapi::{
        AllOfBuilder, ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder,
        schema::{Schema, Type},
    },
};

/// Problem codes of every operation: they arise before its handler or in any.
const OF_EVERY_OPERATION: [ProblemCode; 5] = [
    ProblemCode::NoRole,
    ProblemCode::AddressTooLong,
    ProblemCode::CrossSite,
    ProblemCode::HostNotAllowed,
    ProblemCode::InternalError,
];

/// Problems of the guard, which are HTML pages if the request accepts `text/html`.
const MAY_BE_PAGES: [ProblemCode; 2] = [ProblemCode::CrossSite, ProblemCode::HostNotAllowed];

/// Defines the responses of an operation for its problems, including those of every operation.
macro_rules! problems {
    ($(#[$doc:meta])* $name:ident: $($code:ident),*) => {
        $(#[$doc])*
        pub(in crate::http) struct $name;

        impl ::utoipa::IntoResponses for $name {
            fn responses() -> ::std::collections::BTreeMap<
                String,
                ::utoipa::openapi::RefOr<::utoipa::openapi::response::Response>,
            > {
                $crate::http::wire::problem::Documented::responses(&[$($crate::http::wire::problem::ProblemCode::$code),*])
            }
        }
    };
}
pub(in crate::http) use problems;

/// Builds the descriptions.
pub(in crate::http) struct Documented;

impl Documented {
    /// One response for each status of these codes and of the codes of every operation.
    pub(in crate::http) fn responses(codes: &[ProblemCode]) -> BTreeMap<String, RefOr<Response>> {
        let mut by_status: BTreeMap<StatusCode, Vec<ProblemCode>> = BTreeMap::new();
        for code in codes.iter().chain(&OF_EVERY_OPERATION) {
            for status in code.statuses() {
                by_status.entry(status).or_default().push(*code);
            }
        }
        let responses = by_status.into_iter();
        responses.map(|(status, codes)| (status.as_str().to_owned(), response(&codes).into())).collect()
    }
}

fn response(codes: &[ProblemCode]) -> Response {
    let description: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.meaning())).collect();
    let mut response = ResponseBuilder::new()
        .description(description.join(" "))
        .content(MEDIA_TYPE, ContentBuilder::new().schema(Some(schema(codes))).build());
    if codes.iter().any(|code| MAY_BE_PAGES.contains(code)) {
        let page =
            ObjectBuilder::new().schema_type(Type::String).description(Some("The same as a page, for browsers."));
        response = response.content("text/html", ContentBuilder::new().schema(Some(page)).build());
    }
    response.build()
}

/// A [`Problem`] with one of these codes.
fn schema(codes: &[ProblemCode]) -> Schema {
    let code = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes.iter().map(|code| code.as_str())));
    let narrowed = ObjectBuilder::new().property("code", code).required("code");
    AllOfBuilder::new().item(Ref::from_schema_name(Problem::name())).item(narrowed).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::PartialSchema as _;

    #[test]
    fn codes_are_grouped_by_status_with_those_of_every_operation() {
        let responses = Documented::responses(&[ProblemCode::Malformed, ProblemCode::BadId, ProblemCode::Role]);
        let statuses: Vec<_> = responses.keys().map(String::as_str).collect();
        assert_eq!(statuses, ["400", "403", "413", "414", "421", "500"]);
        let json = serde_json::to_value(&responses["403"]).unwrap_or_default();
        let codes = &json["content"][MEDIA_TYPE]["schema"]["allOf"][1]["properties"]["code"]["enum"];
        assert_eq!(codes, &serde_json::json!(["role", "no_role", "cross_site"]));
        assert!(json["content"]["text/html"].is_object());
    }

    #[test]
    fn every_code_is_in_the_schema() {
        let json = serde_json::to_value(ProblemCode::schema()).unwrap_or_default();
        assert_eq!(json["enum"].as_array().map(Vec::len), Some(ProblemCode::ALL.len()));
    }
}
