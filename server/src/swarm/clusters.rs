//! What is known of the clusters: which engines are in them, and what their managers reported. Pure.

use super::{ClusterPicture, Picture, convert::Lists};
use crate::engine::SwarmMembership;
use app::model::{EngineName, EngineProblem, SwarmCluster, TaskContainer, Timestamp};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Everything known.
#[derive(Debug, Default)]
pub(super) struct Clusters {
    members: BTreeMap<EngineName, SwarmMembership>,
    polled: BTreeMap<String, Polled>,
}

/// Result of the polls of one cluster.
#[derive(Debug, Default)]
struct Polled {
    lists: Arc<Lists>,
    at: Option<Timestamp>,
    by: Option<EngineName>,
    error: Option<EngineProblem>,
}

impl Clusters {
    /// Sets what an engine is. Returns true if that is new.
    pub(super) fn set_membership(&mut self, engine: EngineName, mut membership: SwarmMembership) -> bool {
        let known = self.members.get(&engine);
        // Without a quorum, a manager does not know the id of its swarm.
        if membership.cluster.is_none() && membership.is_manager {
            membership.cluster =
                known.filter(|known| known.node == membership.node).and_then(|known| known.cluster.clone());
        }
        if known == Some(&membership) {
            return false;
        }
        self.members.insert(engine, membership);
        self.remove_unmanaged();
        true
    }

    /// Forgets engines that are not watched any more. Returns true if there were any.
    pub(super) fn retain_engines(&mut self, is_watched: impl Fn(EngineName) -> bool) -> bool {
        let count = self.members.len();
        self.members.retain(|engine, _| is_watched(*engine));
        self.remove_unmanaged();
        self.members.len() != count
    }

    /// A cluster is known as long as one of its managers is among the engines, connected or not.
    fn remove_unmanaged(&mut self) {
        let ids: Vec<_> = self.ids();
        self.polled.retain(|id, _| ids.contains(id));
        for id in ids {
            self.polled.entry(id).or_default();
        }
    }

    /// Ids of the clusters with a manager among the engines.
    pub(super) fn ids(&self) -> Vec<String> {
        let managers = self.members.values().filter(|member| member.is_manager);
        let mut ids: Vec<_> = managers.filter_map(|member| member.cluster.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Managers of a cluster, first the one that responded last.
    pub(super) fn managers(&self, cluster: &str) -> Vec<EngineName> {
        let last = self.polled.get(cluster).and_then(|polled| polled.by);
        let mut managers = self.managers_by_name(cluster);
        managers.sort_by_key(|engine| Some(*engine) != last);
        managers
    }

    fn managers_by_name(&self, cluster: &str) -> Vec<EngineName> {
        let is_manager = |member: &SwarmMembership| member.is_manager && member.cluster.as_deref() == Some(cluster);
        self.members.iter().filter(|(_, member)| is_manager(member)).map(|(engine, _)| *engine).collect()
    }

    /// A manager responded.
    pub(super) fn succeeded(&mut self, cluster: &str, by: EngineName, lists: Lists, at: Timestamp) {
        if let Some(polled) = self.polled.get_mut(cluster) {
            *polled = Polled { lists: Arc::new(lists), at: Some(at), by: Some(by), error: None };
        }
    }

    /// No manager responded: what is known stays.
    pub(super) fn failed(&mut self, cluster: &str, error: EngineProblem) {
        if let Some(polled) = self.polled.get_mut(cluster) {
            polled.error = Some(error);
        }
    }

    /// The picture, with nodes and tasks joined to the engines.
    pub(super) fn picture(&self) -> Picture {
        let mut engines: HashMap<&str, EngineName> = HashMap::new();
        for (engine, member) in &self.members {
            if let Some(node) = member.node.as_deref() {
                // One engine under two names: the first.
                engines.entry(node).or_insert(*engine);
            }
        }
        let clusters = self.polled.iter().map(|(id, polled)| Arc::new(self.joined(id, polled, &engines)));
        Picture { clusters: clusters.collect() }
    }

    fn joined(&self, id: &str, polled: &Polled, engines: &HashMap<&str, EngineName>) -> ClusterPicture {
        let Lists { mut nodes, services, mut tasks, labels, containers } = (*polled.lists).clone();
        for node in &mut nodes {
            node.engine = engines.get(node.id.as_str()).copied();
        }
        for task in &mut tasks {
            let engine = task.node.as_deref().and_then(|node| engines.get(node)).copied();
            let container = engine.zip(containers.get(&task.id).copied());
            task.container = container.map(|(engine, id)| TaskContainer { engine, id });
        }
        let cluster = SwarmCluster {
            id: id.to_owned(),
            managers: self.managers_by_name(id),
            nodes,
            services,
            tasks,
            polled_at: polled.at,
            polled_by: polled.by,
            error: polled.error.clone(),
        };
        ClusterPicture { cluster, labels }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use crate::auth::Scope;
    use app::model::{ContainerId, SwarmNode, SwarmService, SwarmTask};

    fn name(name: &str) -> EngineName {
        EngineName::new(name).unwrap()
    }

    fn manager(node: &str, cluster: Option<&str>) -> SwarmMembership {
        SwarmMembership { node: Some(node.to_owned()), cluster: cluster.map(str::to_owned), is_manager: true }
    }

    fn worker(node: &str) -> SwarmMembership {
        SwarmMembership { node: Some(node.to_owned()), ..SwarmMembership::default() }
    }

    /// Two nodes, and a task on each; the service of the second has the label `team=web`.
    fn lists() -> Lists {
        let id = ContainerId::from_bytes([7; 32]);
        let node = |id: &str| SwarmNode { id: id.to_owned(), ..SwarmNode::default() };
        let service = |id: &str| SwarmService { id: id.to_owned(), ..SwarmService::default() };
        let task = |id: &str, node: &str, service: &str| SwarmTask {
            id: id.to_owned(),
            node: Some(node.to_owned()),
            service: service.to_owned(),
            ..SwarmTask::default()
        };
        Lists {
            nodes: vec![node("n1"), node("n2")],
            services: vec![service("s1"), service("s2")],
            tasks: vec![task("t1", "n1", "s1"), task("t2", "n2", "s2")],
            labels: BTreeMap::from([("s2".to_owned(), vec![("team".to_owned(), "web".to_owned())])]),
            containers: BTreeMap::from([("t1".to_owned(), id), ("t2".to_owned(), id)]),
        }
    }

    fn polled() -> Clusters {
        let mut clusters = Clusters::default();
        clusters.set_membership(name("m"), manager("n1", Some("c1")));
        clusters.succeeded("c1", name("m"), lists(), Timestamp::from_millis(5));
        clusters
    }

    #[test]
    fn nodes_and_tasks_are_joined_to_the_engines_that_are_linked() {
        let mut clusters = polled();
        let joined = |clusters: &Clusters| {
            let cluster = clusters.picture().clusters[0].cluster.clone();
            let engines: Vec<_> = cluster.nodes.iter().map(|node| node.engine.map(EngineName::as_str)).collect();
            let containers = cluster.tasks.iter().map(|task| task.container.map(|found| found.engine.as_str()));
            (engines, containers.collect::<Vec<_>>())
        };
        assert_eq!(joined(&clusters), (vec![Some("m"), None], vec![Some("m"), None]));
        assert!(clusters.set_membership(name("w"), worker("n2")));
        assert!(!clusters.set_membership(name("w"), worker("n2")));
        assert_eq!(joined(&clusters), (vec![Some("m"), Some("w")], vec![Some("m"), Some("w")]));
        assert!(clusters.retain_engines(|engine| engine == name("m")));
        assert_eq!(joined(&clusters), (vec![Some("m"), None], vec![Some("m"), None]));
    }

    #[test]
    fn a_failed_poll_keeps_the_former_result_and_its_date() {
        let mut clusters = polled();
        let error = EngineProblem { code: "x".into(), message: "No.".into(), hint: "Wait.".into() };
        clusters.failed("c1", error.clone());
        let cluster = clusters.picture().clusters[0].cluster.clone();
        assert_eq!((cluster.nodes.len(), cluster.polled_at), (2, Some(Timestamp::from_millis(5))));
        assert_eq!(cluster.error, Some(error));
        clusters.succeeded("c1", name("m"), lists(), Timestamp::from_millis(6));
        assert_eq!(clusters.picture().clusters[0].cluster.error, None);
    }

    #[test]
    fn managers_are_tried_beginning_with_the_last_that_responded() {
        let mut clusters = polled();
        clusters.set_membership(name("a"), manager("n3", Some("c1")));
        assert_eq!(clusters.managers("c1"), [name("m"), name("a")]);
        assert_eq!(clusters.picture().clusters[0].cluster.managers, [name("a"), name("m")]);
    }

    #[test]
    fn a_cluster_is_kept_without_a_quorum_and_gone_with_its_last_manager() {
        let mut clusters = polled();
        // It does not know its swarm at the moment.
        clusters.set_membership(name("m"), manager("n1", None));
        assert_eq!(clusters.ids(), ["c1"]);
        clusters.set_membership(name("m"), SwarmMembership::default());
        assert_eq!((clusters.ids().len(), clusters.picture().clusters.len()), (0, 0));
    }

    #[test]
    fn a_scope_sees_its_services_and_their_tasks_only() {
        let mut clusters = polled();
        clusters.set_membership(name("w"), worker("n2"));
        let scope = Scope::new(vec!["team=web".parse().unwrap()]);
        let seen = |sees: bool| clusters.picture().visible_to(&scope, |_| sees).clusters.remove(0);
        let ids: Vec<_> = seen(true).services.iter().map(|service| service.id.clone()).collect();
        assert_eq!((ids, seen(true).nodes.len()), (vec!["s2".to_owned()], 2));
        assert_eq!(seen(true).tasks.len(), 1);
        assert!(seen(true).tasks[0].container.is_some() && seen(false).tasks[0].container.is_none());
        assert!(clusters.picture().visible_to(&Scope::Nothing, |_| true).clusters.is_empty());
    }
}
