//! Flags from `HostConfig`: networks, ports, mounts, limits, rights, namespaces.

use super::Line;
use crate::engine::JsonRef;

/// Default size of `/dev/shm`.
const DEFAULT_SHM_BYTES: u64 = 64 << 20;
/// Default runtimes, which need no flag.
const DEFAULT_RUNTIMES: [&str; 5] = ["runc", "crun", "oci", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"];

pub(super) fn network(container: JsonRef<'_>, line: &mut Line) {
    let host = container.at("/HostConfig");
    let mode = host.text("/NetworkMode").filter(|mode| !matches!(*mode, "default" | "bridge"));
    line.flag("--network", mode);
    let mode = mode.unwrap_or("bridge");
    let id = container.text("/Id").unwrap_or_default();
    let name = container.text("/Name").unwrap_or_default().trim_start_matches('/');
    for (network, place) in container.fields("/NetworkSettings/Networks") {
        // The engine adds the id, and Compose the container's name, which resolves anyway.
        let aliases = place.strings("/Aliases").into_iter().filter(|alias| !id.starts_with(alias) && *alias != name);
        let address = place.text("/IPAMConfig/IPv4Address");
        if network == mode {
            line.flags("--network-alias", aliases);
            line.flag("--ip", address);
        } else {
            let parts =
                aliases.map(|alias| format!(",alias={alias}")).chain(address.map(|address| format!(",ip={address}")));
            line.flag("--network", Some(format!("name={network}{}", parts.collect::<String>())));
        }
    }
}

pub(super) fn ports(container: JsonRef<'_>, image: JsonRef<'_>, line: &mut Line) {
    let host = container.at("/HostConfig");
    line.switch("--publish-all", host.flag("/PublishAllPorts"));
    for (port, bindings) in host.fields("/PortBindings") {
        let port = port.strip_suffix("/tcp").unwrap_or(port);
        for binding in bindings.list("") {
            let address = match binding.text("/HostIp") {
                None | Some("0.0.0.0") => String::new(),
                Some(six) if six.contains(':') => format!("[{six}]:"),
                Some(four) => format!("{four}:"),
            };
            let public = binding.text("/HostPort").map(|port| format!("{port}:"));
            // An address without a port lets the engine choose, but keeps its colon.
            let public = public.unwrap_or_else(|| if address.is_empty() { String::new() } else { ":".to_owned() });
            line.flag("--publish", Some(format!("{address}{public}{port}")));
        }
    }
    let is_implied = |port: &&str| {
        let has = |fields: JsonRef<'_>| fields.0.get(*port).is_some();
        has(host.at("/PortBindings")) || has(image.at("/ExposedPorts"))
    };
    line.flags(
        "--expose",
        container.fields("/Config/ExposedPorts").map(|(port, _)| port).filter(|port| !is_implied(port)),
    );
}

pub(super) fn mounts(container: JsonRef<'_>, image: JsonRef<'_>, line: &mut Line) {
    let host = container.at("/HostConfig");
    line.flags("--volume", host.strings("/Binds"));
    let volumes_of_image = image.at("/Volumes");
    let of_image = |path: &&str| volumes_of_image.0.get(*path).is_some();
    line.flags("--volume", container.fields("/Config/Volumes").map(|(path, _)| path).filter(|path| !of_image(path)));
    line.flags("--mount", host.list("/Mounts").map(mount));
    for (path, options) in host.fields("/Tmpfs") {
        let options = options.0.as_str().filter(|options| !options.is_empty()).map(|options| format!(":{options}"));
        line.flag("--tmpfs", Some(format!("{path}{}", options.unwrap_or_default())));
    }
    line.flags("--volumes-from", host.strings("/VolumesFrom"));
    line.flag("--volume-driver", host.text("/VolumeDriver"));
}

fn mount(mount: JsonRef<'_>) -> String {
    let mut option = format!("type={}", mount.text("/Type").unwrap_or("volume"));
    for (name, pointer) in [
        ("source", "/Source"),
        ("target", "/Target"),
        ("bind-propagation", "/BindOptions/Propagation"),
        ("volume-driver", "/VolumeOptions/DriverConfig/Name"),
        ("volume-subpath", "/VolumeOptions/Subpath"),
    ] {
        option.extend(mount.text(pointer).map(|value| format!(",{name}={value}")));
    }
    option.extend(mount.count("/TmpfsOptions/SizeBytes").map(|bytes| format!(",tmpfs-size={bytes}")));
    for (name, value) in mount.fields("/VolumeOptions/DriverConfig/Options") {
        let setting = format!("volume-opt={name}={}", value.0.as_str().unwrap_or_default());
        // Docker parses the value as CSV, so a field with a comma is quoted.
        option += &if setting.contains([',', '"']) {
            format!(",\"{}\"", setting.replace('"', "\"\""))
        } else {
            format!(",{setting}")
        };
    }
    option + if mount.flag("/ReadOnly") { ",readonly" } else { "" }
}

pub(super) fn lifecycle(host: JsonRef<'_>, line: &mut Line) {
    line.switch("--rm", host.flag("/AutoRemove"));
    let policy = host.text("/RestartPolicy/Name").filter(|name| *name != "no");
    let max_retries =
        host.count("/RestartPolicy/MaximumRetryCount").map(|max_retries| format!(":{max_retries}")).unwrap_or_default();
    line.flag("--restart", policy.map(|name| format!("{name}{max_retries}")));
    line.switch("--init", host.flag("/Init"));
    line.flag("--runtime", host.text("/Runtime").filter(|runtime| !DEFAULT_RUNTIMES.contains(runtime)));
    let options: Vec<_> = host.fields("/LogConfig/Config").collect();
    line.flag(
        "--log-driver",
        host.text("/LogConfig/Type").filter(|driver| *driver != "json-file" || !options.is_empty()),
    );
    line.flags(
        "--log-opt",
        options.iter().map(|(name, value)| format!("{name}={}", value.0.as_str().unwrap_or_default())),
    );
}

pub(super) fn limits(host: JsonRef<'_>, line: &mut Line) {
    let memory = host.count("/Memory");
    line.flag("--memory", memory.map(size));
    // The engine's default is twice the memory.
    let swap = host
        .integer("/MemorySwap")
        .filter(|bytes| memory.map(|bytes| u128::from(bytes) * 2) != u128::try_from(*bytes).ok());
    line.flag("--memory-swap", swap.map(|bytes| u64::try_from(bytes).map_or_else(|_| bytes.to_string(), size)));
    line.flag("--memory-reservation", host.count("/MemoryReservation").map(size));
    // −1 means "not set" in some engines, and 0 disables swapping.
    line.flag("--memory-swappiness", host.number("/MemorySwappiness").map(|percent| percent.to_string()));
    line.flag("--shm-size", host.count("/ShmSize").filter(|bytes| *bytes != DEFAULT_SHM_BYTES).map(size));
    line.flag("--cpus", host.count("/NanoCpus").map(|nanos| (nanos as f64 / 1e9).to_string()));
    for (flag, field) in [
        ("--cpu-shares", "/CpuShares"),
        ("--cpu-period", "/CpuPeriod"),
        ("--cpu-quota", "/CpuQuota"),
        ("--blkio-weight", "/BlkioWeight"),
        ("--oom-score-adj", "/OomScoreAdj"),
    ] {
        line.flag(flag, host.integer(field).map(|number| number.to_string()));
    }
    // 0 removes the engine's default limit.
    line.flag("--pids-limit", host.at("/PidsLimit").as_i64().map(|limit| limit.to_string()));
    line.flag("--cpuset-cpus", host.text("/CpusetCpus"));
    line.flag("--cpuset-mems", host.text("/CpusetMems"));
    line.switch("--oom-kill-disable", host.flag("/OomKillDisable"));
    let ulimit = |limit: JsonRef<'_>| {
        Some(format!("{}={}:{}", limit.text("/Name")?, limit.ulimit("/Soft")?, limit.ulimit("/Hard")?))
    };
    line.flags("--ulimit", host.list("/Ulimits").filter_map(ulimit));
}

/// Formats bytes in the largest unit that divides them.
fn size(bytes: u64) -> String {
    let units = [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")];
    let unit = units.into_iter().find(|(unit, _)| bytes.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{bytes}b"), |(unit, letter)| format!("{}{letter}", bytes / unit))
}

pub(super) fn rights(host: JsonRef<'_>, line: &mut Line) {
    let privileged = host.flag("/Privileged");
    line.switch("--privileged", privileged);
    line.switch("--read-only", host.flag("/ReadonlyRootfs"));
    let plain = |capability: &'_ str| capability.strip_prefix("CAP_").unwrap_or(capability).to_owned();
    line.flags("--cap-add", host.strings("/CapAdd").into_iter().map(plain));
    line.flags("--cap-drop", host.strings("/CapDrop").into_iter().map(plain));
    // The engine adds this option to privileged containers.
    line.flags(
        "--security-opt",
        host.strings("/SecurityOpt").into_iter().filter(|option| !privileged || *option != "label=disable"),
    );
    line.flags("--group-add", host.strings("/GroupAdd"));
    line.flags("--device", host.list("/Devices").filter_map(device));
    line.flags("--device-cgroup-rule", host.strings("/DeviceCgroupRules"));
    line.flags("--gpus", host.list("/DeviceRequests").filter_map(gpus));
    for (name, value) in host.fields("/Sysctls") {
        line.flag("--sysctl", Some(format!("{name}={}", value.0.as_str().unwrap_or_default())));
    }
}

fn device(device: JsonRef<'_>) -> Option<String> {
    let (outside, inside) = (device.text("/PathOnHost")?, device.text("/PathInContainer")?);
    let rights = device.text("/CgroupPermissions").filter(|rights| *rights != "rwm").map(|rights| format!(":{rights}"));
    Some(format!("{outside}:{inside}{}", rights.unwrap_or_default()))
}

fn gpus(request: JsonRef<'_>) -> Option<String> {
    let of_gpus = request.list("/Capabilities").flat_map(|all| all.strings("")).any(|capability| capability == "gpu");
    let ids = request.strings("/DeviceIDs");
    match request.at("/Count").as_i64() {
        _ if !of_gpus => None,
        _ if !ids.is_empty() => Some(format!("\"device={}\"", ids.join(","))),
        Some(-1) => Some("all".to_owned()),
        count => count.map(|count| count.to_string()),
    }
}

/// Adds flags of namespaces and name resolution.
pub(super) fn names(host: JsonRef<'_>, line: &mut Line) {
    line.flag("--ipc", host.text("/IpcMode").filter(|mode| !matches!(*mode, "private" | "shareable")));
    line.flag("--pid", host.text("/PidMode").filter(|mode| *mode != "private"));
    line.flag("--uts", host.text("/UTSMode").filter(|mode| *mode != "private"));
    line.flag("--userns", host.text("/UsernsMode"));
    line.flag("--cgroup-parent", host.text("/CgroupParent"));
    line.flags("--dns", host.strings("/Dns"));
    line.flags("--dns-search", host.strings("/DnsSearch"));
    line.flags("--dns-option", host.strings("/DnsOptions"));
    line.flags("--add-host", host.strings("/ExtraHosts"));
    line.flags("--link", host.strings("/Links").into_iter().filter_map(link));
}

/// Converts `/db:/web/database` to `db:database`.
fn link(link: &str) -> Option<String> {
    let (from, to) = link.split_once(':')?;
    Some(format!("{}:{}", from.trim_start_matches('/'), to.rsplit('/').next()?))
}
