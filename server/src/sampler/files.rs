//! Reads counters from the kernel: cgroup files and `/proc/PID/net/dev`.
//!
//! In: each container's [`Run`]. Out: the same [`Counters`] as from the engine, at 1/200 of the
//! cost: the engine calls containerd, which calls a shim to read these files. Owned by the
//! [`super::sweep::Sweeper`].
//!
//! A container's files are opened once per run and read from the start each time ([`reader`]). They
//! are closed as soon as the run ends, because an open `net/dev` keeps its network alive. Reading
//! blocks for about 20 µs per container. Paths are found in [`mounts`] and [`membership`]; contents
//! are parsed in [`text`].

mod counter_file;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod membership;
mod mounts;
mod reader;
mod text;

use crate::engine::{Counters, Run, Runs};
use app::model::ContainerId;
use counter_file::Buffer;
use mounts::Mounts;
use reader::Reader;
use std::{collections::HashMap, fs, io};

/// Reason why a container's files cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    /// The engine runs on another host, or the process with this PID is not visible to this server.
    #[error("process {0} here is not the container's")]
    Process(u32),
    /// The cgroup of the container is not in any mounted hierarchy.
    #[error("the cgroup {0} is not mounted here")]
    Group(String),
    /// A file cannot be opened or read.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// The open files of every container.
#[derive(Debug)]
pub struct Files {
    mounts: Mounts,
    host_memory: Option<u64>,
    opened: HashMap<ContainerId, Opened>,
    buffer: Buffer,
    /// Maximum number of containers whose files stay open.
    capacity: usize,
}

#[derive(Debug)]
struct Opened {
    run: Run,
    /// True if the container uses the host's network; `None` if it uses that of an unknown
    /// container, which is then not read.
    shares_host: Option<bool>,
    /// Reader of the files; `None` if they could not be opened, which does not change before the
    /// next start.
    reader: Option<Reader>,
}

impl Files {
    /// Reads the mounts of this process. `host_memory` is the engine's value, if known.
    pub fn here(host_memory: Option<u64>) -> Self {
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let memory = || text::value(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:").map(|kib| kib << 10);
        Self {
            mounts: Mounts::read(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default()),
            host_memory: host_memory.or_else(memory),
            opened: HashMap::new(),
            buffer: Buffer::default(),
            // Half of the file descriptors are reserved for viewers and the engine.
            capacity: text::open_files(&limits).unwrap_or(1024) / 2 / reader::FILES_PER_CONTAINER,
        }
    }

    /// Reads a container's counters. Returns `None` if its files cannot be read.
    pub fn counters(&mut self, id: ContainerId, runs: &Runs) -> Option<Counters> {
        let run = runs.get(id)?;
        let shares_host = runs.share_host(&run.network);
        let is_stale = |opened: &Opened| opened.run != *run || (opened.shares_host.is_none() && shares_host.is_some());
        if self.opened.get(&id).is_none_or(is_stale) {
            let reader = self.open(id, run, shares_host);
            if let Err(error) = &reader {
                tracing::debug!(container.id = %id, %error, "cannot open a container's files");
            }
            self.opened.insert(id, Opened { run: run.clone(), shares_host, reader: reader.ok() });
        }
        let reader = self.opened.get(&id)?.reader.as_ref()?;
        match reader.read(&mut self.buffer, self.host_memory) {
            Ok(counters) => Some(counters),
            Err(error) => {
                // It may have just ended. If not, the next reading opens them again.
                tracing::debug!(container.id = %id, %error, "cannot read a container's files");
                self.opened.remove(&id);
                None
            }
        }
    }

    /// Closes the files of all runs that have ended.
    pub fn retain(&mut self, runs: &Runs) {
        self.opened.retain(|id, opened| runs.get(*id) == Some(&opened.run));
    }

    fn open(&mut self, id: ContainerId, run: &Run, shares_host: Option<bool>) -> Result<Reader, Unreadable> {
        let keep = self.opened.len() < self.capacity;
        Reader::open(&mut self.mounts, id, run, shares_host == Some(false), keep)
    }
}

#[cfg(test)]
mod tests;
