//! An engine over ssh: a real sshd in front of the simulator's socket.

use crate::{
    logs::reading::{counting, numbered, open, printer, started, texts},
    support::{
        CHANGE_TIMEOUT, Events, LOSS_TIMEOUT, Quay, RECONNECT_TIMEOUT, TEST_TIMEOUT, TestServer, get, idler, link_of,
        named, problem_code, sshd::Sshd, state_of,
    },
};
use app::{
    model::{ContainerState, EngineHop, EngineLink},
    protocol::Picture,
};
use simulator::{DaemonState, Options, Simulator, SimulatorHandle};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

/// A step of a test that needs a lost link, a pause and a new connection.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(8);

/// A simulator without containers.
pub(crate) async fn simulator() -> SimulatorHandle {
    let options = Options { scenario: "quiet:0".parse().unwrap(), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    simulator.act(|engine, now| engine.add_image("idle:1", "import", now));
    simulator
}

/// Path of its socket.
pub(crate) fn socket(simulator: &SimulatorHandle) -> String {
    simulator.endpoint().strip_prefix("unix://").unwrap().to_owned()
}

/// A server that watches a simulator through an sshd with these options; `None` without sshd.
pub(crate) async fn far(options: &str) -> Option<(Sshd, Quay)> {
    let sshd = Sshd::start(options).await?;
    let simulator = simulator().await;
    let server = TestServer::start(&sshd.engine(&socket(&simulator)), &["--stats-interval", "500ms"]).await;
    server.until_ready().await;
    Some((sshd, Quay { simulator, server }))
}

pub(crate) fn is_up(picture: &Picture) -> bool {
    link_of(picture) == Some(EngineLink::Up)
}

fn hop(picture: &Picture) -> Option<EngineHop> {
    picture.engines.first().and_then(|engine| engine.hop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_through_one_connection() {
    let Some((sshd, quay)) = far("MaxSessions 2").await else { return };
    let mut viewer = quay.server.viewer().await;
    let mut logs = Vec::new();
    for number in 0..5 {
        let id = started(&quay, printer(&format!("talker-{number}"), counting(12, 50))).await;
        logs.push(open(&quay, id, "", None).await);
    }
    let is_sampled = |picture: &Picture| {
        picture.containers.len() == 5
            && picture.containers.keys().all(|key| picture.stats.get(key).is_some_and(|sample| sample.pids.is_some()))
    };
    viewer.until("all are listed and sampled", TEST_TIMEOUT, is_sampled).await;
    for log in &mut logs {
        assert_eq!(texts(&log.take(12).await), numbered(0, 12));
    }
    quay.simulator.act(|engine, now| engine.pause("talker-1", now).unwrap());
    let paused = |picture: &Picture| state_of(picture, "talker-1") == Some(ContainerState::Paused);
    viewer.until("the event arrives", CHANGE_TIMEOUT, paused).await;
    let engine = &viewer.picture.engines[0];
    assert!(engine.endpoint.starts_with("ssh://") && engine.round_trip_millis.is_some(), "{engine:?}");
    viewer.assert_true(&quay.server).await;
    assert_eq!(sshd.sign_ins(), 1, "{}", sshd.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_sshd_is_reported_and_the_link_returns() {
    let Some((mut sshd, quay)) = far("").await else { return };
    started(&quay, idler("web")).await;
    let mut viewer = quay.server.viewer().await;
    viewer.until("it is listed", TEST_TIMEOUT, |picture| named(picture, "web").is_some()).await;
    sshd.kill();
    let refused =
        |picture: &Picture| problem_code(picture) == "connection_refused" && hop(picture) == Some(EngineHop::Connect);
    viewer.until("the loss is reported", LOSS_TIMEOUT, refused).await;
    assert_eq!(viewer.picture.containers.len(), 1, "the rows stay");
    let hint = viewer.picture.engines[0].error.as_ref().unwrap().hint.clone();
    assert!(hint.contains("sshd"), "{hint}");
    quay.simulator.act(|engine, now| engine.pause("web", now).unwrap());
    sshd.restart().await;
    viewer.until("the link is up", RECOVERY_TIMEOUT, is_up).await;
    assert_eq!(state_of(&viewer.picture, "web"), Some(ContainerState::Paused), "up means complete");
    assert_eq!(sshd.sign_ins(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_connection_is_noticed_and_replaced() {
    let Some((sshd, quay)) = far("").await else { return };
    let mut viewer = quay.server.viewer().await;
    viewer.until("the link is up", TEST_TIMEOUT, is_up).await;
    sshd.signal_sessions("STOP");
    let silent = |picture: &Picture| link_of(picture) == Some(EngineLink::Lost) && hop(picture) == Some(EngineHop::Ssh);
    viewer.until("the silence is noticed", LOSS_TIMEOUT, silent).await;
    viewer.until("a new connection is used", RECOVERY_TIMEOUT, is_up).await;
    assert_eq!(sshd.sign_ins(), 2);
    sshd.signal_sessions("CONT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_engine_needs_no_new_connection() {
    let Some((sshd, quay)) = far("").await else { return };
    let mut viewer = quay.server.viewer().await;
    viewer.until("the link is up", TEST_TIMEOUT, is_up).await;
    for _ in 0..2 {
        quay.simulator.faults().set_daemon(DaemonState::Down).await;
        let lost = |picture: &Picture| problem_code(picture) == "no_socket" && hop(picture) == Some(EngineHop::Engine);
        viewer.until("the socket is missed", LOSS_TIMEOUT, lost).await;
        quay.simulator.faults().set_daemon(DaemonState::Up).await;
        viewer.until("the link is up", RECONNECT_TIMEOUT, is_up).await;
    }
    quay.simulator.faults().set_daemon(DaemonState::Frozen).await;
    viewer.until("it is frozen", LOSS_TIMEOUT, |picture| problem_code(picture) == "not_answering").await;
    viewer.until("the engine is named", LOSS_TIMEOUT, |picture| hop(picture) == Some(EngineHop::Engine)).await;
    quay.simulator.faults().set_daemon(DaemonState::Up).await;
    viewer.until("the link is up", RECOVERY_TIMEOUT, is_up).await;
    assert_eq!(sshd.sign_ins(), 1, "{}", sshd.log());
}

/// Writes a `docker` command that connects its input and output to the socket, as `docker system
/// dial-stdio` does.
fn write_dial_stdio(folder: &Path, socket: &str) {
    let text = format!(
        "#!/usr/bin/perl\nuse IO::Socket::UNIX; use IO::Select;\n\
         die \"unexpected: @ARGV\" unless \"@ARGV\" =~ /system dial-stdio$/;\n\
         my $s = IO::Socket::UNIX->new(Peer => '{socket}') or die \"no engine\\n\";\n\
         my $all = IO::Select->new($s, \\*STDIN);\n\
         while (1) {{ for my $one ($all->can_read) {{\n\
         my $n = sysread($one, my $data, 65536); exit 0 unless $n;\n\
         my $to = $one == $s ? \\*STDOUT : $s;\n\
         my $at = 0; while ($at < $n) {{ $at += syswrite($to, $data, $n - $at, $at) // exit 1 }} }} }}\n"
    );
    let file = folder.join("docker");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_forwarding_a_command_leads_to_the_engine() {
    let commands = tempfile::tempdir().unwrap();
    // Without the docker command of this machine.
    std::os::unix::fs::symlink("/usr/bin/id", commands.path().join("id")).unwrap();
    let options = format!("AllowStreamLocalForwarding no\nSetEnv PATH={}", commands.path().display());
    let Some(sshd) = Sshd::start(&options).await else { return };
    let simulator = simulator().await;
    let server = TestServer::start(&sshd.engine(&socket(&simulator)), &[]).await;
    let mut viewer = server.viewer().await;
    let no_command = |picture: &Picture| problem_code(picture) == "connection_refused";
    viewer.until("no way is found", LOSS_TIMEOUT, no_command).await;
    let hint = viewer.picture.engines[0].error.as_ref().unwrap().hint.clone();
    assert!(hint.contains("AllowStreamLocalForwarding"), "{hint}");
    write_dial_stdio(commands.path(), &socket(&simulator));
    viewer.until("the command is found", RECOVERY_TIMEOUT, is_up).await;
    let quay = Quay { simulator, server };
    let id = started(&quay, printer("talker", counting(12, 50))).await;
    let mut log = open(&quay, id, "", None).await;
    assert_eq!(texts(&log.take(12).await), numbered(0, 12));
    quay.simulator.act(|engine, now| engine.pause("talker", now).unwrap());
    let paused = |picture: &Picture| state_of(picture, "talker") == Some(ContainerState::Paused);
    viewer.until("the event arrives", CHANGE_TIMEOUT, paused).await;
    assert_eq!(sshd.sign_ins(), 1);
    drop(log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_through_ssh_is_complete() {
    let Some((_sshd, quay)) = far("").await else { return };
    let id = started(&quay, printer("talker", counting(300, 0))).await;
    let mut log = Events::open(quay.server.address, &format!("/api/containers/{id}/logs/stream"), None).await;
    assert_eq!(texts(&log.take(300).await), numbered(0, 300));
    let text = get(quay.server.address, &format!("/api/containers/{id}/logs?timestamps=false")).await;
    let lines: Vec<_> = std::str::from_utf8(&text.body).unwrap().lines().map(ToOwned::to_owned).collect();
    assert_eq!(lines, numbered(0, 300));
}
