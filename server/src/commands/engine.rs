//! `quaylight engine trust`: adds the keys of ssh hosts to the known ones. The other commands of
//! `quaylight engine` are in [`join`].

use super::{
    join, note, print_line,
    trial::{self, Target},
};
use crate::{
    config::{Cli, command::EngineCommand},
    engine::{EngineAddress, HostKey, Trust},
};
use anyhow::Context as _;
use std::{
    io::{BufRead as _, Write as _, stdin, stdout},
    process::ExitCode,
};

pub(super) async fn engine(cli: &Cli, command: EngineCommand) -> anyhow::Result<ExitCode> {
    let (engine, yes) = match command {
        EngineCommand::Trust { engine, yes } => (engine, yes),
        EngineCommand::Invite { name, lifetime } => return join::invite(cli, name, lifetime),
        EngineCommand::Revoke { name } => return join::revoke(cli, &name),
        EngineCommand::List => return join::list(cli),
    };
    // The keys are those of the service's user.
    for finding in trial::place(cli).findings {
        note(&format!("{}: {}", finding.what, finding.found));
    }
    let address = address(cli, &engine)?;
    let mut added = false;
    // One key for each host on the way.
    loop {
        match HostKey::find(&address).await.map_err(|error| anyhow::anyhow!("{error}. {}", error.hint))? {
            Trust::Known if added => return Ok(ExitCode::SUCCESS),
            Trust::Known => {
                print_line(&format!("The host key of {address} is already known."));
                return Ok(ExitCode::SUCCESS);
            }
            Trust::Unknown(key) => {
                if !trust(&key, yes)? {
                    return Ok(ExitCode::FAILURE);
                }
                added = true;
            }
        }
    }
}

/// The address of an engine in the settings, or the one that was given.
fn address(cli: &Cli, engine: &str) -> anyhow::Result<EngineAddress> {
    if engine.contains("://") {
        let address = EngineAddress::parse(engine).map_err(anyhow::Error::msg)?;
        anyhow::ensure!(address.is_ssh(), "{engine} is not an ssh address: ssh://USER@HOST");
        // The files of the settings, if the engine is in them.
        let known = trial::engine_addresses(cli).unwrap_or_default().into_iter();
        let known = known.filter_map(|(_, target)| engine_of(target.ok()?)).find(|known| known.url == address.url);
        return Ok(known.unwrap_or(address));
    }
    let engines = trial::engine_addresses(cli).map_err(anyhow::Error::msg)?;
    let names: Vec<_> = engines.iter().filter_map(|(name, _)| Some(name.as_ref()?.to_string())).collect();
    let found = engines.into_iter().find(|(name, _)| name.is_some_and(|name| name.as_str() == engine));
    let (_, target) = found.with_context(|| format!("there is no engine {engine}; known: {}", names.join(", ")))?;
    let address = engine_of(target.map_err(anyhow::Error::msg)?).filter(EngineAddress::is_ssh);
    address.with_context(|| format!("the engine {engine} has no ssh address"))
}

fn engine_of(target: Option<Target>) -> Option<EngineAddress> {
    match target {
        Some(Target::Engine(address)) => Some(address),
        Some(Target::Quaylight(_) | Target::Join(_)) | None => None,
    }
}

/// Shows a host key and adds it if the user confirms it.
fn trust(key: &HostKey, yes: bool) -> anyhow::Result<bool> {
    let HostKey { name, kind, fingerprint, file, .. } = key;
    print_line(&format!("Host key of {name}: {kind} {fingerprint}"));
    if !yes {
        let mut output = stdout();
        write!(output, "Add it to {}? Type yes: ", file.display())?;
        output.flush()?;
        let mut answer = String::new();
        stdin().lock().read_line(&mut answer)?;
        if answer.trim() != "yes" {
            print_line("Not added.");
            return Ok(false);
        }
    }
    key.add().with_context(|| format!("cannot write {}", file.display()))?;
    print_line(&format!("Added to {}.", file.display()));
    Ok(true)
}
