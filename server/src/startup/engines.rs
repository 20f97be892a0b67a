//! Finds the engines of the settings, and starts the demo engines.

use crate::{
    config::{Config, EngineChoice, EngineSetting},
    engine::{self, EngineAddress},
    far::link::FarServer,
    process::demo::{self, DemoEngine},
};
use anyhow::Context as _;
use app::model::{EngineName, Labels};
use std::collections::BTreeSet;

/// An engine to watch.
#[derive(Debug)]
pub(super) struct FoundEngine {
    pub(super) address: EngineAddress,
    /// Keeps a demo engine running.
    pub(super) demo: Option<DemoEngine>,
    /// The Quaylight server that watches it.
    pub(super) far: Option<FarServer>,
}

/// Finds all engines of the settings.
///
/// # Errors
/// When an engine is invalid or a demo engine cannot start; the error names it. An engine that does
/// not respond is not an error: its watcher retries.
pub(super) async fn find(config: &Config) -> anyhow::Result<Vec<FoundEngine>> {
    let settings = config.engines().map_err(anyhow::Error::msg)?;
    let mut taken: BTreeSet<EngineName> =
        settings.iter().filter(|setting| setting.choice != EngineChoice::Contexts).map(EngineSetting::name).collect();
    let mut found = Vec::new();
    for setting in settings {
        if setting.choice == EngineChoice::Contexts {
            found.extend(contexts(&mut taken));
            continue;
        }
        let name = setting.name();
        found.push(one(setting, config.demo_fallback).await.with_context(|| format!("engine {name}"))?);
    }
    anyhow::ensure!(!found.is_empty(), "no Docker context has an address that is supported");
    Ok(found)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn one(setting: EngineSetting, demo_fallback: bool) -> anyhow::Result<FoundEngine> {
    let name = setting.name();
    let EngineSetting { choice, labels, tls, name: given, far } = setting;
    let place = |address: EngineAddress| EngineAddress { name, is_named: given.is_some(), labels, ..address };
    let address = match choice {
        EngineChoice::Address(url) => EngineAddress { tls, ..EngineAddress::new(url) },
        EngineChoice::Quaylight(address) => EngineAddress::new(address.to_string()),
        EngineChoice::Context(context) => engine::context(&context, variable).map_err(anyhow::Error::msg)?,
        EngineChoice::Auto => {
            let found = engine::discover(variable).map_err(anyhow::Error::msg)?;
            if !found.present && demo_fallback {
                tracing::warn!(
                    "no Docker Engine was found: starting with the demo engine; choose one with --engine unix:///PATH"
                );
                let scenario = "busy".parse().map_err(anyhow::Error::msg)?;
                return start_demo(name, scenario, place).await;
            }
            found.address
        }
        EngineChoice::Demo(scenario) => return start_demo(name, scenario, place).await,
        // Expanded by the caller.
        EngineChoice::Contexts => anyhow::bail!("contexts are several engines"),
    };
    Ok(FoundEngine { address: place(address), demo: None, far: far.map(FarServer::new) })
}

async fn start_demo(
    name: EngineName,
    scenario: demo::Scenario,
    place: impl FnOnce(EngineAddress) -> EngineAddress,
) -> anyhow::Result<FoundEngine> {
    let demo = demo::start(name, scenario).await?;
    let address = EngineAddress { demo: true, ..EngineAddress::new(demo.endpoint()) };
    Ok(FoundEngine { address: place(address), demo: Some(demo), far: None })
}

/// Every Docker context whose address is supported and whose name is not taken; the others are
/// logged.
fn contexts(taken: &mut BTreeSet<EngineName>) -> Vec<FoundEngine> {
    let mut found = Vec::new();
    for (context, address) in engine::contexts(variable) {
        let plain: String = context.to_ascii_lowercase().chars().map(plain_letter).collect();
        let name = EngineName::new(plain.trim_start_matches(['.', '_', '-']));
        match (name, address) {
            (Ok(name), Ok(address)) if taken.insert(name) => {
                let address = EngineAddress { name, is_named: true, labels: Labels::new(), ..address };
                found.push(FoundEngine { address, demo: None, far: None });
            }
            (Ok(name), Ok(_)) => {
                tracing::warn!(context, %name, "this Docker context is not watched: another engine has its name");
            }
            (Err(error), _) => tracing::warn!(context, %error, "this Docker context is not watched"),
            (_, Err(error)) => tracing::warn!(context, error, "this Docker context is not watched"),
        }
    }
    found
}

fn plain_letter(letter: char) -> char {
    if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-') { letter } else { '-' }
}
