//! Signs in to a host with the keys of an agent, and then with those in files.

use super::{
    host_key::{HostKeyCheck, kind},
    known_hosts::fingerprint,
    route::Hop,
};
use crate::{engine::transport::LinkError, process::small_file};
use app::model::EngineHop;
use russh::{
    client::Handle,
    keys::{
        Error as KeyError, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey,
        agent::{AgentIdentity, client::AgentClient},
        decode_secret_key,
    },
};
use std::{io::ErrorKind, path::Path, sync::Arc};
use tokio::net::UnixStream;

/// Maximum number of an agent's keys that are tried: by default, a host closes the connection after
/// six attempts.
const MAX_AGENT_KEYS: usize = 4;

/// An ssh agent and its keys.
struct Agent {
    client: AgentClient<UnixStream>,
    keys: Vec<PublicKey>,
}

impl Agent {
    /// Connects to the agent of `SSH_AUTH_SOCK`; `None` if there is none or it does not respond.
    async fn connect() -> Option<Self> {
        let socket = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty())?;
        let mut client = AgentClient::connect_uds(&socket).await.ok()?;
        let identities = client.request_identities().await.ok()?;
        let plain = |identity: &AgentIdentity| matches!(identity, AgentIdentity::PublicKey { .. });
        let keys =
            identities.iter().filter(|identity| plain(identity)).map(|identity| identity.public_key().into_owned());
        let keys = keys.collect();
        Some(Self { client, keys })
    }
}

/// Keys that were tried, for the error.
#[derive(Default)]
struct Tried {
    /// Keys that the host refused.
    refused: Vec<String>,
    /// Files that cannot be used, with the reason.
    unusable: Vec<String>,
}

/// Signs in with the keys of the agent and of the files.
///
/// # Errors
/// If no key is accepted; the error names the keys.
pub(super) async fn sign_in(handle: &mut Handle<HostKeyCheck>, hop: &Hop) -> Result<(), LinkError> {
    let mut tried = Tried::default();
    let mut agent = Agent::connect().await;
    if let Some(agent) = agent.as_mut().filter(|_| !hop.identity_is_set) {
        for key in agent.keys.clone().into_iter().take(MAX_AGENT_KEYS) {
            if with_agent(handle, hop, agent, key, &mut tried).await? {
                return Ok(());
            }
        }
    }
    for file in &hop.identities {
        let text = small_file::read_to_string(file).map_err(KeyError::IO);
        let accepted = match text.and_then(|text| decode_secret_key(&text, None)) {
            Ok(key) => with_key(handle, hop, key, file, &mut tried).await?,
            Err(KeyError::IO(error)) if error.kind() == ErrorKind::NotFound && !hop.identity_is_set => false,
            Err(error) => match (public_half(file), agent.as_mut()) {
                (Some(key), Some(agent)) if agent.keys.iter().any(|held| held.key_data() == key.key_data()) => {
                    with_agent(handle, hop, agent, key, &mut tried).await?
                }
                _ => {
                    tried.unusable.push(format!("{}: {}", file.display(), reason(&error)));
                    false
                }
            },
        };
        if accepted {
            return Ok(());
        }
    }
    Err(tried.error(hop))
}

fn reason(error: &KeyError) -> String {
    match error {
        KeyError::KeyIsEncrypted => "it is encrypted; add it to an agent, or use a key without a passphrase".to_owned(),
        error => error.to_string(),
    }
}

/// The public key of a private key: from the `.pub` file beside it, or from the private key's file,
/// where it is readable even if the private key is encrypted.
fn public_half(file: &Path) -> Option<PublicKey> {
    let beside = small_file::read_to_string(Path::new(&format!("{}.pub", file.display())))
        .ok()
        .and_then(|text| text.parse().ok());
    beside.or_else(|| Some(PrivateKey::from_openssh(small_file::read(file).ok()?).ok()?.public_key().clone()))
}

async fn with_key(
    handle: &mut Handle<HostKeyCheck>,
    hop: &Hop,
    key: PrivateKey,
    file: &Path,
    tried: &mut Tried,
) -> Result<bool, LinkError> {
    let hash = hash_for(handle, key.public_key()).await?;
    let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
    let name = format!("{} {} ({})", kind(key.public_key()), fingerprint(key.public_key()), file.display());
    let result = handle.authenticate_publickey(&hop.user, key).await.map_err(|error| failed(hop, &error))?;
    Ok(tried.note(result.success(), name))
}

async fn with_agent(
    handle: &mut Handle<HostKeyCheck>,
    hop: &Hop,
    agent: &mut Agent,
    key: PublicKey,
    tried: &mut Tried,
) -> Result<bool, LinkError> {
    let hash = hash_for(handle, &key).await?;
    let name = format!("{} {} (agent)", kind(&key), fingerprint(&key));
    let result = handle.authenticate_publickey_with(&hop.user, key, hash, &mut agent.client).await;
    match result {
        Ok(result) => Ok(tried.note(result.success(), name)),
        Err(error) => {
            tried.unusable.push(format!("{name}: {error}"));
            Ok(false)
        }
    }
}

/// The hash algorithm with which an RSA key signs.
async fn hash_for(handle: &Handle<HostKeyCheck>, key: &PublicKey) -> Result<Option<HashAlg>, LinkError> {
    if !matches!(key.algorithm(), russh::keys::Algorithm::Rsa { .. }) {
        return Ok(None);
    }
    let supported = handle.best_supported_rsa_hash().await;
    Ok(supported.ok().flatten().unwrap_or(Some(HashAlg::Sha256)))
}

fn failed(hop: &Hop, error: &russh::Error) -> LinkError {
    let name = hop.known_name();
    LinkError::new(
        EngineHop::Auth,
        "login_refused",
        format!("{name} ended the connection during sign-in as {}: {error}", hop.user),
        "Read the log of sshd on that host.",
    )
}

impl Tried {
    fn note(&mut self, accepted: bool, key: String) -> bool {
        if !accepted {
            self.refused.push(key);
        }
        accepted
    }

    fn error(self, hop: &Hop) -> LinkError {
        let (host, user) = (hop.known_name(), &hop.user);
        let unusable = if self.unusable.is_empty() {
            String::new()
        } else {
            format!("; not usable: {}", self.unusable.join(", "))
        };
        if self.refused.is_empty() {
            let files: Vec<_> = hop.identities.iter().map(|file| file.display().to_string()).collect();
            let message = if unusable.is_empty() {
                format!("there is no key to sign in to {host} as {user}: no agent, and none of {}", files.join(", "))
            } else {
                format!("there is no key to sign in to {host} as {user}{unusable}")
            };
            return LinkError::new(
                EngineHop::Auth,
                "no_key",
                message,
                "Create a key with ssh-keygen -t ed25519, or name one with identity-file in the settings.",
            );
        }
        LinkError::new(
            EngineHop::Auth,
            "login_refused",
            format!("{host} does not accept any key of the user {user}: {}{unusable}", self.refused.join(", ")),
            format!(
                "Add the public key to ~/.ssh/authorized_keys of {user} on that host: ssh-copy-id {user}@{}.",
                hop.host
            ),
        )
    }
}
