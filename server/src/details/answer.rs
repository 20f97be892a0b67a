//! An answer of the engine, read field by field: what is absent, null, empty or of another kind is not there.

use serde_json::Value;

/// Some part of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a>(pub(super) &'a Value);

impl<'a> Answer<'a> {
    /// What stands at a JSON pointer; null when nothing does.
    pub(super) fn at(self, pointer: &str) -> Self {
        Self(self.0.pointer(pointer).unwrap_or(&Value::Null))
    }

    /// A text that is not empty.
    pub(super) fn text(self, pointer: &str) -> Option<&'a str> {
        self.at(pointer).0.as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn owned(self, pointer: &str) -> Option<String> {
        self.text(pointer).map(str::to_owned)
    }

    /// A number above 0, which is how the engine writes "none".
    pub(super) fn count(self, pointer: &str) -> Option<u64> {
        self.at(pointer).0.as_u64().filter(|count| *count > 0)
    }

    /// A number, 0 included: for fields that the engine leaves out or sets to null where nothing was said.
    pub(super) fn number(self, pointer: &str) -> Option<i64> {
        self.at(pointer).0.as_i64()
    }

    /// A number other than 0, which is how the engine writes "not set" where the field is always there.
    pub(super) fn integer(self, pointer: &str) -> Option<i64> {
        self.at(pointer).0.as_i64().filter(|number| *number != 0)
    }

    pub(super) fn flag(self, pointer: &str) -> bool {
        self.at(pointer).0.as_bool().unwrap_or_default()
    }

    pub(super) fn list(self, pointer: &str) -> impl Iterator<Item = Self> {
        self.at(pointer).0.as_array().into_iter().flatten().map(Self)
    }

    /// The fields of an object, by name.
    pub(super) fn fields(self, pointer: &str) -> impl Iterator<Item = (&'a str, Self)> {
        self.at(pointer).0.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), Self(value)))
    }

    /// A list of texts, or one text alone.
    pub(super) fn words(self, pointer: &str) -> Vec<&'a str> {
        match self.at(pointer).0 {
            Value::String(word) => vec![word],
            _ => self.list(pointer).filter_map(|word| word.0.as_str()).collect(),
        }
    }

    pub(super) fn owned_words(self, pointer: &str) -> Vec<String> {
        self.words(pointer).into_iter().map(str::to_owned).collect()
    }
}
