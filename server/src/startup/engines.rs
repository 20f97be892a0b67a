//! Finds the address of each engine of the settings, and starts the demo engines.

use crate::{
    config::{EngineChoice, EngineSetting},
    engine::{self, EngineAddress, SshFiles},
    far::link::{FarServer, JoinedHosts},
    process::demo::{self, DemoEngine},
};
use app::model::{EngineName, Labels};

/// An engine to watch.
#[derive(Debug)]
pub(super) struct FoundEngine {
    pub(super) address: EngineAddress,
    /// A demo engine, which runs as long as this is kept.
    pub(super) demo: Option<DemoEngine>,
    /// The other Quaylight server that watches the engine, if there is one.
    pub(super) far: Option<FarServer>,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Finds an engine.
///
/// # Errors
/// When it cannot be found, or a demo engine cannot start. An engine that does not respond is not an
/// error: its watcher retries.
pub(super) async fn find(
    setting: EngineSetting,
    joined: &JoinedHosts,
    demo_fallback: bool,
) -> anyhow::Result<FoundEngine> {
    let name = setting.name();
    let host = setting.join_host().unwrap_or(name);
    let EngineSetting { choice, labels, tls, ssh, far, name: given } = setting;
    let place = |address: EngineAddress| EngineAddress { name, is_named: given.is_some(), labels, ssh, ..address };
    let address = match choice {
        EngineChoice::Address(url) => EngineAddress { tls, ..EngineAddress::new(url) },
        EngineChoice::Quaylight(address) => EngineAddress::new(address.to_string()),
        EngineChoice::Join(join) => {
            let address = place(EngineAddress::new(join.to_string()));
            return Ok(FoundEngine {
                address,
                demo: None,
                far: Some(FarServer::joined(joined.link(host), join.engine)),
            });
        }
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

/// Settings of every Docker context whose address is supported; the others are logged.
pub(super) fn contexts() -> Vec<EngineSetting> {
    let mut found = Vec::new();
    for (context, address) in engine::contexts(variable) {
        let plain: String = context.to_ascii_lowercase().chars().map(plain_letter).collect();
        let name = EngineName::new(plain.trim_start_matches(['.', '_', '-']));
        match (name, address) {
            (Ok(name), Ok(_)) => found.push(EngineSetting {
                name: Some(name),
                choice: EngineChoice::Context(context),
                labels: Labels::new(),
                tls: None,
                ssh: SshFiles::default(),
                far: None,
            }),
            (Err(error), _) => tracing::warn!(context, %error, "this Docker context is not watched"),
            (_, Err(error)) => tracing::warn!(context, error, "this Docker context is not watched"),
        }
    }
    found
}

fn plain_letter(letter: char) -> char {
    if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-') { letter } else { '-' }
}
