//! Parses cgroup and process files. Pure, without allocations.

/// Parses a file with one number; `max` means unlimited.
pub(super) fn number(text: &str) -> Option<u64> {
    match text.trim_ascii() {
        "max" => Some(u64::MAX),
        digits => digits.parse().ok(),
    }
}

/// Finds the number after a word at the start of a line, as in `memory.stat`, `cpu.stat` and
/// `meminfo`.
pub(super) fn value(text: &str, word: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

/// Bytes read and written on all devices in cgroup v1 (`8:0 Read 4096`); `None` without devices.
pub(super) fn blkio(text: &str) -> Option<(u64, u64)> {
    let (mut read, mut written, mut named) = (0u64, 0u64, false);
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        // The last line is the total, without a device.
        let (Some(_device), Some(kind), Some(bytes)) = (words.next(), words.next(), words.next()) else { continue };
        let Ok(bytes) = bytes.parse::<u64>() else { continue };
        named = true;
        match kind.as_bytes()[0] {
            b'R' | b'r' => read = read.saturating_add(bytes),
            b'W' | b'w' => written = written.saturating_add(bytes),
            _ => {}
        }
    }
    named.then_some((read, written))
}

/// Bytes read and written on all devices in cgroup v2 (`8:0 rbytes=4096 wbytes=0 …`); `None`
/// without devices.
pub(super) fn io_stat(text: &str) -> Option<(u64, u64)> {
    let (mut read, mut written, mut named) = (0u64, 0u64, false);
    for line in text.lines().filter(|line| !line.starts_with("(unknown)")) {
        for word in line.split_ascii_whitespace().skip(1) {
            let Some((name, bytes)) = word.split_once('=') else { continue };
            named = true;
            match name {
                "rbytes" => read = read.saturating_add(bytes.parse().unwrap_or(0)),
                "wbytes" => written = written.saturating_add(bytes.parse().unwrap_or(0)),
                _ => {}
            }
        }
    }
    named.then_some((read, written))
}

/// Prefixes of interfaces that no engine creates for a container: the kernel's own, tunnels, and
/// those of an engine inside the container. Their bytes would otherwise be counted twice.
const IGNORED_INTERFACES: [&str; 22] = [
    "lo", "docker", "br-", "veth", "virbr", "cni", "podman", "nerdctl", "flannel", "cali", "tun", "wg", "gre",
    "erspan", "ip_vti", "ip6_vti", "sit", "ip6tnl", "ip6gre", "ifb", "dummy", "teql",
];

/// Bytes received and sent on the engine's interfaces, from `/proc/PID/net/dev`; `None` without
/// interfaces.
pub(super) fn net_dev(text: &str) -> Option<(u64, u64)> {
    let mut sum = None;
    for line in text.lines() {
        let Some((name, counters)) = line.split_once(':') else { continue };
        let name = name.trim_start();
        if IGNORED_INTERFACES.iter().any(|other| name.starts_with(other)) {
            continue;
        }
        // Eight columns for received, then eight for sent; bytes come first.
        let mut counters = counters.split_ascii_whitespace();
        let (Some(Ok(received)), Some(Ok(sent))) =
            (counters.next().map(str::parse::<u64>), counters.nth(7).map(str::parse::<u64>))
        else {
            continue;
        };
        let (all_received, all_sent): (u64, u64) = sum.unwrap_or((0, 0));
        sum = Some((all_received.saturating_add(received), all_sent.saturating_add(sent)));
    }
    sum
}

/// Maximum number of open files of this process, from `/proc/self/limits`.
pub(super) fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_ascii_whitespace().next()? {
        "unlimited" => Some(usize::MAX),
        digits => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_limits_are_parsed() {
        assert_eq!(number("1975914577\n"), Some(1_975_914_577));
        assert_eq!(number("max\n"), Some(u64::MAX));
        assert_eq!(number(""), None);
    }

    #[test]
    fn a_key_is_matched_as_a_whole_word() {
        let text = "inactive_file 7\ntotal_inactive_file 20480\nMemTotal:       24684084 kB\n";
        assert_eq!(value(text, "inactive_file"), Some(7));
        assert_eq!(value(text, "total_inactive_file"), Some(20_480));
        assert_eq!(value(text, "MemTotal:"), Some(24_684_084));
        assert_eq!(value(text, "inactive"), None);
    }

    #[test]
    fn v1_block_io_sums_reads_and_writes_over_devices() {
        let text = "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 12288\n8:0 Discard 0\n8:0 Total 12288\n253:1 Read 100\n253:1 Write 7\n\
                    253:1 Total 107\nTotal 12395\n";
        assert_eq!(blkio(text), Some((4_196, 8_199))); // 4096 + 100, 8192 + 7
        assert_eq!(blkio("Total 0\n"), None);
    }

    #[test]
    fn v2_block_io_is_summed_over_devices() {
        let text = "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n\
                    8:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 dios=3021\n\
                    (unknown) rbytes=1\n7:0 \n";
        assert_eq!(io_stat(text), Some((91_889_664, 613_781_504)));
        assert_eq!(io_stat("\n"), None);
    }

    #[test]
    fn only_interfaces_made_by_the_engine_are_counted() {
        let head = "Inter-|   Receive                                                |  Transmit\n \
                    face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
        let line = |name: &str, received, sent| format!("{name:>6}: {received} 9 0 0 0 0 0 0 {sent} 9 0 0 0 0 0 0\n");
        let lo = line("lo", 500, 500);
        assert_eq!(net_dev(&[head, &lo, &line("tunl0", 0, 0)].concat()), None);
        // eth1 is for a second network; docker0 and veth1 belong to an engine inside.
        let inside =
            [line("eth0", 10, 1), line("eth1", 5, 2), line("docker0", 70, 70), line("veth1a2b", 70, 70)].concat();
        assert_eq!(net_dev(&[head, &lo, &inside].concat()), Some((15, 3)));
        // Old kernels leave no space before a long number.
        assert_eq!(net_dev("  eth0:123456789012 1 0 0 0 0 0 0 4 1 0 0 0 0 0 0"), Some((123_456_789_012, 4)));
    }

    #[test]
    fn the_soft_limit_of_descriptors_is_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(open_files(limits), Some(1_024));
    }
}
