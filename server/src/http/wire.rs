//! Connections and response formats: the parts of HTTP that depend on neither users nor routes.
//!
//! [`serve`] accepts connections; the others write responses: [`compress`] compresses them, [`sse`]
//! and [`event_stream`] are server-sent events and their description, [`problem`] is every error,
//! [`redirect`] every redirect, and [`static_page`] an HTML page that needs no script. [`turned`] serves
//! the server that this one has joined. Next: [`super::entry`].

pub(in crate::http) mod compress;
pub(in crate::http) mod event_stream;
pub(in crate::http) mod problem;
pub(in crate::http) mod redirect;
pub(in crate::http) mod serve;
pub(in crate::http) mod sse;
pub(in crate::http) mod static_page;
pub(in crate::http) mod turned;
