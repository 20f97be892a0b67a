//! Parsers of settings; their errors describe the expected value.

use axum::http::{HeaderName, Uri};
use std::{path::PathBuf, time::Duration};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "expected a time such as 2s or 500ms".to_owned())?;
    let range = Duration::from_millis(500)..=Duration::from_secs(3600);
    range.contains(&duration).then_some(duration).ok_or_else(|| "must be between 500ms and 1h".to_owned())
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "expected a time such as 12h or 7days".to_owned())?;
    let range = Duration::from_secs(60)..=Duration::from_secs(366 * 24 * 3600);
    range.contains(&duration).then_some(duration).ok_or_else(|| "must be between 1m and 366days".to_owned())
}

/// Parses a host name. Empty values are allowed, because a variable may be set to nothing.
pub(super) fn host(text: &str) -> Result<String, String> {
    let text = text.trim();
    let address = text.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let name = text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'));
    (address || name).then(|| text.to_owned()).ok_or_else(|| "expected a host name without scheme and port".to_owned())
}

/// Parses an origin as browsers write it in `Origin`: scheme, host, and port unless it is the
/// default.
pub(super) fn origin(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    let scheme = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = |uri: &Uri| matches!(uri.path(), "" | "/") && uri.query().is_none();
    let is_origin = text.parse().is_ok_and(|uri: Uri| scheme(&uri) && bare(&uri)) && !text.contains('@');
    let expected = "expected an origin such as https://quay.example.org";
    (is_origin || text.is_empty()).then(|| text.to_ascii_lowercase()).ok_or_else(|| expected.to_owned())
}

/// Parses the address of this server in browsers: an origin and a path.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let expected =
        || "expected an address such as https://quay.example.org or https://example.org/quaylight".to_owned();
    let place = text.find("://").and_then(|scheme| text[scheme + 3..].find('/').map(|path| scheme + 3 + path));
    let (start, path) = text.split_at(place.unwrap_or(text.len()));
    let path = base_path(path).map_err(|_| expected())?;
    Ok(format!("{}{path}", origin(start).map_err(|_| expected())?))
}

/// Parses a path. Returns it with a leading and without a trailing slash; empty for the root.
pub(super) fn base_path(text: &str) -> Result<String, String> {
    let segments: Vec<&str> = text.trim().trim_matches('/').split('/').collect();
    if segments == [""] {
        return Ok(String::new());
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let is_segment = |segment: &&str| !matches!(*segment, "" | "." | "..") && segment.bytes().all(is_letter);
    let is_path = segments.iter().all(is_segment);
    is_path.then(|| format!("/{}", segments.join("/"))).ok_or_else(|| "expected a path such as /quaylight/".to_owned())
}

/// Parses an issuer URL. Only TLS is allowed on a network, because a man in the middle could sign
/// in as any user.
pub(super) fn issuer(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_near = |host: &str| {
        let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    };
    let is_safe = |uri: &Uri| match uri.scheme_str() {
        Some("https") => uri.host().is_some(),
        Some("http") => uri.host().is_some_and(is_near),
        _ => false,
    };
    let is_issuer = text.parse().is_ok_and(|uri: Uri| is_safe(&uri) && uri.query().is_none()) && !text.contains('@');
    is_issuer.then(|| text.to_owned()).ok_or_else(|| "expected an issuer such as https://auth.example.org".to_owned())
}

/// Parses the name of a header that only the proxy sets. Headers of HTTP itself and of browsers are
/// refused: anyone can choose their values, and would be signed in.
pub(super) fn header(text: &str) -> Result<HeaderName, String> {
    let name: HeaderName =
        text.trim().parse().map_err(|_| "expected the name of a header such as Remote-User".to_owned())?;
    let is_standard = STANDARD_HEADERS.contains(&name.as_str())
        || STANDARD_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix));
    if is_standard {
        return Err("this header has another meaning, and any client may send it; expected one that only the proxy \
                    sets, such as Remote-User"
            .to_owned());
    }
    Ok(name)
}

/// Headers with a standard meaning, in lower case.
const STANDARD_HEADERS: [&str; 47] = [
    "authorization",
    "baggage",
    "cache-control",
    "cdn-loop",
    "cf-connecting-ip",
    "connection",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "early-data",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "idempotency-key",
    "keep-alive",
    "last-event-id",
    "last-modified",
    "link",
    "max-forwards",
    "origin",
    "pragma",
    "prefer",
    "priority",
    "purpose",
    "range",
    "referer",
    "save-data",
    "server",
    "set-cookie",
    "te",
    "trace-id",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "warning",
    "x-client-ip",
    "x-real-ip",
    "x-requested-with",
];
/// Prefixes of headers with a standard meaning. `X-Forwarded-User`, `-Email`, `-Groups` and
/// `-Preferred-Username` are not among them: proxies that sign users in set them.
const STANDARD_PREFIXES: [&str; 24] = [
    "accept",
    "access-control-",
    "content-",
    "if-",
    "proxy-auth",
    "proxy-connection",
    "sec-",
    "x-accel-",
    "x-b3-",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-path",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-s",
    "x-http-method",
    "x-original-forwarded-",
    "x-original-host",
    "x-original-uri",
    "x-original-url",
    "x-request-id",
    "x-request-start",
    "x-forwarded-by",
];

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    // tracing takes a single unknown word for a module, and would log nothing for a mistyped level.
    let is_directive = |part: &str| part.contains(['=', '[', ']']) || part.trim().parse::<LevelFilter>().is_ok();
    let valid = text.split(',').all(is_directive) && EnvFilter::try_new(text).is_ok();
    let expected = "expected error, warn, info, debug, trace or a filter such as server=debug";
    valid.then(|| text.to_owned()).ok_or_else(|| expected.to_owned())
}

pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_dir() { Ok(path) } else { Err("there is no such folder".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_filters_are_levels_or_targets_with_levels() {
        for right in ["info", "off", "server=debug", "warn,server::watcher=trace", "server[act]=debug"] {
            assert!(log_filter(right).is_ok(), "{right}");
        }
        for wrong in ["loud", "info,loud", "server=loud"] {
            assert!(log_filter(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hosts_are_names_or_addresses_without_scheme_and_port() {
        for right in ["", "quay.example.org", " quay.example.org", "localhost", "10.0.0.5", "fd00::5", "[fd00::5]"] {
            assert!(host(right).is_ok(), "{right}");
        }
        for wrong in ["http://quay.example", "quay.example:8080", "*.example", "a b", "quay.example/"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn standard_headers_cannot_name_the_user() {
        for right in [
            "Remote-User",
            "X-Forwarded-User",
            "X-Forwarded-Groups",
            "X-Forwarded-Preferred-Username",
            "Proxy-Remote-User",
            " x-auth-user ",
        ] {
            assert!(header(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "a b",
            "Cookie",
            "authorization",
            "Host",
            "Connection",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-Host",
            "x-forwarded-port",
            "Forwarded",
            "Origin",
            "Sec-Fetch-Site",
            "Accept",
            "User-Agent",
            "Content-Type",
            "X-Real-IP",
        ] {
            assert!(header(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_have_the_form_that_browsers_send() {
        assert_eq!(origin("https://Quay.example.org/"), Ok("https://quay.example.org".to_owned()));
        assert!(origin("http://10.0.0.5:8080").is_ok() && origin("").is_ok());
        for wrong in ["quay.example.org", "ftp://quay.example", "https://quay.example/page", "https://me@quay.example"]
        {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_base_path_has_only_plain_segments() {
        for (text, path) in
            [("", ""), ("/", ""), ("/quaylight/", "/quaylight"), ("quay", "/quay"), ("/a/b-1.x/", "/a/b-1.x")]
        {
            assert_eq!(base_path(text), Ok(path.to_owned()), "{text}");
        }
        for wrong in ["/a//b", "/..", "/a/./b", "/a b", "/a?b", "/%2e", "/ä", "/a\\b", "/a;b", "https://a/b"] {
            assert!(base_path(wrong).is_err(), "{wrong}");
        }
        for (text, url) in [
            ("https://Quay.example.org/", "https://quay.example.org"),
            ("https://Example.org:8443/Quay/", "https://example.org:8443/Quay"),
            ("", ""),
        ] {
            assert_eq!(public_url(text), Ok(url.to_owned()), "{text}");
        }
        for wrong in ["quay.example.org", "https://example.org/a?b", "https://me@example.org/quay", "/quay"] {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_issuer_needs_https_except_on_this_machine() {
        for right in [
            "https://auth.example.org",
            "https://auth.example.org/realms/main/",
            "http://127.0.0.1:9000",
            "http://localhost",
            "http://[::1]:9000",
        ] {
            assert_eq!(issuer(right).as_deref(), Ok(right));
        }
        for wrong in [
            "",
            "auth.example.org",
            "http://auth.example.org",
            "https://",
            "https://me@auth.example.org",
            "https://auth.example.org/?a=b",
        ] {
            assert!(issuer(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn intervals_have_a_minimum_and_a_maximum() {
        assert_eq!(interval("2s"), Ok(Duration::from_secs(2)));
        for wrong in ["0s", "10ms", "2h", "fast"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
