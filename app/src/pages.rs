//! The pages, one folder each. A page sets its title, provides contexts and lays out its
//! components.

pub mod container;
pub mod containers;
pub mod engines;
pub mod events;
pub mod logs;
pub mod not_found;
pub mod realtime_test;
#[cfg(feature = "ssr")]
pub mod styleguide;
pub mod swarm;

pub use container::{ContainerPage, WhyPanel};
pub use containers::{ContainersPage, LastVisitLine};
pub use engines::EnginesPage;
pub use events::EventsPage;
pub use logs::LogsPage;
pub use not_found::NotFoundPage;
pub use realtime_test::RealtimeTestPage;
#[cfg(feature = "ssr")]
pub use styleguide::StyleguidePage;
pub use swarm::SwarmPage;

#[cfg(test)]
mod tests;
