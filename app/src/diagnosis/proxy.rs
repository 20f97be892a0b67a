//! Recognizes the proxy between browser and server.

use super::{Evidence, Probe};
use crate::format::lower_case;

/// The proxy nearest to this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// No sign of a proxy.
    None,
    /// nginx, or a proxy based on it.
    Nginx,
    /// Caddy.
    Caddy,
    /// Traefik.
    Traefik,
    /// Another proxy that sends its name.
    Named(String),
    /// A proxy that does not send its name.
    Unnamed,
}

impl Proxy {
    /// Recognizes the proxy from all measurements.
    pub(super) fn of(evidence: &Evidence) -> Self {
        let find = |read: fn(&Probe) -> Option<Self>| evidence.probes().find_map(read);
        find(by_name).or_else(|| find(by_traces)).unwrap_or(Self::None)
    }
}

/// Recognizes a proxy by its `Server` header. Quaylight sends none, so a proxy added it.
fn by_name(probe: &Probe) -> Option<Proxy> {
    let response = probe.response.as_ref()?;
    let begin_via = probe.begin.as_ref().and_then(|begin| begin.via.as_deref());
    let names = [response.server.as_deref(), response.via.as_deref(), begin_via].into_iter().flatten();
    names
        .map(|name| match lower_case(name) {
            lower if lower.contains("nginx") || lower.contains("openresty") => Proxy::Nginx,
            lower if lower.contains("caddy") => Proxy::Caddy,
            lower if lower.contains("traefik") => Proxy::Traefik,
            _ => Proxy::Named(name.to_owned()),
        })
        .next()
}

fn by_traces(probe: &Probe) -> Option<Proxy> {
    let response = probe.response.as_ref()?;
    let begin = probe.begin.as_ref();
    let forwards = |name: &str| begin.is_some_and(|begin| begin.forwarded.iter().any(|header| header == name));
    if forwards("x-forwarded-server") && forwards("x-real-ip") {
        return Some(Proxy::Traefik);
    }
    let is_old = begin.is_some_and(|begin| begin.protocol == "HTTP/1.0");
    let forwarded = begin.is_some_and(|begin| !begin.forwarded.is_empty());
    // Only streams have this header from the start.
    let took_header = response.is_stream && !response.accel_arrived;
    (is_old || forwarded || took_header).then_some(Proxy::Unnamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{Begin, ResponseHead};

    fn proxy(response: ResponseHead, begin: Begin) -> Proxy {
        let plain = Probe { response: Some(response), begin: Some(begin), ..Probe::default() };
        Proxy::of(&Evidence { plain, ..Evidence::default() })
    }

    #[test]
    fn a_proxy_is_recognized_by_its_name_or_traces() {
        let direct = || ResponseHead { status: 200, is_stream: true, accel_arrived: true, ..ResponseHead::default() };
        let begin = || Begin { protocol: "HTTP/1.1".to_owned(), ..Begin::default() };
        let named = |server: &str| ResponseHead { server: Some(server.to_owned()), ..direct() };
        assert_eq!(proxy(direct(), begin()), Proxy::None);
        assert_eq!(proxy(named("nginx/1.26.3"), begin()), Proxy::Nginx);
        assert_eq!(proxy(named("cloudflare"), begin()), Proxy::Named("cloudflare".to_owned()));
        assert_eq!(proxy(ResponseHead { via: Some("1.1 Caddy".to_owned()), ..direct() }, begin()), Proxy::Caddy);
        let forwarded =
            |names: &[&str]| Begin { forwarded: names.iter().map(ToString::to_string).collect(), ..begin() };
        let traefik = ["x-forwarded-for", "x-forwarded-server", "x-real-ip"];
        assert_eq!(proxy(direct(), forwarded(&traefik)), Proxy::Traefik);
        assert_eq!(proxy(direct(), forwarded(&traefik[..1])), Proxy::Unnamed);
        assert_eq!(proxy(ResponseHead { accel_arrived: false, ..direct() }, begin()), Proxy::Unnamed);
        assert_eq!(proxy(direct(), Begin { protocol: "HTTP/1.0".to_owned(), ..begin() }), Proxy::Unnamed);
    }
}
