//! The picture of all clusters at one time, and the part of it that a user may see. Pure.

use crate::auth::Scope;
use app::model::{ContainerKey, EngineName, SwarmCluster, SwarmNode, SwarmService, Swarms};
use std::{collections::BTreeMap, sync::Arc};

/// All clusters, shared by all viewers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// The clusters, ordered by id.
    pub clusters: Vec<Arc<ClusterPicture>>,
}

/// A cluster, with what is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterPicture {
    /// The cluster as it is sent to users who see everything.
    pub cluster: SwarmCluster,
    /// Labels of each service, by its id.
    pub(super) labels: BTreeMap<String, Vec<(String, String)>>,
}

impl ClusterPicture {
    /// True if a user with this scope sees a service.
    pub fn sees(&self, scope: &Scope, service: &str) -> bool {
        let labels = self.labels.get(service).map_or(&[][..], Vec::as_slice);
        scope.sees_labels(|name, value| {
            labels.iter().any(|(known, held)| known == name && value.is_none_or(|value| value == held))
        })
    }

    /// A service that a user with this scope sees.
    pub fn service(&self, scope: &Scope, id: &str) -> Option<&SwarmService> {
        self.cluster.services.iter().find(|service| service.id == id && self.sees(scope, id))
    }

    /// A node.
    pub fn node(&self, id: &str) -> Option<&SwarmNode> {
        self.cluster.nodes.iter().find(|node| node.id == id)
    }

    /// Its managers, first the one that responded last.
    pub fn managers(&self) -> Vec<EngineName> {
        let mut managers = self.cluster.managers.clone();
        managers.sort_by_key(|name| Some(*name) != self.cluster.polled_by);
        managers
    }

    fn visible_to(&self, scope: &Scope, sees_container: impl Fn(ContainerKey) -> bool) -> SwarmCluster {
        let mut cluster = self.cluster.clone();
        cluster.services.retain(|service| self.sees(scope, &service.id));
        cluster.tasks.retain(|task| self.sees(scope, &task.service));
        for task in &mut cluster.tasks {
            task.container = task.container.filter(|container| sees_container(container.key()));
        }
        cluster
    }
}

impl Picture {
    /// A cluster by its id.
    pub fn cluster(&self, id: &str) -> Option<&Arc<ClusterPicture>> {
        self.clusters.iter().find(|each| each.cluster.id == id)
    }

    /// The part that a user may see: all nodes, and the services of their scope with the tasks of these.
    pub fn visible_to(&self, scope: &Scope, sees_container: impl Fn(ContainerKey) -> bool) -> Swarms {
        let clusters = match scope {
            Scope::All => self.clusters.iter().map(|each| each.cluster.clone()).collect(),
            Scope::Nothing => Vec::new(),
            Scope::Labels(_) => self.clusters.iter().map(|each| each.visible_to(scope, &sees_container)).collect(),
        };
        Swarms { clusters }
    }
}
