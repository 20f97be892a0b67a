#![allow(clippy::unwrap_used, reason = "a test that cannot write its own files has failed")]
use super::*;
use std::fs;

fn line(arguments: &[&str]) -> String {
    let arguments = ["quaylight"].iter().chain(arguments).map(Into::into).collect();
    Cli::read(arguments).unwrap_err().line()
}

#[test]
fn a_missing_required_setting_is_named() {
    for (arguments, words) in [
        (
            vec!["--proxy-user-header", "Remote-User"],
            vec!["--proxy-user-header", "--trusted-proxy", "QUAYLIGHT_TRUSTED_PROXY"],
        ),
        (
            vec!["--proxy-groups-header", "Remote-Groups", "--trusted-proxy", "127.0.0.1"],
            vec!["--proxy-groups-header", "--proxy-user-header"],
        ),
        (
            vec!["--oidc-issuer", "https://auth.example.org"],
            vec!["--oidc-issuer", "--oidc-client-id", "--public-url", "QUAYLIGHT_PUBLIC_URL"],
        ),
        (
            vec!["--oidc-issuer", "https://auth.example.org", "--oidc-client-id", "quay"],
            vec!["--oidc-issuer", "--public-url"],
        ),
        (vec!["user", "add"], vec!["<NAME>"]),
        (vec!["user", "role", "ada"], vec!["<ROLE>"]),
        (vec!["--stats-source", "kernel"], vec!["kernel", "auto, files, api"]),
    ] {
        let line = line(&arguments);
        assert!(words.iter().all(|word| line.contains(word)) && !line.contains('\n'), "{arguments:?}: {line}");
    }
    let both = line(&["--oidc-issuer", "https://auth.example.org", "--oidc-client-id", "quay"]);
    assert!(!both.contains("--oidc-client-id"), "what is there is not missing: {both}");
}

#[test]
fn an_error_names_the_file_that_has_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quaylight.toml");
    fs::write(&file, "proxy-user-header = 'Remote-User'\n").unwrap();
    let path = file.to_str().unwrap();
    let error = line(&["--config", path]);
    assert!(error.starts_with(path) && error.contains("--trusted-proxy"), "{error}");
    fs::write(&file, "stats-interval = '5s'\n").unwrap();
    let error = line(&["--config", path, "--proxy-user-header", "Remote-User"]);
    assert!(error.starts_with("--proxy-user-header"), "{error}");
}

const UNIT: &str = "[Service]\nUser=quaylight\nExecStart=/usr/bin/quaylight --stats-interval 5s\n\
                    Environment=QUAYLIGHT_REFRESH_INTERVAL=7s QUAYLIGHT_ALLOW_ACTIONS=yes\n";

fn machine() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("etc/quaylight/quaylight.toml", "listen = '127.0.0.1:4001'\nrefresh-interval = '9s'\nlog = 'warn'\n"),
        ("lib/systemd/system/quaylight.service", UNIT),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn read_on(root: &Path, arguments: &[&str]) -> Cli {
    let arguments = ["quaylight"].iter().chain(arguments).map(Into::into).collect();
    Cli::read_on(arguments, root).unwrap().0
}

#[test]
fn checking_commands_read_the_settings_of_the_service() {
    let root = machine();
    for command in ["doctor", "check-config"] {
        let cli = read_on(root.path(), &[command, "--log", "debug"]);
        let config = &cli.config;
        assert_eq!(read_on(root.path(), &["--log", "debug", command]).config.listen, config.listen);
        assert_eq!((config.listen.port(), config.log.as_str(), config.allow_actions), (4001, "debug", true));
        assert_eq!(
            (config.stats_interval.as_secs(), config.refresh_interval.as_secs()),
            (5, 7),
            "the unit wins over the file"
        );
        let installed = cli.installed.unwrap();
        assert_eq!(installed.service.unwrap().user.as_deref(), Some("quaylight"));
        assert_eq!(config.file, installed.file);
    }
    // The server itself, and a command with another file, do not read it.
    let other = root.path().join("other.toml");
    fs::write(&other, "log = 'error'\n").unwrap();
    let named = read_on(root.path(), &["doctor", "--config", other.to_str().unwrap()]);
    assert_eq!(
        (named.config.listen.port(), named.config.log.as_str(), named.installed.is_none()),
        (3000, "error", true)
    );
    let server = read_on(root.path(), &[]);
    assert_eq!((server.config.listen.port(), server.installed.is_none()), (3000, true));
    // The service's own file, given by name.
    let own = root.path().join("etc/quaylight/quaylight.toml");
    assert_eq!(read_on(root.path(), &["doctor", "--config", own.to_str().unwrap()]).config.stats_interval.as_secs(), 5);
    let empty = tempfile::tempdir().unwrap();
    assert!(read_on(empty.path(), &["doctor"]).installed.is_none());
}

#[test]
fn user_commands_use_the_data_folder_of_the_service() {
    // Root; the tests may run as another user.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let root = machine();
    let folder = |arguments: &[&str]| read_on(root.path(), arguments).config.data_dir;
    assert_eq!(folder(&["user", "list"]), None, "neither unit nor file names one");
    let file = root.path().join("etc/quaylight/quaylight.toml");
    fs::write(&file, "data-dir = '/srv/file'\n").unwrap();
    assert_eq!(folder(&["user", "list"]), Some("/srv/file".into()));
    let drop_in = root.path().join("etc/systemd/system/quaylight.service.d/data.conf");
    fs::create_dir_all(drop_in.parent().unwrap()).unwrap();
    fs::write(&drop_in, "[Service]\nEnvironment=QUAYLIGHT_DATA_DIR=/srv/unit\n").unwrap();
    for command in [["user", "list"], ["token", "list"], ["sessions", "list"]] {
        assert_eq!(folder(&command), Some("/srv/unit".into()), "{command:?}");
        assert!(read_on(root.path(), &command).installed.is_some());
    }
    assert_eq!(folder(&["user", "list", "--data-dir", "/srv/named"]), Some("/srv/named".into()));
    let other = root.path().join("other.toml");
    fs::write(&other, "data-dir = '/srv/other'\n").unwrap();
    assert_eq!(folder(&["user", "list", "--config", other.to_str().unwrap()]), Some("/srv/other".into()));
    // The server itself is started by the unit, or for another folder.
    assert_eq!(folder(&[]), None);
}

#[test]
fn help_of_checking_commands_lists_the_server_flags() {
    for command in ["doctor", "check-config"] {
        for help in ["--help", "-h"] {
            let error = Cli::read(vec!["quaylight".into(), command.into(), help.into()]).unwrap_err();
            let text = error.to_string();
            let begin = if command == "doctor" { "Check the requirements" } else { "Check the settings" };
            assert!(text.starts_with(begin), "{command} {help}: {text}");
            for flag in ["--engine", "--config", "--trusted-proxy", "--oidc-issuer", "--listen", "--data-dir"] {
                assert!(text.contains(flag), "{command} {help}: {flag} in {text}");
            }
        }
    }
}

#[test]
fn the_command_line_definition_is_valid() {
    Cli::command().debug_assert();
}

#[test]
fn the_base_path_comes_from_base_path_or_public_url() {
    let access = |arguments: &[&str]| {
        let arguments = ["quaylight"].iter().chain(arguments).map(Into::into).collect();
        Cli::read(arguments).map(|(cli, _)| cli.config.access)
    };
    for (arguments, base, address, origin) in [
        (vec![], "", None, None),
        (vec!["--base-path", "/"], "", None, None),
        (vec!["--base-path", "/quaylight/"], "/quaylight", None, None),
        (vec!["--public-url", "https://x.org/quay/"], "/quay", Some("https://x.org/quay"), Some("https://x.org")),
        (
            vec!["--public-url", "https://x.org", "--base-path", "quay"],
            "/quay",
            Some("https://x.org/quay"),
            Some("https://x.org"),
        ),
    ] {
        let access = access(&arguments).unwrap();
        assert_eq!((access.base(), access.public_address().as_deref()), (base, address), "{arguments:?}");
        assert_eq!(access.origins().first().map(String::as_str), origin, "{arguments:?}");
    }
    let two = access(&["--public-url", "https://x.org/a", "--base-path", "/b"]).unwrap_err().line();
    assert!(two.contains("--base-path") && two.contains("--public-url"), "{two}");
}
