//! Changes of services and nodes through the managers of a cluster, in turn.
//!
//! In: clients of the managers and a [`Change`]. Out: a manager has accepted it, or the reason why
//! none has. The specification is read and sent back with the change, under its version; if it has
//! been changed meanwhile, it is read again.

use crate::engine::{EngineClient, EngineError, SwarmObject, Versioned};
use serde_json::{Value, json};

/// Attempts if something else changes the object at the same time: a rolling update changes its
/// service with every step.
const MAX_ATTEMPTS: usize = 3;

/// A change of a service or a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Sets the number of replicas.
    Scale(u64),
    /// Replaces all tasks, with the same specification.
    Restart,
    /// Returns to the former specification.
    Rollback,
    /// Sets the availability of a node.
    Availability(Availability),
}

/// Whether a node may get tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It may.
    Active,
    /// It keeps its tasks and gets no others.
    Pause,
    /// It gets no tasks, and its own are moved.
    Drain,
}

impl Availability {
    /// Docker's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pause => "pause",
            Self::Drain => "drain",
        }
    }
}

impl Change {
    const fn object(self) -> SwarmObject {
        match self {
            Self::Scale(_) | Self::Restart | Self::Rollback => SwarmObject::Service,
            Self::Availability(_) => SwarmObject::Node,
        }
    }

    /// Parameters of the update. The credentials of the registry stay those of the specification.
    const fn query(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Scale(_) | Self::Restart => &[("registryAuthFrom", "spec")],
            Self::Rollback => &[("registryAuthFrom", "previous-spec"), ("rollback", "previous")],
            Self::Availability(_) => &[],
        }
    }

    /// Makes the change. Returns false if the specification has no place for it.
    fn apply(self, spec: &mut Value) -> bool {
        match self {
            Self::Scale(replicas) => set(spec, &["Mode", "Replicated"], "Replicas", json!(replicas)),
            Self::Restart => {
                let count = spec.pointer("/TaskTemplate/ForceUpdate").and_then(Value::as_u64).unwrap_or_default();
                set(spec, &["TaskTemplate"], "ForceUpdate", json!(count.wrapping_add(1)))
            }
            Self::Rollback => true,
            Self::Availability(availability) => set(spec, &[], "Availability", json!(availability.as_str())),
        }
    }
}

fn set(spec: &mut Value, path: &[&str], name: &str, value: Value) -> bool {
    let place = path.iter().try_fold(spec, |place, part| place.get_mut(*part));
    let fields = place.and_then(Value::as_object_mut);
    fields.map(|fields| fields.insert(name.to_owned(), value)).is_some()
}

/// Makes a change through the first manager that accepts requests.
///
/// # Errors
/// The refusal of a manager, or the error of the last one that was tried.
pub async fn change(managers: Vec<EngineClient>, id: &str, change: Change) -> Result<(), EngineError> {
    let mut result = Err(EngineError::Closed);
    for manager in managers {
        result = through(&manager, id, change).await;
        match &result {
            Err(error) if may_try_another(error) => {}
            _ => break,
        }
    }
    result
}

/// True if the manager has certainly not made the change and another one might: it is not
/// reachable, or not a manager any more, or without a leader.
fn may_try_another(error: &EngineError) -> bool {
    error.status() == Some(503) || error.is_unreachable()
}

async fn through(manager: &EngineClient, id: &str, change: Change) -> Result<(), EngineError> {
    let object = change.object();
    for attempt in 1.. {
        let Versioned { version, mut spec } = manager.swarm_object(object, id).await?;
        if !change.apply(&mut spec) {
            return Err(EngineError::InvalidResponse("the specification has no place for this change".to_owned()));
        }
        let changed = Versioned { version, spec };
        match manager.update_swarm_object(object, id, &changed, change.query()).await {
            Err(EngineError::Refused { message, .. })
                if attempt < MAX_ATTEMPTS && message.contains("out of sequence") => {}
            done => return done,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_everything_else_of_the_specification() {
        let spec = json!({
            "Name": "web", "Mode": {"Replicated": {"Replicas": 4}}, "Unknown": [1.5],
            "TaskTemplate": {"ForceUpdate": 2, "ContainerSpec": {"Image": "web:1"}},
        });
        let changed = |change: Change| {
            let mut changed = spec.clone();
            assert!(change.apply(&mut changed), "{change:?}");
            changed
        };
        let mut wanted = spec.clone();
        wanted["Mode"]["Replicated"]["Replicas"] = json!(8);
        assert_eq!(changed(Change::Scale(8)), wanted);
        let mut wanted = spec.clone();
        wanted["TaskTemplate"]["ForceUpdate"] = json!(3);
        assert_eq!(changed(Change::Restart), wanted);
        assert_eq!(changed(Change::Rollback), spec);
        let mut wanted = spec.clone();
        wanted["Availability"] = json!("drain");
        assert_eq!(changed(Change::Availability(Availability::Drain)), wanted);
    }

    #[test]
    fn a_specification_without_replicas_is_not_scaled() {
        let mut global = json!({"Mode": {"Global": {}}, "TaskTemplate": {}});
        assert!(!Change::Scale(3).apply(&mut global));
        // The first restart adds the field.
        assert!(Change::Restart.apply(&mut global) && global["TaskTemplate"]["ForceUpdate"] == 1);
    }
}
