//! Texts for findings, and the setting to change. `docs/PROXIES.md` has complete configurations.

use super::{Cause, Diagnosis, Finding, Proxy, Weight};
use crate::format::duration_millis;

/// A setting to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Name of the proxy.
    pub product: &'static str,
    /// Lines of its configuration.
    pub lines: &'static str,
}

/// The result in one sentence.
#[must_use]
pub fn summary(diagnosis: &Diagnosis) -> String {
    match diagnosis.findings.first() {
        None => "Healthy: events arrive without delay.".to_owned(),
        Some(finding) if finding.weight() == Weight::Notice => {
            let mut text = "Healthy, with a note: ".to_owned();
            text.push_str(title(finding.cause));
            text.push('.');
            text
        }
        Some(finding) => {
            let mut text = title(finding.cause).to_owned();
            text.push_str(if diagnosis.findings.len() > 1 { ", and more." } else { "." });
            text
        }
    }
}

/// Title of a finding.
#[must_use]
pub const fn title(cause: Cause) -> &'static str {
    match cause {
        Cause::NoResponse => "No response",
        Cause::Refused => "Request refused",
        Cause::NotAStream => "Not an event stream",
        Cause::NoStreaming => "No streaming",
        Cause::Buffering => "Buffering",
        Cause::Compression => "Compression delays events",
        Cause::IdleTimeout => "Idle timeout too short",
        Cause::TimeLimit => "Active streams are cut off",
        Cause::Altered => "Frames are modified",
        Cause::Uneven => "Uneven connection",
        Cause::Recompressed => "A proxy compresses streams",
        Cause::LateIdleTimeout => "Idle streams are closed",
        Cause::OldHttp => "HTTP/1.0 between proxy and server",
    }
}

/// Describes what was observed, and what it means.
#[must_use]
pub fn explanation(finding: &Finding) -> String {
    let (before, after) = match finding.cause {
        Cause::NoResponse => return "The server, or the proxy in front of it, could not be reached.".to_owned(),
        Cause::Refused => {
            let mut text = "The stream was refused with status ".to_owned();
            text.push_str(&finding.measure.to_string());
            text.push_str(". 502 and 504 come from a proxy that cannot reach the server, 421 from an unknown host name, 429 from too many tests at once.");
            return text;
        }
        Cause::NotAStream => {
            return "The response is not an event stream. It comes from a login page, or from another program at this address.".to_owned();
        }
        Cause::NoStreaming => (
            "Nothing arrived for ",
            "; after that, either everything arrived at once or nothing did. A proxy buffers whole responses, and this stream never ends: the page stays Static.",
        ),
        Cause::Buffering => (
            "Events were up to ",
            " late and arrived together when a buffer was full. A proxy buffers the stream instead of passing it on.",
        ),
        Cause::Compression => (
            "Events were up to ",
            " late because a proxy compresses the stream without flushing. Events that the server had compressed arrived without delay.",
        ),
        Cause::IdleTimeout => (
            "An idle stream was closed after ",
            ". Quaylight sends a heartbeat at least every 3 s, so its streams are closed repeatedly: the page alternates between Live and Reconnecting.",
        ),
        Cause::TimeLimit => {
            ("An active stream was cut off after ", ". The page reconnects and misses nothing, but this repeats.")
        }
        Cause::Altered => {
            return "A test frame arrived with different content: a proxy or filter modifies what the server sends."
                .to_owned();
        }
        Cause::Uneven => (
            "Events paused for up to ",
            ", but not in a pattern that points to a proxy: the network is weak or busy, or the machine is busy. Run the test again to confirm.",
        ),
        Cause::Recompressed => {
            return "The server compresses the list itself. A proxy that also compresses events spends CPU time and may delay them."
                .to_owned();
        }
        Cause::LateIdleTimeout => (
            "An idle stream was closed after ",
            ". Quaylight's streams are never idle for more than 3 s, so nothing needs to be changed.",
        ),
        Cause::OldHttp => {
            return "Streams work, but the proxy opens a new connection to the server for every request.".to_owned();
        }
    };
    let mut text = before.to_owned();
    text.push_str(&duration_millis(finding.measure));
    text.push_str(after);
    text
}

/// Settings to change, by proxy; the detected proxy comes first.
#[must_use]
pub fn settings(cause: Cause, proxy: &Proxy) -> Vec<Setting> {
    let [nginx, caddy, traefik] = match cause {
        Cause::NoStreaming | Cause::Buffering => [
            "# In every nginx on the way:\nproxy_buffering off;\nproxy_http_version 1.1;",
            "reverse_proxy 127.0.0.1:3000 {\n    flush_interval -1\n}",
            "# Remove the middleware \"buffering\" from this router.",
        ],
        Cause::Compression | Cause::Recompressed => [
            "# gzip_types without text/event-stream and *, or\ngzip off;",
            "@page not path */stream\nencode @page zstd gzip",
            "compress:\n  excludedContentTypes: [text/event-stream]",
        ],
        Cause::IdleTimeout | Cause::LateIdleTimeout | Cause::TimeLimit => [
            "proxy_read_timeout 1h;\nproxy_send_timeout 1h;",
            "reverse_proxy 127.0.0.1:3000 {\n    transport http {\n        read_timeout 0\n    }\n}\n# and no servers > timeouts > write",
            "entryPoints:\n  websecure:\n    transport:\n      respondingTimeouts:\n        writeTimeout: 0",
        ],
        Cause::OldHttp => ["proxy_http_version 1.1;\nproxy_set_header Connection \"\";", "", ""],
        Cause::NoResponse | Cause::Refused | Cause::NotAStream | Cause::Altered | Cause::Uneven => [""; 3],
    };
    let rank = |product: &str| match proxy {
        Proxy::Nginx => product != "nginx",
        Proxy::Caddy => product != "Caddy",
        Proxy::Traefik => product != "Traefik",
        Proxy::None | Proxy::Named(_) | Proxy::Unnamed => false,
    };
    let all = [("nginx", nginx), ("Caddy", caddy), ("Traefik", traefik)];
    let mut settings: Vec<_> = all
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(product, lines)| Setting { product, lines })
        .collect();
    settings.sort_by_key(|setting| rank(setting.product));
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_of_the_detected_proxy_comes_first() {
        let first = |proxy| settings(Cause::Buffering, &proxy).first().map(|setting| setting.product);
        assert_eq!(first(Proxy::Traefik), Some("Traefik"));
        assert_eq!(first(Proxy::Caddy), Some("Caddy"));
        assert_eq!(first(Proxy::Unnamed), Some("nginx"));
        assert_eq!(settings(Cause::Uneven, &Proxy::Nginx), []);
    }

    #[test]
    fn a_summary_is_one_sentence() {
        let with = |findings: &[(Cause, u64)]| {
            let findings =
                findings.iter().map(|(cause, measure)| Finding { cause: *cause, measure: *measure }).collect();
            summary(&Diagnosis { findings, proxy: Proxy::None, latest: None, silence_endured: None })
        };
        assert_eq!(with(&[]), "Healthy: events arrive without delay.");
        assert_eq!(with(&[(Cause::OldHttp, 0)]), "Healthy, with a note: HTTP/1.0 between proxy and server.");
        assert_eq!(with(&[(Cause::Buffering, 1_750), (Cause::OldHttp, 0)]), "Buffering, and more.");
        let text = explanation(&Finding { cause: Cause::Buffering, measure: 1_750 });
        assert!(text.starts_with("Events were up to 1.7 s late"), "{text}");
    }
}
