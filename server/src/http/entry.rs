//! Steps that every request passes before its handler.
//!
//! In order: [`base_path`] strips the prefix of the deployment, [`guard`] checks hosts and origins
//! and finds the [`peer`], [`bounds`] limits the address, [`identify`] authenticates. Out: a
//! [`caller`] for the handler. Beside them, [`cookies`] has the cookies of this server and
//! [`header_warnings`] the log lines about headers. Next: [`super::api`] and [`super::pages`].

pub(in crate::http) mod base_path;
pub(in crate::http) mod bounds;
pub(in crate::http) mod caller;
pub(in crate::http) mod container_path;
pub(in crate::http) mod cookies;
pub(in crate::http) mod guard;
pub(in crate::http) mod header_warnings;
pub(in crate::http) mod identify;
pub(in crate::http) mod peer;
pub(in crate::http) mod sign_in_paths;
