//! Users for whom a trusted proxy vouches: their name and their groups, in headers of the proxy's own.
//!
//! Values are UTF-8, or else Latin-1, which some directories send. Names are those of people, so neither is ASCII.

use crate::{
    audit::{Entry, Outcome},
    auth::{GroupRole, Identity, Means},
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

/// Of a name, to be shown; longer ones are no names.
const MAX_NAME_LEN: usize = 256;

/// The word of a proxy, and of what else says who a user is.
#[derive(Debug)]
pub(super) enum Vouched {
    /// Of nobody.
    Nothing,
    /// Of a user who may do something.
    For(Identity),
    /// Of a user in no group that has a role.
    WithoutRole(String),
}

impl Vouched {
    /// A session counts where the proxy's word gives no role.
    pub(super) fn or_session(self, session: impl FnOnce() -> Option<Identity>) -> Self {
        match self {
            Self::For(identity) => Self::For(identity),
            other => session().map_or(other, Self::For),
        }
    }
}

pub(super) fn vouched(access: &AccessState, parts: &Parts, peer: Option<&Peer>) -> Vouched {
    let ProxyHeaders { user, groups, roles } = &access.proxy_headers;
    let (Some(peer), Some(user)) = (peer.filter(|peer| peer.is_proxied), user) else { return Vouched::Nothing };
    let Some(name) = name(parts, user, peer) else { return Vouched::Nothing };
    let groups = groups.as_ref().map(|header| listed(parts, header, peer)).unwrap_or_default();
    match GroupRole::of(&groups, roles) {
        Some((role, scope)) => Vouched::For(access.auth.of_proxy(&name, role, scope, peer.address)),
        None => Vouched::WithoutRole(name),
    }
}

/// Tells them that their groups have no role here: in the response, in the log and in the audit log, there once a minute.
pub(super) fn without_role(access: &AccessState, parts: &Parts, peer: Option<&Peer>, name: &str) -> Response {
    if let (Some(peer), Some(left_out)) = (peer, header_warnings::turn(&format!("no role {name}"))) {
        let from = peer.address;
        tracing::warn!(user = name, %from, left_out, "refused: the proxy vouches for a user whose groups have no role; see --group-role");
        let entry = Entry::new("signIn", name, Means::Proxy.as_str(), from);
        access.audit.record(entry.ended(Outcome::Denied, Some("in no group that has a role")));
    }
    let detail = format!("Signed in as {name}, but none of your groups has a role here.");
    let hint = "An admin of this server gives a group a role with --group-role GROUP=ROLE.";
    refused(Problem::new(ProblemCode::NoRole, detail, hint), &parts.headers)
}

/// The one name in the header.
fn name(parts: &Parts, header: &HeaderName, peer: &Peer) -> Option<String> {
    let mut values = parts.headers.get_all(header).iter();
    let value = values.next()?;
    let wrong = |reason| {
        header_warnings::refused(header.as_str(), value, reason, peer.address);
        None
    };
    if values.next().is_some() {
        // One of them may be the browser's own.
        return wrong("it is there twice; the proxy has to replace it");
    }
    match text(value) {
        Some(name) if name.is_empty() => None,
        Some(name) if name.len() > MAX_NAME_LEN => wrong("it is too long for a name"),
        Some(name) => Some(name),
        None => wrong("it is neither UTF-8 nor Latin-1"),
    }
}

/// The groups in all headers of this name. One that cannot be read is left out, and no other.
fn listed(parts: &Parts, header: &HeaderName, peer: &Peer) -> Vec<String> {
    let values =
        parts.headers.get_all(header).into_iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let read = |group: &[u8]| {
        let read = decoded(group);
        if read.is_none() {
            header_warnings::left_out(header.as_str(), group, "it is neither UTF-8 nor Latin-1", peer.address);
        }
        read
    };
    values.filter_map(read).filter(|group| !group.is_empty()).collect()
}

fn text(value: &HeaderValue) -> Option<String> {
    decoded(value.as_bytes())
}

/// Without the spaces around it; `None` for control characters, which no name has.
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
