//! Labels of a container. Always a JSON object on the wire, even if empty.

use litemap::LiteMap;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};
use std::ops::{Deref, DerefMut};

/// Labels by name.
///
/// A type of its own, because a [`LiteMap`] serializes as an array while it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Labels(LiteMap<String, String>);

impl Labels {
    /// No labels.
    pub const fn new() -> Self {
        Self(LiteMap::new_vec())
    }
}

impl Deref for Labels {
    type Target = LiteMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Labels {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl FromIterator<(String, String)> for Labels {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(labels: T) -> Self {
        Self(labels.into_iter().collect())
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_an_object_with_and_without_entries() {
        let written = |labels: &Labels| serde_json::to_string(labels).unwrap_or_default();
        let some: Labels =
            [("team".to_owned(), "web".to_owned()), ("a".to_owned(), String::new())].into_iter().collect();
        assert_eq!(written(&Labels::new()), "{}");
        assert_eq!(written(&some), r#"{"a":"","team":"web"}"#);
        for labels in [Labels::new(), some] {
            assert_eq!(serde_json::from_str::<Labels>(&written(&labels)).ok(), Some(labels));
        }
    }

    #[test]
    fn the_array_that_older_servers_send_is_accepted() {
        assert_eq!(serde_json::from_str::<Labels>("[]").ok(), Some(Labels::new()));
    }
}
