//! Finds the engine as the docker command does: `DOCKER_HOST`, the context, the usual sockets.

use super::EngineAddress;
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What looking led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where to connect.
    pub address: EngineAddress,
    /// Whether anything is there already.
    pub present: bool,
}

/// Where Docker listens when nothing says otherwise.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Looks in the environment given by `variable`; with nothing found, the default socket, where an engine may appear later.
pub fn find(variable: impl Fn(&str) -> Option<String>) -> Found {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(url) = variable("DOCKER_HOST") {
        return Found { address: EngineAddress::new(url), present: true };
    }
    if let Some(address) = from_context(&variable) {
        return Found { address, present: true };
    }
    let sockets = usual_sockets(&variable);
    match sockets.iter().find(|path| path.exists()) {
        Some(path) => Found { address: socket(path), present: true },
        None => Found { address: socket(Path::new(DEFAULT_SOCKET)), present: false },
    }
}

fn socket(path: &Path) -> EngineAddress {
    EngineAddress::new(format!("unix://{}", path.display()))
}

fn usual_sockets(variable: &impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let runtime = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    let home = variable("HOME").map(PathBuf::from);
    let mut sockets = vec![PathBuf::from(DEFAULT_SOCKET)];
    sockets.extend(runtime.iter().map(|folder| folder.join("docker.sock")));
    for path in [".docker/run/docker.sock", ".docker/desktop/docker.sock", ".colima/default/docker.sock"] {
        sockets.extend(home.iter().map(|folder| folder.join(path)));
    }
    sockets.extend(home.iter().map(|folder| folder.join(".rd/docker.sock")));
    sockets.push("/run/podman/podman.sock".into());
    sockets.extend(runtime.iter().map(|folder| folder.join("podman/podman.sock")));
    sockets
}

/// The context named by `DOCKER_CONTEXT` or the config file, unless it is the default one.
fn from_context(variable: &impl Fn(&str) -> Option<String>) -> Option<EngineAddress> {
    let folder = variable("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".docker")))?;
    let name = variable("DOCKER_CONTEXT").or_else(|| {
        let config = read_json(&folder.join("config.json"))?;
        Some(config.get("currentContext")?.as_str()?.to_owned())
    })?;
    if name.is_empty() || name == "default" {
        return None;
    }
    let digest: String = Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let meta = read_json(&folder.join("contexts/meta").join(&digest).join("meta.json"))?;
    let host = meta.get("Endpoints")?.get("docker")?.get("Host")?.as_str()?.to_owned();
    let certificates = folder.join("contexts/tls").join(digest).join("docker");
    Some(EngineAddress { url: host, tls: certificates.is_dir().then_some(certificates), demo: false })
}

fn read_json(path: &Path) -> Option<serde_json::Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]
    use super::*;

    fn find_with(pairs: &[(&str, &str)]) -> Found {
        find(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn docker_host_wins() {
        let found = find_with(&[("DOCKER_HOST", "tcp://10.0.0.5:2375"), ("DOCKER_CONTEXT", "lab")]);
        assert_eq!(found.address.url, "tcp://10.0.0.5:2375");
    }

    #[test]
    fn the_current_context_is_read_from_its_files() {
        let folder = tempfile::tempdir().unwrap();
        // The folder's name is the SHA-256 of "lab".
        let digest: String = Sha256::digest(b"lab").iter().map(|byte| format!("{byte:02x}")).collect();
        let meta = folder.path().join("contexts/meta").join(digest);
        fs::create_dir_all(&meta).unwrap();
        fs::write(folder.path().join("config.json"), r#"{"currentContext":"lab"}"#).unwrap();
        fs::write(meta.join("meta.json"), r#"{"Endpoints":{"docker":{"Host":"unix:///lab.sock"}}}"#).unwrap();
        let found = find_with(&[("DOCKER_CONFIG", folder.path().to_str().unwrap())]);
        assert_eq!(found.address.url, "unix:///lab.sock");
    }

    #[test]
    fn a_rootless_socket_is_found_below_the_runtime_folder() {
        if Path::new(DEFAULT_SOCKET).exists() {
            return; // a machine with an engine of its own finds that first, rightly
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("docker.sock"), "").unwrap();
        let found = find_with(&[("XDG_RUNTIME_DIR", folder.path().to_str().unwrap())]);
        assert!(found.present && found.address.url.ends_with("/docker.sock"), "{found:?}");
    }
}
