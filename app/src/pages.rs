//! One file per page: what it is called, what it provides to its components, and in which order they stand.

pub mod away_line;
pub mod container;
pub mod containers;
pub mod events;
pub mod logs;
pub mod not_found;
pub mod realtime_test;
pub mod split;
#[cfg(feature = "ssr")]
pub mod styleguide;

pub use away_line::AwayLine;
pub use container::{ContainerPage, WhyPanel};
pub use containers::ContainersPage;
pub use events::EventsPage;
pub use logs::LogsPage;
pub use not_found::NotFoundPage;
pub use realtime_test::RealtimeTestPage;
#[cfg(feature = "ssr")]
pub use styleguide::StyleguidePage;

#[cfg(test)]
mod tests;
