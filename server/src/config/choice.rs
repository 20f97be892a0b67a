//! Settings with a fixed set of values.

use crate::{engine::EngineAddress, far::link::FarAddress, process::demo::Scenario};
use app::model::EngineName;
use clap::ValueEnum;
use std::{fmt, str::FromStr};

/// `--log-format`, parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// `--engine`, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineChoice {
    /// The engine of the docker command.
    Auto,
    /// The embedded simulated engine.
    Demo(Scenario),
    /// An address in the format of `DOCKER_HOST`.
    Address(String),
    /// The engine that another Quaylight watches.
    Quaylight(FarAddress),
    /// The engine of another Quaylight, which connects to this one; or only such engines.
    Join(JoinAddress),
    /// The engine of a Docker context.
    Context(String),
    /// The engines of all Docker contexts.
    Contexts,
}

/// `join[:NAME][?engine=NAME]`: a server that connects to this one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JoinAddress {
    /// Name with which the server was invited, if it is not that of the engine.
    pub host: Option<EngineName>,
    /// Name of the engine on the other server; needed only if it has several.
    pub engine: Option<String>,
}

impl JoinAddress {
    /// Reads what follows `join`; `None` if it is something else.
    fn parse(rest: &str) -> Option<Result<Self, String>> {
        let (host, query) = rest.split_once('?').map_or((rest, None), |(host, query)| (host, Some(query)));
        let host = match host.strip_prefix(':') {
            None if host.is_empty() => None,
            None => return None,
            Some(name) => match EngineName::new(name) {
                Ok(name) => Some(name),
                Err(error) => return Some(Err(error.to_string())),
            },
        };
        let engine = match query.map(|query| query.strip_prefix("engine=")) {
            None => None,
            Some(Some(name)) if !name.is_empty() && !name.contains('&') => Some(name.to_owned()),
            Some(_) => return Some(Err("expected join[:NAME][?engine=NAME]".to_owned())),
        };
        Some(Ok(Self { host, engine }))
    }
}

impl fmt::Display for JoinAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.map(|host| format!(":{host}")).unwrap_or_default();
        let engine = self.engine.as_ref().map(|engine| format!("?engine={engine}")).unwrap_or_default();
        write!(f, "join{host}{engine}")
    }
}

impl FromStr for EngineChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(address) = text.strip_prefix("join").and_then(JoinAddress::parse) {
            return address.map(Self::Join);
        }
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "contexts" => Ok(Self::Contexts),
            None if text == "demo" => Self::demo("busy"),
            Some(("context", name)) if !name.is_empty() => Ok(Self::Context(name.to_owned())),
            Some(("demo", scenario)) => Self::demo(scenario),
            _ if FarAddress::is_meant(text) => FarAddress::parse(text).map(Self::Quaylight),
            _ if EngineAddress::parse(text).is_ok() => Ok(Self::Address(text.to_owned())),
            _ => {
                let expected = "expected auto, demo[:SCENARIO[:COUNT]], unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST, \
                                https://HOST[:PORT], join, context:NAME or contexts";
                Err(expected.to_owned())
            }
        }
    }
}

/// The choice as it is written in the settings.
impl fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Demo(scenario) => write!(f, "demo:{scenario}"),
            Self::Address(url) => f.write_str(url),
            Self::Quaylight(address) => address.fmt(f),
            Self::Join(address) => address.fmt(f),
            Self::Context(name) => write!(f, "context:{name}"),
            Self::Contexts => f.write_str("contexts"),
        }
    }
}

impl EngineChoice {
    fn demo(scenario: &str) -> Result<Self, String> {
        scenario.parse().map(Self::Demo).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_choices_are_parsed_as_documented() {
        assert_eq!("auto".parse(), Ok(EngineChoice::Auto));
        assert!(matches!("demo:busy:50".parse(), Ok(EngineChoice::Demo(_))));
        assert!(matches!("unix:///run/x.sock".parse(), Ok(EngineChoice::Address(_))));
        assert!(matches!("tcp://127.0.0.1:2375".parse(), Ok(EngineChoice::Address(_))));
        assert!(matches!("ssh://me@web".parse(), Ok(EngineChoice::Address(_))));
        assert!(matches!("https://quay.example.org".parse(), Ok(EngineChoice::Quaylight(_))));
        let join = |host: Option<&str>, engine: Option<&str>| {
            let host = host.and_then(|host| EngineName::new(host).ok());
            Ok(EngineChoice::Join(JoinAddress { host, engine: engine.map(str::to_owned) }))
        };
        assert_eq!("join".parse(), join(None, None));
        assert_eq!("join?engine=db".parse(), join(None, Some("db")));
        assert_eq!("join:web-3?engine=db".parse(), join(Some("web-3"), Some("db")));
        assert_eq!("context:lab".parse(), Ok(EngineChoice::Context("lab".to_owned())));
        assert_eq!("contexts".parse(), Ok(EngineChoice::Contexts));
        for wrong in [
            "",
            "docker",
            "unix://",
            "tcp:",
            "demo:nonsense",
            "demo:busy:many",
            "context:",
            "ssh://a@",
            "joined",
            "join:",
            "join:A",
            "join?a=b",
            "join?engine=",
        ] {
            assert!(wrong.parse::<EngineChoice>().is_err(), "{wrong}");
        }
    }
}
