//! The path below which the page lives, behind a proxy that serves other programs under the same name: `/quaylight`, or nothing.
//!
//! The code writes every address from the root (`/events`); this puts the path in front of it, where an element is written or made
//! and where a script of the browser takes an address ([`address`]). The server says it for each request while it draws
//! ([`while_below`]), the browser once ([`set`]).

use std::{borrow::Cow, cell::RefCell, sync::Arc};

thread_local! {
    static BASE: RefCell<Arc<str>> = RefCell::new(Arc::from(""));
}

/// Sets it for good: in the browser, where there is one page.
pub fn set(base: &str) {
    BASE.with_borrow_mut(|held| *held = base.into());
}

/// It, without a slash at its end; empty at the root of a name.
pub fn current() -> Arc<str> {
    BASE.with_borrow(Arc::clone)
}

/// Draws something below `base`.
pub fn while_below<R>(base: &Arc<str>, draw: impl FnOnce() -> R) -> R {
    struct Back(Arc<str>);
    impl Drop for Back {
        fn drop(&mut self) {
            BASE.with_borrow_mut(|held| std::mem::swap(held, &mut self.0));
        }
    }
    let _back = Back(BASE.replace(Arc::clone(base)));
    draw()
}

/// The address of a path of this server.
pub fn address(path: &str) -> Cow<'_, str> {
    BASE.with_borrow(|base| {
        if base.is_empty() || !path.starts_with('/') || path.starts_with("//") {
            Cow::Borrowed(path)
        } else {
            Cow::Owned(format!("{base}{path}"))
        }
    })
}

/// The path of this server in an address of the browser.
pub fn path(address: &str) -> &str {
    BASE.with_borrow(|base| match address.strip_prefix(&**base) {
        Some(path) if path.starts_with('/') => path,
        Some("") => "/",
        _ => address,
    })
}

/// The value of an attribute as the document has it.
pub(crate) fn in_document<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if matches!(name, "href" | "action" | "src") { address(value) } else { Cow::Borrowed(value) }
}

/// Markup in which nothing changes, as the document has it.
pub(crate) fn markup(html: Cow<'static, str>) -> Cow<'static, str> {
    BASE.with_borrow(|base| {
        let names = ["href", "action", "src"].map(|name| format!(" {name}=\"/"));
        if base.is_empty() || !names.iter().any(|name| html.contains(name.as_str())) {
            return html;
        }
        names.iter().fold(html, |html, name| {
            let (start, slash) = name.split_at(name.len() - 1);
            Cow::Owned(html.replace(name.as_str(), &format!("{start}{base}{slash}")))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_below_the_base_and_paths_are_not() {
        assert_eq!((address("/events"), path("/events")), (Cow::Borrowed("/events"), "/events"));
        while_below(&Arc::from("/quay/light"), || {
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
            assert_eq!(in_document("href", "/a"), "/quay/light/a");
            assert_eq!(in_document("title", "/a"), "/a");
            let html = r##"<p title="/a"><a href="/a">/b</a><a href="#c"></a><form action="/d"></form></p>"##;
            let below = r##"<p title="/a"><a href="/quay/light/a">/b</a><a href="#c"></a><form action="/quay/light/d"></form></p>"##;
            assert_eq!(markup(html.into()), below);
        });
        assert_eq!(&*current(), "");
    }
}
