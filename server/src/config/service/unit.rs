//! Reads `quaylight.service` and its drop-ins: command, environment, user and groups.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Folders with units of systemd; the first has priority.
const FOLDERS: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];
const NAME: &str = "quaylight.service";

/// A systemd unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    files: Vec<PathBuf>,
    /// `User=`; without one, the service runs as root.
    pub user: Option<String>,
    /// `Group=`; without one, the user's own.
    pub group: Option<String>,
    /// `SupplementaryGroups=`.
    pub groups: Vec<String>,
    /// `LimitNOFILE=`.
    pub open_files: Option<String>,
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
}

impl Service {
    /// Reads the unit; `None` if there is none, or it is masked.
    pub(super) fn installed(root: &Path) -> Option<Self> {
        let unit = FOLDERS.iter().map(|folder| root.join(folder).join(NAME)).find(|path| path.exists())?;
        let text = fs::read_to_string(&unit).ok().filter(|text| !text.trim().is_empty())?;
        let mut service = Self { files: vec![unit], ..Self::default() };
        service.take(root, &text);
        for (_, path) in drop_ins(root) {
            if let Ok(text) = fs::read_to_string(&path) {
                service.take(root, &text);
                service.files.push(path);
            }
        }
        Some(service)
    }

    #[cfg(test)]
    pub(crate) fn run_as(user: Option<&str>, groups: &[&str]) -> Self {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        Self { user: user.map(ToOwned::to_owned), groups, ..Self::default() }
    }

    /// Path of the unit file.
    pub fn file(&self) -> &Path {
        self.files.first().map(PathBuf::as_path).unwrap_or(Path::new(NAME))
    }

    /// Value of an environment variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Names of all environment variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(name, _)| name.as_str())
    }

    /// Value of a setting.
    pub fn setting(&self, arg: &clap::Arg) -> Option<String> {
        let variable = arg.get_env().and_then(|name| name.to_str()).and_then(|name| self.variable(name));
        variable.map(ToOwned::to_owned).or_else(|| {
            let flag = format!("--{}", arg.get_long()?);
            let mut words = self.arguments.iter();
            let value = words.find_map(|word| {
                (*word == flag)
                    .then(String::new)
                    .or_else(|| word.strip_prefix(&format!("{flag}=")).map(ToOwned::to_owned))
            })?;
            Some(if value.is_empty() { words.next().cloned().unwrap_or_default() } else { value })
        })
    }

    /// Id of the user of the service.
    #[cfg(target_os = "linux")]
    pub fn user_id(&self) -> Option<u32> {
        use nix::unistd::{Uid, User};
        let name = self.user.as_deref().unwrap_or("root");
        let found = match name.parse::<u32>() {
            Ok(number) => User::from_uid(Uid::from_raw(number)),
            Err(_) => User::from_name(name),
        };
        found.ok().flatten().map(|user| user.uid.as_raw())
    }

    /// Id of the user of the service.
    #[cfg(not(target_os = "linux"))]
    pub fn user_id(&self) -> Option<u32> {
        None
    }

    /// Limit on open files that the server reaches: the hard limit of `LimitNOFILE=`.
    pub fn max_open_files(&self) -> Option<u64> {
        let hard = self.open_files.as_deref()?.rsplit(':').next()?;
        if hard == "infinity" { Some(u64::MAX) } else { hard.parse().ok() }
    }

    /// Arguments of `ExecStart=`, without the program.
    pub(super) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    fn take(&mut self, root: &Path, text: &str) {
        let mut section = String::new();
        for line in text.replace("\\\n", " ").lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                name.clone_into(&mut section);
            }
            if section != "Service" || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some((key, value)) = line.split_once('=') {
                self.set(root, key.trim(), value.trim());
            }
        }
    }

    fn set(&mut self, root: &Path, key: &str, value: &str) {
        let one = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match key {
            "User" => self.user = one(),
            "Group" => self.group = one(),
            "LimitNOFILE" => self.open_files = one(),
            // An empty value clears earlier ones.
            "SupplementaryGroups" if value.is_empty() => self.groups.clear(),
            "SupplementaryGroups" => self.groups.extend(words(value)),
            "Environment" if value.is_empty() => self.variables.clear(),
            "Environment" => self.variables.extend(words(value).iter().filter_map(|word| variable(word))),
            "EnvironmentFile" => {
                let path = value.trim_start_matches('-');
                let text = fs::read_to_string(root.join(path.trim_start_matches('/'))).unwrap_or_default();
                let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
                self.variables.extend(lines.filter_map(|line| variable(&words(line).join(" "))));
            }
            "ExecStart" => {
                self.arguments =
                    words(value.trim_start_matches(['@', '-', ':', '+', '!'])).into_iter().skip(1).collect();
            }
            _ => {}
        }
    }
}

fn variable(text: &str) -> Option<(String, String)> {
    text.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
}

/// Drop-in files by name; of two with the same name, the one in the first folder is used.
fn drop_ins(root: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for folder in FOLDERS.iter().map(|folder| root.join(folder).join(format!("{NAME}.d"))) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".conf") {
                found.entry(name).or_insert(entry.path());
            }
        }
    }
    found
}

/// Splits at white space outside quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (letter, Some(end)) if letter == end => quote = None,
            ('"' | '\'', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            ('\\', _) => word.get_or_insert_default().extend(letters.next()),
            (letter, None) if letter.is_whitespace() => words.extend(word.take()),
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own files has failed")]
    use super::*;

    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    const UNIT: &str = include_str!("../../../../packaging/quaylight.service");

    #[test]
    fn the_packaged_unit_is_parsed() {
        let root = machine(&[("usr/lib/systemd/system/quaylight.service", UNIT)]);
        let service = Service::installed(root.path()).unwrap();
        assert_eq!(
            (service.user.as_deref(), service.groups.as_slice()),
            (Some("quaylight"), ["docker".to_owned()].as_slice())
        );
        assert_eq!(service.variable("QUAYLIGHT_CONFIG"), Some("/etc/quaylight/quaylight.toml"));
        assert_eq!(service.variable("QUAYLIGHT_DATA_DIR"), Some("/var/lib/quaylight"));
        assert!(service.arguments().is_empty());
        assert_eq!(service.max_open_files(), Some(65_536));
        assert_eq!(Service::installed(tempfile::tempdir().unwrap().path()), None);
    }

    #[test]
    fn limit_nofile_uses_the_hard_limit() {
        for (value, limit) in [
            ("1024:4096", Some(4_096)),
            ("infinity", Some(u64::MAX)),
            ("512:infinity", Some(u64::MAX)),
            ("512", Some(512)),
            ("", None),
            ("many", None),
        ] {
            let unit = format!("[Service]\nLimitNOFILE={value}\n");
            let root = machine(&[("etc/systemd/system/quaylight.service", &unit)]);
            assert_eq!(Service::installed(root.path()).unwrap().max_open_files(), limit, "{value}");
        }
    }

    #[test]
    fn drop_ins_apply_in_the_order_of_their_names() {
        let second = "[Service]\nUser=web\nSupplementaryGroups=\nSupplementaryGroups=podman \\\n web\n";
        let third = "[Service]\nExecStart=\nExecStart=-/opt/quaylight --listen '0.0.0.0:80' --allow-actions\n\
                     EnvironmentFile=-/etc/default/quaylight\nEnvironment=\"QUAYLIGHT_LOG=a b\" QUAYLIGHT_ENGINE=demo\n";
        let root = machine(&[
            ("lib/systemd/system/quaylight.service", UNIT),
            ("etc/systemd/system/quaylight.service.d/20-third.conf", third),
            ("usr/lib/systemd/system/quaylight.service.d/20-third.conf", "[Service]\nUser=nobody\n"),
            ("run/systemd/system/quaylight.service.d/10-second.conf", second),
            ("etc/systemd/system/quaylight.service.d/README", "[Service]\nUser=readme\n"),
            ("etc/default/quaylight", "# a comment\nQUAYLIGHT_LISTEN=\"127.0.0.1:81\"\n"),
        ]);
        let service = Service::installed(root.path()).unwrap();
        assert_eq!((service.user.as_deref(), service.groups.join(",")), (Some("web"), "podman,web".to_owned()));
        assert_eq!(service.arguments(), ["--listen", "0.0.0.0:80", "--allow-actions"]);
        assert_eq!(
            (service.variable("QUAYLIGHT_LOG"), service.variable("QUAYLIGHT_LISTEN")),
            (Some("a b"), Some("127.0.0.1:81"))
        );
        assert_eq!(service.files.len(), 3);
    }
}
