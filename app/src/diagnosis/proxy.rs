//! Who stands between, as far as it can be told.

use super::{Evidence, Probe};
use crate::format::lower_case;

/// The last one before this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// Nothing tells of one.
    None,
    /// nginx, or what is built on it.
    Nginx,
    /// Caddy.
    Caddy,
    /// Traefik.
    Traefik,
    /// One that has another name.
    Named(String),
    /// One that does not say its name.
    Unnamed,
}

impl Proxy {
    /// Of all that was heard.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let heard = |read: fn(&Probe) -> Option<Self>| evidence.probes().find_map(read);
        heard(by_name).or_else(|| heard(by_traces)).unwrap_or(Self::None)
    }
}

/// Quaylight sends no `Server`, so whoever does stands between.
fn by_name(probe: &Probe) -> Option<Proxy> {
    let answer = probe.answer.as_ref()?;
    let begin_via = probe.begin.as_ref().and_then(|begin| begin.via.as_deref());
    let said = [answer.server.as_deref(), answer.via.as_deref(), begin_via].into_iter().flatten();
    said.map(|said| match lower_case(said) {
        name if name.contains("nginx") || name.contains("openresty") => Proxy::Nginx,
        name if name.contains("caddy") => Proxy::Caddy,
        name if name.contains("traefik") => Proxy::Traefik,
        _ => Proxy::Named(said.to_owned()),
    })
    .next()
}

fn by_traces(probe: &Probe) -> Option<Proxy> {
    let answer = probe.answer.as_ref()?;
    let begin = probe.begin.as_ref();
    let forwards = |name: &str| begin.is_some_and(|begin| begin.forwarded.iter().any(|header| header == name));
    if forwards("x-forwarded-server") && forwards("x-real-ip") {
        return Some(Proxy::Traefik);
    }
    let is_old = begin.is_some_and(|begin| begin.protocol == "HTTP/1.0");
    let forwarded = begin.is_some_and(|begin| !begin.forwarded.is_empty());
    // A refusal has no such header from the start.
    let took_header = answer.is_stream && !answer.accel_arrived;
    (is_old || forwarded || took_header).then_some(Proxy::Unnamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{Answer, Begin};

    fn heard(answer: Answer, begin: Begin) -> Proxy {
        let plain = Probe { answer: Some(answer), begin: Some(begin), ..Probe::default() };
        Proxy::of(&Evidence { plain, ..Evidence::default() })
    }

    #[test]
    fn a_proxy_is_known_by_what_it_says_or_leaves() {
        let direct = || Answer { status: 200, is_stream: true, accel_arrived: true, ..Answer::default() };
        let begin = || Begin { protocol: "HTTP/1.1".to_owned(), ..Begin::default() };
        let named = |server: &str| Answer { server: Some(server.to_owned()), ..direct() };
        assert_eq!(heard(direct(), begin()), Proxy::None);
        assert_eq!(heard(named("nginx/1.26.3"), begin()), Proxy::Nginx);
        assert_eq!(heard(named("cloudflare"), begin()), Proxy::Named("cloudflare".to_owned()));
        assert_eq!(heard(Answer { via: Some("1.1 Caddy".to_owned()), ..direct() }, begin()), Proxy::Caddy);
        let forwarded =
            |names: &[&str]| Begin { forwarded: names.iter().map(ToString::to_string).collect(), ..begin() };
        let traefik = ["x-forwarded-for", "x-forwarded-server", "x-real-ip"];
        assert_eq!(heard(direct(), forwarded(&traefik)), Proxy::Traefik);
        assert_eq!(heard(direct(), forwarded(&traefik[..1])), Proxy::Unnamed);
        assert_eq!(heard(Answer { accel_arrived: false, ..direct() }, begin()), Proxy::Unnamed);
        assert_eq!(heard(direct(), Begin { protocol: "HTTP/1.0".to_owned(), ..begin() }), Proxy::Unnamed);
    }
}
