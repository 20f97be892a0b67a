//! Preferences and other state that the browser keeps: theme, motion, the list's choices, the last visit.
//!
//! In: cookies (read by the server) and local storage. Out: contexts. Next: [`crate::page_request`].

pub mod last_visit;
pub mod motion;
pub mod remembered;
pub mod theme_switch;
