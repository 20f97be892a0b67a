//! The engines of the settings: their addresses, and the files with which they are called.

use super::{Finding, variable};
use crate::{
    auth::{JoinHost, JoinKey, JoinKeyFile, JoinsFile},
    config::{Cli, EngineChoice},
    engine::{self, EngineAddress},
    far::link::{self, FarSettings},
};
use app::model::EngineName;
use std::path::Path;

/// Name and address of an engine in the settings; no address for a demo engine. A bad entry of the
/// settings file is an error without a name.
pub(in crate::commands) type NamedAddress = (Option<EngineName>, Result<Option<Target>, String>);

/// Server that is called to watch an engine.
#[derive(Debug)]
pub(in crate::commands) enum Target {
    /// The Engine API.
    Engine(EngineAddress),
    /// Another Quaylight server.
    Quaylight(FarSettings),
    /// One that connects to this one, by the name with which it was invited.
    Join(EngineName),
}

/// Addresses of all engines.
///
/// # Errors
/// When two have the same name.
pub(in crate::commands) fn engine_addresses(cli: &Cli) -> Result<Vec<NamedAddress>, String> {
    let read = |name: &str| variable(cli, name);
    let mut addresses = Vec::new();
    for setting in cli.config.engines()? {
        let setting = match setting {
            Ok(setting) => setting,
            Err(bad) => {
                addresses.push((None, Err(bad.message)));
                continue;
            }
        };
        let (name, is_named, tls, ssh) = (setting.name(), setting.name.is_some(), setting.tls, setting.ssh);
        let engine = |address| Some(Target::Engine(EngineAddress { name, is_named, ssh, ..address }));
        let address = match setting.choice {
            EngineChoice::Demo(_) => Ok(None),
            EngineChoice::Join(join) => {
                let host = join.host.unwrap_or(name);
                Ok(is_named.then_some(Target::Join(host)))
            }
            EngineChoice::Quaylight(_) => Ok(setting.far.map(Target::Quaylight)),
            EngineChoice::Address(url) => {
                EngineAddress::parse(&url).map(|address| engine(EngineAddress { tls, ..address }))
            }
            EngineChoice::Auto => engine::discover(read).map(|found| engine(found.address)),
            EngineChoice::Context(context) => engine::context(&context, read).map(engine),
            EngineChoice::Contexts => {
                let named = |(context, address): (String, Result<EngineAddress, String>)| {
                    let name = EngineName::new(&context.to_ascii_lowercase()).unwrap_or_default();
                    let engine = |address| Some(Target::Engine(EngineAddress { name, is_named: true, ..address }));
                    (Some(name), address.map(engine))
                };
                addresses.extend(engine::contexts(read).into_iter().map(named));
                continue;
            }
        };
        addresses.push((Some(name), address));
    }
    Ok(addresses)
}

/// Checks the engines: their names, and the files that are needed to connect to them.
pub(super) fn engines(cli: &Cli) -> Vec<Finding> {
    let addresses = match engine_addresses(cli) {
        Ok(addresses) => addresses,
        Err(problem) => return vec![Finding::bad("engines", problem)],
    };
    let is_single = addresses.len() == 1;
    let mut findings = Vec::new();
    for (name, address) in addresses {
        let whose = name.filter(|_| !is_single).map(|name| format!("{name}: ")).unwrap_or_default();
        let address = match address {
            Ok(Some(Target::Engine(address))) => address,
            Ok(Some(Target::Quaylight(settings))) => {
                findings.extend(files_of(&settings, &whose));
                continue;
            }
            Ok(Some(Target::Join(host))) => {
                findings.push(joined(cli, host, &whose));
                continue;
            }
            Ok(None) => continue,
            Err(problem) if is_single && name.is_some() => {
                // Reported by `doctor` itself, and by the server's start.
                tracing::debug!(problem, "no address");
                continue;
            }
            Err(problem) => {
                findings.push(Finding::bad("engine", format!("{whose}{problem}")));
                continue;
            }
        };
        let Some(files) = address.certificates(|name| variable(cli, name)) else { continue };
        findings.push(match engine::check_certificates(&files) {
            Ok(()) => Finding::ok("certificates", format!("{whose}{files}")),
            Err(problem) => Finding::bad("certificates", format!("{whose}{problem}")),
        });
    }
    findings
}

/// A server that connects by itself.
fn joined(cli: &Cli, host: EngineName, whose: &str) -> Finding {
    match JoinsFile::in_folder(&cli.config.data_dir()).read() {
        Ok(hosts) if hosts.get(host).is_some_and(JoinHost::is_enrolled) => {
            Finding::ok("join", format!("{whose}{host} has a key, and connects by itself"))
        }
        Ok(_) => {
            Finding::note("join", format!("{whose}{host} has not joined yet; run: quaylight engine invite {host}"))
        }
        Err(error) => Finding::bad("join", format!("{whose}{error}")),
    }
}

/// Checks the settings for joining another Quaylight server.
pub(super) fn join(cli: &Cli) -> Vec<Finding> {
    let config = &cli.config.join;
    let incomplete = config.complete().err().map(|incomplete| Finding::bad("settings", incomplete));
    let Some(hub) = &config.join else { return incomplete.into_iter().collect() };
    let key = match JoinKeyFile::in_folder(&cli.config.data_dir()).read(&hub.to_string()) {
        Ok(Some(JoinKey { name: Some(name), .. })) => Finding::ok("join", format!("{hub} knows this server as {name}")),
        Ok(_) => match config.join_token_file.as_deref().map(link::check_token) {
            Some(Ok(())) => Finding::ok("join", format!("{hub}, with the token for the first connection")),
            Some(Err(problem)) => Finding::bad("join", problem),
            None => Finding::bad("join", format!("there is no key for {hub} yet, and --join-token-file is not set")),
        },
        Err(error) => Finding::bad("join", error),
    };
    let authority = config.join_ca.as_deref().map(|file| match link::check_authority(file) {
        Ok(()) => Finding::ok("certificates", file.display()),
        Err(problem) => Finding::bad("certificates", problem),
    });
    std::iter::once(key).chain(authority).collect()
}

/// The token and the authority for another Quaylight.
fn files_of(FarSettings { token_file, authority, .. }: &FarSettings, whose: &str) -> Vec<Finding> {
    let check = |what, file: &Path, checked: Result<(), String>| match checked {
        Ok(()) => Finding::ok(what, format!("{whose}{}", file.display())),
        Err(problem) => Finding::bad(what, format!("{whose}{problem}")),
    };
    let token = token_file.as_deref().map(|file| check("token", file, link::check_token(file)));
    let authority = authority.as_deref().map(|file| check("certificates", file, link::check_authority(file)));
    token.into_iter().chain(authority).collect()
}
