//! Keys of ssh hosts and of users: unknown, changed and refused ones, agents and jump hosts.

use super::ssh::{simulator, socket};
use crate::support::{
    LOSS_TIMEOUT, Program, TEST_TIMEOUT, TestServer, eventually, get, link_of, problem_code,
    sshd::{Sshd, fingerprint, generate_key, user},
};
use app::{
    model::{EngineHop, EngineLink},
    protocol::Picture,
};
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// After a key was not accepted, a host is tried again after 5 s.
const PAUSE_TIMEOUT: Duration = Duration::from_secs(9);

fn is_up(picture: &Picture) -> bool {
    link_of(picture) == Some(EngineLink::Up)
}

fn problem(picture: &Picture) -> (String, String) {
    let error = picture.engines[0].error.as_ref().unwrap();
    (error.message.clone(), error.hint.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_host_is_trusted_by_a_command() {
    let Some(sshd) = Sshd::start("").await else { return };
    fs::remove_file(sshd.path("known_hosts")).unwrap();
    let simulator = simulator().await;
    let engine = sshd.engine(&socket(&simulator));
    let server = TestServer::start(&engine, &[]).await;
    let mut viewer = server.viewer().await;
    let unknown = |picture: &Picture| problem_code(picture) == "host_key_unknown";
    viewer.until("the host is not known", LOSS_TIMEOUT, unknown).await;
    assert_eq!(viewer.picture.engines[0].hop, Some(EngineHop::Ssh));
    let ((message, hint), key) = (problem(&viewer.picture), fingerprint(&sshd.path("host_key.pub")));
    assert!(message.contains(&key) && hint.contains("quaylight engine trust far"), "{message} {hint}");
    assert_eq!(sshd.sign_ins() + sshd.refusals(), 0, "no key is offered to an unknown host");

    let home = sshd.path("").display().to_string();
    let variables = [("HOME", home.as_str())];
    let trust = ["--engine", &engine, "engine", "trust", "far"];
    let declined = Program::start(&trust, &variables).ended().await;
    assert!(!declined.status.success() && declined.stdout.contains(&key), "{declined:?}");
    assert!(!sshd.path("known_hosts").exists());
    let trust: Vec<_> = trust.into_iter().chain(["--yes"]).collect();
    let trusted = Program::start(&trust, &variables).ended().await;
    assert!(trusted.status.success() && trusted.stdout.contains(&key), "{trusted:?}");
    viewer.until("the link is up", PAUSE_TIMEOUT, is_up).await;
    let again = Program::start(&trust, &variables).ended().await;
    assert!(again.status.success() && again.stdout.contains("already known"), "{again:?}");
    let known = fs::read_to_string(sshd.path("known_hosts")).unwrap();
    assert!(known.starts_with(&format!("[127.0.0.1]:{} ssh-ed25519 ", sshd.port)) && known.lines().count() == 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_host_key_is_refused_without_a_way_round() {
    let Some(mut sshd) = Sshd::start("").await else { return };
    let known = fingerprint(&sshd.path("host_key.pub"));
    generate_key(&sshd.path("host_key"), "");
    sshd.restart().await;
    let simulator = simulator().await;
    let engine = sshd.engine(&socket(&simulator));
    let server = TestServer::start(&engine, &[]).await;
    let mut viewer = server.viewer().await;
    let changed = |picture: &Picture| problem_code(picture) == "host_key_changed";
    viewer.until("the change is noticed", LOSS_TIMEOUT, changed).await;
    let (message, presented) = (problem(&viewer.picture).0, fingerprint(&sshd.path("host_key.pub")));
    assert!(message.contains(&known) && message.contains(&presented), "{message}");
    let before = fs::read(sshd.path("known_hosts")).unwrap();
    let home = sshd.path("").display().to_string();
    let trust = Program::start(&["--engine", &engine, "engine", "trust", "far", "--yes"], &[("HOME", &home)]);
    let refused = trust.ended().await;
    assert!(!refused.status.success() && refused.stderr.contains("has changed"), "{refused:?}");
    assert_eq!(fs::read(sshd.path("known_hosts")).unwrap(), before);
    assert_eq!(sshd.sign_ins() + sshd.refusals(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_key_is_not_offered_again_and_again() {
    let Some(sshd) = Sshd::start("").await else { return };
    let own = fingerprint(&sshd.path("id.pub"));
    let accepted = fs::read(sshd.path("authorized_keys")).unwrap();
    fs::write(sshd.path("authorized_keys"), "").unwrap();
    let simulator = simulator().await;
    let server = TestServer::start(&sshd.engine(&socket(&simulator)), &[]).await;
    let mut viewer = server.viewer().await;
    viewer.until("it is refused", LOSS_TIMEOUT, |picture| problem_code(picture) == "login_refused").await;
    assert_eq!(viewer.picture.engines[0].hop, Some(EngineHop::Auth));
    let (message, hint) = problem(&viewer.picture);
    assert!(message.contains(&own) && hint.contains("authorized_keys"), "{message} {hint}");
    // Many attempts of the watcher, but one sign-in.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(sshd.refusals(), 1, "{}", sshd.log());
    fs::write(sshd.path("authorized_keys"), accepted).unwrap();
    viewer.until("the link is up", PAUSE_TIMEOUT, is_up).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_or_missing_key_is_named() {
    let Some(sshd) = Sshd::start("").await else { return };
    let simulator = simulator().await;
    generate_key(&sshd.path("id"), "secret");
    let server = TestServer::start(&sshd.engine(&socket(&simulator)), &[]).await;
    let mut viewer = server.viewer().await;
    viewer.until("there is no key", LOSS_TIMEOUT, |picture| problem_code(picture) == "no_key").await;
    let message = problem(&viewer.picture).0;
    assert!(message.contains("id: it is encrypted"), "{message}");
    assert_eq!(viewer.picture.engines[0].hop, Some(EngineHop::Auth));
}

/// The only engine of a started program, once it is up.
async fn engine_of(program: &mut Program) -> Value {
    let (address, _) = program.address().await;
    engine_at(address).await
}

async fn engine_at(address: SocketAddr) -> Value {
    let mut engine = Value::Null;
    eventually("the engine is up", async || {
        let engines: Value = get(address, "/api/engines").await.json();
        engine = engines["engines"][0].clone();
        engine["link"] == json!("up")
    })
    .await;
    engine
}

/// Starts the program with a home folder, for an engine at `engine`.
fn start(engine: &str, home: &Path, variables: &[(&str, &str)]) -> Program {
    let data = home.join("data").display().to_string();
    let home = home.display().to_string();
    let variables: Vec<_> = variables.iter().copied().chain([("HOME", home.as_str())]).collect();
    Program::start(&["--engine", engine, "--listen", "127.0.0.1:0", "--data-dir", &data], &variables)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jump_hosts_and_the_users_configuration_are_used() {
    let (Some(jump), Some(second), Some(far)) =
        (Sshd::start("").await, Sshd::start("").await, Sshd::start("AllowTcpForwarding no").await)
    else {
        return;
    };
    let simulator = simulator().await;
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    let known: String = [&jump, &second, &far].map(|one| fs::read_to_string(one.path("known_hosts")).unwrap()).concat();
    fs::write(home.path().join(".ssh/known_hosts"), known).unwrap();
    let host = |name: &str, one: &Sshd, more: &str| {
        let (port, id, user) = (one.port, one.path("id").display().to_string(), user());
        format!("Host {name}\n  HostName 127.0.0.1\n  Port {port}\n  User {user}\n  IdentityFile {id}\n  {more}\n")
    };
    let config = host("jump", &jump, "") + &host("second", &second, "") + &host("far", &far, "ProxyJump jump,second");
    fs::write(home.path().join(".ssh/config"), config).unwrap();
    let mut program = start(&format!("ssh://far{}", socket(&simulator)), home.path(), &[]);
    let engine = engine_of(&mut program).await;
    assert!(engine["endpoint"].as_str().unwrap().starts_with("ssh://far/"), "{engine}");
    assert_eq!([&jump, &second, &far].map(Sshd::sign_ins), [1, 1, 1]);
}

/// An agent with one key; ended when dropped.
struct Agent(Child);

impl Agent {
    async fn start(socket: &Path, key: &Path) -> Self {
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-a"]).arg(socket).stdout(Stdio::null()).stderr(Stdio::null());
        let agent = Self(command.spawn().unwrap());
        eventually("the agent listens", async || socket.exists()).await;
        let mut add = Command::new("ssh-add");
        add.arg("-q").arg(key).env("SSH_AUTH_SOCK", socket).stderr(Stdio::null());
        assert!(add.status().unwrap().success());
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_of_an_agent_are_used() {
    let Some(sshd) = Sshd::start("").await else { return };
    let (simulator, home) = (simulator().await, tempfile::tempdir().unwrap());
    let socket_of_agent = home.path().join("agent");
    let _agent = Agent::start(&socket_of_agent, &sshd.path("id")).await;
    fs::create_dir(home.path().join(".ssh")).unwrap();
    fs::copy(sshd.path("known_hosts"), home.path().join(".ssh/known_hosts")).unwrap();
    let engine = format!("ssh://{}@127.0.0.1:{}{}", user(), sshd.port, socket(&simulator));
    let agent = socket_of_agent.display().to_string();
    let mut program = start(&engine, home.path(), &[("SSH_AUTH_SOCK", &agent)]);
    engine_of(&mut program).await;
    assert_eq!(sshd.sign_ins(), 1);
    // Without the agent, there is no key.
    let mut alone = start(&engine, home.path(), &[]);
    let (address, _) = alone.address().await;
    let deadline = tokio::time::Instant::now() + TEST_TIMEOUT;
    loop {
        let engines: Value = get(address, "/api/engines").await.json();
        if engines["engines"][0]["error"]["code"] == json!("no_key") {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{engines}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
