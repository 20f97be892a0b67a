//! The parts of the request that a page is rendered from: host, theme and remembered choices.

use crate::prefs::{motion::Motion, remembered, theme_switch::Theme};
use crate::prelude::*;
use std::{fmt, sync::Arc};

/// Facts of the request for which a page is rendered. The server puts one into the Leptos context
/// of every page. Without it, the theme is the system's, and port links get their host in the
/// browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Host of the request, without the port; an IPv6 address has brackets.
    pub host: Option<String>,
    /// The theme that was chosen earlier.
    pub theme: Theme,
    /// The motion setting.
    pub motion: Motion,
    /// Remembered choices of the list, as words of a URL.
    pub list: String,
}

/// Sets the page's status to 404. The server puts one into the Leptos context of every page it
/// renders.
#[derive(Clone)]
pub struct RespondNotFound(pub Arc<dyn Fn() + Send + Sync>);

/// Marks the page `/styleguide`: rendered by the server and never hydrated, so that its code is not
/// in the browser's module. The server puts one into the Leptos context of that page.
#[derive(Debug, Clone, Copy)]
pub struct ShowStyleguide;

/// The signed-in user: name, role, and whether signing out is possible on this server. The server
/// puts one into the context of every page; [`crate::app::shell`] renders it outside of the
/// hydrated part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedIn(pub Option<(String, &'static str, bool)>);

impl fmt::Debug for RespondNotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RespondNotFound")
    }
}

impl PageRequest {
    /// Reads the `Host` and `Cookie` headers.
    pub fn from_headers(host: Option<&str>, cookies: Option<&str>) -> Self {
        Self {
            host: host.map(without_port).filter(|host| !host.is_empty()).map(str::to_owned),
            theme: cookies.map(Theme::from_cookies).unwrap_or_default(),
            motion: cookies.map(Motion::from_cookies).unwrap_or_default(),
            list: cookies.and_then(list_cookie).unwrap_or_default().to_owned(),
        }
    }

    /// The request of the page: on the server from the context, in the browser from the document,
    /// so that both render the same.
    pub(crate) fn current() -> Self {
        if cfg!(feature = "ssr") {
            use_context().unwrap_or_default()
        } else {
            let list = html_attribute("data-list").unwrap_or_default();
            Self { theme: shown_theme(), list, ..Self::default() }
        }
    }
}

/// Sets the response status to 404, on the server.
pub(crate) fn respond_not_found() {
    if let Some(respond) = use_context::<RespondNotFound>() {
        (respond.0)();
    }
}

fn shown_theme() -> Theme {
    html_attribute("data-theme").map(|word| Theme::parse(&word)).unwrap_or_default()
}

fn html_attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(name)
}

/// The value of the cookie with the list's remembered choices.
fn list_cookie(header: &str) -> Option<&str> {
    header.split(';').find_map(|cookie| cookie.trim().strip_prefix(remembered::COOKIE)?.strip_prefix('='))
}

/// The host without its port. An IPv6 host such as `[::1]:3000` has other colons.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_loses_its_port() {
        for (header, host) in [
            ("quay.example:3000", "quay.example"),
            ("quay.example", "quay.example"),
            ("[::1]:3000", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(PageRequest::from_headers(Some(header), None).host.as_deref(), Some(host));
        }
    }

    #[test]
    fn the_list_cookie_is_read_by_its_exact_name() {
        for (header, words) in
            [("theme=dark; list=cols=cpu&pin=a%2Fb; x=y", "cols=cpu&pin=a%2Fb"), ("mylist=1", ""), ("listen=1", "")]
        {
            assert_eq!(PageRequest::from_headers(None, Some(header)).list, words, "{header}");
        }
    }
}
