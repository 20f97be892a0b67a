//! The settings file: TOML, one level, with the names of flags, and a table for each engine.
//!
//! Its settings become command-line arguments, so that every value has one parser and one error
//! message.

use super::{engines, nearest::nearest};
use clap::{ArgAction, Command};
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// Error in the settings file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Missing or unreadable.
    #[error("cannot read the settings in {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Invalid TOML.
    #[error("{path} is not valid TOML: {reason}", path = path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The parse error, with its position.
        reason: String,
    },
    /// A name that is not a flag.
    #[error("{path}: there is no setting {name}{hint}", path = path.display())]
    UnknownName {
        /// The file.
        path: PathBuf,
        /// Name in the file.
        name: String,
        /// Suggestion of a similar name.
        hint: String,
    },
    /// A setting below `[[engine]]`.
    #[error("{path}, line {line}: {name} is not a field of an engine. Settings belong above the first [[engine]]", path = path.display())]
    BelowEngine {
        /// The file.
        path: PathBuf,
        /// Line in the file.
        line: usize,
        /// Name of the setting.
        name: String,
    },
    /// A value of the wrong type.
    #[error("{path}, line {line}: {name} cannot be {found}", path = path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// Line in the file.
        line: usize,
        /// Name of the setting.
        name: String,
        /// Type of the value.
        found: &'static str,
    },
}

fn text(path: &Path) -> Result<String, FileError> {
    fs::read_to_string(path).map_err(|source| FileError::Unreadable { path: path.to_owned(), source })
}

fn table(path: &Path, text: &str) -> Result<Table, FileError> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let advice = text.lines().nth(line - 1).and_then(quoted).map(|right| format!("; texts need quotes: {right}"));
        let reason = format!("{} (line {line}){}", error.message(), advice.unwrap_or_default());
        FileError::Syntax { path: path.to_owned(), reason }
    })
}

/// Suggests `name = value` with quotes around a value without them.
fn quoted(line: &str) -> Option<String> {
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.split('#').next()?.trim());
    let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    let is_text = !value.is_empty() && value.len() <= MAX_QUOTED_LEN && !value.contains(['"', '\'', '[', '{', '\\']);
    (is_name && is_text).then(|| format!("{name} = \"{value}\""))
}

/// Maximum length of a quoted line, so that the message stays readable.
const MAX_QUOTED_LEN: usize = 100;

/// The line that sets `name`.
fn line_of(text: &str, name: &str) -> usize {
    let sets = |line: &str| line.split_once('=').is_some_and(|(key, _)| key.trim().trim_matches(['"', '\'']) == name);
    let opens = |line: &str| line.trim().trim_start_matches('[').starts_with(name);
    let place = text.lines().position(sets).or_else(|| text.lines().position(opens));
    place.unwrap_or_default() + 1
}

/// The value of a flag in the file, as a single text.
pub(crate) fn setting(path: &Path, long: &str) -> Result<Option<String>, FileError> {
    let table = table(path, &text(path)?)?;
    let value = table.iter().find(|(name, _)| name.replace('_', "-") == long).map(|(_, value)| value);
    Ok(value.map(|value| texts(value, false).map_or_else(|_| value.to_string(), |texts| texts.join(","))))
}

/// Arguments for the settings in the file that are not overridden.
pub(super) fn arguments(
    path: &Path,
    command: &Command,
    is_set: &dyn Fn(&clap::Arg) -> bool,
) -> Result<Vec<OsString>, FileError> {
    let text = text(path)?;
    let table = table(path, &text)?;
    let mut arguments = Vec::new();
    if let Some(name) = engines::setting_in_entries(&table, command) {
        return Err(FileError::BelowEngine { path: path.to_owned(), line: line_of(&text, &name), name });
    }
    for (name, value) in table {
        let long = name.replace('_', "-");
        let settable =
            |arg: &&clap::Arg| arg.get_long() == Some(long.as_str()) && !NOT_IN_A_FILE.contains(&long.as_str());
        let Some(arg) = command.get_arguments().find(settable) else {
            return Err(FileError::UnknownName { path: path.to_owned(), hint: hint(&long, command), name });
        };
        if is_set(arg) {
            continue;
        }
        let is_flag = matches!(arg.get_action(), ArgAction::SetTrue);
        let line = line_of(&text, &name);
        let wrong = |found| FileError::WrongKind { path: path.to_owned(), line, name: name.clone(), found };
        let entries = if long == "engine" { engines::entries_in_file(path, &value) } else { None };
        for text in entries.map_or_else(|| texts(&value, is_flag).map_err(wrong), Ok)? {
            arguments.push(if is_flag { format!("--{long}") } else { format!("--{long}={text}") }.into());
        }
    }
    Ok(arguments)
}

/// Flags that a file cannot set: it cannot name another file or request help.
const NOT_IN_A_FILE: [&str; 3] = ["config", "help", "version"];

/// The values as on the command line; no values for `false`.
fn texts(value: &Value, is_flag: bool) -> Result<Vec<String>, &'static str> {
    match (value, is_flag) {
        (Value::Boolean(on), true) => Ok(on.then(String::new).into_iter().collect()),
        (_, true) => Err("anything but true or false"),
        (Value::String(text), _) => Ok(vec![text.clone()]),
        (Value::Integer(number), _) => Ok(vec![number.to_string()]),
        (Value::Array(values), _) => {
            let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("a list of anything but texts");
            values.iter().map(text).collect()
        }
        (Value::Boolean(_), _) => Err("true or false"),
        (Value::Table(_), _) => Err("a table: all settings are on one level"),
        (Value::Float(_) | Value::Datetime(_), _) => Err("a number with a point or a date; texts need quotes"),
    }
}

fn hint(name: &str, command: &Command) -> String {
    let known = command.get_arguments().filter_map(clap::Arg::get_long).filter(|long| !NOT_IN_A_FILE.contains(long));
    match nearest(name, known) {
        Some(long) => format!("; did you mean {long}?"),
        None => "; quaylight --help lists them".to_owned(),
    }
}

#[cfg(test)]
mod tests;
