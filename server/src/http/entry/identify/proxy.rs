//! Users authenticated by a trusted proxy: their name and groups, in headers set by the proxy.
//!
//! Values are UTF-8, or else Latin-1, which some directories send. Names of people need not be
//! ASCII.

use crate::{
    audit::{Entry, Outcome},
    auth::{AuthMethod, GroupRole, Identity},
    http::{
        entry::{guard::refused, header_warnings, peer::Peer},
        state::{AccessState, ProxyHeaders},
        wire::problem::{Problem, ProblemCode},
    },
};
use axum::{
    http::{HeaderName, HeaderValue, request::Parts},
    response::Response,
};

/// Maximum length of names.
const MAX_NAME_LEN: usize = 256;

/// Identity that the request claims.
#[derive(Debug)]
pub(super) enum ProxySignIn {
    /// No identity.
    Nothing,
    /// A user with a role.
    For(Identity),
    /// A user in no group that has a role.
    WithoutRole(String),
}

impl ProxySignIn {
    /// Falls back to the session unless the proxy names a user with a role.
    pub(super) fn or_session(self, session: impl FnOnce() -> Option<Identity>) -> Self {
        match self {
            Self::For(identity) => Self::For(identity),
            other => session().map_or(other, Self::For),
        }
    }
}

pub(super) fn proxy_sign_in(access: &AccessState, parts: &Parts, peer: Option<&Peer>) -> ProxySignIn {
    let ProxyHeaders { user, groups, roles } = &access.proxy_headers;
    let (Some(peer), Some(user)) = (peer.filter(|peer| peer.is_proxied), user) else { return ProxySignIn::Nothing };
    let Some(name) = name(parts, user, peer) else { return ProxySignIn::Nothing };
    let groups = groups.as_ref().map(|header| listed(parts, header, peer)).unwrap_or_default();
    match GroupRole::of(&groups, roles) {
        Some((role, scope)) => ProxySignIn::For(access.auth.of_proxy(&name, role, scope, peer.address)),
        None => ProxySignIn::WithoutRole(name),
    }
}

/// Refuses a user whose groups have no role: in the response, and once a minute in the log and the
/// audit log.
pub(super) fn without_role(access: &AccessState, parts: &Parts, peer: Option<&Peer>, name: &str) -> Response {
    if let (Some(peer), Some(suppressed)) = (peer, header_warnings::next_line(&format!("no role {name}"))) {
        let from = peer.address;
        tracing::warn!(user = name, %from, suppressed, "refused: the proxy authenticated a user whose groups have no role; see --group-role");
        let entry = Entry::new("signIn", name, AuthMethod::Proxy.as_str(), from);
        access.audit.record(entry.ended(Outcome::Denied, Some("in no group with a role")));
    }
    let detail = format!("Signed in as {name}, but none of your groups has a role here.");
    let hint = "An administrator of this server can give a group a role with --group-role GROUP=ROLE.";
    refused(Problem::new(ProblemCode::NoRole, detail, hint), &parts.headers)
}

/// The single name in the header.
fn name(parts: &Parts, header: &HeaderName, peer: &Peer) -> Option<String> {
    let mut values = parts.headers.get_all(header).iter();
    let value = values.next()?;
    let refuse = |reason| {
        header_warnings::warn_refused(header.as_str(), value, reason, peer.address);
        None
    };
    if values.next().is_some() {
        // One of them may come from the browser.
        return refuse("it was sent twice; the proxy must replace it");
    }
    match text(value) {
        Some(name) if name.is_empty() => None,
        Some(name) if name.len() > MAX_NAME_LEN => refuse("it is too long"),
        Some(name) => Some(name),
        None => refuse("it is neither UTF-8 nor Latin-1"),
    }
}

/// The groups in all headers of this name, without unreadable ones.
fn listed(parts: &Parts, header: &HeaderName, peer: &Peer) -> Vec<String> {
    let values =
        parts.headers.get_all(header).into_iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let read = |group: &[u8]| {
        let read = decoded(group);
        if read.is_none() {
            header_warnings::warn_ignored(header.as_str(), group, "it is neither UTF-8 nor Latin-1", peer.address);
        }
        read
    };
    values.filter_map(read).filter(|group| !group.is_empty()).collect()
}

fn text(value: &HeaderValue) -> Option<String> {
    decoded(value.as_bytes())
}

/// Decodes and trims a value; `None` if there are control characters.
fn decoded(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.trim_ascii();
    let text =
        str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), ToOwned::to_owned);
    (!text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_utf_8_or_latin_1() {
        assert_eq!(decoded("Jürgen".as_bytes()).as_deref(), Some("Jürgen"));
        assert_eq!(decoded(b"J\xfcrgen").as_deref(), Some("Jürgen"));
        assert_eq!(decoded("Пётр 東京".as_bytes()).as_deref(), Some("Пётр 東京"));
        assert_eq!(decoded(b"  ada ").as_deref(), Some("ada"));
        for wrong in [b"a\tb".as_slice(), b"\x9b31m", b"a\xc2\x9bb"] {
            assert_eq!(decoded(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
