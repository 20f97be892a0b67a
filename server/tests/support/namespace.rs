//! A network namespace of the test's own, joined to this machine by a pair of virtual network
//! devices, where packets can be lost.

use nix::sched::{CloneFlags, setns};
use std::{
    fs::File,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::{Command, Stdio},
};

/// A namespace; removed when dropped.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
    device: String,
    /// Its address.
    address: Ipv4Addr,
}

impl Namespace {
    /// `None` with a message without root, `ip` or `iptables`.
    pub(crate) fn new() -> Option<Self> {
        let number = fastrand::u16(..);
        let [high, low] = number.to_be_bytes();
        // A range that is reserved for benchmarks of network devices.
        let [near, far] = [1, 2].map(|end| Ipv4Addr::new(198, 18 + (high & 1), high, (low & 0xfc) | end));
        let (name, device, peer) = (format!("ql-{number:04x}"), format!("ql{number:04x}a"), format!("ql{number:04x}b"));
        let namespace = Self { name: name.clone(), device: device.clone(), address: far };
        let made = run("ip", &["netns", "add", &name])
            && run("ip", &["link", "add", &device, "type", "veth", "peer", "name", &peer, "netns", &name])
            && run("ip", &["addr", "add", &format!("{near}/30"), "dev", &device])
            && run("ip", &["link", "set", &device, "up"])
            && run("ip", &["-n", &name, "addr", "add", &format!("{far}/30"), "dev", &peer])
            && run("ip", &["-n", &name, "link", "set", &peer, "up"])
            && namespace.lose(0.0);
        assert!(made || std::env::var("REQUIRE_DOCKER").as_deref() != Ok("1"), "REQUIRE_DOCKER=1, but no namespace");
        if !made {
            eprintln!("skipped: it takes root, ip and iptables to make a network namespace");
        }
        made.then_some(namespace)
    }

    /// A listener in the namespace.
    pub(crate) fn listener(&self) -> tokio::net::TcpListener {
        let (path, address) = (format!("/run/netns/{}", self.name), SocketAddr::new(IpAddr::V4(self.address), 0));
        // A socket stays in the namespace in which its thread was.
        let listen = move || {
            setns(File::open(path).unwrap(), CloneFlags::CLONE_NEWNET).unwrap();
            std::net::TcpListener::bind(address).unwrap()
        };
        let listener = std::thread::spawn(listen).join().unwrap();
        listener.set_nonblocking(true).unwrap();
        tokio::net::TcpListener::from_std(listener).unwrap()
    }

    /// Loses this share of the packets, at random, each way.
    pub(crate) fn lose(&self, share: f64) -> bool {
        let iptables = |arguments: &[&str]| {
            let all = ["netns", "exec", &self.name, "iptables"];
            run("ip", &[&all, arguments].concat())
        };
        let probability = share.to_string();
        iptables(&["-F"])
            && (share == 0.0
                || ["INPUT", "OUTPUT"].iter().all(|chain| {
                    let random = ["-m", "statistic", "--mode", "random", "--probability", &probability];
                    iptables(&[&["-A", chain][..], &random, &["-j", "DROP"]].concat())
                }))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Its end of the pair goes with the namespace only once nothing uses it.
        run("ip", &["link", "del", &self.device]);
        run("ip", &["netns", "del", &self.name]);
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
