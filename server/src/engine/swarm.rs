//! Calls of Docker Swarm: what an engine is in a swarm, and the objects that a manager has.
//!
//! In: ids. Out: JSON, which [`crate::swarm`] converts, or an [`EngineError`]. A change is made on
//! the exact document that was read, because an update replaces the whole specification: a typed
//! model would remove the fields that it does not know.

use super::{EngineClient, EngineError, JsonRef, json, raw::target};
use crate::process::bulk;
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;

/// Timeout of a manager's lists. They come from memory; a manager that needs longer has no quorum.
const LISTS_TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout of an update, which waits for the other managers to agree.
const UPDATE_TIMEOUT: Duration = Duration::from_secs(10);

/// Membership of an engine in a swarm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SwarmMembership {
    /// Id of the node that it is; `None` outside of a swarm.
    pub node: Option<String>,
    /// Id of the swarm; only managers with a quorum know it.
    pub cluster: Option<String>,
    /// True if it is a manager.
    pub is_manager: bool,
}

impl SwarmMembership {
    /// Reads it from a response of `/info`.
    pub(super) fn of_info(info: JsonRef<'_>) -> Self {
        let state = info.text("/Swarm/LocalNodeState").unwrap_or_default();
        if matches!(state, "" | "inactive") {
            return Self::default();
        }
        Self {
            node: info.owned("/Swarm/NodeID"),
            cluster: info.owned("/Swarm/Cluster/ID"),
            is_manager: info.flag("/Swarm/ControlAvailable"),
        }
    }
}

/// The lists of a manager; unreadable rows are left out.
#[derive(Debug, Clone, Default)]
pub struct SwarmLists {
    /// Nodes.
    pub nodes: Vec<Value>,
    /// Services.
    pub services: Vec<Value>,
    /// Tasks, with the former ones that the swarm keeps.
    pub tasks: Vec<Value>,
}

/// A kind of object with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwarmObject {
    /// A service.
    Service,
    /// A node.
    Node,
}

impl SwarmObject {
    const fn folder(self) -> &'static str {
        match self {
            Self::Service => "services",
            Self::Node => "nodes",
        }
    }
}

/// An object and the version that an update must name.
#[derive(Debug, Clone)]
pub struct Versioned {
    /// Its version.
    pub version: u64,
    /// Its specification.
    pub spec: Value,
}

impl EngineClient {
    /// Reads what the engine is in a swarm now.
    ///
    /// # Errors
    /// As any call.
    pub async fn swarm_membership(&self) -> Result<SwarmMembership, EngineError> {
        let info = self.document("info", LISTS_TIMEOUT, target("/info", &[])?).await?;
        Ok(SwarmMembership::of_info(JsonRef(&info)))
    }

    /// Reads nodes, services and tasks of a manager.
    ///
    /// # Errors
    /// As any call; status 503 if it is no manager, or the managers have no quorum.
    pub async fn swarm_lists(&self) -> Result<SwarmLists, EngineError> {
        let (nodes, services, tasks) = futures::try_join!(
            self.rows("nodes", LISTS_TIMEOUT, target("/nodes", &[])?),
            self.rows("services", LISTS_TIMEOUT, target("/services", &[])?),
            self.rows("tasks", LISTS_TIMEOUT, target("/tasks", &[])?),
        )?;
        let read = move || SwarmLists { nodes: values(&nodes), services: values(&services), tasks: values(&tasks) };
        // A swarm of a thousand tasks has some megabytes.
        Ok(bulk::run(read).await)
    }

    /// Reads an object of a manager.
    ///
    /// # Errors
    /// As any call; status 404 if it does not exist.
    pub async fn swarm_object(&self, kind: SwarmObject, id: &str) -> Result<Versioned, EngineError> {
        let path = format!("/{}/{}", kind.folder(), plain(id)?);
        let found = self.exact_document("swarm_inspect", LISTS_TIMEOUT, target(&path, &[])?).await?;
        let version = JsonRef(&found).number("/Version/Index");
        match (version, found.get("Spec")) {
            (Some(version), Some(spec)) if spec.is_object() => Ok(Versioned { version, spec: spec.clone() }),
            _ => Err(EngineError::InvalidResponse(format!("{path} has no version or no specification"))),
        }
    }

    /// Replaces the specification of an object, which must still have this version. `query`:
    /// further parameters.
    ///
    /// # Errors
    /// As any call; a refusal with `update out of sequence` if it has been changed since.
    pub async fn update_swarm_object(
        &self,
        kind: SwarmObject,
        id: &str,
        changed: &Versioned,
        query: &[(&str, &str)],
    ) -> Result<(), EngineError> {
        let version = changed.version.to_string();
        let query: Vec<_> = std::iter::once(("version", version.as_str())).chain(query.iter().copied()).collect();
        let target = target(&format!("/{}/{}/update", kind.folder(), plain(id)?), &query)?;
        let body = Bytes::from(changed.spec.to_string());
        self.post("swarm_update", UPDATE_TIMEOUT, target, body).await
    }
}

fn values(rows: &[Bytes]) -> Vec<Value> {
    rows.iter().filter_map(|row| json::read(row).ok()).collect()
}

/// Ids of a swarm are letters and digits; anything else would be another path.
fn plain(id: &str) -> Result<&str, EngineError> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(id)
    } else {
        Err(EngineError::Other(format!("{id:?} is not an id of a swarm")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn membership_is_read_from_info() {
        let read = |info: Value| SwarmMembership::of_info(JsonRef(&info));
        let outside = json!({"Swarm": {"NodeID": "", "LocalNodeState": "inactive", "ControlAvailable": false}});
        assert_eq!(read(outside), SwarmMembership::default());
        assert_eq!(read(json!({"Swarm": null})), SwarmMembership::default());
        let worker =
            json!({"Swarm": {"NodeID": "w1", "LocalNodeState": "active", "ControlAvailable": false, "Cluster": null}});
        assert_eq!(read(worker), SwarmMembership { node: Some("w1".into()), cluster: None, is_manager: false });
        let manager = json!({"Swarm": {"NodeID": "m1", "LocalNodeState": "active", "ControlAvailable": true, "Cluster": {"ID": "c1"}}});
        assert_eq!(
            read(manager),
            SwarmMembership { node: Some("m1".into()), cluster: Some("c1".into()), is_manager: true }
        );
    }

    #[test]
    fn only_letters_and_digits_are_part_of_a_path() {
        assert!(plain("8kx0w2i9h1m2p3q4r5s6t7u8v").is_ok());
        for other in ["", "..", "a/b", "a?b", "a%2f"] {
            assert!(plain(other).is_err(), "{other}");
        }
    }
}
