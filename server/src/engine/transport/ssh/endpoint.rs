//! Opens an engine's socket on a host: directly, or through a command where forwarding is
//! forbidden.
//!
//! OpenSSH does not say why it refuses a socket, so a command on the host finds out: the socket is
//! missing, the user may not open it, or it is usable. Then the sockets of rootless engines are
//! tried, and `docker system dial-stdio` and `podman system dial-stdio`.

use super::{
    channel::{self, ChannelStream},
    session::Session,
};
use crate::engine::transport::LinkError;
use app::model::EngineHop;
use russh::{ChannelMsg, Error as SshError};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// Docker's usual socket.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Timeout for a command that examines the socket.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(3);
/// Interval between examinations after a failure. The socket itself is tried with each call.
const EXAMINE_INTERVAL: Duration = Duration::from_secs(5);
/// Prints the state of the socket `$1` and the user's id.
const EXAMINE: &str = "if [ ! -e \"$1\" ]; then s=missing; elif [ -r \"$1\" ] && [ -w \"$1\" ]; then s=usable; \
                       else s=denied; fi; echo \"$s $(id -u)\"";
/// Request that shows whether a command leads to an engine.
const PING: &[u8] = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";
/// Maximum number of bytes that are read of a command's output.
const MAX_OUTPUT_BYTES: usize = 4 << 10;

/// Ways to the engines of a host, keyed by the socket in the engine's address.
#[derive(Default)]
pub(super) struct Endpoints {
    known: Mutex<HashMap<Option<String>, Endpoint>>,
    /// Latest failure of each socket. The lock lets only one caller examine at a time.
    failure: tokio::sync::Mutex<HashMap<Option<String>, (LinkError, Instant)>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Endpoint {
    Socket(String),
    Command(String),
}

/// Output of a command on the host.
#[derive(Default)]
struct Output {
    text: String,
    errors: String,
}

impl Session {
    /// Opens a channel to the engine. Continues if the caller gives up, so that the channel is
    /// closed.
    pub(super) async fn open(self: &Arc<Self>, socket: Option<&str>) -> Result<ChannelStream, LinkError> {
        let (session, socket) = (Arc::clone(self), socket.map(ToOwned::to_owned));
        let opening = tokio::spawn(async move { session.open_endpoint(socket).await });
        opening.await.unwrap_or_else(|_| Err(channel::lost()))
    }

    async fn open_endpoint(self: Arc<Self>, socket: Option<String>) -> Result<ChannelStream, LinkError> {
        let known = self.endpoints.known.lock().unwrap_or_else(PoisonError::into_inner).get(&socket).cloned();
        let path = match known {
            Some(Endpoint::Command(command)) => return self.start(&command).await,
            Some(Endpoint::Socket(path)) => path,
            None => socket.clone().unwrap_or_else(|| DEFAULT_SOCKET.to_owned()),
        };
        if let Some(stream) = self.forward(&path).await? {
            self.remember(&socket, Endpoint::Socket(path));
            return Ok(stream);
        }
        let mut failures = self.endpoints.failure.lock().await;
        if let Some((error, at)) = failures.get(&socket)
            && at.elapsed() < EXAMINE_INTERVAL
        {
            return Err(error.clone());
        }
        // Another caller may have found a way.
        if let Some(Endpoint::Command(command)) = self.known(&socket) {
            return self.start(&command).await;
        }
        let found = self.examine(&socket).await;
        match &found {
            Ok(_) => drop(failures.remove(&socket)),
            Err(error) => drop(failures.insert(socket, (error.clone(), Instant::now()))),
        }
        found
    }

    fn known(&self, socket: &Option<String>) -> Option<Endpoint> {
        self.endpoints.known.lock().unwrap_or_else(PoisonError::into_inner).get(socket).cloned()
    }

    fn remember(&self, socket: &Option<String>, endpoint: Endpoint) {
        let mut known = self.endpoints.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(socket) != Some(&endpoint) {
            known.insert(socket.clone(), endpoint);
        }
    }

    /// Opens a channel to a socket; `None` if the host refuses to forward it.
    async fn forward(self: &Arc<Self>, path: &str) -> Result<Option<ChannelStream>, LinkError> {
        let handle = self.handle().ok_or_else(channel::lost)?;
        match handle.channel_open_direct_streamlocal(path).await {
            Ok(channel) => Ok(Some(ChannelStream::new(channel, Arc::clone(self)))),
            Err(SshError::ChannelOpenFailure(_)) => Ok(None),
            Err(_) => Err(channel::lost()),
        }
    }

    /// Finds another way to the engine, or the reason why there is none.
    async fn examine(self: &Arc<Self>, socket: &Option<String>) -> Result<ChannelStream, LinkError> {
        let path = socket.as_deref().unwrap_or(DEFAULT_SOCKET);
        let script = format!("exec /bin/sh -c {} sh {}", quoted(EXAMINE), quoted(path));
        let output = self.run(&script, &[], |_| false).await?;
        let mut words = output.text.split_whitespace();
        let (state, uid) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if socket.is_none() && matches!(state, "missing" | "denied") && uid.parse::<u32>().is_ok_and(|uid| uid > 0) {
            for path in [format!("/run/user/{uid}/docker.sock"), format!("/run/user/{uid}/podman/podman.sock")] {
                if let Some(stream) = self.forward(&path).await? {
                    self.remember(socket, Endpoint::Socket(path));
                    return Ok(stream);
                }
            }
        }
        if state == "denied" {
            return Err(self.denied(path));
        }
        let mut errors = Vec::new();
        for command in commands(socket.as_deref()) {
            let output = self.run(&command, PING, |text| text.starts_with("HTTP/1.")).await?;
            if !output.text.starts_with("HTTP/1.") {
                errors.extend(output.errors.lines().next_back().map(|line| line.trim().to_owned()));
                continue;
            }
            // The engine may have started in between.
            if let Some(stream) = self.forward(path).await? {
                return Ok(stream);
            }
            self.remember(socket, Endpoint::Command(command.clone()));
            return self.start(&command).await;
        }
        Err(self.no_endpoint(state, path, &errors))
    }

    fn denied(&self, path: &str) -> LinkError {
        let (user, host) = (&self.hop.user, &self.hop.host);
        LinkError::new(
            EngineHop::Engine,
            "permission_denied",
            format!("the user {user} may not open the socket {path} on {host}"),
            format!("Add the user to the group docker on that host: sudo usermod -aG docker {user}."),
        )
    }

    fn no_endpoint(&self, state: &str, path: &str, errors: &[String]) -> LinkError {
        let host = &self.hop.host;
        if state == "missing" {
            return LinkError::new(
                EngineHop::Engine,
                "no_socket",
                format!("there is no socket {path} on {host}"),
                "Start the engine on that host (systemctl start docker), or name its socket: ssh://USER@HOST/PATH/OF/SOCKET.",
            );
        }
        let errors = if errors.is_empty() { String::new() } else { format!(": {}", errors.join("; ")) };
        LinkError::new(
            EngineHop::Engine,
            "connection_refused",
            format!("{host} does not open the socket {path}, and no command on the host leads to an engine{errors}"),
            "Start the engine on that host. If it runs, set AllowStreamLocalForwarding yes in the sshd_config of that host.",
        )
    }

    /// Starts a command whose input and output lead to the engine.
    async fn start(self: &Arc<Self>, command: &str) -> Result<ChannelStream, LinkError> {
        let channel = self.command(command).await?;
        Ok(ChannelStream::new(channel, Arc::clone(self)))
    }

    async fn command(&self, command: &str) -> Result<russh::Channel<russh::client::Msg>, LinkError> {
        let handle = self.handle().ok_or_else(channel::lost)?;
        let channel = match handle.channel_open_session().await {
            Ok(channel) => channel,
            Err(SshError::ChannelOpenFailure(_)) => return Err(self.no_session()),
            Err(_) => return Err(channel::lost()),
        };
        channel.exec(false, command).await.map_err(|_| channel::lost())?;
        Ok(channel)
    }

    fn no_session(&self) -> LinkError {
        LinkError::new(
            EngineHop::Ssh,
            "ssh_failed",
            format!("{} does not open another session", self.hop.host),
            "Raise MaxSessions in the sshd_config of that host, or set AllowStreamLocalForwarding yes.",
        )
    }

    /// Runs a command until it ends, its output is `enough`, or [`COMMAND_TIMEOUT`] has passed.
    async fn run(&self, command: &str, input: &[u8], enough: impl Fn(&str) -> bool) -> Result<Output, LinkError> {
        let mut channel = self.command(command).await?;
        let mut output = Output::default();
        let running = async {
            if !input.is_empty() {
                let _ = channel.data_bytes(input.to_vec()).await;
            }
            while let Some(message) = channel.wait().await {
                match message {
                    ChannelMsg::Data { data } => output.text.push_str(&String::from_utf8_lossy(&data)),
                    ChannelMsg::ExtendedData { data, .. } => output.errors.push_str(&String::from_utf8_lossy(&data)),
                    ChannelMsg::Close => break,
                    _ => {}
                }
                if enough(&output.text) || output.text.len() + output.errors.len() > MAX_OUTPUT_BYTES {
                    break;
                }
            }
        };
        let _ = timeout(COMMAND_TIMEOUT, running).await;
        let _ = channel.close().await;
        Ok(output)
    }
}

/// Commands that lead to an engine.
fn commands(socket: Option<&str>) -> [String; 2] {
    match socket {
        None => ["docker system dial-stdio".to_owned(), "podman system dial-stdio".to_owned()],
        Some(path) => {
            let url = quoted(&format!("unix://{path}"));
            [format!("docker --host {url} system dial-stdio"), format!("podman --url {url} system dial-stdio")]
        }
    }
}

/// Quotes an argument for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
