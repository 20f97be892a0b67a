//! A query for events, and its URL. Pure.

use crate::{
    model::{ContainerId, ContainerKey, EngineName},
    query::encode,
};

/// Selects events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimelineQuery {
    /// Id of the container whose events are selected; `None` for all containers.
    pub container: Option<ContainerId>,
    /// Name of the engine whose events are selected; `None` for all engines.
    pub engine: Option<EngineName>,
    /// Kinds of events, separated by commas as in the server's URL; empty for all.
    pub kinds: &'static str,
    /// Start time, in the format of the server's URL.
    pub since: Option<String>,
}

impl TimelineQuery {
    /// Selects the events of a container.
    pub fn of(ContainerKey { engine, id }: ContainerKey) -> Self {
        Self { container: Some(id), engine: Some(engine), ..Self::default() }
    }

    /// URL of the newest events, at most `limit`.
    pub(super) fn address(&self, path: &str, limit: usize) -> String {
        let Self { container, engine, kinds, since } = self;
        let mut address = format!("{path}?limit={limit}");
        if let Some(id) = container {
            address.push_str(&format!("&container={id}"));
        }
        if let Some(engine) = engine {
            address.push_str(&format!("&engine={engine}"));
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
    fn a_query_becomes_a_url() {
        let query = TimelineQuery {
            kinds: "died,oom",
            since: Some("2026-11-23T09:30:00.000+01:00".to_owned()),
            ..TimelineQuery::default()
        };
        let address = query.address("/api/events", 7);
        assert_eq!(address, "/api/events?limit=7&kind=died,oom&since=2026-11-23T09:30:00.000%2B01:00");
        assert_eq!(TimelineQuery::default().address("/api/events/stream", 7), "/api/events/stream?limit=7");
    }
}
