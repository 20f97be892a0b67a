//! Which events are wanted, as an address of the server. Pure.

use crate::{model::ContainerId, query::encode};

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of one container, or of all.
    pub container: Option<ContainerId>,
    /// Kinds as the server's address has them, or all if empty.
    pub kinds: &'static str,
    /// From a time on, as the server's address has it.
    pub since: Option<String>,
}

impl Wanted {
    /// Where they are asked for, the newest so many.
    pub(super) fn address(&self, path: &str, limit: usize) -> String {
        let Self { container, kinds, since } = self;
        let mut address = format!("{path}?limit={limit}");
        if let Some(id) = container {
            address.push_str(&format!("&container={id}"));
        }
        if !kinds.is_empty() {
            address.push_str("&kind=");
            address.push_str(kinds);
        }
        if let Some(since) = since {
            address.push_str("&since=");
            address.push_str(&encode(since));
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_asked_for() {
        let wanted =
            Wanted { kinds: "died,oom", since: Some("2026-11-23T09:30:00.000+01:00".to_owned()), ..Wanted::default() };
        let address = wanted.address("/api/events", 7);
        assert_eq!(address, "/api/events?limit=7&kind=died,oom&since=2026-11-23T09:30:00.000%2B01:00");
        assert_eq!(Wanted::default().address("/api/events/stream", 7), "/api/events/stream?limit=7");
    }
}
