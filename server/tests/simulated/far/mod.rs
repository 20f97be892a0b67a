//! Engines that another Quaylight server watches.

pub(crate) mod access;
pub(crate) mod join;
pub(crate) mod join_access;
pub(crate) mod join_routes;
pub(crate) mod link;
pub(crate) mod newer;
pub(crate) mod watching;
