//! Addresses of containers, of this server's pages and of its API. Pure.

use crate::model::ContainerKey;

/// Path of a container's page. With one engine, it does not name the engine.
pub fn page_path(ContainerKey { engine, id }: ContainerKey, several_engines: bool) -> String {
    if several_engines { format!("/engines/{engine}/containers/{id}") } else { format!("/containers/{id}") }
}

/// Path of a container in the API.
pub fn api_path(key: ContainerKey, several_engines: bool) -> String {
    let mut path = "/api".to_owned();
    path.push_str(&page_path(key, several_engines));
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EngineName;

    #[test]
    fn the_engine_is_named_only_if_there_are_several() {
        let id = "ab".repeat(32).parse().unwrap_or_else(|_| unreachable!("64 digits"));
        let key = ContainerKey::new(EngineName::new("web-3").unwrap_or_default(), id);
        assert_eq!(page_path(key, false), format!("/containers/{id}"));
        assert_eq!(page_path(key, true), format!("/engines/web-3/containers/{id}"));
        assert_eq!(api_path(key, false), format!("/api/containers/{id}"));
        assert_eq!(api_path(key, true), format!("/api/engines/web-3/containers/{id}"));
    }
}
