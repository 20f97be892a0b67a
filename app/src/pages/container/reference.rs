//! The container that the address of a page names: `/containers/{ref}` or
//! `/engines/{engine}/containers/{ref}`, both with or without `/logs`.

use crate::base_path;
use crate::prelude::*;
use crate::{
    client::{MIN_ID_DIGITS, use_realtime_containers},
    model::{ContainerId, ContainerKey},
    protocol::Picture,
};
use leptos_router::hooks::use_location;

/// Reference to a container in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerRef {
    /// Name of the engine, if the URL has one. From a request, so it is not interned.
    pub engine: Option<String>,
    /// A name, the full id, or at least the first 12 digits of the id.
    pub name: String,
    /// True if the URL is that of the container's log.
    pub is_log: bool,
}

impl ContainerRef {
    /// Parses a path of this server; `None` if it is not the path of a container.
    pub fn parse(path: &str) -> Option<Self> {
        let (engine, rest) = match path.strip_prefix("/engines/") {
            Some(rest) => rest.split_once('/').map(|(engine, rest)| (Some(engine), rest))?,
            None => (None, path.strip_prefix('/')?),
        };
        let name = rest.strip_prefix("containers/")?;
        let (name, is_log) = name.strip_suffix("/logs").map_or((name, false), |name| (name, true));
        Some(Self { engine: engine.map(str::to_owned), name: name.to_owned(), is_log })
    }

    /// The full id, if the reference is one.
    pub fn id(&self) -> Option<ContainerId> {
        self.name.parse().ok()
    }

    /// Every container that the reference may mean. As for Docker, a full id goes before a name,
    /// and a name before the start of an id.
    pub fn find(&self, picture: &Picture) -> Vec<ContainerKey> {
        let of_engine = |key: &&ContainerKey| self.engine.as_deref().is_none_or(|name| key.engine.as_str() == name);
        let keys = || picture.containers.keys().filter(of_engine);
        if let Some(id) = self.id() {
            return keys().filter(|key| key.id == id).copied().collect();
        }
        let is_named = |key: &&ContainerKey| picture.containers.get(key).is_some_and(|found| found.name == self.name);
        let named: Vec<_> = keys().filter(is_named).copied().collect();
        let is_start = self.name.len() >= MIN_ID_DIGITS && self.name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !named.is_empty() || !is_start {
            return named;
        }
        let digits = self.name.to_ascii_lowercase();
        keys().filter(|key| key.id.to_string().starts_with(&digits)).copied().collect()
    }
}

/// The container on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The reference in the URL.
    pub by: Option<ContainerRef>,
    /// The containers that the reference may mean.
    pub keys: Vec<ContainerKey>,
}

impl Named {
    /// The only container that the reference may mean; `None` if there are none or several.
    pub fn key(&self) -> Option<ContainerKey> {
        match self.keys[..] {
            [key] => Some(key),
            _ => None,
        }
    }
}

/// The container that the page's URL names. Once found, it stays the same until the URL changes,
/// even if it is renamed or removed.
pub fn use_named_container() -> Memo<Named> {
    let rows = use_realtime_containers().rows;
    let path = use_location().pathname;
    let own = ContainerRef::parse(base_path::path(&path.read_untracked()));
    Memo::new(move |former: Option<&Named>| {
        let by = ContainerRef::parse(base_path::path(&path.read()));
        // The address of the next page is set before this one is taken away.
        let Some(by) = by.filter(|by| own.as_ref().is_some_and(|own| own.is_log == by.is_log)) else {
            return former.cloned().unwrap_or_default();
        };
        if let Some(former) = former.filter(|former| former.by.as_ref() == Some(&by) && former.key().is_some()) {
            return former.clone();
        }
        rows.container_revision().track();
        Named { keys: rows.with_picture(|picture| by.find(picture)).unwrap_or_default(), by: Some(by) }
    })
}

/// The path of this page.
pub fn own_path() -> String {
    base_path::path(&use_location().pathname.read_untracked()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Container, ContainerState::Running, EngineName},
        samples::{container, picture},
    };

    fn on(engine: &str, number: u16, name: &str) -> Container {
        let engine = EngineName::new(engine).unwrap_or_default();
        Container { engine, ..container(number, name, Running) }
    }

    #[test]
    fn addresses_name_a_container_and_maybe_its_engine() {
        for (path, expected) in [
            ("/containers/web", Some((None, "web", false))),
            ("/containers/web/logs", Some((None, "web", true))),
            ("/containers/logs", Some((None, "logs", false))),
            ("/engines/a/containers/web", Some((Some("a"), "web", false))),
            ("/engines/a/containers/web/logs", Some((Some("a"), "web", true))),
            ("/logs", None),
            ("/engines/a", None),
            ("/engines/a/other/web", None),
        ] {
            let expected = expected.map(|(engine, name, is_log): (Option<&str>, &str, bool)| ContainerRef {
                engine: engine.map(str::to_owned),
                name: name.to_owned(),
                is_log,
            });
            assert_eq!(ContainerRef::parse(path), expected, "{path}");
        }
    }

    #[test]
    fn a_reference_is_a_full_id_a_name_or_the_start_of_an_id() {
        let [web_a, db_a, web_b] = [on("a", 0x1f, "web"), on("a", 2, "db"), on("b", 0x1f, "web")];
        // A name that looks like the start of every id.
        let zeros = on("b", 3, &"0".repeat(12));
        let all = [&web_a, &db_a, &web_b, &zeros].map(|container| container.key());
        let picture = picture(vec![web_a.clone(), db_a.clone(), web_b.clone(), zeros.clone()], Vec::new());
        let [web_a, db_a, web_b, zeros] = all;
        let start = |digits: usize| web_a.id.to_string()[..digits].to_owned();
        for (engine, name, expected) in [
            (None, "db".to_owned(), vec![db_a]),
            (None, "web".to_owned(), vec![web_a, web_b]),
            (Some("a"), "web".to_owned(), vec![web_a]),
            (Some("c"), "web".to_owned(), vec![]),
            (None, "we".to_owned(), vec![]),
            (None, web_a.id.to_string(), vec![web_a, web_b]),
            (Some("b"), web_a.id.to_string(), vec![web_b]),
            (Some("b"), "0".repeat(12), vec![zeros]),
            (Some("a"), start(12), vec![db_a, web_a]),
            (Some("a"), start(63), vec![web_a]),
            (Some("a"), start(11), vec![]),
        ] {
            let by = ContainerRef { engine: engine.map(str::to_owned), name, is_log: false };
            assert_eq!(by.find(&picture), expected, "{by:?}");
        }
    }
}
