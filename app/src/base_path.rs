//! The base path: the path below which a reverse proxy serves this app, such as `/quaylight`; empty
//! at the root of a host.
//!
//! Code names every path from the root (`/events`). [`address`] adds the base path; call it for
//! each internal `href`, `action` and `src` in a view, and for each URL passed to a browser API.
//! The router adds it to navigations. The server sets the base path for each request while it
//! renders ([`with_base_path`]), the browser once at startup ([`set`]).

use std::{cell::RefCell, sync::Arc};

thread_local! {
    static BASE_PATH: RefCell<Arc<str>> = RefCell::new(Arc::from(""));
}

/// Sets the base path for the whole program; for the browser, which has one page. `base_path` has
/// no trailing slash.
pub fn set(base_path: &str) {
    BASE_PATH.with_borrow_mut(|current| *current = base_path.into());
}

/// The base path, without a trailing slash.
pub fn current() -> Arc<str> {
    BASE_PATH.with_borrow(Arc::clone)
}

/// Runs `render` with this base path, then restores the previous one.
pub fn with_base_path<R>(base_path: &Arc<str>, render: impl FnOnce() -> R) -> R {
    struct Restore(Arc<str>);
    impl Drop for Restore {
        fn drop(&mut self) {
            BASE_PATH.with_borrow_mut(|current| std::mem::swap(current, &mut self.0));
        }
    }
    let _restore = Restore(BASE_PATH.replace(Arc::clone(base_path)));
    render()
}

/// Returns `path` below the base path. Everything except absolute paths is returned unchanged:
/// fragments, queries, URLs of other hosts.
pub fn address(path: &str) -> String {
    let is_internal = path.starts_with('/') && !path.starts_with("//");
    BASE_PATH.with_borrow(|base_path| [if is_internal { base_path } else { "" }, path].concat())
}

/// The reverse of [`address`]: the path without the base path. A path outside the base path is
/// returned unchanged.
pub fn path(address: &str) -> &str {
    BASE_PATH.with_borrow(|base_path| match address.strip_prefix(&**base_path) {
        Some(path) if path.starts_with('/') => path,
        Some("") => "/",
        _ => address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_below_the_base_path_and_paths_are_not() {
        assert_eq!((address("/events"), path("/events")), ("/events".to_owned(), "/events"));
        with_base_path(&Arc::from("/quay/light"), || {
            assert_eq!(address("/events?a=/b"), "/quay/light/events?a=/b");
            for other in ["#main", "", "https://example.org/", "//example.org/", "?q=a"] {
                assert_eq!(address(other), other);
            }
            for (whole, own) in [
                ("/quay/light/events?a", "/events?a"),
                ("/quay/light/", "/"),
                ("/quay/light", "/"),
                ("/quay/lights", "/quay/lights"),
                ("/events", "/events"),
            ] {
                assert_eq!(path(whole), own);
            }
        });
        assert_eq!(&*current(), "");
    }
}
