//! `quaylight check-config`, and settings that are refused or named at start.

use crate::{process::commands::run, support::Program};
use std::process::Command;

#[test]
fn settings_are_told_with_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quaylight.toml");
    std::fs::write(&file, "refresh-interval = \"5s\"\nlog = \"warn\"\n").unwrap();
    let arguments = ["check-config", "--config", file.to_str().unwrap()];
    let said = run(folder.path(), &arguments, "");
    let line = |name: &str| said.stdout.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(said.status.success(), "{said:?}");
    assert!(line("refresh-interval").contains("file") && line("refresh-interval").ends_with("5s"));
    assert!(line("data-dir").contains("flag") && line("stats-interval").contains("default"));
    std::fs::write(&file, "listen = \"0.0.0.0:3000\"\n").unwrap();
    let open = run(folder.path(), &arguments, "");
    assert!(open.status.code() == Some(1) && open.stdout.contains("--insecure-no-auth"), "{open:?}");
    std::fs::write(&file, "listne = \"x\"\n").unwrap();
    let wrong = run(folder.path(), &arguments, "");
    assert!(wrong.status.code() == Some(2) && wrong.stderr.contains("is listen meant?"), "{wrong:?}");
}

/// A mistyped variable, and headers that any client may send.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_would_be_ignored_or_let_anybody_in_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data-dir", folder.path().to_str().unwrap()];
    let variables = [("QUAYLIGHT_LISTN", "127.0.0.1:1"), ("QUAYLIGHT_LOG", "info")];
    let checked = Program::start(&[&["check-config", "--listen", "127.0.0.1:0"], data.as_slice()].concat(), &variables)
        .ended()
        .await;
    assert!(
        checked.status.success()
            && checked.stdout.contains("QUAYLIGHT_LISTN is not a setting; is QUAYLIGHT_LISTEN meant?"),
        "{checked:?}"
    );
    let arguments = [&["--engine", "demo:quiet:1", "--listen", "127.0.0.1:0"], data.as_slice()].concat();
    let mut started = Program::start(&arguments, &variables);
    started.address().await;
    started.signal("TERM");
    let said = started.ended().await;
    let warned: Vec<_> = said.stderr.lines().filter(|line| line.contains("QUAYLIGHT_LISTN")).collect();
    assert!(warned.len() == 1 && warned[0].contains("WARN"), "{said:?}");
    for header in ["Cookie", "Authorization", "Host", "Connection", "X-Forwarded-For", "x-forwarded-proto"] {
        let wrong = [&["--trusted-proxy", "127.0.0.1", "--proxy-user-header", header], data.as_slice()].concat();
        for command in [vec![], vec!["check-config"]] {
            let said = Program::start(&[command.as_slice(), &wrong].concat(), &[]).ended().await;
            assert!(said.status.code() == Some(2) && said.stderr.contains("--proxy-user-header"), "{said:?}");
        }
    }
}

#[test]
fn check_config_reads_the_files_for_tls() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = folder.path().join("certificates");
    let arguments = ["check-config", "--listen", "127.0.0.1:0", "--engine", "https://127.0.0.1:1", "--data-dir"];
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quaylight"));
        command.env_clear().env("DOCKER_CERT_PATH", &certificates).args(arguments).arg(folder.path());
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
fn check_config_tries_what_the_server_would() {
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
    let said = run(folder.path(), &[any_port.as_slice(), &oidc].concat(), "");
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(
        said.stdout.contains(&format!("Error: openid: cannot read --oidc-client-secret-file {missing}")),
        "{said:?}"
    );
    assert!(!said.stdout.contains("All settings are valid"), "{said:?}");
    std::fs::write(missing, "secret\n").unwrap();
    let said = run(folder.path(), &[any_port.as_slice(), &oidc].concat(), "");
    assert!(said.status.success() && said.stdout.contains("All settings are valid"), "{said:?}");

    let said = run(folder.path(), &[any_port.as_slice(), &["--proxy-user-header", "Remote-User"]].concat(), "");
    assert!(said.status.code() == Some(1) && said.stdout.contains("--trusted-proxy"), "{said:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut closing = taken.try_clone().unwrap();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = closing.accept() {
            drop((stream, &mut closing));
        }
    });
    let said = run(folder.path(), &["check-config", "--listen", &address], "");
    assert!(
        said.status.code() == Some(1) && said.stdout.contains(&format!("{address} is in use by another program")),
        "{said:?}"
    );
    std::fs::write(folder.path().join("users.toml"), "nonsense").unwrap();
    let said = run(folder.path(), &any_port, "");
    assert!(said.status.code() == Some(1) && said.stdout.contains("users.toml"), "{said:?}");
}
