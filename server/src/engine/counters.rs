//! Counters of one container, as the engine reports them or the kernel's files hold them.

/// One reading of a container's counters; `None` is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// When the engine read them, nanoseconds since 1970 on its clock.
    pub read_nanos: Option<u64>,
    /// Processor time used since start, all processors.
    pub cpu_nanos: Option<u64>,
    /// Working set in bytes.
    pub memory_usage: Option<u64>,
    /// Inactive file cache in bytes.
    pub memory_cache: Option<u64>,
    /// Limit in bytes.
    pub memory_limit: Option<u64>,
    /// Bytes received.
    pub network_rx: Option<u64>,
    /// Bytes sent.
    pub network_tx: Option<u64>,
    /// Bytes read.
    pub block_read: Option<u64>,
    /// Bytes written.
    pub block_write: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// What the kernel charges a container, in two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Bytes in use, as `docker stats` has it: all but the cache.
    pub working_set: u64,
    /// Bytes of the file cache that nobody used of late; the kernel takes them back when it needs
    /// memory. `None`: not told.
    pub cache: Option<u64>,
}

impl Memory {
    /// Of all that is charged. What cannot be part of it is not taken off, as `docker stats` does.
    pub fn of(usage: u64, inactive_file: Option<u64>) -> Self {
        let cache = inactive_file.map(|inactive| if inactive < usage { inactive } else { 0 });
        Self { working_set: usage - cache.unwrap_or_default(), cache }
    }
}
