//! Counters of one container, as the engine reports them or the kernel's files hold them.

/// One reading of a container's counters; `None` is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Time of the reading in nanoseconds since 1970, on the clock of the host that read them.
    pub read_nanos: Option<u64>,
    /// CPU time since the start in nanoseconds, of all processors.
    pub cpu_nanos: Option<u64>,
    /// Working set in bytes.
    pub memory_usage: Option<u64>,
    /// Inactive file cache in bytes.
    pub memory_cache: Option<u64>,
    /// Memory limit in bytes.
    pub memory_limit: Option<u64>,
    /// Bytes received by the network interfaces.
    pub network_rx: Option<u64>,
    /// Bytes sent by the network interfaces.
    pub network_tx: Option<u64>,
    /// Bytes read from block devices.
    pub block_read: Option<u64>,
    /// Bytes written to block devices.
    pub block_write: Option<u64>,
    /// Number of processes and threads.
    pub pids: Option<u64>,
}

/// Memory charged to a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Bytes in use without the inactive file cache, as in `docker stats`.
    pub working_set: u64,
    /// Bytes of inactive file cache, which the kernel reclaims when it needs memory. `None` if
    /// unknown.
    pub cache: Option<u64>,
}

impl Memory {
    /// Splits the charged memory. Like `docker stats`, ignores a cache that is not smaller than the
    /// usage.
    pub fn of(usage: u64, inactive_file: Option<u64>) -> Self {
        let cache = inactive_file.map(|inactive| if inactive < usage { inactive } else { 0 });
        Self { working_set: usage - cache.unwrap_or_default(), cache }
    }
}
