//! Errors in the settings, in one line each.

use super::{access::Incomplete, file};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::{io::Write as _, path::PathBuf};

/// Error in the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An error on the command line or in a variable; or `--help`.
    #[error("{0}")]
    CommandLine(#[from] clap::Error),
    /// An invalid value in the file.
    #[error("{path}: {error}", path = path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// Error of the value.
        error: clap::Error,
    },
    /// Engines that cannot be watched together, and the reason.
    #[error("{0}")]
    Engines(String),
    /// A setting that requires another one.
    #[error("{}{incomplete}", path.as_ref().map(|path| format!("{}: ", path.display())).unwrap_or_default())]
    Incomplete {
        /// Path of the settings file, if it has the setting and no flag or variable does.
        path: Option<PathBuf>,
        /// The setting, and what it requires.
        incomplete: Incomplete,
    },
    /// An error in the settings file as a whole.
    #[error("{0}")]
    File(#[from] file::FileError),
    /// `--help` after an argument that takes a value.
    #[error("--help is not a value")]
    NoHelp,
}

impl ConfigError {
    /// The error in one line.
    pub fn line(&self) -> String {
        let text = match self {
            Self::CommandLine(error) => sentence(error),
            Self::InFile { path, error } => format!("{}: {}", path.display(), sentence(error)),
            Self::Engines(_) | Self::Incomplete { .. } | Self::File(_) | Self::NoHelp => self.to_string(),
        };
        first_line(&text).to_owned()
    }

    /// Prints the error and exits.
    pub fn exit(&self) -> ! {
        use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
        if let Self::CommandLine(error) = self
            && matches!(error.kind(), DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand)
        {
            error.exit();
        }
        // If standard error is closed, there is only the exit code.
        let _ = writeln!(std::io::stderr(), "quaylight: {} (see quaylight --help)", self.line());
        std::process::exit(2);
    }
}

/// Joins clap's message into one line; clap lists missing arguments and possible values below the
/// first.
fn sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = first_line(&text);
    let listed = |kind| match error.get(kind) {
        Some(ContextValue::Strings(words)) => words.join(", "),
        Some(ContextValue::String(word)) => word.clone(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("{first} {}", listed(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue if !listed(ContextKind::ValidValue).is_empty() => {
            format!("{first}; expected {}", listed(ContextKind::ValidValue))
        }
        _ => first.to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").trim_end()
}
