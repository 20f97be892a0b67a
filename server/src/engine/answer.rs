//! A response of the engine, read field by field: a field that is absent, null, empty or of another kind is unknown, and costs no other.
//!
//! The one way in which list, inspect, stats, events, info, version and top are read. Numbers may come as floats or as text, a list of
//! one as the one. Next: [`super::convert`].

use serde_json::Value;

/// Part of a response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a>(pub(crate) &'a Value);

/// 2^63: the first whole number that is no `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

impl<'a> Answer<'a> {
    /// The value at a JSON pointer; null if there is none.
    pub(crate) fn at(self, pointer: &str) -> Self {
        Self(self.0.pointer(pointer).unwrap_or(&Value::Null))
    }

    /// A field by its name, which may contain any character; null if there is none.
    pub(crate) fn field(self, name: &str) -> Self {
        Self(self.0.get(name).unwrap_or(&Value::Null))
    }

    /// A text that is not empty.
    pub(crate) fn text(self, pointer: &str) -> Option<&'a str> {
        self.at(pointer).0.as_str().filter(|text| !text.is_empty())
    }

    pub(crate) fn owned(self, pointer: &str) -> Option<String> {
        self.text(pointer).map(str::to_owned)
    }

    /// The value itself as a whole number; fractions are cut off.
    pub(crate) fn whole(self) -> Option<i64> {
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

    /// The value itself as a whole number from 0 on.
    pub(crate) fn natural(self) -> Option<u64> {
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

    /// A whole number from 0 on.
    pub(crate) fn number(self, pointer: &str) -> Option<u64> {
        self.at(pointer).natural()
    }

    /// A number above 0, which is how the engine writes "none".
    pub(crate) fn count(self, pointer: &str) -> Option<u64> {
        self.number(pointer).filter(|count| *count > 0)
    }

    /// A number other than 0.
    pub(crate) fn integer(self, pointer: &str) -> Option<i64> {
        self.at(pointer).whole().filter(|number| *number != 0)
    }

    /// A limit of a process (ulimit), -1 being none: the kernel's "none" is 2^64 - 1, and nothing has 2^63 of anything.
    pub(crate) fn ulimit(self, pointer: &str) -> Option<i64> {
        let value = self.at(pointer);
        value.whole().map(|limit| limit.max(-1)).or_else(|| value.natural().map(|_| -1))
    }

    /// True or false, if it says so: also as a number or a word.
    pub(crate) fn boolean(self, pointer: &str) -> Option<bool> {
        let value = self.at(pointer);
        match value.0 {
            Value::Bool(flag) => Some(*flag),
            Value::String(word) => word.trim().to_ascii_lowercase().parse().ok(),
            Value::Number(_) => value.whole().map(|number| number != 0),
            _ => None,
        }
    }

    /// True only if it says so.
    pub(crate) fn flag(self, pointer: &str) -> bool {
        self.boolean(pointer).unwrap_or_default()
    }

    pub(crate) fn list(self, pointer: &str) -> impl Iterator<Item = Self> + use<'a> {
        self.at(pointer).0.as_array().into_iter().flatten().map(Self)
    }

    /// The fields of an object, by name.
    pub(crate) fn fields(self, pointer: &str) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        self.at(pointer).0.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), Self(value)))
    }

    /// A list of texts, or one text alone.
    pub(crate) fn words(self, pointer: &str) -> Vec<&'a str> {
        match self.at(pointer).0 {
            Value::String(word) => vec![word],
            _ => self.list(pointer).filter_map(|word| word.0.as_str()).collect(),
        }
    }

    pub(crate) fn owned_words(self, pointer: &str) -> Vec<String> {
        self.words(pointer).into_iter().map(str::to_owned).collect()
    }

    /// The value itself as text, if it is a text, a number, or true or false.
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
    fn numbers_are_read_however_they_are_written() {
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
            assert_eq!(Answer(&written).whole(), read, "{written}");
        }
        assert_eq!(Answer(&json!(u64::MAX)).natural(), Some(u64::MAX));
        assert_eq!(Answer(&json!(-1)).natural(), None);
        assert_eq!(Answer(&json!("18446744073709551615")).natural(), Some(u64::MAX));
    }

    #[test]
    fn a_limit_beyond_what_can_be_counted_is_none() {
        let limit = |value: Value| Answer(&json!({ "Soft": value })).ulimit("/Soft");
        assert_eq!(limit(json!(1_024)), Some(1_024));
        assert_eq!(limit(json!("1024")), Some(1_024));
        assert_eq!(limit(json!(-1)), Some(-1));
        assert_eq!(limit(json!(u64::MAX)), Some(-1)); // the kernel's RLIM_INFINITY
        assert_eq!(limit(json!(1_u64 << 63)), Some(-1));
        assert_eq!((limit(json!(null)), limit(json!("many"))), (None, None));
    }

    #[test]
    fn flags_and_words_are_read_in_more_than_one_form() {
        let value = json!({"a": true, "b": "True", "c": 1, "d": 0, "e": "perhaps", "f": null, "one": "sh", "many": ["a", 7, null, "b"]});
        let value = Answer(&value);
        let flags = ["/a", "/b", "/c", "/d", "/e", "/f"].map(|name| value.boolean(name));
        assert_eq!(flags, [Some(true), Some(true), Some(true), Some(false), None, None]);
        assert_eq!((value.words("/one"), value.words("/many")), (vec!["sh"], vec!["a", "b"]));
        assert!(value.words("/absent").is_empty());
    }
}
