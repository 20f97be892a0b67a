//! An engine over tcp and TLS: few connections, certificates that are checked and read again.

use super::ssh::{simulator, socket};
use crate::support::{
    CHANGE_TIMEOUT, LOSS_TIMEOUT, TEST_TIMEOUT, TestServer, idler, link_of, problem_code, state_of,
    tls::{Authority, ClientFiles, FILE_DATE_PAUSE, TlsListener},
};
use app::{
    model::{ContainerState, EngineHop, EngineLink},
    protocol::Picture,
};
use server::engine::{EngineAddress, TlsFiles, expiring_certificates};
use simulator::{Listen, Options, Simulator, SimulatorHandle};
use std::{fs, path::Path};

/// Validity of a normal certificate, in days from now.
const VALID: (i64, i64) = (-1, 100);

fn is_up(picture: &Picture) -> bool {
    link_of(picture) == Some(EngineLink::Up)
}

async fn listener(
    authority: &Authority,
    names: &[&str],
    valid: (i64, i64),
    simulator: &SimulatorHandle,
) -> TlsListener {
    let identity = authority.identity(names, valid.0, valid.1);
    TlsListener::start(&identity, authority, Path::new(&socket(simulator))).await
}

fn client_files(authority: &Authority) -> ClientFiles {
    ClientFiles::new(&authority.pem(), &authority.identity(&["client"], VALID.0, VALID.1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_share_few_connections_with_tls_and_without() {
    let (authority, behind_tls) = (Authority::new(), simulator().await);
    let listener = listener(&authority, &["127.0.0.1"], VALID, &behind_tls).await;
    let files = client_files(&authority);
    let server = TestServer::start(&files.engine(&format!("tcp://{}", listener.address)), &[]).await;
    let mut viewer = server.viewer().await;
    viewer.until("the link is up", TEST_TIMEOUT, is_up).await;
    behind_tls.act(|engine, now| {
        engine.create(idler("web"), now).unwrap();
        engine.start("web", now).unwrap();
    });
    for state in [ContainerState::Paused, ContainerState::Running].into_iter().cycle().take(20) {
        let reached = |picture: &Picture| state_of(picture, "web") == Some(state);
        viewer.until("it runs", TEST_TIMEOUT, |picture| state_of(picture, "web").is_some()).await;
        behind_tls.act(|engine, now| match state {
            ContainerState::Paused => engine.pause("web", now).unwrap(),
            _ => engine.unpause("web", now).unwrap(),
        });
        viewer.until("it changes", CHANGE_TIMEOUT, reached).await;
    }
    let calls: u64 = behind_tls.calls().snapshot().calls.values().sum();
    assert!(calls > 20, "{calls} calls");
    let connections = listener.connections();
    assert!(connections <= 6, "{connections} connections for {calls} calls");

    let options = Options {
        scenario: "quiet:0".parse().unwrap(),
        listen: Listen::Tcp("127.0.0.1:0".parse().unwrap()),
        ..Options::default()
    };
    let plain = Simulator::start(options).await.unwrap();
    let server = TestServer::start(&plain.endpoint(), &[]).await;
    server.until_ready().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_failing_check_is_named() {
    let (authority, other, simulator) = (Authority::new(), Authority::new(), simulator().await);
    for (names, valid, code, words) in [
        (&["127.0.0.1"][..], (-30, -2), "certificate_expired", ["expired at", "clock"]),
        (&["127.0.0.1"], (2, 30), "certificate_not_yet_valid", ["valid only from", "clock"]),
        (&["db.example.org", "10.0.0.9"], VALID, "certificate_name", ["db.example.org", "127.0.0.1"]),
    ] {
        let listener = listener(&authority, names, valid, &simulator).await;
        let files = client_files(&authority);
        expect(&files, &listener, code, EngineHop::Tls, &words).await;
    }
    let listener = listener(&authority, &["127.0.0.1"], VALID, &simulator).await;
    let own = authority.identity(&["client"], VALID.0, VALID.1);
    let files = ClientFiles::new(&other.pem(), &own);
    expect(&files, &listener, "certificate_unknown", EngineHop::Tls, &["not signed by", "ca.pem"]).await;
    let files = ClientFiles::new(&authority.pem(), &other.identity(&["client"], VALID.0, VALID.1));
    let words = ["refuses this server's certificate", "authority"];
    expect(&files, &listener, "client_certificate_refused", EngineHop::Auth, &words).await;
    let files = ClientFiles::new(&authority.pem(), &authority.identity(&["client"], -30, -2));
    expect(&files, &listener, "client_certificate_expired", EngineHop::Tls, &["cert.pem", "expired at"]).await;
    let files = client_files(&authority);
    fs::remove_file(files.path("ca.pem")).unwrap();
    expect(&files, &listener, "certificate_unreadable", EngineHop::Tls, &["annot read", "ca.pem"]).await;
}

#[tokio::test]
async fn a_host_that_is_silent_in_the_handshake_is_named_with_its_step() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let files = client_files(&Authority::new());
    let mut address = EngineAddress::new(format!("tcp://{}", silent.local_addr().unwrap()));
    assert_eq!(address.hop_of_timeout().await, EngineHop::Engine);
    address.tls = Some(TlsFiles { ca: files.path("ca.pem"), cert: files.path("cert.pem"), key: files.path("key.pem") });
    assert_eq!(address.hop_of_timeout().await, EngineHop::Tls);
}

/// A server with these files reports the error, and its message and hint have the words.
async fn expect(files: &ClientFiles, listener: &TlsListener, code: &str, hop: EngineHop, words: &[&str]) {
    let server = TestServer::start(&files.engine(&format!("tcp://{}", listener.address)), &[]).await;
    let mut viewer = server.viewer().await;
    viewer.until(code, LOSS_TIMEOUT, |picture| problem_code(picture) == code).await;
    let engine = &viewer.picture.engines[0];
    assert_eq!(engine.hop, Some(hop), "{code}");
    let error = engine.error.as_ref().unwrap();
    let text = format!("{} {}", error.message, error.hint);
    assert!(words.iter().all(|word| text.contains(word)), "{code}: {text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replaced_files_are_used_for_the_next_connection() {
    let (old, new, simulator) = (Authority::new(), Authority::new(), simulator().await);
    let listener = listener(&old, &["127.0.0.1"], VALID, &simulator).await;
    let files = client_files(&old);
    let server = TestServer::start(&files.engine(&format!("tcp://{}", listener.address)), &[]).await;
    let mut viewer = server.viewer().await;
    viewer.until("the link is up", TEST_TIMEOUT, is_up).await;
    // The engine restarts with certificates of another authority.
    listener.replace(&new.identity(&["127.0.0.1"], VALID.0, VALID.1), &new);
    simulator.faults().set_daemon(simulator::DaemonState::Restart(100)).await;
    let refused = |picture: &Picture| problem_code(picture) == "certificate_unknown";
    viewer.until("the old authority is refused", LOSS_TIMEOUT, refused).await;
    tokio::time::sleep(FILE_DATE_PAUSE).await;
    files.write(&new.pem(), &new.identity(&["client"], VALID.0, VALID.1));
    viewer.until("the link is up", LOSS_TIMEOUT, is_up).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_that_expire_soon_are_reported() {
    let (authority, simulator) = (Authority::new(), simulator().await);
    for (engine, own, count) in [(100, 100, 0), (13, 100, 1), (100, 13, 1), (13, 13, 2)] {
        let listener = listener(&authority, &["127.0.0.1"], (-1, engine), &simulator).await;
        let files = ClientFiles::new(&authority.pem(), &authority.identity(&["client"], -1, own));
        let url = format!("tcp://{}", listener.address);
        let server = TestServer::start(&files.engine(&url), &[]).await;
        server.until_ready().await;
        let tls = Some(TlsFiles::in_folder(files.path("ca.pem").parent().unwrap()));
        let found = expiring_certificates(&EngineAddress { tls, ..EngineAddress::new(url) });
        assert_eq!(found.len(), count, "{found:?}");
        assert!(found.iter().all(|text| text.contains("expires at 2") && text.contains("renew")), "{found:?}");
    }
}
