//! `quaylight user`, `token`, `check-config` and `doctor`, as typed by a user.

use crate::support::{Filter, Program, ProgramOutput, quay};
use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

/// Runs the program with `typed` as its standard input.
pub(crate) fn run(folder: &Path, arguments: &[&str], typed: &str) -> ProgramOutput {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quaylight"));
    command.env_clear().args(arguments).args(["--data-dir", folder.to_str().unwrap()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Commands without a password prompt do not read it.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    ProgramOutput { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn users_are_added_changed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let added = run(folder, &["user", "add", "ada", "--role", "operator", "--label", "team=web"], "correct horse\n");
    assert!(
        added.status.success() && added.stdout.contains("Added ada as operator, with access to team=web"),
        "{added:?}"
    );
    assert_eq!(run(folder, &["user", "list"], "").stdout, "ada\toperator, with access to team=web\n");
    let file = std::fs::read_to_string(folder.join("users.toml")).unwrap();
    assert!(file.contains("$argon2id$") && !file.contains("correct horse"));
    // Changing a role keeps the labels, and says so.
    let changed = run(folder, &["user", "role", "ada", "admin"], "");
    assert!(
        changed.stdout.contains("ada is now admin, with access to team=web as before (--all-containers"),
        "{changed:?}"
    );
    assert_eq!(run(folder, &["user", "list"], "").stdout, "ada\tadmin, with access to team=web\n");
    let same = run(folder, &["user", "role", "ada", "admin"], "");
    assert!(same.stdout.contains("nothing has changed"), "{same:?}");
    run(folder, &["user", "role", "ada", "viewer", "--label", "team=db", "--label", "tier"], "");
    assert_eq!(run(folder, &["user", "list"], "").stdout, "ada\tviewer, with access to team=db or tier\n");
    let both = run(folder, &["user", "role", "ada", "viewer", "--label", "team=db", "--all-containers"], "");
    assert_eq!(both.status.code(), Some(2), "{both:?}");
    let widened = run(folder, &["user", "role", "ada", "admin", "--all-containers"], "");
    assert!(widened.stdout.contains("with access to every container"), "{widened:?}");
    assert_eq!(run(folder, &["user", "list"], "").stdout, "ada\tadmin\n");
    assert!(run(folder, &["user", "password", "ada"], "another horse\n").status.success());
    for (arguments, typed, words) in [
        (vec!["user", "add", "ada"], "correct horse\n", "the user ada exists already"),
        (vec!["user", "add", "a b"], "correct horse\n", "not a valid name"),
        (vec!["user", "add", "bob"], "short\n", "10 to 512"),
        (vec!["user", "add", "bob"], "", "10 to 512"),
        (vec!["user", "remove", "bob"], "", "there is no user bob"),
    ] {
        let output = run(folder, &arguments, typed);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stderr.contains(words) && output.stderr.lines().count() == 1, "{output:?}");
    }
    assert!(run(folder, &["user", "remove", "ada"], "").status.success());
    assert_eq!(run(folder, &["user", "list"], "").stdout, "");
}

#[test]
fn ended_sessions_are_not_counted_again_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let none = run(folder.path(), &["sessions", "end", "--all"], "");
    assert!(none.status.success() && none.stdout.starts_with("0 sessions ended, in "), "{none:?}");
}

#[test]
fn a_data_folder_that_does_not_exist_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nope");
    for words in [
        vec!["user", "list"],
        vec!["user", "remove", "ada"],
        vec!["token", "list"],
        vec!["sessions", "list"],
        vec!["sessions", "end", "--all"],
    ] {
        let output = run(&missing, &words, "");
        assert_eq!((output.status.code(), output.stdout.as_str()), (Some(1), ""), "{words:?}: {output:?}");
        assert!(output.stderr.contains("there is no folder") && output.stderr.contains("--data-dir"), "{output:?}");
        assert!(!missing.exists());
        // An empty folder is that of a server without users.
        if words[1] == "list" {
            assert_eq!(run(folder.path(), &words, "").status.code(), Some(0), "{words:?}");
        }
    }
}

#[test]
fn a_token_is_shown_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let added = run(folder, &["token", "add", "prometheus", "--lifetime", "90days"], "");
    let token = added.stdout.trim();
    assert!(token.starts_with("quay_") && token.len() == 69, "{added:?}");
    assert!(!std::fs::read_to_string(folder.join("users.toml")).unwrap().contains(token));
    let list = run(folder, &["token", "list"], "").stdout;
    assert!(list.starts_with("prometheus\tviewer, until 20") && list.ends_with("Z\n"), "{list}");
    assert!(run(folder, &["token", "remove", "prometheus"], "").status.success());
}

#[test]
fn a_token_keeps_its_labels_when_its_role_changes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, &["token", "add", "deploy", "--label", "team=web"], "");
    let changed = run(folder, &["token", "role", "deploy", "operator"], "");
    assert!(changed.stdout.contains("deploy is now operator, with access to team=web as before"), "{changed:?}");
    assert_eq!(run(folder, &["token", "list"], "").stdout, "deploy\toperator, with access to team=web\n");
    run(folder, &["token", "role", "deploy", "operator", "--all-containers"], "");
    assert_eq!(run(folder, &["token", "list"], "").stdout, "deploy\toperator\n");
    let unknown = run(folder, &["token", "role", "scrape", "operator"], "");
    assert!(unknown.status.code() == Some(1) && unknown.stderr.contains("there is no token scrape"), "{unknown:?}");
}

#[test]
fn an_expired_token_is_listed_as_expired() {
    let folder = tempfile::tempdir().unwrap();
    let file = server::auth::accounts::AccountsFile::in_folder(folder.path());
    let (name, role) = ("old".to_owned(), server::auth::Role::Viewer);
    let digest = server::auth::Digest::of("x");
    let token =
        server::auth::accounts::Token { name, role, labels: Vec::new(), digest, expires_at_millis: Some(1_000) };
    file.change(|accounts| accounts.add_token(token)).unwrap();
    let list = run(folder.path(), &["token", "list"], "").stdout;
    assert_eq!(list, "old\tviewer, expired at 1970-01-01T00:00:01.000Z\n");
}

/// As the service's user, in whose folder root has added a user.
#[test]
fn the_service_user_can_change_users_after_root_and_others_get_advice() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    if std::os::unix::fs::chown(&data, Some(65_533), Some(65_533)).is_err() {
        return;
    }
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    // A location that a user without permissions can read.
    let program = folder.path().join("quaylight");
    std::fs::copy(env!("CARGO_BIN_EXE_quaylight"), &program).unwrap();
    let added = run(&data, &["user", "add", "ada"], "correct horse\n");
    assert!(added.status.success(), "{added:?}");
    let as_user = |id: &str, words: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", id, "--regid", id, "--clear-groups"]).arg(&program).args(words);
        let output = command.args(["--data-dir", data.to_str().unwrap()]).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(as_user("65533", &["user", "role", "ada", "admin"]), (Some(0), String::new()));
    std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let (code, stderr) = as_user("65532", &["user", "role", "ada", "admin"]);
    assert_eq!(
        (code, stderr.matches("Permission denied").count(), stderr.lines().count()),
        (Some(1), 1, 1),
        "{stderr}"
    );
    assert!(
        stderr.contains("cannot lock") && stderr.contains("run this as root, or as the user who owns that folder"),
        "{stderr}"
    );
    // An ordinary user gets suitable advice.
    let mut doctor = Command::new("setpriv");
    doctor.args(["--reuid", "65532", "--regid", "65532", "--clear-groups"]).arg(&program);
    doctor.args(["doctor", "--engine", "demo", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()]);
    let output = String::from_utf8(doctor.output().unwrap().stdout).unwrap();
    assert!(output.contains("run Quaylight as #65533, or choose a folder of your own with --data-dir"), "{output}");
    assert!(!output.contains("chown") && output.contains("of this process"), "{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_address_requires_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data-dir", folder.path().to_str().unwrap()];
    let everywhere = [&["--engine", "demo:quiet:1", "--listen", "0.0.0.0:0"], data.as_slice()].concat();
    let output = Program::start(&everywhere, &[]).ended().await;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.contains("quaylight user add") && output.stderr.contains("--insecure-no-auth"), "{output:?}");
    let mut insecure = Program::start(&[&everywhere, ["--insecure-no-auth"].as_slice()].concat(), &[]);
    insecure.address().await;
    run(folder.path(), &["user", "add", "ada"], "correct horse\n");
    let mut guarded = Program::start(&everywhere, &[]);
    guarded.address().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_reports_findings_and_advice() {
    let folder = tempfile::tempdir().unwrap();
    let quay = quay("quiet:3", &[]).await;
    let endpoint = quay.simulator.endpoint();
    let arguments = ["doctor", "--engine", &endpoint];
    let output = tokio::task::block_in_place(|| run(folder.path(), &arguments, ""));
    assert!(output.status.success(), "{output:?}");
    for words in ["ok    engine", "ok    list         3 containers", "GET    /events", "CONTAINERS=1"] {
        assert!(output.stdout.contains(words), "{words}: {}", output.stdout);
    }
    assert!(!output.stdout.contains("POST"), "{}", output.stdout);
    let missing = ["doctor", "--engine", "unix:///nowhere/docker.sock", "--allow-actions"];
    let output = tokio::task::block_in_place(|| run(folder.path(), &missing, ""));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        output.stdout.contains("error engine")
            && output.stdout.contains("--engine")
            && output.stdout.contains("POST=1"),
        "{output:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_reports_actions_that_a_socket_proxy_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let quay = quay("quiet:3", &[]).await;
    let reading = ["PING", "VERSION", "INFO", "EVENTS", "CONTAINERS", "IMAGES"];
    for (switches, line) in [
        (reading.to_vec(), "note  call         POST /containers/{}/start: "),
        ([&reading[..], &["ALLOW_START"]].concat(), "note  call         POST /containers/{}/pause: "),
        ([&reading[..], &["POST"]].concat(), "ok    call         POST /containers/{}/pause\n"),
    ] {
        let filter = Filter::start(&quay.simulator.endpoint(), &switches);
        let arguments = ["doctor", "--allow-actions", "--engine", &filter.endpoint()];
        let output = tokio::task::block_in_place(|| run(folder.path(), &arguments, ""));
        assert!(output.status.success() && output.stdout.contains(line), "{line}: {output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_behind_a_proxy_requires_sign_in() {
    for leading in [
        ["--trusted-proxy", "127.0.0.1"],
        ["--allowed-hosts", "quay.example.org"],
        ["--public-url", "https://quay.example.org"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let data = ["--data-dir", folder.path().to_str().unwrap()];
        let any_port = ["--engine", "demo:quiet:1", "--listen", "127.0.0.1:0"];
        let all = [any_port.as_slice(), &data, &leading].concat();
        let output = Program::start(&all, &[]).ended().await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        for words in [leading[0], "quaylight user add", "--insecure-no-auth"] {
            assert!(output.stderr.contains(words) && output.stderr.lines().count() == 1, "{words}: {output:?}");
        }
        for command in ["doctor", "check-config"] {
            let output = tokio::task::block_in_place(|| {
                run(
                    folder.path(),
                    &[&[command, "--engine", "demo", "--listen", "127.0.0.1:0"], leading.as_slice()].concat(),
                    "",
                )
            });
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let judged = if command == "doctor" { "error listen" } else { "Error: listen" };
            assert!(output.stdout.contains(judged) && output.stdout.contains("quaylight user add"), "{output:?}");
        }
        let mut insecure = Program::start(&[all.as_slice(), &["--insecure-no-auth"]].concat(), &[]);
        insecure.address().await;
        insecure.signal("TERM");
        let output = insecure.ended().await;
        assert_eq!(output.stderr.matches("--insecure-no-auth").count(), 1, "one warning: {output:?}");
        run(folder.path(), &["user", "add", "ada"], "correct horse\n");
        Program::start(&all, &[]).address().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_network_that_is_too_wide_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let own = ["--engine", "demo:quiet:1", "--listen", "127.0.0.1:0", "--data-dir", folder.path().to_str().unwrap()];
    for wide in ["0.0.0.0/0", "::/0", "0.0.0.0/1,128.0.0.0/1", "10.0.0.1,0.0.0.0/0"] {
        let proxy_flags = ["--trusted-proxy", wide, "--proxy-user-header", "Remote-User"];
        for more in [[].as_slice(), &["--insecure-no-auth"]] {
            let output = Program::start(&[own.as_slice(), &proxy_flags, more].concat(), &[]).ended().await;
            assert_eq!(output.status.code(), Some(1), "{wide}: {output:?}");
            assert!(output.stderr.contains("--trusted-proxy") && output.stderr.contains("127.0.0.1"), "{output:?}");
        }
    }
    run(folder.path(), &["user", "add", "ada"], "correct horse\n");
    let mut warned = Program::start(&[own.as_slice(), &["--trusted-proxy", "0.0.0.0/0"]].concat(), &[]);
    warned.address().await;
    warned.signal("TERM");
    let output = warned.ended().await;
    assert!(output.stderr.contains("WARN") && output.stderr.contains("0.0.0.0/0"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_stdout_ends_a_command_silently() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["user", "add", "ada"], "correct horse\n");
    for arguments in [
        vec!["check-config"],
        vec!["doctor", "--engine", "demo"],
        vec!["user", "list"],
        vec!["token", "add", "a"],
        vec!["--help"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quaylight"));
        command.env_clear().args(&arguments).args(["--data-dir", folder.path().to_str().unwrap()]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // As `head` does when it has enough.
        drop(child.stdout.take());
        let output = tokio::task::block_in_place(|| child.wait_with_output()).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((stderr.as_str(), output.status.code()), ("", Some(0)), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_stderr_does_not_stop_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quaylight"));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    command.env_clear().args(["--engine", "demo:quiet:1", "--log", "debug", "--listen", &port.to_string()]);
    command.args(["--data-dir", folder.path().to_str().unwrap()]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    crate::support::eventually("it serves", async || {
        tokio::net::TcpStream::connect(port).await.is_ok() && crate::support::get(port, "/readyz").await.status == 200
    })
    .await;
    assert!(child.try_wait().unwrap().is_none());
    let _ = (child.kill(), child.wait());
}
