//! Engines of the settings file, which change under open pages.

use crate::{
    logs::reading::end,
    support::{Events, Program, TEST_TIMEOUT, Viewer, get, named, post},
};
use app::{
    model::{EngineLink, LogEndReason},
    protocol::Picture,
};
use serde_json::Value;
use simulator::{Options, Simulator, SimulatorHandle};
use std::{fs, net::SocketAddr, path::PathBuf};
use tempfile::TempDir;

async fn simulator() -> SimulatorHandle {
    Simulator::start(Options { scenario: "quiet:3".parse().unwrap(), ..Options::default() }).await.unwrap()
}

/// A settings file.
struct Settings {
    file: PathBuf,
    _folder: TempDir,
}

impl Settings {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Self { file: folder.path().join("quaylight.toml"), _folder: folder };
        settings.write(text);
        settings
    }

    /// Replaces the file, as editors do.
    fn write(&self, text: &str) {
        let new = self.file.with_extension("new");
        fs::write(&new, format!("listen = \"127.0.0.1:0\"\n{text}")).unwrap();
        fs::rename(new, &self.file).unwrap();
    }

    async fn serving(&self) -> (Program, SocketAddr) {
        let mut program = Program::start(&["--config", self.file.to_str().unwrap(), "--allow-actions"], &[]);
        let (address, _) = program.address().await;
        (program, address)
    }
}

fn entry(name: &str, address: &str) -> String {
    format!("[[engine]]\nname = \"{name}\"\naddress = \"{address}\"\nlabels = {{ site = \"ams\" }}\n")
}

/// Names of the engines that are up, and the number of containers of each.
fn up(picture: &Picture) -> Vec<(String, usize)> {
    let up = picture.engines.iter().filter(|engine| engine.link == EngineLink::Up);
    let count = |name: &str| picture.containers.keys().filter(|key| key.engine.as_str() == name).count();
    up.map(|engine| (engine.id.to_string(), count(engine.id.as_str()))).collect()
}

fn names(wanted: &[&str]) -> Vec<(String, usize)> {
    wanted.iter().map(|name| ((*name).to_owned(), 3)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engines_are_added_changed_and_removed_under_open_pages() {
    let (a, b, other) = (simulator().await, simulator().await, simulator().await);
    let settings = Settings::new(&entry("a", &a.endpoint()));
    let (_program, address) = settings.serving().await;
    let mut viewer = Viewer::open(address, "", &[]).await;
    let mut compact = Viewer::open(address, "?format=compact", &[]).await;
    viewer.until("the engine is up", TEST_TIMEOUT, |picture| up(picture) == names(&["a"])).await;

    settings.write(&(entry("a", &a.endpoint()) + &entry("b", &b.endpoint())));
    for viewer in [&mut viewer, &mut compact] {
        viewer.until("one is added", TEST_TIMEOUT, |picture| up(picture) == names(&["a", "b"])).await;
    }
    let epoch = viewer.picture.epoch.clone();
    let since = |picture: &Picture, name: &str| {
        picture.engines.iter().find(|engine| engine.id.as_str() == name).map(|engine| engine.since)
    };
    let a_since = since(&viewer.picture, "a");

    // The same name, but another engine.
    other.act(|engine, now| {
        let name = engine.containers().next().unwrap().name.clone();
        engine.rename(&name, "only-here", now).unwrap();
    });
    settings.write(&(entry("a", &a.endpoint()) + &entry("b", &other.endpoint())));
    for viewer in [&mut viewer, &mut compact] {
        viewer
            .until("one is another", TEST_TIMEOUT, |picture| {
                up(picture) == names(&["a", "b"]) && named(picture, "only-here").is_some()
            })
            .await;
    }

    settings.write("listen = = \"nonsense\"");
    settings.write(&entry("b", &other.endpoint()));
    for viewer in [&mut viewer, &mut compact] {
        viewer.until("one is removed", TEST_TIMEOUT, |picture| up(picture) == names(&["b"])).await;
        assert_eq!(viewer.picture.engines.len(), 1);
    }
    assert_eq!(viewer.picture.epoch, epoch, "the stream went on");
    assert_eq!((a_since.is_some(), since(&viewer.picture, "a")), (true, None));
    get(address, "/api/engines/a").await.problem(404, "no_engine");
    get(address, "/api/containers?engine=a").await.problem(404, "no_engine");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_engine_is_reported_and_leaves_the_others_running() {
    let good = simulator().await;
    let bad = "[[engine]]\nname = \"bad\"\naddress = \"ftp://nowhere\"\n";
    let nameless = "[[engine]]\nname = \"UPPER\"\naddress = \"auto\"\n";
    let settings = Settings::new(&format!("{bad}{nameless}{}", entry("good", &good.endpoint())));
    let (_program, address) = settings.serving().await;
    let mut viewer = Viewer::open(address, "", &[]).await;
    viewer.until("the good one is up", TEST_TIMEOUT, |picture| up(picture) == names(&["good"])).await;
    let engine: Value = get(address, "/api/engines/bad").await.json();
    assert_eq!((&engine["link"], &engine["error"]["code"]), (&"lost".into(), &"bad_setting".into()), "{engine}");
    assert!(engine["error"]["message"].as_str().unwrap().contains("expected auto"), "{engine}");
    assert_eq!(engine["endpoint"], "ftp://nowhere");
    let path = format!("/api/engines/bad/containers/{:064x}", 1);
    get(address, &path).await.problem(503, "engine_lost");
    post(address, &format!("{path}/stop"), "").await.problem(503, "engine_lost");

    settings.write(&entry("bad", &good.endpoint()));
    viewer.until("it is corrected", TEST_TIMEOUT, |picture| up(picture) == names(&["bad"])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_of_a_removed_engine_ends() {
    let (a, b) = (simulator().await, simulator().await);
    let settings = Settings::new(&(entry("a", &a.endpoint()) + &entry("b", &b.endpoint())));
    let (_program, address) = settings.serving().await;
    let mut viewer = Viewer::open(address, "", &[]).await;
    viewer.until("both are up", TEST_TIMEOUT, |picture| up(picture) == names(&["a", "b"])).await;
    let id = viewer.picture.containers.keys().next().unwrap().id;
    let mut log = Events::open(address, &format!("/api/engines/b/containers/{id}/logs/stream?tail=0"), None).await;
    settings.write(&entry("a", &a.endpoint()));
    let events = log.up_to("end").await;
    let mut last = end(events.last().unwrap());
    if last.reason == LogEndReason::EngineLost {
        last = end(log.up_to("end").await.last().unwrap());
    }
    assert_eq!((last.reason, last.last), (LogEndReason::Removed, true));
}
