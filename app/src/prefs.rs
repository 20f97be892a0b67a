//! State that the browser stores: theme, motion, list preferences, last visit.
//!
//! In: cookies (read by the server) and local storage. Out: contexts. Next:
//! [`crate::page_request`].

pub mod last_visit;
pub mod motion;
pub mod remembered;
pub mod theme_switch;
