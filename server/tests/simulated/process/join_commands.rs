//! `quaylight engine invite`, `revoke` and `list`, and the checks of the settings of joining.

use super::commands::run;
use std::{fs, os::unix::fs::PermissionsExt as _};

#[test]
fn servers_are_invited_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let public = ["--public-url", "https://quay.example.org/below"];
    let invited = run(folder, &[&public[..], &["engine", "invite", "web-3", "--lifetime", "2h"]].concat(), "");
    assert!(invited.status.success(), "{invited:?}");
    let token = invited.stdout.strip_suffix('\n').unwrap();
    assert!(token.starts_with("quay_invitation_") && !token.contains('\n'), "{invited:?}");
    assert!(
        invited.stderr.contains("quaylight --join https://quay.example.org/below --join-token-file"),
        "{invited:?}"
    );
    let file = fs::read_to_string(folder.join("joins.toml")).unwrap();
    assert!(file.contains("web-3") && !file.contains(token), "{file}");
    assert!(run(folder, &["engine", "list"], "").stdout.starts_with("web-3\tinvited until "));
    let hosts = run(folder, &["--allowed-hosts", "quay.lan", "engine", "invite", "web-4"], "");
    assert!(hosts.stderr.contains("--join https://quay.lan "), "{hosts:?}");
    let revoked = run(folder, &["engine", "revoke", "web-3"], "");
    assert!(revoked.status.success() && revoked.stdout.contains("Revoked the key of web-3"), "{revoked:?}");
    assert_eq!(run(folder, &["engine", "list"], "").stdout.lines().count(), 1);
    for (arguments, code, words) in [
        (vec!["engine", "revoke", "web-3"], 1, "no server has joined or was invited as web-3"),
        (vec!["--engine", "web-5=unix:///a", "engine", "invite", "web-5"], 1, "another engine of the settings"),
        (vec!["engine", "invite", "Web"], 2, "an engine name is"),
    ] {
        let output = run(folder, &arguments, "");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(output.stderr.contains(words), "{output:?}");
    }
    // With an entry in the settings, it is no other engine.
    let named = run(folder, &["--engine", "web-5=join", "engine", "invite", "web-5"], "");
    assert!(named.status.success(), "{named:?}");
}

#[test]
fn settings_of_joining_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, token) = (folder.path(), folder.path().join("join.token"));
    let engine = ["check-config", "--engine", "demo", "--listen", "127.0.0.1:0"];
    let check = |more: &[&str]| run(folder, &[&engine[..], more].concat(), "");
    let join = ["--join", "https://quay.example.org"];
    let file = ["--join-token-file", token.to_str().unwrap()];
    let missing = check(&join);
    assert!(missing.stdout.contains("there is no key for https://quay.example.org yet"), "{missing:?}");
    assert_eq!(missing.status.code(), Some(1));
    assert!(check(&[&join[..], &file].concat()).stdout.contains("cannot be read"));
    fs::write(&token, "quay_invitation_00\n").unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(check(&[&join[..], &file].concat()).stdout.contains("chmod 600"));
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
    let right = check(&[&join[..], &file].concat());
    assert!(right.stdout.contains("with the token for the first connection"), "{right:?}");
    let alone = check(&["--join-role", "admin"]);
    assert!(alone.stdout.contains("--join-role (QUAYLIGHT_JOIN_ROLE) needs --join"), "{alone:?}");
    let hub = check(&["--engine", "join"]);
    assert!(!hub.stdout.contains("Error: engine"), "{hub:?}");
}
