//! Where this process sees process trees and cgroup hierarchies: `/proc/self/mountinfo`.
//!
//! In a container these may be anywhere (`-v /sys/fs/cgroup:/host/cgroup:ro`), may show a part of the tree, and may be named
//! from the container's own group, with `..` for what is above it.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
};

/// Folders looked into for a group that has no path from here; a host with a thousand containers and services has fewer.
const LOOKED_INTO: usize = 4096;

/// The mounts that matter.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    /// Where whole process trees are.
    pub(super) processes: Vec<PathBuf>,
    hierarchies: Vec<Hierarchy>,
    /// Folders in which groups were found that had no path from here.
    parents: Vec<PathBuf>,
}

#[derive(Debug, PartialEq, Eq)]
struct Hierarchy {
    /// Of cgroup v1; empty for v2.
    controllers: Vec<String>,
    /// The group that is seen at `point`.
    root: String,
    point: PathBuf,
}

impl Mounts {
    /// From `/proc/self/mountinfo`.
    pub(super) fn read(mountinfo: &str) -> Self {
        let mut mounts = Self::default();
        for line in mountinfo.lines() {
            // 31 23 0:28 ROOT POINT options … - TYPE source SUPER-OPTIONS
            let Some((before, after)) = line.split_once(" - ") else { continue };
            let mut before = before.split(' ').skip(3);
            let mut after = after.split(' ');
            let (Some(root), Some(point), Some(kind)) = (before.next(), before.next(), after.next()) else { continue };
            let (root, point) = (unescaped(root), PathBuf::from(unescaped(point)));
            match kind {
                "proc" if root == "/" => mounts.processes.push(point),
                "cgroup" => {
                    let controllers = after.nth(1).unwrap_or_default().split(',').map(str::to_owned).collect();
                    mounts.hierarchies.push(Hierarchy { controllers, root, point });
                }
                "cgroup2" => mounts.hierarchies.push(Hierarchy { controllers: Vec::new(), root, point }),
                _ => {}
            }
        }
        mounts
    }

    /// The folder of a group: of a v1 controller's hierarchy, or without one, of v2's.
    pub(super) fn folder(&mut self, controller: Option<&str>, group: &str) -> Option<PathBuf> {
        let fits = |hierarchy: &&Hierarchy| match controller {
            Some(controller) => hierarchy.controllers.iter().any(|other| other == controller),
            None => hierarchy.controllers.is_empty(),
        };
        let known = self.hierarchies.iter().filter(fits).filter_map(|hierarchy| hierarchy.folder(group));
        if let Some(folder) = known.into_iter().find(|folder| folder.is_dir()) {
            return Some(folder);
        }
        let leaf = group.trim_start_matches("/..").trim_start_matches('/');
        let points = self.hierarchies.iter().filter(fits).filter(|hierarchy| hierarchy.root.starts_with("/.."));
        let points: Vec<&Path> = points.map(|hierarchy| hierarchy.point.as_path()).collect();
        let below =
            |parent: &&PathBuf| points.iter().any(|point| parent.starts_with(point)) && parent.join(leaf).is_dir();
        if let Some(parent) = self.parents.iter().find(below) {
            return Some(parent.join(leaf));
        }
        let parent = points.into_iter().find_map(|point| parent_of(leaf, point))?;
        let folder = parent.join(leaf);
        self.parents.push(parent);
        Some(folder)
    }
}

impl Hierarchy {
    /// Where a group is seen, if it is below what is mounted.
    fn folder(&self, group: &str) -> Option<PathBuf> {
        let rest = group.strip_prefix(self.root.trim_end_matches('/'))?;
        let below = rest.is_empty() || rest.starts_with('/');
        (below && !rest.split('/').any(|part| part == "..")).then(|| self.point.join(rest.trim_start_matches('/')))
    }
}

/// The folder below `top` that holds `leaf`, the highest one first.
fn parent_of(leaf: &str, top: &Path) -> Option<PathBuf> {
    let mut waiting = VecDeque::from([top.to_owned()]);
    for _ in 0..LOOKED_INTO {
        let folder = waiting.pop_front()?;
        if folder.join(leaf).is_dir() {
            return Some(folder);
        }
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        waiting.extend(
            entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()),
        );
    }
    None
}

/// Spaces and the like are written as `\040`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if byte.is_ascii() => {
                whole.push(char::from(byte));
                whole.push_str(&part[3..]);
            }
            _ => {
                whole.push('\\');
                whole.push_str(part);
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests;
