//! `quaylight user`, `token`, `check-config` and `doctor`, as a person types them.

use crate::support::{Program, Said, quay};
use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

/// What it says, with `typed` at its standard input.
fn run(folder: &Path, arguments: &[&str], typed: &str) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quaylight"));
    command.env_clear().args(arguments).args(["--data-dir", folder.to_str().unwrap()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever does not ask for a password does not read it.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn users_are_added_changed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let added = run(folder, &["user", "add", "ada", "--role", "operator", "--label", "team=web"], "correct horse\n");
    assert!(added.status.success() && added.stdout.contains("Added ada, operator, who sees team=web"), "{added:?}");
    assert_eq!(run(folder, &["user", "list"], "").stdout, "ada\toperator, who sees team=web\n");
    let file = std::fs::read_to_string(folder.join("users.toml")).unwrap();
    assert!(file.contains("$argon2id$") && !file.contains("correct horse"));
    assert!(run(folder, &["user", "role", "ada", "admin"], "").status.success());
    assert_eq!(run(folder, &["user", "list"], "").stdout, "ada\tadmin\n");
    assert!(run(folder, &["user", "password", "ada"], "another horse\n").status.success());
    for (arguments, typed, words) in [
        (vec!["user", "add", "ada"], "correct horse\n", "already one named ada"),
        (vec!["user", "add", "a b"], "correct horse\n", "no name"),
        (vec!["user", "add", "bob"], "short\n", "10 to 512"),
        (vec!["user", "add", "bob"], "", "10 to 512"),
        (vec!["user", "remove", "bob"], "", "none named bob"),
    ] {
        let said = run(folder, &arguments, typed);
        assert_eq!(said.status.code(), Some(1), "{said:?}");
        assert!(said.stderr.contains(words) && said.stderr.lines().count() == 1, "{said:?}");
    }
    assert!(run(folder, &["user", "remove", "ada"], "").status.success());
    assert_eq!(run(folder, &["user", "list"], "").stdout, "");
}

#[test]
fn a_token_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let added = run(folder, &["token", "add", "prometheus", "--lifetime", "90days"], "");
    let token = added.stdout.trim();
    assert!(token.starts_with("quay_") && token.len() == 69, "{added:?}");
    assert!(!std::fs::read_to_string(folder.join("users.toml")).unwrap().contains(token));
    assert_eq!(run(folder, &["token", "list"], "").stdout, "prometheus\tviewer\n");
    assert!(run(folder, &["token", "remove", "prometheus"], "").status.success());
}

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_is_not_listened_on_before_somebody_has_to_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data-dir", folder.path().to_str().unwrap()];
    let everywhere = [&["--engine", "demo:quiet:1", "--listen", "0.0.0.0:0"], data.as_slice()].concat();
    let said = Program::start(&everywhere, &[]).ended().await;
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("quaylight user add") && said.stderr.contains("--insecure-no-auth"), "{said:?}");
    let mut insecure = Program::start(&[&everywhere, ["--insecure-no-auth"].as_slice()].concat(), &[]);
    insecure.address().await;
    run(folder.path(), &["user", "add", "ada"], "correct horse\n");
    let mut guarded = Program::start(&everywhere, &[]);
    guarded.address().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_tells_what_is_there_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let quay = quay("quiet:3", &[]).await;
    let endpoint = quay.simulator.endpoint();
    let arguments = ["doctor", "--engine", &endpoint];
    let said = tokio::task::block_in_place(|| run(folder.path(), &arguments, ""));
    assert!(said.status.success(), "{said:?}");
    for words in ["ok    engine", "ok    list         3 containers", "GET    /events", "CONTAINERS=1"] {
        assert!(said.stdout.contains(words), "{words}: {}", said.stdout);
    }
    assert!(!said.stdout.contains("POST"), "{}", said.stdout);
    let missing = ["doctor", "--engine", "unix:///nowhere/docker.sock", "--allow-actions"];
    let said = tokio::task::block_in_place(|| run(folder.path(), &missing, ""));
    assert_eq!(said.status.code(), Some(1));
    assert!(
        said.stdout.contains("BAD   engine") && said.stdout.contains("--engine") && said.stdout.contains("POST=1"),
        "{said:?}"
    );
}
