//! Counters from the kernel itself: cgroup files and `/proc/PID/net/dev`.
//!
//! In: each container's [`Run`]. Out: the [`Counters`] the engine would tell, at a two-hundredth of the cost: the engine asks
//! containerd, and that a shim, to read these very files. A container's files are opened once a run and then read from the
//! beginning each time ([`reader`]); they are closed as soon as the run is over, because an open `net/dev` keeps the network it
//! tells of. Everything here blocks, for some 20 µs a container. Where the files are: [`mounts`], [`membership`]; what they
//! say: [`text`].

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod gauge;
mod membership;
mod mounts;
mod reader;
mod text;

use crate::engine::{Counters, Run, Runs};
use app::model::ContainerId;
use gauge::Buffer;
use mounts::Mounts;
use reader::Reader;
use std::{collections::HashMap, fs, io};

/// Why a container's files cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    /// The engine runs elsewhere, or its processes are not to be seen from here.
    #[error("process {0} here is not the container's")]
    Process(u32),
    /// Its group is not below any mounted hierarchy.
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
    /// How many containers' files may stay open.
    room: usize,
}

#[derive(Debug)]
struct Opened {
    run: Run,
    /// Whether its network is the host's; `None` when it is that of a container nobody knows, and not read.
    shares_host: Option<bool>,
    /// `None` when they could not be opened: that does not change before the next start.
    reader: Option<Reader>,
}

impl Files {
    /// Looks around where this process is. `host_memory` is as the engine tells it, if it does.
    pub fn here(host_memory: Option<u64>) -> Self {
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let memory = || text::value(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:").map(|kib| kib << 10);
        Self {
            mounts: Mounts::read(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default()),
            host_memory: host_memory.or_else(memory),
            opened: HashMap::new(),
            buffer: Buffer::default(),
            // Half of what may be open is left to viewers and the engine.
            room: text::open_files(&limits).unwrap_or(1024) / 2 / reader::FILES,
        }
    }

    /// Reads a container's counters; `None` when its files cannot be read.
    pub fn counters(&mut self, id: ContainerId, runs: &Runs) -> Option<Counters> {
        let run = runs.get(id)?;
        let shares_host = runs.share_host(&run.network);
        let is_stale = |opened: &Opened| opened.run != *run || (opened.shares_host.is_none() && shares_host.is_some());
        if self.opened.get(&id).is_none_or(is_stale) {
            let reader = self.open(id, run, shares_host);
            if let Err(error) = &reader {
                tracing::debug!(container.id = %id, %error, "its files cannot be read");
            }
            self.opened.insert(id, Opened { run: run.clone(), shares_host, reader: reader.ok() });
        }
        let reader = self.opened.get(&id)?.reader.as_ref()?;
        match reader.read(&mut self.buffer, self.host_memory) {
            Ok(counters) => Some(counters),
            Err(error) => {
                // It may just have ended. If not, the next reading opens them anew.
                tracing::debug!(container.id = %id, %error, "its files could not be read");
                self.opened.remove(&id);
                None
            }
        }
    }

    /// Closes the files of every run that is over.
    pub fn retain(&mut self, runs: &Runs) {
        self.opened.retain(|id, opened| runs.get(*id) == Some(&opened.run));
    }

    fn open(&mut self, id: ContainerId, run: &Run, shares_host: Option<bool>) -> Result<Reader, Unreadable> {
        let keep = self.opened.len() < self.room;
        Reader::open(&mut self.mounts, id, run, shares_host == Some(false), keep)
    }
}

#[cfg(test)]
mod tests;
