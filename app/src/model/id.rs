//! Ids as types of their own, validated when they are parsed.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

/// A container's full id: 64 lower-case hexadecimal digits. Stored as 32 bytes, so that it is
/// `Copy`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId([u8; 32]);

/// Error: the string is not a full container id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a container id is 64 hexadecimal digits")]
pub struct InvalidContainerId;

impl ContainerId {
    /// Creates an id from its bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The id as bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 digits, as `docker ps` shows them.
    pub fn short(&self) -> String {
        let mut digits = self.to_string();
        digits.truncate(12);
        digits
    }
}

impl FromStr for ContainerId {
    type Err = InvalidContainerId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| InvalidContainerId)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Result<u8, InvalidContainerId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(InvalidContainerId),
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContainerId({})", self.short())
    }
}

impl Serialize for ContainerId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContainerId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Name of an engine, chosen by the administrator: `local` unless configured otherwise.
///
/// `Copy`, because each name is stored once for the whole process and never freed. Names come from
/// the configuration, or in the browser from the server. The name in a request, or from another
/// server, must not be interned, but compared with the names that are known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineName(&'static str);

/// Error: the string is not a valid engine name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an engine name is 1 to 63 lower-case letters, digits, dots, dashes and underscores, and starts with a letter or a digit"
)]
pub struct InvalidEngineName;

/// All names of this process, sorted. (The code of a tree has 2 kB in the browser.)
static ENGINE_NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

impl EngineName {
    /// Name of a single engine that was given no name.
    pub const LOCAL: Self = Self("local");
    /// Maximum length of a name, in bytes.
    const MAX_LENGTH: usize = 63;

    /// Interns a name.
    ///
    /// # Errors
    /// [`InvalidEngineName`].
    pub fn new(name: &str) -> Result<Self, InvalidEngineName> {
        if name == Self::LOCAL.0 {
            return Ok(Self::LOCAL);
        }
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_valid = name.len() <= Self::MAX_LENGTH
            && name.bytes().next().is_some_and(is_plain)
            && name.bytes().all(|byte| is_plain(byte) || matches!(byte, b'.' | b'_' | b'-'));
        if !is_valid {
            return Err(InvalidEngineName);
        }
        let mut names = ENGINE_NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let name = match names.binary_search(&name) {
            Ok(place) => names[place],
            Err(place) => {
                let name: &'static str = Box::leak(Box::from(name));
                names.insert(place, name);
                name
            }
        };
        Ok(Self(name))
    }

    /// Value on the wire.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl Default for EngineName {
    fn default() -> Self {
        Self::LOCAL
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EngineName({})", self.0)
    }
}

impl Serialize for EngineName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for EngineName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&name).map_err(D::Error::custom)
    }
}

/// Identity of a container, because two engines may have containers with the same id. Ordered by
/// engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerKey {
    /// Name of the container's engine.
    pub engine: EngineName,
    /// Id of the container on the engine.
    pub id: ContainerId,
}

impl ContainerKey {
    /// Key of the container with this id on this engine.
    pub const fn new(engine: EngineName, id: ContainerId) -> Self {
        Self { engine, id }
    }
}

/// Formats the key as in URLs: `engine/id`.
impl fmt::Display for ContainerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.engine, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_full_id_round_trips() {
        let id: Result<ContainerId, _> = HEX.parse();
        assert_eq!(id.map(|id| id.to_string()), Ok(HEX.to_owned()));
    }

    #[test]
    fn short_malformed_and_overlong_ids_are_rejected() {
        for text in ["", "0123456789ab", &HEX.replace('a', "g"), &format!("{HEX}0"), &"é".repeat(32)] {
            assert_eq!(text.parse::<ContainerId>(), Err(InvalidContainerId), "{text}");
        }
    }

    #[test]
    fn equal_engine_names_are_stored_once() {
        let names = ["web-3", "web-3", "local"].map(|name| EngineName::new(name).map(EngineName::as_str));
        assert_eq!(names, [Ok("web-3"), Ok("web-3"), Ok("local")]);
        assert!(std::ptr::eq(names[0].unwrap_or_default(), names[1].unwrap_or_default()));
    }

    #[test]
    fn malformed_engine_names_are_rejected() {
        for name in ["", "-a", ".a", "_a", "Web", "a b", "a/b", "é", &"a".repeat(64)] {
            assert_eq!(EngineName::new(name), Err(InvalidEngineName), "{name}");
        }
        assert!(EngineName::new(&format!("0{}", "a._-".repeat(15))).is_ok());
    }

    #[test]
    fn equal_ids_on_two_engines_are_two_containers() {
        let id = ContainerId::from_bytes([7; 32]);
        let [one, two] = ["a", "b"].map(|name| EngineName::new(name).unwrap_or_default());
        assert_ne!(ContainerKey::new(one, id), ContainerKey::new(two, id));
        assert_eq!(ContainerKey::new(one, id).to_string(), format!("a/{id}"));
    }
}
