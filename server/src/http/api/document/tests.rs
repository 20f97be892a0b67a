#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
use super::*;

/// Every reference in the document.
fn references() -> BTreeSet<String> {
    let document = document(true);
    let mut names = BTreeSet::new();
    collect_references(&document, &mut names);
    names
}

#[test]
fn every_reference_has_a_schema_and_every_schema_is_used() {
    let document = document(true);
    let schemas: BTreeSet<_> = document["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(references(), schemas);
}

/// Names of the fields that are null.
fn nulls(value: &Value, name: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Null => drop(found.insert(name.to_owned())),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| nulls(value, name, found)),
        Value::Array(values) => values.iter().for_each(|value| nulls(value, name, found)),
        _ => {}
    }
}

#[test]
fn only_defaults_are_null_in_the_document() {
    let mut found = BTreeSet::new();
    nulls(&document(true), "", &mut found);
    found.remove("default");
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn operations_have_ids_tags_and_descriptions() {
    let mut document = document(true);
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].clone().to_string()).collect();
    let mut ids = BTreeSet::new();
    for operation in operations_mut(&mut document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        assert!(
            operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.') || !summary.is_empty()),
            "{id}"
        );
        assert!(tags.contains(&operation["tags"][0].to_string()), "{id}: {}", operation["tags"]);
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].as_str().is_some_and(|text| !text.is_empty()), "{id}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{id}: {status}");
        }
    }
    assert!(ids.len() >= 24, "{ids:?}");
}

#[test]
fn nullable_fields_are_required_and_optional_fields_are_not_nullable() {
    let document = document(true);
    let schemas = &document["components"]["schemas"];
    let required =
        |name: &str, field: &str| schemas[name]["required"].as_array().unwrap().iter().any(|each| each == field);
    for field in ["labels", "exitCode", "health", "project", "ports", "error", "startedAt"] {
        assert!(required("Container", field), "{field}");
    }
    for field in ["networkOf", "nanoCpus"] {
        assert!(!required("Container", field), "{field}");
        assert!(!is_nullable(&schemas["Container"]["properties"][field]), "{field}");
    }
    assert!(required("ContainerStats", "cpuPercent") && !required("ContainerStats", "memoryCache"));
    assert!(required("Engine", "demo") && required("MonitoringCost", "viewers"));
    assert_eq!(schemas["ActionBody"].get("required"), None);
}

#[test]
fn security_requirements_depend_on_the_setting() {
    let first = |required| document(required)["security"][0].clone();
    assert_eq!(first(false), json!({}));
    assert_eq!(first(true), json!({ "token": [] }));
    assert_eq!(document(true)["paths"]["/healthz"]["get"]["security"], json!([{}]));
}

/// Paths and methods, from the debug output of the router.
fn routed() -> BTreeSet<(String, String)> {
    let text = format!("{:?}", crate::http::api::all_routes());
    let (text, _) = text.split_once("fallback_router").unwrap();
    let (routes, paths) = text.split_once("node: Node {").unwrap();
    let id = |text: &str| {
        text.split_once("RouteId(").and_then(|(_, rest)| rest.split_once(')')).map(|(id, _)| id.to_owned())
    };
    let methods = |text: &str| {
        let allowed =
            text.split_once("allow_header: ").map(|(_, rest)| rest.split('}').next().unwrap_or_default().to_owned());
        allowed.unwrap_or_default().split('"').nth(1).unwrap_or_default().to_owned()
    };
    let allowed: std::collections::BTreeMap<_, _> = routes
        .split("MethodRouter(")
        .collect::<Vec<_>>()
        .windows(2)
        .filter_map(|pair| {
            let before = &pair[0][pair[0].rfind("RouteId(")?..];
            Some((id(before)?, methods(pair[1])))
        })
        .collect();
    let paths = paths.split("RouteId(").skip(1).filter_map(|entry| {
        let (id, rest) = entry.split_once("): \"")?;
        Some((id.to_owned(), rest.split('"').next()?.to_owned()))
    });
    let each = paths.flat_map(|(id, path)| {
        let methods = allowed.get(&id).cloned().unwrap_or_default();
        let methods: Vec<_> =
            methods.split(',').filter(|method| *method != "HEAD").map(str::to_ascii_lowercase).collect();
        methods.into_iter().map(move |method| (path.clone(), method))
    });
    each.collect()
}

#[test]
fn routes_and_operations_match() {
    let document = document(true);
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        described.extend(item.as_object().unwrap().keys().map(|method| (path.clone(), method.clone())));
    }
    let mut routed = routed();
    // They support every method, for the response that the path does not exist.
    routed.retain(|(path, method)| !matches!(path.as_str(), "/api" | "/api/" | "/api/{*rest}") || !method.is_empty());
    assert_eq!(routed, described);
    assert!(described.len() >= 24, "{described:?}");
}

/// The first cells of the rows of a table in `docs/API.md`.
fn documented(heading: &str) -> Vec<Vec<String>> {
    let text = include_str!("../../../../../docs/API.md");
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_path_table_in_api_md_is_complete() {
    let mut document = document(true);
    let mut described = Vec::new();
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        described.extend(item.as_object().unwrap().keys().map(|method| format!("`{} {path}`", method.to_uppercase())));
    }
    let mut documented: Vec<_> = documented("Paths").into_iter().map(|row| row[0].clone()).collect();
    described.sort();
    documented.sort();
    assert_eq!(documented, described);
}

#[test]
fn the_error_table_in_api_md_is_complete() {
    let described = ProblemCode::ALL.iter().map(|code| {
        let statuses: Vec<_> = code.statuses().iter().map(|status| status.as_str().to_owned()).collect();
        vec![statuses.join(", "), format!("`{}`", code.as_str()), code.meaning().to_owned()]
    });
    assert_eq!(documented("Errors"), described.collect::<Vec<_>>());
}

/// Each operation lists the codes that it can fail with, and each code is listed somewhere.
#[test]
fn every_problem_code_is_documented_for_an_operation() {
    let text = document(true)["paths"].to_string();
    // 404 for unknown paths and 405 for wrong methods belong to no operation.
    let elsewhere = [ProblemCode::WrongMethod];
    for code in ProblemCode::ALL.iter().filter(|code| !elsewhere.contains(code)) {
        assert!(text.contains(&format!("\"{}\"", code.as_str())), "{}", code.as_str());
    }
}
