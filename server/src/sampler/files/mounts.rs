//! Finds mounted process trees and cgroup hierarchies in `/proc/self/mountinfo`.
//!
//! In a container, they may be mounted anywhere (`-v /sys/fs/cgroup:/host/cgroup:ro`), may show
//! only a part of the tree, and may be relative to the container's own group, with `..` for its
//! parents.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
};

/// Maximum number of folders searched for a group without a known path; a host with a thousand
/// containers and services has fewer.
const MAX_FOLDERS_SEARCHED: usize = 4096;

/// The relevant mounts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    /// Mount points of complete process trees.
    pub(super) processes: Vec<PathBuf>,
    hierarchies: Vec<Hierarchy>,
    /// Folders in which groups without a known path were found.
    parents: Vec<PathBuf>,
}

#[derive(Debug, PartialEq, Eq)]
struct Hierarchy {
    /// Controllers of cgroup v1; empty for v2.
    controllers: Vec<String>,
    /// The group mounted at `point`.
    root: String,
    point: PathBuf,
}

impl Mounts {
    /// Parses `/proc/self/mountinfo`.
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

    /// Finds the folder of a group, in the hierarchy of a v1 controller or of v2.
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
    /// The folder of a group, if it is below the mounted one.
    fn folder(&self, group: &str) -> Option<PathBuf> {
        let rest = group.strip_prefix(self.root.trim_end_matches('/'))?;
        let below = rest.is_empty() || rest.starts_with('/');
        (below && !rest.split('/').any(|part| part == "..")).then(|| self.point.join(rest.trim_start_matches('/')))
    }
}

/// Searches for the folder that contains `leaf`, breadth first from `top`.
fn parent_of(leaf: &str, top: &Path) -> Option<PathBuf> {
    let mut waiting = VecDeque::from([top.to_owned()]);
    for _ in 0..MAX_FOLDERS_SEARCHED {
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

/// Decodes octal escapes such as `\040` for a space.
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
