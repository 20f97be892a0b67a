//! Lenient access to the engine's JSON, field by field.
//!
//! A field that is absent, null, empty or of another type is unknown and does not affect the
//! others. List, inspect, stats, events, info, version and top are all read this way. Numbers may
//! be written as floats or strings, and a list of one string as that string. Read next:
//! [`super::convert`].

use serde_json::Value;

/// A JSON value borrowed from a response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonRef<'a>(pub(crate) &'a Value);

/// 2^63, the first integer beyond `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

impl<'a> JsonRef<'a> {
    /// The value at a JSON pointer, or null.
    pub(crate) fn at(self, pointer: &str) -> Self {
        Self(self.0.pointer(pointer).unwrap_or(&Value::Null))
    }

    /// A field by name, or null. The name may contain any character.
    pub(crate) fn field(self, name: &str) -> Self {
        Self(self.0.get(name).unwrap_or(&Value::Null))
    }

    /// The non-empty string at `pointer`.
    pub(crate) fn text(self, pointer: &str) -> Option<&'a str> {
        self.at(pointer).0.as_str().filter(|text| !text.is_empty())
    }

    /// An owned copy of the non-empty string at `pointer`.
    pub(crate) fn owned(self, pointer: &str) -> Option<String> {
        self.text(pointer).map(str::to_owned)
    }

    /// The value as an integer, truncated.
    pub(crate) fn as_i64(self) -> Option<i64> {
        let of_float = |number: f64| (-I64_END..I64_END).contains(&number).then_some(number as i64);
        match self.0 {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(of_float)),
            Value::String(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse().ok().and_then(of_float))
            }
            _ => None,
        }
    }

    /// The value as an unsigned integer, truncated.
    pub(crate) fn as_u64(self) -> Option<u64> {
        let of_float = |number: f64| (0.0..2.0 * I64_END).contains(&number).then_some(number as u64);
        match self.0 {
            Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(of_float)),
            Value::String(text) => {
                let text = text.trim();
                text.parse().ok().or_else(|| text.parse().ok().and_then(of_float))
            }
            _ => None,
        }
    }

    /// The unsigned integer at `pointer`.
    pub(crate) fn number(self, pointer: &str) -> Option<u64> {
        self.at(pointer).as_u64()
    }

    /// The positive integer at `pointer`; the engine writes 0 for "none".
    pub(crate) fn count(self, pointer: &str) -> Option<u64> {
        self.number(pointer).filter(|count| *count > 0)
    }

    /// The integer at `pointer` unless it is 0.
    pub(crate) fn integer(self, pointer: &str) -> Option<i64> {
        self.at(pointer).as_i64().filter(|number| *number != 0)
    }

    /// A ulimit, or -1 for unlimited. The kernel writes unlimited as 2^64 - 1; any value from 2^63
    /// on is unlimited.
    pub(crate) fn ulimit(self, pointer: &str) -> Option<i64> {
        let value = self.at(pointer);
        value.as_i64().map(|limit| limit.max(-1)).or_else(|| value.as_u64().map(|_| -1))
    }

    /// A boolean, also if it is written as a number or a string.
    pub(crate) fn boolean(self, pointer: &str) -> Option<bool> {
        let value = self.at(pointer);
        match value.0 {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => word.trim().to_ascii_lowercase().parse().ok(),
            Value::Number(_) => value.as_i64().map(|number| number != 0),
            _ => None,
        }
    }

    /// A boolean that is false if absent.
    pub(crate) fn flag(self, pointer: &str) -> bool {
        self.boolean(pointer).unwrap_or_default()
    }

    /// The elements of an array.
    pub(crate) fn list(self, pointer: &str) -> impl Iterator<Item = Self> + use<'a> {
        self.at(pointer).0.as_array().into_iter().flatten().map(Self)
    }

    /// The fields of an object with their names.
    pub(crate) fn fields(self, pointer: &str) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        self.at(pointer).0.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), Self(value)))
    }

    /// An array of strings, or a single string.
    pub(crate) fn strings(self, pointer: &str) -> Vec<&'a str> {
        match self.at(pointer).0 {
            Value::String(word) => vec![word],
            _ => self.list(pointer).filter_map(|word| word.0.as_str()).collect(),
        }
    }

    pub(crate) fn owned_strings(self, pointer: &str) -> Vec<String> {
        self.strings(pointer).into_iter().map(str::to_owned).collect()
    }

    /// The value as text if it is a string, a number or a boolean.
    pub(crate) fn scalar(self) -> Option<String> {
        match self.0 {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_in_every_notation() {
        for (written, read) in [
            (json!(12), Some(12)),
            (json!(12.0), Some(12)),
            (json!(12.9), Some(12)),
            (json!("12"), Some(12)),
            (json!(" 12.0 "), Some(12)),
            (json!(-3), Some(-3)),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!("NaN"), None),
            (json!("twelve"), None),
            (json!([12]), None),
            (json!(null), None),
            (json!(true), None),
        ] {
            assert_eq!(JsonRef(&written).as_i64(), read, "{written}");
        }
        assert_eq!(JsonRef(&json!(u64::MAX)).as_u64(), Some(u64::MAX));
        assert_eq!(JsonRef(&json!(-1)).as_u64(), None);
        assert_eq!(JsonRef(&json!("18446744073709551615")).as_u64(), Some(u64::MAX));
    }

    #[test]
    fn a_limit_beyond_i64_is_unlimited() {
        let limit = |value: Value| JsonRef(&json!({ "Soft": value })).ulimit("/Soft");
        assert_eq!(limit(json!(1_024)), Some(1_024));
        assert_eq!(limit(json!("1024")), Some(1_024));
        assert_eq!(limit(json!(-1)), Some(-1));
        assert_eq!(limit(json!(u64::MAX)), Some(-1)); // the kernel's RLIM_INFINITY
        assert_eq!(limit(json!(1_u64 << 63)), Some(-1));
        assert_eq!((limit(json!(null)), limit(json!("many"))), (None, None));
    }

    #[test]
    fn flags_and_words_are_read_in_several_forms() {
        let value = json!({"a": true, "b": "True", "c": 1, "d": 0, "e": "perhaps", "f": null, "one": "sh", "many": ["a", 7, null, "b"]});
        let value = JsonRef(&value);
        let flags = ["/a", "/b", "/c", "/d", "/e", "/f"].map(|name| value.boolean(name));
        assert_eq!(flags, [Some(true), Some(true), Some(true), Some(false), None, None]);
        assert_eq!((value.strings("/one"), value.strings("/many")), (vec!["sh"], vec!["a", "b"]));
        assert!(value.strings("/absent").is_empty());
    }
}
