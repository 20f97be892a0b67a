//! Calls to each engine, and bytes over the connections to it.

use app::model::EngineName;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EngineLabel {
    engine: &'static str,
}

/// Counters of each engine; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct AllTraffic {
    sent: Family<EngineLabel, Counter>,
    received: Family<EngineLabel, Counter>,
    engines: Arc<Mutex<HashMap<EngineName, Traffic>>>,
}

/// Counters of one engine; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    calls: Counter,
    sent: Counter,
    received: Counter,
}

/// Traffic with an engine since the start of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrafficTotals {
    /// Calls.
    pub calls: u64,
    /// Bytes sent, without the overhead of TLS or ssh.
    pub sent_bytes: u64,
    /// Bytes received, counted alike.
    pub received_bytes: u64,
}

impl AllTraffic {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let all = Self::default();
        let help = "Bytes sent to the engine";
        registry.register("engine_sent_bytes", help, all.sent.clone());
        let help = "Bytes received from the engine";
        registry.register("engine_received_bytes", help, all.received.clone());
        all
    }

    pub(super) fn of(&self, engine: EngineName) -> Traffic {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        let label = EngineLabel { engine: engine.as_str() };
        let counters = || Traffic {
            calls: Counter::default(),
            sent: self.sent.get_or_create(&label).clone(),
            received: self.received.get_or_create(&label).clone(),
        };
        engines.entry(engine).or_insert_with(counters).clone()
    }

    pub(super) fn totals(&self) -> HashMap<EngineName, TrafficTotals> {
        let engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        engines.iter().map(|(engine, traffic)| (*engine, traffic.totals())).collect()
    }
}

impl Traffic {
    pub(super) fn call(&self) {
        self.calls.inc();
    }

    /// Counts bytes sent.
    pub fn sent(&self, bytes: usize) {
        self.sent.inc_by(bytes as u64);
    }

    /// Counts bytes received.
    pub fn received(&self, bytes: usize) {
        self.received.inc_by(bytes as u64);
    }

    /// The present values.
    pub fn totals(&self) -> TrafficTotals {
        TrafficTotals { calls: self.calls.get(), sent_bytes: self.sent.get(), received_bytes: self.received.get() }
    }
}
