//! Hides references to other containers from users who may see only some.
//!
//! In: an inspect response. Out: the same without references to hidden containers: a container may
//! use the network, processes or volumes of another, or be linked to it. Pure.

use app::model::ContainerId;
use serde_json::Value;
use std::collections::HashSet;

/// Replacement for a hidden name or id.
const HIDDEN: &str = "hidden";
/// Fields of `HostConfig` whose value may be `container:ID`.
const MODES: [&str; 6] = ["NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode"];
/// Number of hexadecimal digits of a full id.
const ID_DIGITS: usize = 64;

/// Containers that a user may see; by default all.
#[derive(Debug, Clone, Default)]
pub struct Visibility(Option<HashSet<String>>);

impl Visibility {
    /// Visibility of only these containers.
    pub fn of<'a>(containers: impl Iterator<Item = (ContainerId, &'a str)>) -> Self {
        Self(Some(containers.flat_map(|(id, name)| [id.to_string(), name.to_owned()]).collect()))
    }

    fn shows(&self, id_or_name: &str) -> bool {
        self.0.as_ref().is_none_or(|shown| shown.contains(id_or_name))
    }

    /// Removes references to hidden containers from an inspect response.
    pub fn redact(&self, mut inspect: Value) -> Value {
        if self.0.is_none() {
            return inspect;
        }
        let own = inspect["Id"].as_str().unwrap_or_default().to_owned();
        if let Some(host) = inspect.get_mut("HostConfig") {
            for mode in MODES {
                let other = host[mode].as_str().and_then(|mode| mode.strip_prefix("container:"));
                if other.is_some_and(|other| !self.shows(other)) {
                    host[mode] = format!("container:{HIDDEN}").into();
                }
            }
            for (field, ends_at) in [("VolumesFrom", ':'), ("Links", ':')] {
                if let Some(entries) = host.get_mut(field).and_then(Value::as_array_mut) {
                    entries.retain(|entry| {
                        let other = entry.as_str().and_then(|entry| entry.split(ends_at).next());
                        other.is_some_and(|other| self.shows(other.trim_start_matches('/')))
                    });
                }
            }
        }
        // Files of another container's network: `/var/lib/docker/containers/ID/hosts`.
        for field in ["HostnamePath", "HostsPath", "ResolvConfPath", "LogPath"] {
            if let Some(path) = inspect[field].as_str() {
                inspect[field] = without_ids(path, |id| id == own || self.shows(id)).into();
            }
        }
        if let Some(error) = inspect.pointer_mut("/State/Error")
            && let Some(text) = error.as_str()
        {
            *error = without_ids(text, |id| id == own || self.shows(id)).into();
        }
        inspect
    }
}

/// Removes the full ids of hidden containers from an engine message.
pub fn without_ids(text: &str, shows: impl Fn(&str) -> bool) -> String {
    let mut visible = String::with_capacity(text.len());
    for word in text.split_inclusive(|letter: char| !letter.is_ascii_hexdigit()) {
        let digits = word.trim_end_matches(|letter: char| !letter.is_ascii_hexdigit());
        if digits.len() == ID_DIGITS && !shows(digits) {
            visible.push_str(HIDDEN);
            visible.push_str(&word[digits.len()..]);
        } else {
            visible.push_str(word);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use serde_json::json;

    #[test]
    fn invisible_containers_are_not_named() {
        let (own, other) = ("ab".repeat(32), "cd".repeat(32));
        let inspect = json!({
            "Id": own,
            "HostsPath": format!("/containers/{other}/hosts"), "LogPath": format!("/containers/{own}/{own}-json.log"),
            "State": {"Error": format!("cannot join network of {other}: not running, says {own}")},
            "HostConfig": {
                "NetworkMode": format!("container:{other}"), "PidMode": "container:vpn", "IpcMode": "private",
                "VolumesFrom": ["vpn:ro", "web"], "Links": ["/vpn:/web/vpn", "/web:/web/web"],
            },
        });
        let shown = Visibility::of([(own.parse().unwrap(), "web")].into_iter()).redact(inspect.clone());
        assert_eq!(
            shown["HostConfig"],
            json!({
                "NetworkMode": "container:hidden", "PidMode": "container:hidden", "IpcMode": "private",
                "VolumesFrom": ["web"], "Links": ["/web:/web/web"],
            })
        );
        assert_eq!(shown["HostsPath"], "/containers/hidden/hosts");
        assert_eq!(shown["LogPath"], format!("/containers/{own}/{own}-json.log"));
        assert_eq!(shown["State"]["Error"], format!("cannot join network of hidden: not running, says {own}"));
        let all = Visibility::of([(own.parse().unwrap(), "web"), (other.parse().unwrap(), "vpn")].into_iter());
        assert_eq!(all.redact(inspect.clone()), inspect);
        assert_eq!(Visibility::default().redact(inspect.clone()), inspect);
        assert_eq!(Visibility::of(std::iter::empty()).redact(json!([])), json!([]));
    }
}
