//! Reads the options of a host from `~/.ssh/config`.
//!
//! Only the options of [`Options`]; the first value counts, as in OpenSSH. `Match` sections are
//! skipped, because their conditions can run commands; parsers on crates.io apply them to the
//! section before.

use super::{home, pattern};
use crate::process::small_file;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Maximum depth of `Include`, as in OpenSSH.
const MAX_DEPTH: usize = 16;

/// Options of a host in `~/.ssh/config`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) host_name: Option<String>,
    pub(super) user: Option<String>,
    pub(super) port: Option<u16>,
    /// The values of `IdentityFile`, in order.
    pub(super) identity_files: Vec<String>,
    pub(super) known_hosts: Option<Vec<String>>,
    /// The value of `ProxyJump`; `none` turns it off.
    pub(super) proxy_jump: Option<String>,
}

/// Options of `host` in a file and the files that it includes; the defaults if the file does not
/// exist.
pub(super) fn options(file: &Path, host: &str) -> Options {
    let mut options = Options::default();
    read(file, host, true, 0, &mut options);
    options
}

/// Reads a file; `applies` is true if the section that includes it applies to the host.
fn read(file: &Path, host: &str, applies: bool, depth: usize, options: &mut Options) {
    let Ok(text) = small_file::read_to_string(file) else { return };
    let mut section_applies = applies;
    for line in text.lines() {
        let words = words(line);
        let Some((name, values)) = words.split_first() else { continue };
        match name.to_ascii_lowercase().as_str() {
            "host" => section_applies = applies && pattern::any_matches(values.iter().map(String::as_str), host),
            "match" => section_applies = applies && matches!(values, [only] if only.eq_ignore_ascii_case("all")),
            "include" if section_applies && depth < MAX_DEPTH => {
                for path in values.iter().flat_map(|value| included(file, value)) {
                    read(&path, host, true, depth + 1, options);
                }
            }
            name if section_applies => options.take(name, values),
            _ => {}
        }
    }
}

impl Options {
    fn take(&mut self, name: &str, values: &[String]) {
        let Some(first) = values.first() else { return };
        let set = |option: &mut Option<String>| {
            option.get_or_insert_with(|| first.clone());
        };
        match name {
            "hostname" => set(&mut self.host_name),
            "user" => set(&mut self.user),
            "proxyjump" => set(&mut self.proxy_jump),
            "port" => self.port = self.port.or_else(|| first.parse().ok()),
            "identityfile" => self.identity_files.push(first.clone()),
            "userknownhostsfile" => {
                self.known_hosts.get_or_insert_with(|| values.to_vec());
            }
            _ => {}
        }
    }
}

/// Splits a line: `Name value`, `Name=value`, with `"` around values and `#` before comments.
fn words(line: &str) -> Vec<String> {
    let line = line.trim();
    let end = line.find(|letter: char| letter.is_whitespace() || letter == '=').unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() || name.starts_with('#') {
        return Vec::new();
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let (mut words, mut word, mut quoted, mut has_word) = (vec![name.to_owned()], String::new(), false, false);
    for letter in rest.chars() {
        match letter {
            '"' => (quoted, has_word) = (!quoted, true),
            '#' if !quoted && !has_word => break,
            letter if letter.is_whitespace() && !quoted => {
                if std::mem::take(&mut has_word) {
                    words.push(std::mem::take(&mut word));
                }
            }
            letter => {
                word.push(letter);
                has_word = true;
            }
        }
    }
    if has_word {
        words.push(word);
    }
    words
}

/// Files of an `Include`: relative to the folder of the user's file, with patterns in the last
/// part.
fn included(file: &Path, value: &str) -> Vec<PathBuf> {
    let path = home::expand(value);
    let path = file.parent().map_or_else(|| path.clone(), |folder| folder.join(&path));
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    if !name.contains(['*', '?']) {
        return vec![path];
    }
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    let is_meant = |found: &PathBuf| {
        found.file_name().and_then(|found| found.to_str()).is_some_and(|found| pattern::matches(name, found))
    };
    let mut found: Vec<_> =
        entries.into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_meant).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]
    use super::*;

    const CONFIG: &str = "\
# A comment
Include conf.d/*.conf
Host web-3
  HostName = web-3.example.org # with a comment
  Port 2222
  User \"deploy\"
  IdentityFile ~/.ssh/web key
  IdentityFile \"~/.ssh/web key\"
Host web-* !web-9
  User other
  ProxyJump jump
Match host web-3 exec \"touch /tmp/x\"
  ProxyJump evil
Match all
  UserKnownHostsFile /a /b
";

    #[test]
    fn the_first_value_of_each_option_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        fs::write(&file, CONFIG).unwrap();
        fs::create_dir(folder.path().join("conf.d")).unwrap();
        fs::write(folder.path().join("conf.d/a.conf"), "Host db\nUser postgres\n").unwrap();
        fs::write(folder.path().join("conf.d/b.txt"), "User nobody\n").unwrap();
        let found = options(&file, "web-3");
        let known_hosts = Some(vec!["/a".to_owned(), "/b".to_owned()]);
        let expected = Options {
            host_name: Some("web-3.example.org".to_owned()),
            user: Some("deploy".to_owned()),
            port: Some(2222),
            identity_files: vec!["~/.ssh/web".to_owned(), "~/.ssh/web key".to_owned()],
            known_hosts: known_hosts.clone(),
            proxy_jump: Some("jump".to_owned()),
        };
        assert_eq!(found, expected);
        assert_eq!(options(&file, "web-9"), Options { known_hosts: known_hosts.clone(), ..Options::default() });
        let db = Options { known_hosts, user: Some("postgres".to_owned()), ..Options::default() };
        assert_eq!(options(&file, "db"), db);
        assert_eq!(options(&folder.path().join("none"), "db"), Options::default());
    }
}
