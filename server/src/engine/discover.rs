//! Finds the engine: `DOCKER_HOST` and the Docker context, as the docker CLI does, then the first
//! usable well-known socket.

use super::{EngineAddress, TlsFiles};
use crate::process::small_file;
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    io::ErrorKind,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

/// Result of the search for an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredEngine {
    /// Address to connect to.
    pub address: EngineAddress,
    /// True if the address was configured, or a socket at it accepts or denies connections.
    pub present: bool,
}

/// Docker's default socket.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Finds the engine in the environment read by `variable`. Falls back to the default socket, where
/// an engine may appear later.
///
/// # Errors
/// If the address in `DOCKER_HOST` or in the Docker context is not supported.
pub fn discover(variable: impl Fn(&str) -> Option<String>) -> Result<DiscoveredEngine, String> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(url) = variable("DOCKER_HOST") {
        let address = EngineAddress::parse(&url).map_err(|expected| format!("DOCKER_HOST is {url}: {expected}"))?;
        return Ok(DiscoveredEngine { address, present: true });
    }
    if let Some(EngineAddress { url, tls, .. }) = from_context(&variable) {
        let address = EngineAddress::parse(&url);
        let address = address.map_err(|expected| format!("the Docker context's address is {url}: {expected}"))?;
        return Ok(DiscoveredEngine { address: EngineAddress { tls, ..address }, present: true });
    }
    Ok(choose(&known_sockets(&variable), probe))
}

/// Result of connecting to a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probed {
    Accepts,
    /// This user may not connect, or may not even see whether the socket exists.
    Denied,
    /// The socket exists, and its engine may be starting.
    Silent,
    Missing,
}

fn probe(path: &Path) -> Probed {
    match UnixStream::connect(path) {
        Ok(_) => Probed::Accepts,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Probed::Denied,
        Err(_) if path.exists() => Probed::Silent,
        Err(_) => Probed::Missing,
    }
}

/// The first socket that accepts connections; otherwise the first that denies permission, because
/// the page then explains how to get it; otherwise the first that exists.
fn choose(sockets: &[PathBuf], probe: impl Fn(&Path) -> Probed) -> DiscoveredEngine {
    let probed: Vec<_> = sockets.iter().map(|path| (probe(path), path)).collect();
    let first = |wanted| probed.iter().find(|(result, _)| *result == wanted).map(|(_, path)| path.as_path());
    let present = first(Probed::Accepts).or_else(|| first(Probed::Denied));
    let path = present.or_else(|| first(Probed::Silent)).unwrap_or(Path::new(DEFAULT_SOCKET));
    DiscoveredEngine { address: socket(path), present: present.is_some() }
}

fn socket(path: &Path) -> EngineAddress {
    EngineAddress::new(format!("unix://{}", path.display()))
}

fn known_sockets(variable: &impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
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

/// The address of the context named by `DOCKER_CONTEXT` or the config file, unless it is `default`.
fn from_context(variable: &impl Fn(&str) -> Option<String>) -> Option<EngineAddress> {
    let folder = docker_folder(variable)?;
    let name = variable("DOCKER_CONTEXT").or_else(|| {
        let config = read_json(&folder.join("config.json"))?;
        Some(config.get("currentContext")?.as_str()?.to_owned())
    })?;
    if name.is_empty() || name == DEFAULT_CONTEXT { None } else { of_context(&folder, &name) }
}

/// The context that uses `DOCKER_HOST` or the default socket.
const DEFAULT_CONTEXT: &str = "default";

fn docker_folder(variable: &impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    variable("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".docker")))
}

/// The address of a stored context, unchecked.
fn of_context(folder: &Path, name: &str) -> Option<EngineAddress> {
    let digest: String = Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let meta = read_json(&folder.join("contexts/meta").join(&digest).join("meta.json"))?;
    let host = meta.get("Endpoints")?.get("docker")?.get("Host")?.as_str()?.to_owned();
    let certificates = folder.join("contexts/tls").join(digest).join("docker");
    let tls = certificates.is_dir().then(|| TlsFiles::in_folder(&certificates));
    Some(EngineAddress { tls, ..EngineAddress::new(host) })
}

/// The engine of a Docker context.
///
/// # Errors
/// If there is no such context, or its address is not supported.
pub fn context(name: &str, variable: impl Fn(&str) -> Option<String>) -> Result<EngineAddress, String> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if name == DEFAULT_CONTEXT {
        return Ok(choose(&known_sockets(&variable), probe).address);
    }
    let found = docker_folder(&variable).and_then(|folder| of_context(&folder, name));
    let EngineAddress { url, tls, .. } = found.ok_or_else(|| format!("there is no Docker context {name}"))?;
    let address = EngineAddress::parse(&url);
    let address =
        address.map_err(|expected| format!("the address of the Docker context {name} is {url}: {expected}"))?;
    Ok(EngineAddress { tls, ..address })
}

/// All Docker contexts by name; `default` comes first if it has an engine.
pub fn contexts(variable: impl Fn(&str) -> Option<String>) -> Vec<(String, Result<EngineAddress, String>)> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let default = choose(&known_sockets(&set), probe);
    let folder = docker_folder(&set).map(|folder| folder.join("contexts/meta"));
    let stored = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let name =
        |entry: fs::DirEntry| Some(read_json(&entry.path().join("meta.json"))?.get("Name")?.as_str()?.to_owned());
    let mut names: Vec<_> = stored.filter_map(name).collect();
    names.sort();
    let stored = names.into_iter().map(|name| {
        let address = context(&name, &variable);
        (name, address)
    });
    let default = default.present.then(|| (DEFAULT_CONTEXT.to_owned(), Ok(default.address)));
    default.into_iter().chain(stored).collect()
}

fn read_json(path: &Path) -> Option<serde_json::Value> {
    serde_json::from_slice(&small_file::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]
    use super::*;
    use std::os::unix::net::UnixListener;

    fn find_with(pairs: &[(&str, &str)]) -> DiscoveredEngine {
        discover(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())).unwrap()
    }

    #[test]
    fn docker_host_has_precedence() {
        let found = find_with(&[("DOCKER_HOST", "tcp://10.0.0.5:2375"), ("DOCKER_CONTEXT", "lab")]);
        assert_eq!(found.address.url, "tcp://10.0.0.5:2375");
    }

    #[test]
    fn the_current_context_is_read_from_its_file() {
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
    fn contexts_are_found_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, host) in [("lab", "tcp://lab:2376"), ("away", "npipe:////./pipe/docker"), ("web", "ssh://me@web")] {
            let digest: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
            let meta = folder.path().join("contexts/meta").join(&digest);
            fs::create_dir_all(&meta).unwrap();
            let text = serde_json::json!({"Name": name, "Endpoints": {"docker": {"Host": host}}});
            fs::write(meta.join("meta.json"), text.to_string()).unwrap();
            if name == "lab" {
                fs::create_dir_all(folder.path().join("contexts/tls").join(digest).join("docker")).unwrap();
            }
        }
        let variable = |name: &str| (name == "DOCKER_CONFIG").then(|| folder.path().display().to_string());
        let lab = context("lab", variable).unwrap();
        assert!(lab.url == "tcp://lab:2376" && lab.tls.is_some_and(|files| files.ca.ends_with("docker/ca.pem")));
        assert!(context("away", variable).unwrap_err().contains("npipe://"));
        assert!(context("none", variable).unwrap_err().contains("no Docker context none"));
        let stored = contexts(variable).into_iter().filter(|(name, _)| name != DEFAULT_CONTEXT);
        let usable: Vec<_> = stored.map(|(name, address)| (name, address.is_ok())).collect();
        assert_eq!(usable, [("away".to_owned(), false), ("lab".to_owned(), true), ("web".to_owned(), true)]);
    }

    #[test]
    fn a_socket_that_accepts_comes_before_one_that_denies_permission() {
        use Probed::{Accepts, Denied, Missing, Silent};
        for (results, expected, present) in [
            ([Missing, Denied, Accepts], "/c", true),
            ([Silent, Denied, Missing], "/b", true),
            ([Missing, Silent, Silent], "/b", false),
            ([Missing, Missing, Missing], DEFAULT_SOCKET, false),
        ] {
            let sockets = ["/a", "/b", "/c"].map(PathBuf::from);
            let result = |path: &Path| results[sockets.iter().position(|socket| socket == path).unwrap()];
            let found = choose(&sockets, result);
            assert_eq!((found.address, found.present), (socket(Path::new(expected)), present), "{results:?}");
        }
    }

    #[test]
    fn the_first_socket_with_a_listener_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let [dead, live] = ["docker.sock", "podman/podman.sock"].map(|name| folder.path().join(name));
        fs::create_dir(folder.path().join("podman")).unwrap();
        drop(UnixListener::bind(&dead).unwrap());
        let runtime = [("XDG_RUNTIME_DIR", folder.path().to_str().unwrap())];
        let own_engine = find_with(&[]);
        if !own_engine.present {
            assert!(!find_with(&runtime).present);
        }
        let _listener = UnixListener::bind(&live).unwrap();
        let found = find_with(&runtime);
        // On a machine with an engine at a default socket, that one is found first.
        let expected = if own_engine.present { own_engine.address } else { socket(&live) };
        assert!(found.present);
        assert_eq!(found.address, expected);
    }
}
