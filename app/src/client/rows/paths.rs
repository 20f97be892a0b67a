//! Addresses of containers, of this server's pages and of its API. Pure.

use crate::model::{ContainerKey, EngineName};

/// Minimum number of hexadecimal digits with which a name may be meant as the start of an id.
pub const MIN_ID_DIGITS: usize = 12;

/// Path of a container's page. Contains the name, which survives re-creation, if that is an
/// ordinary name and does not look like an id. Does not name the engine if there is only one.
pub fn page_path(key: ContainerKey, name: &str, several_engines: bool) -> String {
    let is_digits = name.len() >= MIN_ID_DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if name.starts_with(|first: char| first.is_ascii_alphanumeric()) && is_plain && !is_digits {
        path(key.engine, name, several_engines)
    } else {
        id_path(key, several_engines)
    }
}

/// Path of a container's page with its id, which leads to this container only.
pub(super) fn id_path(ContainerKey { engine, id }: ContainerKey, several_engines: bool) -> String {
    path(engine, &id.to_string(), several_engines)
}

fn path(engine: EngineName, container: &str, several_engines: bool) -> String {
    let mut path = String::new();
    if several_engines {
        path.push_str("/engines/");
        path.push_str(engine.as_str());
    }
    path.push_str("/containers/");
    path.push_str(container);
    path
}

/// Path of a container in the API.
pub fn api_path(key: ContainerKey, several_engines: bool) -> String {
    let mut path = "/api".to_owned();
    path.push_str(&id_path(key, several_engines));
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_named_only_if_there_are_several() {
        let id = "ab".repeat(32).parse().unwrap_or_else(|_| unreachable!("64 digits"));
        let key = ContainerKey::new(EngineName::new("web-3").unwrap_or_default(), id);
        assert_eq!(page_path(key, "web", false), "/containers/web");
        assert_eq!(page_path(key, "web", true), "/engines/web-3/containers/web");
        assert_eq!(id_path(key, true), format!("/engines/web-3/containers/{id}"));
        assert_eq!(api_path(key, false), format!("/api/containers/{id}"));
        assert_eq!(api_path(key, true), format!("/api/engines/web-3/containers/{id}"));
    }

    #[test]
    fn a_name_that_is_not_ordinary_or_like_an_id_is_not_used() {
        let id = "ab".repeat(32).parse().unwrap_or_else(|_| unreachable!("64 digits"));
        let key = ContainerKey::new(EngineName::LOCAL, id);
        for name in ["web", "a.b_c-1", "facade", "0123456789ab-web"] {
            assert_eq!(page_path(key, name, false), format!("/containers/{name}"));
        }
        for name in ["", "..", "a/b", "a b", "é", "%2e", "0123456789ab", &id.to_string()] {
            assert_eq!(page_path(key, name, false), format!("/containers/{id}"), "{name}");
        }
    }
}
