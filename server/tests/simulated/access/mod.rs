//! Sign-in, roles, limits per client, proxies.

pub(crate) mod base_path;
pub(crate) mod guard;
pub(crate) mod hardening;
pub(crate) mod permissions;
pub(crate) mod proxy;
pub(crate) mod refusals;
pub(crate) mod scopes;
pub(crate) mod sessions;
pub(crate) mod shares;
pub(crate) mod sign_in;
pub(crate) mod sign_in_cookies;
pub(crate) mod sign_in_flood;
pub(crate) mod sign_in_proxied;
