//! Names of engines in the data of another server. They are compared as text: an [`EngineName`] is
//! never freed, so only the one that is watched may be created. Pure.

use super::link::{FarError, shortened};
use app::model::EngineName;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Maximum number of names in a message.
const MAX_LISTED: usize = 10;
/// Lists of a frame whose items have the name of their engine.
const LISTS: [&str; 4] = ["containers", "upserted", "removed", "stats"];

/// The response of `/api/engines`; other fields are not read.
#[derive(Debug, Deserialize)]
pub(super) struct EngineNames<'t> {
    #[serde(borrow)]
    engines: Vec<NamedEngine<'t>>,
}

#[derive(Debug, Deserialize)]
struct NamedEngine<'t> {
    #[serde(borrow)]
    id: Cow<'t, str>,
    #[serde(default, rename = "sameEngineAs")]
    same_engine_as: Vec<IgnoredAny>,
}

/// An event, or an item of a list of a frame.
#[derive(Debug, Deserialize)]
struct Item<'t> {
    #[serde(borrow)]
    engine: Cow<'t, str>,
}

/// The names of a frame.
#[derive(Debug, Deserialize)]
struct FrameNames<'t> {
    #[serde(default, borrow)]
    engines: Option<Vec<NamedEngine<'t>>>,
    #[serde(default, borrow)]
    containers: Vec<Item<'t>>,
    #[serde(default, borrow)]
    upserted: Vec<Item<'t>>,
    #[serde(default, borrow)]
    removed: Vec<Item<'t>>,
    #[serde(default, borrow)]
    stats: Vec<Item<'t>>,
}

impl EngineNames<'_> {
    /// True if there are several engines.
    pub(super) fn are_several(&self) -> bool {
        self.engines.len() > 1
    }

    /// The engine that the address names, or the only one.
    ///
    /// # Errors
    /// When there is no such engine, or the address should name one.
    pub(super) fn choose(&self, named: Option<&str>) -> Result<EngineName, FarError> {
        let chosen = match (self.engines.as_slice(), named) {
            (engines, Some(named)) => engines
                .iter()
                .find(|engine| engine.id == named)
                .ok_or_else(|| format!("the other Quaylight has no engine {named:?}, but {}", self.listed())),
            ([engine], None) => Ok(engine),
            ([], None) => Err("the token shows no engine of the other Quaylight".to_owned()),
            (_, None) => Err(format!("the other Quaylight watches several engines: {}", self.listed())),
        };
        let chosen = chosen.map_err(FarError::Engine)?;
        let invalid =
            |error| FarError::InvalidResponse(format!("the other Quaylight names an engine wrongly: {error}"));
        EngineName::new(&chosen.id).map_err(invalid)
    }

    fn listed(&self) -> String {
        let name = |engine: &NamedEngine<'_>| shortened(&engine.id).chars().take(63).collect::<String>();
        let names: Vec<_> = self.engines.iter().take(MAX_LISTED).map(name).collect();
        let rest = self.engines.len() - names.len();
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        format!("{}{rest}", if names.is_empty() { "none".to_owned() } else { names.join(", ") })
    }
}

/// True if an event, or a frame, has no other engine than `theirs`. False if it cannot be read.
pub(super) fn are_all(data: &str, theirs: EngineName) -> bool {
    let is_theirs = |item: &Item<'_>| item.engine == theirs.as_str();
    serde_json::from_str::<FrameNames<'_>>(data).is_ok_and(|names| {
        let FrameNames { engines, containers, upserted, removed, stats } = names;
        let mut engines = engines.iter().flatten();
        engines.all(|engine| engine.id == theirs.as_str() && engine.same_engine_as.is_empty())
            && [containers, upserted, removed, stats].iter().flatten().all(is_theirs)
    })
}

/// Removes the engines other than `theirs` from a frame, with their containers and samples.
pub(super) fn keep_only(frame: &mut Map<String, Value>, theirs: EngineName) {
    let is = |item: &Value, field: &str| item.get(field).and_then(Value::as_str) == Some(theirs.as_str());
    for list in LISTS {
        if let Some(Value::Array(items)) = frame.get_mut(list) {
            items.retain(|item| is(item, "engine"));
        }
    }
    if let Some(Value::Array(engines)) = frame.get_mut("engines") {
        engines.retain(|engine| is(engine, "id"));
        for engine in engines.iter_mut().filter_map(Value::as_object_mut) {
            engine.remove("sameEngineAs");
        }
    }
}

/// True if an event is of the engine.
pub(super) fn is_of(event: &str, theirs: EngineName) -> bool {
    serde_json::from_str::<Item<'_>>(event).is_ok_and(|item| item.engine == theirs.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use serde_json::json;

    fn chosen(all: &[String], named: Option<&str>) -> Result<String, FarError> {
        let response = json!({ "engines": all.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() }).to_string();
        let names: EngineNames<'_> = serde_json::from_str(&response).unwrap();
        names.choose(named).map(|name| name.to_string())
    }

    #[test]
    fn the_engine_is_the_named_or_the_only_one() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(chosen(&names(&["web"]), None).unwrap(), "web");
        assert_eq!(chosen(&names(&["web", "db"]), Some("db")).unwrap(), "db");
        for (all, named, words) in [
            (&["web", "db"][..], None, "several engines: web, db"),
            (&["web"], Some("db"), "no engine \"db\", but web"),
            (&[], None, "no engine"),
        ] {
            let error = chosen(&names(all), named).unwrap_err();
            assert!(matches!(&error, FarError::Engine(message) if message.contains(words)), "{error}");
        }
        assert_eq!(chosen(&names(&["Not a name"]), None).unwrap_err().code(), "bad_answer");
    }

    #[test]
    fn a_message_lists_ten_names_without_control_characters() {
        let mut names: Vec<_> = (0..50_000).map(|number| format!("n{number}")).collect();
        names[1] = format!("\u{1b}[31m{}\n", "x".repeat(100_000));
        let message = chosen(&names, None).unwrap_err().to_string();
        assert!(message.contains(": n0, x") && message.ends_with(", n9 and 49990 more"), "{message}");
        assert!(message.len() < 300 && !message.contains(char::is_control), "{message}");
    }

    #[test]
    fn items_of_other_engines_are_removed() {
        let theirs = EngineName::new("web").unwrap();
        let frame = |name: &str| {
            let item = |engine: &str| json!({ "engine": engine, "id": 1 });
            json!({ "engines": [{ "id": "web" }], "containers": [item("web"), item(name)], "stats": [item(name)] })
        };
        assert!(are_all(&frame("web").to_string(), theirs));
        for mut data in [frame("db"), json!({ "engines": [{ "id": "web", "sameEngineAs": ["db"] }] })] {
            assert!(!are_all(&data.to_string(), theirs), "{data}");
            keep_only(data.as_object_mut().unwrap(), theirs);
            assert!(!data.to_string().contains("db") && are_all(&data.to_string(), theirs), "{data}");
        }
        assert!(is_of(r#"{"engine":"web"}"#, theirs) && !is_of(r#"{"engine":"db"}"#, theirs) && !is_of("{}", theirs));
    }
}
