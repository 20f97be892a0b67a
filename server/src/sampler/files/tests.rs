//! Recorded files and the engine's response from the same moment must give the same counters.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use crate::engine::{Network, convert};
use std::path::Path;
use tempfile::TempDir;

const DOCKER_V1: &str = include_str!("recordings/docker-v1.txt");
const DOCKER_V2: &str = include_str!("recordings/docker-v2.txt");
const PODMAN_V2: &str = include_str!("recordings/podman-v2.txt");
/// Memory of the host of the second recording, from the engine.
const HOST_MEMORY: u64 = 16_777_216_000;

/// A recording laid out in a folder.
struct Tree {
    root: TempDir,
    id: ContainerId,
    response: Counters,
    files: Files,
}

impl Tree {
    fn new(recording: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let (mut mountinfo, mut response) = (String::new(), String::new());
        for section in recording.split("==> ").skip(1) {
            let (path, text) = section.split_once(" <==\n").unwrap();
            let text = text.strip_suffix('\n').unwrap();
            match path {
                "mountinfo" => mountinfo = below(root.path(), text),
                "stats.json" => text.clone_into(&mut response),
                path => {
                    let path = root.path().join(path);
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, text).unwrap();
                }
            }
        }
        let id = serde_json::from_str::<serde_json::Value>(&response).unwrap()["id"].as_str().unwrap().parse().unwrap();
        let mut response = convert::counters(&serde_json::from_str(&response).unwrap());
        response.read_nanos = None;
        let files = Files { mounts: Mounts::read(&mountinfo), ..Files::here(Some(HOST_MEMORY)) };
        Self { root, id, response, files }
    }

    /// Reads the container as process 4242 of a run with this network.
    fn read(&mut self, pid: u32, network: Network) -> Option<Counters> {
        let mut runs = Runs::default();
        runs.insert(self.id, Some(Run { started_at: None, pid, network: network.clone() }), network);
        let counters = self.files.counters(self.id, &runs)?;
        assert!(counters.read_nanos.is_some());
        Some(Counters { read_nanos: None, ..counters })
    }

    fn change(&self, path: &str, text: &str) {
        fs::write(self.root.path().join(path), text).unwrap();
    }
}

/// The mount table, with every mount point below the folder.
fn below(root: &Path, mountinfo: &str) -> String {
    let moved = |line: &str| {
        let mut words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        words[4] = format!("{}{}", root.display(), words[4]);
        words.join(" ") + "\n"
    };
    mountinfo.lines().map(moved).collect()
}

#[test]
fn recorded_files_match_the_engines_response() {
    for recording in [DOCKER_V1, DOCKER_V2, PODMAN_V2] {
        let mut tree = Tree::new(recording);
        let counters = tree.read(4242, Network::Own).unwrap_or_else(|| panic!("{recording}"));
        // Podman subtracts the cache and does not report it.
        let response = Counters { memory_cache: tree.response.memory_cache.or(counters.memory_cache), ..tree.response };
        assert_eq!(counters, response, "{recording}");
        // The recording is complete.
        let known =
            [counters.cpu_nanos, counters.memory_limit, counters.network_tx, counters.block_read, counters.pids];
        assert!(known.iter().all(Option::is_some), "{counters:?}");
    }
}

#[test]
fn stats_from_files_match_docker_stats() {
    let mut tree = Tree::new(DOCKER_V1);
    let counters = tree.read(4242, Network::Own).unwrap();
    assert_eq!((counters.memory_usage, counters.memory_cache), (Some(9_822_208), Some(122_880))); // 9945088 together
    assert_eq!((counters.network_rx, counters.network_tx), (Some(2_322), Some(1_412))); // 1446 + 876, 1286 + 126
    assert_eq!((counters.block_read, counters.block_write), (Some(8_392_704), Some(8_388_608)));
}

#[test]
fn open_files_are_read_again() {
    let mut tree = Tree::new(DOCKER_V2);
    tree.read(4242, Network::Own).unwrap();
    let group = format!("sys/fs/cgroup/system.slice/docker-{}.scope", tree.id);
    tree.change(&format!("{group}/cpu.stat"), "usage_usec 9000000\n");
    tree.change(&format!("{group}/memory.max"), "67108864\n");
    let counters = tree.read(4242, Network::Own).unwrap();
    assert_eq!((counters.cpu_nanos, counters.memory_limit), (Some(9_000_000_000), Some(64 << 20)));
}

#[test]
fn host_network_counters_are_not_the_containers() {
    let counters = Tree::new(DOCKER_V1).read(4242, Network::Host).unwrap();
    assert_eq!((counters.network_rx, counters.network_tx), (None, None));
}

#[test]
fn a_process_of_another_container_is_not_read() {
    let mut tree = Tree::new(DOCKER_V2);
    tree.change("proc/4242/cgroup", "0::/user.slice/user-1000.slice/session-2.scope\n");
    assert_eq!(tree.read(4242, Network::Own), None);
    assert_eq!(tree.read(1, Network::Own), None);
}

#[test]
fn with_an_unknown_network_owner_other_counters_are_read() {
    for recording in [DOCKER_V1, DOCKER_V2] {
        let mut tree = Tree::new(recording);
        let own = tree.read(4242, Network::Own).unwrap();
        let joined = tree.read(4242, Network::Of("ee".repeat(32))).unwrap();
        assert_eq!(joined, Counters { network_rx: None, network_tx: None, ..own }, "{recording}");
    }
}

#[test]
fn a_network_is_read_once_its_owner_is_known() {
    let mut tree = Tree::new(DOCKER_V2);
    let own = tree.read(4242, Network::Own).unwrap();
    let whose: ContainerId = "ee".repeat(32).parse().unwrap();
    let network = Network::Of(whose.to_string());
    let mut runs = Runs::default();
    runs.insert(tree.id, Some(Run { started_at: None, pid: 4242, network: network.clone() }), network);
    assert_eq!(tree.files.counters(tree.id, &runs).unwrap().network_rx, None);
    runs.insert(whose, None, Network::Own);
    assert_eq!(tree.files.counters(tree.id, &runs).unwrap().network_rx, own.network_rx);
    // After its removal, open files stay open.
    runs.remove(whose);
    assert_eq!(tree.files.counters(tree.id, &runs).unwrap().network_rx, own.network_rx);
    runs.insert(whose, None, Network::Host);
    let mut fresh = Tree::new(DOCKER_V2);
    assert_eq!(fresh.files.counters(fresh.id, &runs).unwrap().network_rx, None);
}

#[test]
fn an_unreadable_file_affects_only_its_own_counter() {
    let mut tree = Tree::new(DOCKER_V2);
    let whole = tree.read(4242, Network::Own).unwrap();
    let group = tree.root.path().join(format!("sys/fs/cgroup/system.slice/docker-{}.scope", tree.id));
    for (file, lost) in [
        ("memory.stat", Counters { memory_usage: None, memory_cache: None, ..whole.clone() }),
        ("io.stat", Counters { block_read: None, block_write: None, ..whole.clone() }),
        ("pids.current", Counters { pids: None, ..whole.clone() }),
        ("cpu.stat", Counters { cpu_nanos: None, ..whole.clone() }),
    ] {
        let text = fs::read(group.join(file)).unwrap();
        // Not text: reading it fails, as it does if the kernel refuses.
        fs::write(group.join(file), b"\xff\xfe").unwrap();
        assert_eq!(tree.read(4242, Network::Own), Some(lost), "{file}");
        fs::write(group.join(file), text).unwrap();
    }
    assert_eq!(tree.read(4242, Network::Own), Some(whole));
}

#[test]
fn files_are_opened_once_per_run_and_closed_at_its_end() {
    let mut tree = Tree::new(DOCKER_V2);
    tree.read(4242, Network::Own).unwrap();
    // In the same run, the process is not searched again.
    tree.change("proc/4242/cgroup", "0::/\n");
    assert!(tree.read(4242, Network::Own).is_some());
    // The next run has another first process.
    assert_eq!(tree.read(4343, Network::Own), None);
    assert_eq!(tree.files.opened.len(), 1);
    tree.files.retain(&Runs::default());
    assert!(tree.files.opened.is_empty());
}

#[test]
fn counters_of_a_missing_controller_are_unknown() {
    let mut tree = Tree::new(DOCKER_V1);
    let groups = format!("2:cpuacct:/docker/{}\n", tree.id);
    tree.change("proc/4242/cgroup", &groups);
    let counters = tree.read(4242, Network::Host).unwrap();
    assert_eq!(counters, Counters { cpu_nanos: tree.response.cpu_nanos, ..Counters::default() });
}
