//! Environment variables that resemble settings but are not.

use super::{Cli, nearest::nearest};
use clap::CommandFactory as _;
use std::fmt;

const PREFIX: &str = "QUAYLIGHT_";
/// Variables with the prefix that are not settings: those of tests, of Compose, and those that
/// Kubernetes and Docker links set for a service named `quaylight`.
const OTHERS: [&str; 7] = [
    "QUAYLIGHT_BIN",
    "QUAYLIGHT_ENGINE_ROOTS",
    "QUAYLIGHT_NAME",
    "QUAYLIGHT_PANIC_TASK",
    "QUAYLIGHT_PORT",
    "QUAYLIGHT_SIMULATOR_BIN",
    "QUAYLIGHT_VERSION",
];
/// Prefixes of variables that are not settings.
const OTHER_PREFIXES: [&str; 3] = ["QUAYLIGHT_PORT_", "QUAYLIGHT_SERVICE_", "QUAYLIGHT_ENV_"];

/// A variable that is not a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Name of the variable.
    pub name: String,
    /// The variable with the most similar name.
    pub suggestion: Option<String>,
}

impl fmt::Display for UnknownVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.suggestion {
            Some(suggestion) => write!(f, "{} is not a setting; did you mean {suggestion}?", self.name),
            None => write!(f, "{} is not a setting", self.name),
        }
    }
}

/// Finds the variables among `names` that have the prefix of settings but are not settings.
pub fn unknown_variables(names: impl Iterator<Item = String>) -> Vec<UnknownVariable> {
    let command = Cli::command();
    let known: Vec<&str> = command.get_arguments().filter_map(|arg| arg.get_env()?.to_str()).collect();
    let is_like_one = |name: &String| {
        name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
            && !known.contains(&name.as_str())
            && !OTHERS.contains(&name.as_str())
            && !OTHER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let flag = |variable: &str| variable[PREFIX.len()..].to_ascii_lowercase().replace('_', "-");
    let flags: Vec<String> = known.iter().map(|name| flag(name)).collect();
    let mut found: Vec<_> = names
        .filter(is_like_one)
        .map(|name| {
            let suggestion = nearest(&flag(&name), flags.iter().map(String::as_str));
            let suggestion = suggestion.map(|flag| format!("{PREFIX}{}", flag.replace('-', "_").to_ascii_uppercase()));
            UnknownVariable { name, suggestion }
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// The variables of this process.
pub fn own_variables() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

/// Logs the unknown variables of this process, in one line.
pub fn warn_of_unknown_variables() {
    let unknown = unknown_variables(own_variables());
    if !unknown.is_empty() {
        let unknown: Vec<_> = unknown.iter().map(ToString::to_string).collect();
        tracing::warn!("ignored environment variables: {}", unknown.join("; "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_variable_is_reported_with_a_suggestion() {
        let given = [
            "PATH",
            "QUAYLIGHT_LISTEN",
            "QUAYLIGHT_LISTN",
            "quaylight_engine",
            "QUAYLIGHT_NONSENSE_XY",
            "QUAYLIGHT_TRUSTED_PROXIES",
            "QUAYLIGHT_VERSION",
            "QUAYLIGHT_SERVICE_HOST",
            "QUAYLIGHT_PORT_3000_TCP_ADDR",
        ];
        let found: Vec<_> =
            unknown_variables(given.into_iter().map(ToOwned::to_owned)).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "QUAYLIGHT_LISTN is not a setting; did you mean QUAYLIGHT_LISTEN?",
                "QUAYLIGHT_NONSENSE_XY is not a setting",
                "QUAYLIGHT_TRUSTED_PROXIES is not a setting; did you mean QUAYLIGHT_TRUSTED_PROXY?",
                "quaylight_engine is not a setting; did you mean QUAYLIGHT_ENGINE?",
            ]
        );
    }
}
