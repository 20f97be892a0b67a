//! Subcommands.

use crate::auth::{Role, Selector};
use app::model::EngineName;
use clap::{Args, Subcommand};
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// Command to run instead of the server.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Add, change and remove users, who sign in with a name and a password.
    ///
    /// Users are kept in users.toml in the data folder (--data-dir), with passwords as argon2id. A
    /// running server applies each change within a second. Run these commands as root or as the
    /// user of the service.
    #[command(subcommand)]
    User(UserCommand),
    /// Add, change and remove tokens, with which programs sign in.
    ///
    /// A program sends its token as `Authorization: Bearer TOKEN`. Tokens are kept in users.toml in
    /// the data folder (--data-dir), as SHA-256. A running server applies each change within a
    /// second. Run these commands as root or as the user of the service.
    #[command(subcommand)]
    Token(TokenCommand),
    /// List and end sessions: of users with a password, of an OpenID provider, and of a proxy that
    /// authenticates users.
    ///
    /// Sessions are kept in the data folder (--data-dir) of the server. Run these commands as root
    /// or as the user of the service.
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Trust the ssh host of an engine; invite other Quaylight servers to join this one.
    #[command(subcommand)]
    Engine(EngineCommand),
    /// Check the settings, and show the source of each.
    CheckConfig,
    /// Check the requirements of Quaylight on this machine (engine, permissions, cgroup files,
    /// users), and print how to meet them.
    Doctor,
    /// Check that the server on this machine is healthy: exit code 0 or 1, for a container's
    /// HEALTHCHECK.
    Healthcheck,
}

/// Containers that a user or token sees after a change.
#[derive(Debug, Clone, Args)]
pub struct LabelChange {
    /// Show only containers with this label, such as team=web; may be given more than once (any of
    /// them). Default: labels stay unchanged.
    #[arg(long = "label", value_name = "LABEL")]
    pub labels: Vec<Selector>,
    /// Show every container.
    #[arg(long, conflicts_with = "labels")]
    pub all_containers: bool,
}

/// `quaylight user …`
#[derive(Debug, Clone, Subcommand)]
pub enum UserCommand {
    /// Add a user. Prompts for the password, or reads it from the first line of standard input.
    #[command(
        after_help = "Examples:\n  quaylight user add ada --role admin\n  printf '%s\\n' \"$PASSWORD\" | quaylight user add bob --role operator --label team=web"
    )]
    Add {
        /// The user's name: 1 to 64 letters, digits and . _ - @
        name: String,
        /// viewer: see containers. operator: also start, stop, restart, pause, kill and remove
        /// them, and see secrets. admin: also read the audit log.
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Show only containers with this label, such as team=web; may be given more than once (any
        /// of them). Default: every container.
        #[arg(long = "label", value_name = "LABEL")]
        labels: Vec<Selector>,
    },
    /// Change a user's password, and end the user's sessions. Prompts for the password, or reads it
    /// from the first line of standard input.
    Password {
        /// The user's name.
        name: String,
    },
    /// Change a user's role, and end the user's sessions. The labels stay unless others are given.
    #[command(
        after_help = "Examples:\n  quaylight user role bob operator\n  quaylight user role bob operator --label team=web --label team=db\n  quaylight user role bob admin --all-containers"
    )]
    Role {
        /// The user's name.
        name: String,
        /// viewer, operator or admin.
        role: Role,
        /// Containers the user sees.
        #[command(flatten)]
        labels: LabelChange,
    },
    /// Remove a user, and end the user's sessions. A running server still requires sign-in after
    /// the last user is removed.
    Remove {
        /// The user's name.
        name: String,
    },
    /// List all users with their roles and labels.
    List,
    /// End all sessions of a user. For users of a provider or a proxy, use quaylight sessions end.
    SignOut {
        /// The user's name.
        name: String,
    },
}

/// `quaylight token …`
#[derive(Debug, Clone, Subcommand)]
pub enum TokenCommand {
    /// Add a token. Prints it once, as the only line on standard output.
    #[command(
        after_help = "Examples:\n  quaylight token add prometheus\n  quaylight token add deploy --role operator --label team=web --lifetime 90days"
    )]
    Add {
        /// The token's name: 1 to 64 letters, digits and . _ - @
        name: String,
        /// viewer: see containers. operator: also start, stop, restart, pause, kill and remove
        /// them, and see secrets. admin: also read the audit log.
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Show only containers with this label, such as team=web; may be given more than once (any
        /// of them). Default: every container.
        #[arg(long = "label", value_name = "LABEL")]
        labels: Vec<Selector>,
        /// Lifetime, such as 90days (1m to 366days). Default: until it is removed.
        #[arg(long, value_name = "TIME", value_parser = super::values::lifetime)]
        lifetime: Option<Duration>,
    },
    /// Change a token's role, and end its open streams. The labels stay unless others are given.
    #[command(after_help = "Example:\n  quaylight token role deploy operator")]
    Role {
        /// The token's name.
        name: String,
        /// viewer, operator or admin.
        role: Role,
        /// Containers the token sees.
        #[command(flatten)]
        labels: LabelChange,
    },
    /// Remove a token, and end its open streams.
    Remove {
        /// The token's name.
        name: String,
    },
    /// List all tokens with their roles, labels and expiry.
    List,
}

/// `quaylight sessions …`
#[derive(Debug, Clone, Subcommand)]
pub enum SessionsCommand {
    /// List all sessions, oldest first.
    ///
    /// Each line has the session's id, the user's name, the source of the name (local: quaylight
    /// user; openid: the OpenID provider; proxy: a trusted proxy), the role, the time and address
    /// of the start, and the expiry.
    List,
    /// End sessions. A running server ends them within a second, with all open streams.
    ///
    /// A user of an OpenID provider or a proxy can return as long as the provider or the proxy lets
    /// them in.
    #[command(
        group = clap::ArgGroup::new("which").required(true),
        after_help = "Examples:\n  quaylight sessions end 3f9a0c51b7de\n  quaylight sessions end --account ada\n  quaylight sessions end --all"
    )]
    End {
        /// Id of one session, from the list.
        #[arg(group = "which")]
        id: Option<String>,
        /// All sessions of users with this name, whatever the source of the name.
        #[arg(long, value_name = "NAME", group = "which")]
        account: Option<String>,
        /// All sessions of all users.
        #[arg(long, group = "which")]
        all: bool,
    },
}

/// `quaylight engine …`
#[derive(Debug, Clone, Subcommand)]
pub enum EngineCommand {
    /// Show the key of an ssh host, and add it to the known hosts.
    ///
    /// Compare the fingerprint with the one that the host itself prints: ssh-keygen -lf
    /// /etc/ssh/ssh_host_ed25519_key.pub. With jump hosts, each one is shown in turn. The file is
    /// known-hosts of the engine in the settings, or ~/.ssh/known_hosts of the user of the service:
    /// run this command as root or as that user.
    #[command(after_help = "Examples:\n  quaylight engine trust web-3\n  quaylight engine trust ssh://deploy@web-3")]
    Trust {
        /// Name of an engine in the settings, or an address ssh://USER@HOST.
        engine: String,
        /// Add the key without asking for confirmation.
        #[arg(long)]
        yes: bool,
    },
    /// Invite another Quaylight to join this one, for a host that cannot be reached from here.
    ///
    /// Prints a token once, as the only line on standard output, and the command for the other host
    /// on standard error. The token works once. The other server exchanges it for a key of its own,
    /// and its engine appears here with this name. If it has joined before, its old key is valid until
    /// it uses the new token.
    #[command(after_help = "Example:\n  quaylight engine invite web-3")]
    Invite {
        /// Name of the engine here: lower-case letters, digits and . _ -
        /// Name of the engine here: lower-case letters, digits and . _ -
        #[arg(value_parser = EngineName::new)]
        name: EngineName,
        /// Time within which the token must be used (1m to 366days).
        #[arg(long, value_name = "TIME", default_value = "1h", value_parser = super::values::lifetime)]
        lifetime: Duration,
    },
    /// Revoke the key and the invitation of a Quaylight that joins this one. A running server ends its
    /// connection within a second, and no longer shows its engine.
    Revoke {
        /// Name with which it was invited.
        name: String,
    },
    /// List the servers that have joined, or were invited to.
    List,
}

/// Default folder for users, tokens and sessions.
pub(super) fn default_data_dir(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let of_user = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    match of_user.filter(|_| !is_root) {
        Some(folder) => folder.join("quaylight"),
        None => PathBuf::from("/var/lib/quaylight"),
    }
}
