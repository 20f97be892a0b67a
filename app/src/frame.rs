//! The frame of every page: header, banner, title, favicon, announcements, and the age of the
//! stats.
//!
//! In: the state of the connection. Out: markup around each page, and contexts. Reading order:
//! [`freshness`] (pure), [`connection_indicator`], [`page_header`].

pub mod announcer;
pub mod attention_title;
pub mod banner;
pub mod connection_indicator;
pub mod favicon;
pub mod freshness;
pub mod numbers_age;
pub mod page_header;
pub mod page_title;
pub mod quick;
