//! Mount tables of hosts and of containers.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;

/// A host with cgroup v1.
const V1: &str = "\
23 1 0:22 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:10 - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,nosuid shared:11 - cgroup2 cgroup2 rw,nsdelegate
";

fn hierarchy(mounts: &Mounts, controller: &str) -> usize {
    mounts
        .hierarchies
        .iter()
        .position(|hierarchy| hierarchy.controllers.iter().any(|other| other == controller))
        .unwrap()
}

#[test]
fn a_host_has_its_processes_and_every_hierarchy() {
    let mounts = Mounts::read(V1);
    assert_eq!(mounts.processes, [PathBuf::from("/proc")]);
    let memory = &mounts.hierarchies[hierarchy(&mounts, "memory")];
    assert_eq!(memory.folder("/docker/ab"), Some("/sys/fs/cgroup/memory/docker/ab".into()));
    let cpu = &mounts.hierarchies[hierarchy(&mounts, "cpuacct")];
    assert_eq!(cpu.folder("/docker/ab"), Some("/sys/fs/cgroup/cpu,cpuacct/docker/ab".into()));
}

#[test]
fn a_partial_proc_mount_is_ignored() {
    let mounts =
        Mounts::read("80 70 0:22 /sys /proc/sys ro - proc proc rw\n81 70 0:22 / /host/my\\040proc ro - proc proc rw\n");
    assert_eq!(mounts.processes, [PathBuf::from("/host/my proc")]);
}

#[test]
fn a_partial_cgroup_mount_has_only_its_subtree() {
    let own = Hierarchy { controllers: Vec::new(), root: "/docker/self".into(), point: "/sys/fs/cgroup".into() };
    assert_eq!(own.folder("/docker/self/inner"), Some("/sys/fs/cgroup/inner".into()));
    assert_eq!((own.folder("/docker/other"), own.folder("/docker/selfish")), (None, None));
}

#[test]
fn parent_cgroups_are_found_by_the_common_path() {
    let host = Hierarchy { controllers: Vec::new(), root: "/..".into(), point: "/host/cgroup".into() };
    assert_eq!(host.folder("/../docker-ab.scope"), Some("/host/cgroup/docker-ab.scope".into()));
    assert_eq!(host.folder("/../../ab"), None);
}

#[test]
fn unreachable_cgroups_are_searched_once() {
    // The host's tree, seen from /system.slice/docker-self.scope: two levels up is the root, one
    // level up has no name.
    let tree = tempfile::tempdir().unwrap();
    for group in ["docker-ab.scope", "docker-cd.scope"] {
        fs::create_dir_all(tree.path().join("system.slice").join(group)).unwrap();
    }
    let line = format!("90 80 0:26 /../.. {} ro - cgroup2 cgroup rw\n", tree.path().display());
    let mut mounts = Mounts::read(&line);
    for group in ["docker-ab.scope", "docker-cd.scope"] {
        let found = mounts.folder(None, &format!("/../{group}"));
        assert_eq!(found, Some(tree.path().join("system.slice").join(group)));
    }
    assert_eq!(mounts.parents, [tree.path().join("system.slice")]);
    assert_eq!(mounts.folder(None, "/../docker-gone.scope"), None);
}
