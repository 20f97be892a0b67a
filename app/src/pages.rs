//! One file per page: what it is called, what it provides to its components, and in which order they stand.

pub mod container;
pub mod containers;
pub mod not_found;
pub mod realtime_test;
pub mod split;

pub use container::ContainerPage;
pub use containers::ContainersPage;
pub use not_found::NotFoundPage;
pub use realtime_test::RealtimeTestPage;

#[cfg(test)]
mod tests;
