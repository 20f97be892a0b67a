//! Totals of an engine's containers. Pure.

use crate::{
    format::{bytes, percent},
    model::{ContainerState, Engine, EngineLink, EngineName},
    protocol::Picture,
};

/// Totals of an engine's containers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    /// Number of running containers.
    pub running: usize,
    /// Number of all containers.
    pub total: usize,
    /// CPU usage in percent of one core; `None` if unknown.
    pub cpu_percent: Option<f64>,
    /// Memory usage in bytes; `None` if unknown.
    pub memory: Option<u64>,
}

impl Totals {
    /// Totals of the engine with this name. While the engine is lost, its last samples do not
    /// count.
    pub fn of(name: EngineName, picture: &Picture) -> Self {
        let members = || picture.containers.values().filter(|container| container.engine == name);
        let is_up = picture.engines.iter().any(|engine| engine.id == name && engine.link == EngineLink::Up);
        let stats = || members().filter(|_| is_up).filter_map(|container| picture.stats.get(&container.key()));
        Self {
            running: members().filter(|container| container.state == ContainerState::Running).count(),
            total: members().count(),
            cpu_percent: stats().filter_map(|stats| stats.cpu_percent).reduce(|one, other| one + other),
            memory: stats().filter_map(|stats| stats.memory_usage).reduce(|one, other| one + other),
        }
    }

    /// Running containers: `3 of 4`; a dash if the list is not known yet.
    pub fn running_words(&self, engine: &Engine) -> String {
        if self.total == 0 && engine.link != EngineLink::Up {
            return "–".to_owned();
        }
        format!("{} of {}", self.running, self.total)
    }

    /// CPU usage: `12.5% of 8 cores`; of one core if the number of the host's cores is unknown.
    pub fn cpu_words(&self, engine: &Engine) -> String {
        match (self.cpu_percent, engine.cpus) {
            (None, _) => "–".to_owned(),
            (Some(used), None | Some(0)) => format!("{} of one core", percent(used)),
            (Some(used), Some(1)) => format!("{} of 1 core", percent(used)),
            (Some(used), Some(cpus)) => format!("{} of {cpus} cores", percent(used / f64::from(cpus))),
        }
    }

    /// Memory usage: `1.2 GiB of 15.6 GiB`.
    pub fn memory_words(&self, engine: &Engine) -> String {
        match (self.memory, engine.memory_total) {
            (None, _) => "–".to_owned(),
            (Some(used), None) => bytes(used),
            (Some(used), Some(total)) => format!("{} of {}", bytes(used), bytes(total)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Container,
        samples::{container, engine, picture, stats},
    };

    #[test]
    fn totals_count_the_containers_of_one_engine() {
        let b = EngineName::new("b").unwrap_or_default();
        let web = container(1, "web", ContainerState::Running);
        let db = container(2, "db", ContainerState::Exited);
        let other = Container { engine: b, ..container(1, "web", ContainerState::Running) };
        let samples = vec![stats(&web, Some(50.0), Some(1 << 30)), stats(&other, Some(400.0), Some(3 << 30))];
        let mut picture = picture(vec![web, db, other], samples);
        picture.engines.push(Engine { id: b, ..engine() });
        let of = |name, picture: &Picture| {
            let totals = Totals::of(name, picture);
            [totals.running_words(&engine()), totals.cpu_words(&engine()), totals.memory_words(&engine())]
        };
        // 50 % of one core is 12.5 % of four.
        assert_eq!(of(EngineName::LOCAL, &picture), ["1 of 2", "12.5% of 4 cores", "1 GiB of 8 GiB"]);
        assert_eq!(of(b, &picture), ["1 of 1", "100% of 4 cores", "3 GiB of 8 GiB"]);
        picture.engines[1].link = EngineLink::Lost;
        assert_eq!(of(b, &picture), ["1 of 1", "–", "–"]);
    }

    #[test]
    fn the_number_of_containers_is_unknown_until_the_engine_responds() {
        let words = |link| Totals::default().running_words(&Engine { link, ..engine() });
        let links = [EngineLink::Up, EngineLink::Connecting, EngineLink::Lost];
        assert_eq!(links.map(words), ["0 of 0", "–", "–"]);
    }

    #[test]
    fn without_the_hosts_size_usage_has_no_share() {
        let totals = Totals { running: 1, total: 1, cpu_percent: Some(12.5), memory: Some(1 << 20) };
        let unknown = Engine { cpus: None, memory_total: None, ..engine() };
        assert_eq!(
            (totals.cpu_words(&unknown), totals.memory_words(&unknown)),
            ("12.5% of one core".to_owned(), "1 MiB".to_owned())
        );
    }
}
