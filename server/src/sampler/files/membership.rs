//! Parses `/proc/PID/cgroup`: the cgroup of a process in each hierarchy. Pure.

/// The cgroups of a container's process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Membership<'a> {
    text: &'a str,
    id: &'a str,
}

impl<'a> Membership<'a> {
    /// Finds the cgroups of a container; `None` if no cgroup belongs to the container with this id,
    /// because the process is another one or on another host.
    pub(super) fn of(text: &'a str, id: &'a str) -> Option<Self> {
        let membership = Self { text, id };
        membership.lines().any(|(_, path)| membership.container(path).is_some()).then_some(membership)
    }

    /// The container's path in the hierarchy of a v1 controller; `None` if there is no such
    /// hierarchy.
    pub(super) fn v1(&self, controller: &str) -> Option<&'a str> {
        let holds = |controllers: &str| controllers.split(',').any(|other| other == controller);
        self.lines().find(|(controllers, _)| holds(controllers)).and_then(|(_, path)| self.container(path))
    }

    /// The container's path in the v2 hierarchy.
    pub(super) fn v2(&self) -> Option<&'a str> {
        self.lines().find(|(controllers, _)| controllers.is_empty()).and_then(|(_, path)| self.container(path))
    }

    /// True for a Podman container, whose cgroups are named `libpod-ID.scope`.
    pub(super) fn is_podman(&self) -> bool {
        self.lines().filter_map(|(_, path)| self.container(path)).any(|path| path.contains("/libpod-"))
    }

    /// Controllers and path of each hierarchy.
    fn lines(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'))
    }

    /// The path up to the segment with the container's id. Processes may be in nested groups: crun
    /// uses `container`, systemd uses `init.scope`.
    fn container(&self, path: &'a str) -> Option<&'a str> {
        let named_at = path.rfind(self.id)?;
        let rest = &path[named_at..];
        Some(&path[..named_at + rest.find('/').unwrap_or(rest.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8745ed338fb2be51424b2439bd936c06d527ac42746723f22d1342f2abddb60a";

    #[test]
    fn v1_has_a_path_per_controller() {
        let text = format!(
            "9:name=systemd:/docker/{ID}/init.scope\n4:memory:/docker/{ID}\n2:cpu,cpuacct:/docker/{ID}\n0::/x\n"
        );
        let Some(membership) = Membership::of(&text, ID) else { panic!("it is in the container") };
        let path = format!("/docker/{ID}");
        assert_eq!(membership.v1("cpuacct"), Some(path.as_str()));
        assert_eq!(membership.v1("name=systemd"), Some(path.as_str()));
        assert_eq!((membership.v1("pids"), membership.v2()), (None, None));
    }

    #[test]
    fn v2_has_one_path_with_each_driver_and_podman() {
        for (path, container) in [
            (format!("/docker/{ID}"), format!("/docker/{ID}")),
            (format!("/system.slice/docker-{ID}.scope"), format!("/system.slice/docker-{ID}.scope")),
            (format!("/machine.slice/libpod-{ID}.scope/container"), format!("/machine.slice/libpod-{ID}.scope")),
            (format!("/../docker-{ID}.scope/init.scope"), format!("/../docker-{ID}.scope")),
        ] {
            let text = format!("0::{path}\n");
            let membership = Membership::of(&text, ID);
            assert_eq!(membership.and_then(|membership| membership.v2()), Some(container.as_str()));
        }
    }

    #[test]
    fn another_process_is_not_a_member() {
        for text in ["0::/\n", "0::/system.slice/ssh.service\n", "4:memory:/docker/aabb\n0::/\n", ""] {
            assert!(Membership::of(text, ID).is_none(), "{text}");
        }
    }
}
