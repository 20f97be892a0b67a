//! What the program does instead of serving.

use crate::auth::{Role, Selector};
use clap::Subcommand;
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// What to do instead of serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Add, change and remove those who may sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Add and remove tokens for programs.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Check the settings, and tell where each comes from.
    CheckConfig,
    /// Look at everything Quaylight needs here (engine, permissions, cgroup files, users), and say what to do.
    Doctor,
    /// Ask the server that runs here whether it lives: exit code 0 or 1, for a container's HEALTHCHECK.
    Healthcheck,
}

/// `quaylight user …`
#[derive(Debug, Clone, Subcommand)]
pub enum UserCommand {
    /// Add somebody; the password is asked for, or read from standard input.
    Add {
        /// Letters, digits and . _ - @
        name: String,
        /// viewer sees, operator acts too, admin also reads the audit log.
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Show only containers with this label, such as team=web; may be given more than once (any of them).
        #[arg(long = "label", value_name = "LABEL")]
        labels: Vec<Selector>,
    },
    /// Set another password; ends their sessions.
    Password {
        /// Who.
        name: String,
    },
    /// Give another role, and the labels that are named with it; ends their sessions.
    Role {
        /// Who.
        name: String,
        /// viewer, operator or admin.
        role: Role,
        /// Show only containers with this label; may be given more than once (any of them).
        #[arg(long = "label", value_name = "LABEL")]
        labels: Vec<Selector>,
    },
    /// Remove somebody; ends their sessions.
    Remove {
        /// Who.
        name: String,
    },
    /// List everybody.
    List,
    /// End somebody's sessions.
    SignOut {
        /// Who.
        name: String,
    },
}

/// `quaylight token …`
#[derive(Debug, Clone, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is printed once, and sent as `Authorization: Bearer TOKEN`.
    Add {
        /// Letters, digits and . _ - @
        name: String,
        /// viewer sees, operator acts too, admin also reads the audit log.
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Show only containers with this label; may be given more than once (any of them).
        #[arg(long = "label", value_name = "LABEL")]
        labels: Vec<Selector>,
        /// How long it holds, such as 90days; not given: until it is removed.
        #[arg(long, value_name = "TIME", value_parser = super::values::lifetime)]
        lifetime: Option<Duration>,
    },
    /// Remove a token; what it has open ends.
    Remove {
        /// Which.
        name: String,
    },
    /// List all of them.
    List,
}

/// Where users, tokens and sessions are kept unless told otherwise.
pub(super) fn usual_data_dir(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let of_user = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    match of_user.filter(|_| !is_root) {
        Some(folder) => folder.join("quaylight"),
        None => PathBuf::from("/var/lib/quaylight"),
    }
}
