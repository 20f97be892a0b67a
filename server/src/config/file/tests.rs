#![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
use crate::config::{Cli, ConfigError};
use std::io::Write as _;

fn read(text: &str, flags: &[&str]) -> Result<Cli, ConfigError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let arguments = ["quaylight", "--config", path].iter().chain(flags).map(Into::into).collect();
    Cli::read(arguments).map(|(cli, _)| cli)
}

#[test]
fn settings_in_the_file_have_the_names_of_flags() {
    let text = "listen = '127.0.0.1:4000'\nallow-actions = true\nallowed_hosts = ['a.example', 'b.example']\ndemo-fallback = false";
    let config = read(text, &[]).unwrap().config;
    assert_eq!(config.listen.port(), 4000);
    assert!(config.allow_actions && !config.demo_fallback);
    assert_eq!(config.access.allowed_hosts, ["a.example", "b.example"]);
}

#[test]
fn a_flag_overrides_the_file() {
    let text = "stats-interval = '5s'\nrefresh-interval = '7s'\nallowed-hosts = ['a.example']";
    let config = read(text, &["--stats-interval", "1s", "--allowed-hosts", "b.example"]).unwrap().config;
    assert_eq!((config.stats_interval.as_secs(), config.refresh_interval.as_secs()), (1, 7));
    assert_eq!(config.access.allowed_hosts, ["b.example"]);
}

#[test]
fn errors_name_the_file_and_the_setting() {
    for (text, words) in [
        ("listen = 'here'", vec!["--listen", "here"]),
        ("listening = '127.0.0.1:1'", vec!["no setting listening"]),
        ("stats-intervall = '2s'", vec!["stats-intervall", "did you mean stats-interval?"]),
        ("allow-actions = 'yes'", vec!["allow-actions", "true or false"]),
        ("[server]\nlisten = 'x'", vec!["no setting server"]),
        ("listen = [1]", vec!["listen", "texts"]),
        ("listen = ", vec!["not valid TOML", "line 1"]),
        ("# a comment\nlisten = 0.0.0.0:3000 # all", vec!["line 2", "quotes", "listen = \"0.0.0.0:3000\""]),
        ("log = info", vec!["line 1", "log = \"info\""]),
        ("log = 'info'\n\ntrusted-proxy = 10.0", vec!["line 3", "trusted-proxy", "quotes"]),
        ("log = 'info'\noidc-issuer = 'https://auth.example.org'", vec!["--oidc-client-id", "--public-url"]),
        ("config = 'x'", vec!["no setting config"]),
        (
            "[[engine]]\naddress = 'auto'\noidc_issuer = 'https://auth.example.org'",
            vec!["line 3", "oidc_issuer", "above the first [[engine]]"],
        ),
    ] {
        let line = read(text, &[]).unwrap_err().line();
        assert!(words.iter().all(|word| line.contains(word)) && !line.contains('\n'), "{text}: {line}");
    }
}
