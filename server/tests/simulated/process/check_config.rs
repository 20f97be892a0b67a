//! `quaylight check-config`, and settings that are refused or reported at startup.

use crate::{process::commands::run, support::Program};
use std::process::Command;

#[test]
fn check_config_lists_settings_with_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quaylight.toml");
    std::fs::write(&file, "refresh-interval = \"5s\"\nlog = \"warn\"\n").unwrap();
    let arguments = ["check-config", "--config", file.to_str().unwrap()];
    let output = run(folder.path(), &arguments, "");
    let line = |name: &str| output.stdout.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(output.status.success(), "{output:?}");
    assert!(line("refresh-interval").contains("file") && line("refresh-interval").ends_with("5s"));
    assert!(line("data-dir").contains("flag") && line("stats-interval").contains("default"));
    std::fs::write(&file, "listen = \"0.0.0.0:3000\"\n").unwrap();
    let open = run(folder.path(), &arguments, "");
    assert!(open.status.code() == Some(1) && open.stdout.contains("--insecure-no-auth"), "{open:?}");
    std::fs::write(&file, "listne = \"x\"\n").unwrap();
    let wrong = run(folder.path(), &arguments, "");
    assert!(wrong.status.code() == Some(2) && wrong.stderr.contains("did you mean listen?"), "{wrong:?}");
}

/// A mistyped variable, and headers that any client can send.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_config_reports_ignored_and_insecure_settings() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data-dir", folder.path().to_str().unwrap()];
    let variables = [("QUAYLIGHT_LISTN", "127.0.0.1:1"), ("QUAYLIGHT_LOG", "info")];
    let checked = Program::start(&[&["check-config", "--listen", "127.0.0.1:0"], data.as_slice()].concat(), &variables)
        .ended()
        .await;
    assert!(
        checked.status.success()
            && checked.stdout.contains("QUAYLIGHT_LISTN is not a setting; did you mean QUAYLIGHT_LISTEN?"),
        "{checked:?}"
    );
    let arguments = [&["--engine", "demo:quiet:1", "--listen", "127.0.0.1:0"], data.as_slice()].concat();
    let mut started = Program::start(&arguments, &variables);
    started.address().await;
    started.signal("TERM");
    let output = started.ended().await;
    let warned: Vec<_> = output.stderr.lines().filter(|line| line.contains("QUAYLIGHT_LISTN")).collect();
    assert!(warned.len() == 1 && warned[0].contains("WARN"), "{output:?}");
    for header in ["Cookie", "Authorization", "Host", "Connection", "X-Forwarded-For", "x-forwarded-proto"] {
        let wrong = [&["--trusted-proxy", "127.0.0.1", "--proxy-user-header", header], data.as_slice()].concat();
        for command in [vec![], vec!["check-config"]] {
            let output = Program::start(&[command.as_slice(), &wrong].concat(), &[]).ended().await;
            assert!(output.status.code() == Some(2) && output.stderr.contains("--proxy-user-header"), "{output:?}");
        }
    }
}

#[test]
fn check_config_reads_the_tls_files() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = folder.path().join("certificates");
    let arguments = ["check-config", "--listen", "127.0.0.1:0", "--engine", "auto", "--data-dir"];
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quaylight"));
        command.env_clear().env("DOCKER_CERT_PATH", &certificates).env("DOCKER_HOST", "https://127.0.0.1:1");
        command.args(arguments).arg(folder.path());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = check();
    let missing = certificates.join("ca.pem");
    assert!(
        code == Some(1) && text.contains(&format!("Error: certificates: cannot read {}", missing.display())),
        "{text}"
    );
}

#[test]
fn check_config_reads_the_token_for_another_quaylight() {
    let folder = tempfile::tempdir().unwrap();
    let [file, token] = ["quaylight.toml", "web.token"].map(|name| folder.path().join(name));
    let text = "[[engine]]\nname = \"web\"\naddress = \"https://web.example.org\"\ntoken-file = \"web.token\"\n";
    std::fs::write(&file, text).unwrap();
    let arguments = ["check-config", "--config", file.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let checked = || run(folder.path(), &arguments, "");
    let missing = checked();
    assert!(!missing.status.success() && missing.stdout.contains("web.token cannot be read"), "{missing:?}");
    for (mode, is_valid) in [(0o644, false), (0o600, true)] {
        std::fs::write(&token, "quay_1\n").unwrap();
        std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let output = checked();
        assert_eq!(output.status.success(), is_valid, "{mode:o}: {output:?}");
        assert_eq!(output.stdout.contains("chmod 600"), !is_valid, "{output:?}");
    }
}

#[test]
fn check_config_tries_the_startup_steps() {
    let folder = tempfile::tempdir().unwrap();
    let any_port = ["check-config", "--listen", "127.0.0.1:0"];
    let missing = folder.path().join("no-secret");
    let missing = missing.to_str().unwrap();
    let oidc = [
        "--oidc-issuer",
        "https://auth.example.org",
        "--oidc-client-id",
        "quay",
        "--public-url",
        "https://quay.example.org",
        "--oidc-client-secret-file",
        missing,
    ];
    let output = run(folder.path(), &[any_port.as_slice(), &oidc].concat(), "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        output.stdout.contains(&format!("Error: openid: cannot read --oidc-client-secret-file {missing}")),
        "{output:?}"
    );
    assert!(!output.stdout.contains("All settings are valid"), "{output:?}");
    std::fs::write(missing, "secret\n").unwrap();
    let output = run(folder.path(), &[any_port.as_slice(), &oidc].concat(), "");
    assert!(output.status.success() && output.stdout.contains("All settings are valid"), "{output:?}");

    let output = run(folder.path(), &[any_port.as_slice(), &["--proxy-user-header", "Remote-User"]].concat(), "");
    assert!(output.status.code() == Some(1) && output.stdout.contains("--trusted-proxy"), "{output:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut closing = taken.try_clone().unwrap();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = closing.accept() {
            drop((stream, &mut closing));
        }
    });
    let output = run(folder.path(), &["check-config", "--listen", &address], "");
    assert!(
        output.status.code() == Some(1) && output.stdout.contains(&format!("{address} is in use by another program")),
        "{output:?}"
    );
    std::fs::write(folder.path().join("users.toml"), "invalid").unwrap();
    let output = run(folder.path(), &any_port, "");
    assert!(output.status.code() == Some(1) && output.stdout.contains("users.toml"), "{output:?}");
}

#[test]
fn engines_that_cannot_be_watched_together_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quaylight.toml");
    let arguments = ["check-config", "--config", file.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let checked = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(folder.path(), &arguments, "")
    };
    let entry = |name: &str, more: &str| format!("[[engine]]\nname = \"{name}\"\naddress = \"demo:quiet:1\"\n{more}");
    let valid = checked(&[entry("web-1", "labels = { site = \"ams\" }\n"), entry("web-2", "")].concat());
    assert!(valid.status.success(), "{valid:?}");
    for (text, words) in [
        ([entry("web", ""), entry("web", "")].concat(), "two engines have the name web"),
        (entry("Web", ""), "engine \"Web\": an engine name"),
        (entry("web", "lables = {}\n"), "engine \"web\": unknown field `lables`"),
        (entry("web", "").replace("demo:quiet:1", "npipe://web"), "engine \"web\": expected"),
    ] {
        let wrong = checked(&text);
        let printed = format!("{}{}", wrong.stdout, wrong.stderr);
        assert!(!wrong.status.success() && printed.contains(words), "{words}: {wrong:?}");
    }
}
