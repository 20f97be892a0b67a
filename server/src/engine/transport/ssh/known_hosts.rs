//! Keys of known hosts, in OpenSSH's files.

use super::{pattern, route::Hop};
use crate::process::small_file;
use ring::hmac;
use russh::keys::{
    Algorithm, HashAlg, PublicKey,
    ssh_key::known_hosts::{Entry, HostPatterns, Marker},
};
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Result of checking a host key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Known,
    /// No key of this host is known.
    Unknown,
    /// Other keys of this host are known.
    Changed {
        /// Fingerprints of the known keys.
        known: Vec<String>,
        /// File and line of the first known key.
        place: String,
    },
    /// The key is marked as revoked.
    Revoked {
        place: String,
    },
}

/// A line of a known hosts file that applies to the host.
struct Known {
    key: PublicKey,
    is_revoked: bool,
    place: String,
}

/// Checks the key of a host.
pub(super) fn check(hop: &Hop, key: &PublicKey) -> Verdict {
    let known = of_host(hop);
    let same = |one: &&Known| one.key.key_data() == key.key_data();
    if let Some(revoked) = known.iter().filter(same).find(|one| one.is_revoked) {
        return Verdict::Revoked { place: revoked.place.clone() };
    }
    if known.iter().any(|one| same(&one)) {
        return Verdict::Known;
    }
    let mut others = known.iter().filter(|one| !one.is_revoked).peekable();
    match others.peek() {
        None => Verdict::Unknown,
        Some(first) => {
            let place = first.place.clone();
            Verdict::Changed { known: others.map(|one| fingerprint(&one.key)).collect(), place }
        }
    }
}

/// The first known hosts file that exists but cannot be read, and the reason.
pub(super) fn unreadable(hop: &Hop) -> Option<(&Path, io::Error)> {
    let error = |file: &Path| small_file::read(file).err().filter(|error| error.kind() != io::ErrorKind::NotFound);
    hop.known_hosts.iter().find_map(|file| Some((file.as_path(), error(file)?)))
}

/// Types of the known keys of a host, one of which the host has to present.
pub(super) fn algorithms(hop: &Hop) -> Vec<Algorithm> {
    of_host(hop).into_iter().filter(|known| !known.is_revoked).map(|known| known.key.algorithm()).collect()
}

/// A fingerprint as `ssh-keygen -l` prints it: `SHA256:…`.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// Lines that apply to a host; unreadable ones are skipped, as OpenSSH does.
fn of_host(hop: &Hop) -> Vec<Known> {
    let name = hop.known_name();
    let mut found = Vec::new();
    for file in &hop.known_hosts {
        let text = small_file::read_to_string(file).unwrap_or_default();
        for (index, line) in text.lines().enumerate() {
            let words: Vec<_> = line.split_whitespace().collect();
            let Ok(entry) = words.join(" ").parse::<Entry>() else { continue };
            // Certificates of hosts are not requested.
            if entry.marker() == Some(&Marker::CertAuthority) || !names(entry.host_patterns(), &name) {
                continue;
            }
            let place = format!("{}:{}", file.display(), index + 1);
            found.push(Known { key: entry.public_key().clone(), is_revoked: entry.marker().is_some(), place });
        }
    }
    found
}

fn names(patterns: &HostPatterns, name: &str) -> bool {
    match patterns {
        HostPatterns::Patterns(patterns) => pattern::any_matches(patterns.iter().map(String::as_str), name),
        HostPatterns::HashedName { salt, hash } => {
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, salt);
            hmac::verify(&key, name.as_bytes(), hash).is_ok()
        }
    }
}

/// Adds a key to a file, which only its owner may read.
pub(super) fn add(file: &Path, name: &str, key: &PublicKey) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let text = small_file::read_to_string(file).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(String::new()),
        _ => Err(error),
    })?;
    let separator = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let line = PublicKey::from(key.key_data().clone()).to_openssh().map_err(io::Error::other)?;
    let mut file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
    file.write_all(format!("{separator}{name} {line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]
    use super::*;

    const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G2sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X";
    /// A line whose name is `example.com`, hashed by OpenSSH.
    const HASHED: &str = "|1|O33ESRMWPVkMYIwJ1Uw+n877jTo=|nuuC5vEqXlEZ/8BXQR7m619W6Ak= ssh-ed25519 \
                          AAAAC3NzaC1lZDI1NTE5AAAAILIG2T/B0l0gaqj3puu510tu9N1OkQ4znY3LYuEm5zCF";

    fn verdict(file: &str, host: &str, port: u16, key: &str) -> Verdict {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("known_hosts");
        fs::write(&place, file).unwrap();
        let hop = Hop {
            host: host.to_owned(),
            port,
            user: String::new(),
            identities: Vec::new(),
            identity_is_set: false,
            known_hosts: vec![folder.path().join("none"), place],
        };
        check(&hop, &key.parse().unwrap())
    }

    #[test]
    fn a_key_counts_for_the_names_and_the_port_of_its_line() {
        let file =
            format!("# {OTHER}\n\nweb,10.0.0.1\t{ONE} a comment\n[web]:2222 {OTHER}\n*.lan,!bad.lan {ONE}\nbroken\n");
        assert_eq!(verdict(&file, "web", 22, ONE), Verdict::Known);
        assert_eq!(verdict(&file, "WEB", 22, ONE), Verdict::Known);
        assert_eq!(verdict(&file, "10.0.0.1", 22, ONE), Verdict::Known);
        assert_eq!(verdict(&file, "web", 2222, OTHER), Verdict::Known);
        assert_eq!(verdict(&file, "a.lan", 22, ONE), Verdict::Known);
        assert_eq!(verdict(&file, "bad.lan", 22, ONE), Verdict::Unknown);
        assert_eq!(verdict(&file, "web", 23, ONE), Verdict::Unknown);
        assert_eq!(verdict("", "web", 22, ONE), Verdict::Unknown);
        let Verdict::Changed { known, place } = verdict(&file, "web", 22, OTHER) else { panic!("it is accepted") };
        assert_eq!(known, [fingerprint(&ONE.parse().unwrap())]);
        assert!(place.ends_with("known_hosts:3"), "{place}");
    }

    #[test]
    fn hashed_names_and_markers_are_understood() {
        let hashed = HASHED.split_once(' ').unwrap().1;
        assert_eq!(verdict(HASHED, "example.com", 22, hashed), Verdict::Known);
        assert!(matches!(verdict(HASHED, "example.com", 22, ONE), Verdict::Changed { .. }));
        assert_eq!(verdict(HASHED, "example.org", 22, hashed), Verdict::Unknown);
        let revoked = format!("web {ONE}\n@revoked * {ONE}\n");
        assert!(matches!(verdict(&revoked, "web", 22, ONE), Verdict::Revoked { .. }));
        assert_eq!(verdict(&format!("@cert-authority * {ONE}\n"), "web", 22, ONE), Verdict::Unknown);
        assert_eq!(verdict(&format!("@revoked * {ONE}\n"), "web", 22, OTHER), Verdict::Unknown);
    }

    #[test]
    fn an_added_key_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".ssh/known_hosts");
        add(&file, "web", &ONE.parse().unwrap()).unwrap();
        fs::write(&file, fs::read_to_string(&file).unwrap().trim_end()).unwrap();
        add(&file, "[web]:2222", &OTHER.parse().unwrap()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("web {ONE}\n[web]:2222 {OTHER}\n"));
    }
}
