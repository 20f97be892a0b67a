//! `[[engine]]` in the settings file.
//!
//! In: a table of the file. Out: an [`EngineSetting`], or a [`BadEngine`], which does not affect the
//! others.

use super::{BadEngine, EngineSetting, Files, setting};
use crate::engine::SshFiles;
use app::model::EngineName;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// An entry of the settings file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: Option<String>,
    address: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    tls: Option<TlsEntry>,
    identity_file: Option<PathBuf>,
    known_hosts: Option<PathBuf>,
    token_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsEntry {
    pub(super) ca: PathBuf,
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Wrapped {
    engine: Entry,
}

/// An address without what may be a secret: a password, and the query.
fn without_secrets(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    match address.split_once("://").map(|(scheme, rest)| (scheme, rest.rsplit_once('@'))) {
        Some((scheme, Some((user, host)))) => {
            format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default())
        }
        _ => address.to_owned(),
    }
}

/// Reads an entry, which is a TOML table on one line.
///
/// # Errors
/// The entry as far as it could be read, with the reason.
pub(super) fn read(text: &str) -> Result<EngineSetting, BadEngine> {
    let document = format!("engine = {text}");
    let table = document.parse::<toml::Table>().unwrap_or_default();
    let field = |name: &str| table.get("engine").and_then(|entry| entry.get(name)?.as_str());
    let bad = |message| BadEngine {
        name: field("name").and_then(|name| EngineName::new(name).ok()),
        address: without_secrets(field("address").unwrap_or_default()),
        message,
    };
    let read = toml::from_str::<Wrapped>(&document).map_err(|error| {
        let whose =
            field("name").map_or_else(|| "an engine without a name".to_owned(), |name| format!("engine {name:?}"));
        bad(format!("{whose}: {}", error.message()))
    })?;
    let Wrapped { engine: Entry { name, address, labels, tls, identity_file, known_hosts, token_file } } = read;
    let files = Files { tls, ssh: SshFiles { identity: identity_file, known_hosts }, token: token_file };
    setting(name.as_deref(), &address, labels.into_iter().collect(), files).map_err(bad)
}

/// Fields of an entry.
const FIELDS: [&str; 7] = ["name", "address", "labels", "tls", "identity-file", "known-hosts", "token-file"];

/// A setting of the server in an entry of `engine`. TOML counts every line below `[[engine]]` to
/// that engine, and the server would start without the setting.
pub(in crate::config) fn setting_in_entries(file: &toml::Table, command: &clap::Command) -> Option<String> {
    let entries = file.get("engine")?.as_array()?.iter().filter_map(toml::Value::as_table);
    let is_setting = |name: &&String| {
        let long = name.replace('_', "-");
        !FIELDS.contains(&long.as_str()) && command.get_arguments().any(|arg| arg.get_long() == Some(&long))
    };
    entries.flat_map(toml::Table::keys).find(is_setting).cloned()
}

/// Entries of `engine` in a settings file; `None` if they have another form, which the caller
/// reads. Paths in an entry are relative to the file.
pub(in crate::config) fn entries_in_file(file: &Path, value: &toml::Value) -> Option<Vec<String>> {
    let entries = value.as_array()?.iter().map(toml::Value::as_table).collect::<Option<Vec<_>>>()?;
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let make_absolute = |path: &mut toml::Value| {
        if let toml::Value::String(path) = path {
            *path = folder.join(&*path).display().to_string();
        }
    };
    let in_folder = |mut entry: toml::Table| {
        let tls = entry.get_mut("tls").and_then(toml::Value::as_table_mut);
        tls.into_iter().flatten().for_each(|(_, path)| make_absolute(path));
        for name in ["identity-file", "known-hosts", "token-file"] {
            entry.get_mut(name).into_iter().for_each(make_absolute);
        }
        toml::Value::Table(entry).to_string()
    };
    Some(entries.into_iter().cloned().map(in_folder).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_bad_entry_has_no_secret() {
        for (address, shown) in [
            ("ssh://u:secret@h:1", "ssh://u@h:1"),
            ("https://tok:secret@h?token=secret", "https://tok@h"),
            ("https://h?token=secret", "https://h"),
            ("tcp://a:b@c@h:1", "tcp://a@h:1"),
            ("unix:///run/docker.sock", "unix:///run/docker.sock"),
        ] {
            assert_eq!(without_secrets(address), shown);
        }
    }
}
