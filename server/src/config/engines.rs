//! The engines to watch: `--engine`, and `[[engine]]` in the settings file.
//!
//! In: one text for each flag, variable or entry. The entries of the file arrive as TOML, because
//! all settings of the file become arguments. Out: [`EngineSetting`]s.

mod entry;

pub(super) use entry::{entries_in_file, setting_in_entries};

use super::{EngineChoice, JoinAddress};
use crate::{
    engine::{SshFiles, TlsFiles},
    far::link::FarSettings,
};
use app::model::{EngineName, Labels};
use entry::TlsEntry;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    str::FromStr,
};

/// One engine to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSetting {
    /// Name of the engine, if it was given one.
    pub name: Option<EngineName>,
    /// Address of the engine, or the way to find it.
    pub choice: EngineChoice,
    /// Labels of the engine.
    pub labels: Labels,
    /// Certificates for TLS.
    pub tls: Option<TlsFiles>,
    /// Files for ssh.
    pub ssh: SshFiles,
    /// Settings for another Quaylight server that watches the engine, if there is one.
    pub far: Option<FarSettings>,
}

impl EngineSetting {
    /// Name of the engine; `local` if it was given none.
    pub fn name(&self) -> EngineName {
        self.name.unwrap_or_default()
    }

    /// True for `contexts`: the engines of all Docker contexts, which have names of their own.
    pub fn is_contexts(&self) -> bool {
        self.choice == EngineChoice::Contexts
    }

    /// True for `join` without a name: only servers that join are watched, which have names of their
    /// own.
    pub fn is_joins(&self) -> bool {
        self.name.is_none() && matches!(self.choice, EngineChoice::Join(_))
    }

    /// Name with which the server was invited that connects to this one, if that is the choice.
    pub fn join_host(&self) -> Option<EngineName> {
        match &self.choice {
            EngineChoice::Join(address) => address.host.or(self.name),
            _ => None,
        }
    }

    /// The engine of a server that was invited with this name.
    pub fn joined(name: EngineName) -> Self {
        Self {
            name: Some(name),
            choice: EngineChoice::Join(JoinAddress::default()),
            labels: Labels::new(),
            tls: None,
            ssh: SshFiles::default(),
            far: None,
        }
    }
}

/// An engine that cannot be watched, because of its settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadEngine {
    /// Name of the engine, if it is valid and no other engine has it.
    pub name: Option<EngineName>,
    /// Address as written in the settings; may be empty.
    pub address: String,
    /// The error message, which includes the name.
    pub message: String,
}

/// Value of one `--engine`, with one engine or several separated by spaces or commas; or an entry
/// of the settings file, which may be invalid without making the others invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineSettings {
    /// From a flag or a variable.
    Given(Vec<EngineSetting>),
    /// From the settings file.
    Entry(Box<Result<EngineSetting, BadEngine>>),
}

impl FromStr for EngineSettings {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('{') {
            return Ok(Self::Entry(Box::new(entry::read(text))));
        }
        let words = text.split([' ', ',']).filter(|word| !word.is_empty());
        let settings: Vec<_> = words.map(named_address).collect::<Result<_, _>>()?;
        if settings.is_empty() {
            return Err("name an engine, such as auto or unix:///PATH".to_owned());
        }
        Ok(Self::Given(settings))
    }
}

/// `NAME=ADDRESS`, or an address alone.
fn named_address(text: &str) -> Result<EngineSetting, String> {
    // A path may contain `=`.
    let named = text.split_once('=').filter(|(name, _)| !name.contains([':', '/']));
    let (name, address) = named.map_or((None, text), |(name, address)| (Some(name), address));
    setting(name, address, Labels::new(), Files::default())
}

/// Files of an engine.
#[derive(Debug, Default)]
struct Files {
    tls: Option<TlsEntry>,
    ssh: SshFiles,
    token: Option<PathBuf>,
}

fn setting(name: Option<&str>, address: &str, labels: Labels, files: Files) -> Result<EngineSetting, String> {
    let whose = name.map(|name| format!("engine {name:?}: ")).unwrap_or_default();
    let name = name.map(EngineName::new).transpose().map_err(|error| format!("{whose}{error}"))?;
    let choice = address.parse::<EngineChoice>().map_err(|error| format!("{whose}{error}"))?;
    if name.is_none() && matches!(&choice, EngineChoice::Join(address) if *address != JoinAddress::default()) {
        return Err(format!("{choice} needs a name: NAME={choice}"));
    }
    let ssh = files.ssh.clone();
    let (tls, far) = files.of(&choice).map_err(|error| format!("{whose}{error}"))?;
    if name.is_some() && choice == EngineChoice::Contexts {
        return Err(format!("{whose}contexts are named by Docker; leave the name out"));
    }
    Ok(EngineSetting { name, choice, labels, tls, ssh, far })
}

impl Files {
    /// Selects the files that the engine needs: certificates for Docker, or an authority and a
    /// token for another Quaylight.
    fn of(self, choice: &EngineChoice) -> Result<(Option<TlsFiles>, Option<FarSettings>), &'static str> {
        let Self { tls, ssh, token } = self;
        let is_ssh = matches!(choice, EngineChoice::Address(url) if url.starts_with("ssh://"));
        if ssh != SshFiles::default() && !is_ssh && !matches!(choice, EngineChoice::Context(_)) {
            return Err("identity-file and known-hosts need an address such as ssh://USER@HOST");
        }
        if let EngineChoice::Quaylight(address) = choice {
            let authority = match tls {
                None => None,
                Some(TlsEntry { ca, cert: None, key: None }) => Some(ca),
                Some(_) => return Err("another Quaylight is signed in to with token-file; leave cert and key out"),
            };
            let of_address = address.token_file().map(Path::to_owned);
            if token.is_some() && of_address.is_some() {
                return Err("token-file is given twice");
            }
            let token_file = token.or(of_address);
            return Ok((None, Some(FarSettings { address: address.clone(), token_file, authority })));
        }
        if token.is_some() {
            return Err("token-file needs the address of another Quaylight, https://HOST");
        }
        let is_remote = !is_ssh && matches!(choice, EngineChoice::Address(url) if !url.starts_with("unix:"));
        match tls {
            None => Ok((None, None)),
            Some(_) if !is_remote => Err("tls needs an address such as tcp://HOST:2376"),
            Some(TlsEntry { ca, cert: Some(cert), key: Some(key) }) => Ok((Some(TlsFiles { ca, cert, key }), None)),
            Some(_) => Err("tls needs ca, cert and key"),
        }
    }
}

/// All engines; each name must be unique. A bad entry of the settings file does not affect the
/// others.
///
/// # Errors
/// A name that two engines have, neither of which is such an entry.
pub(super) fn all(given: &[EngineSettings]) -> Result<Vec<Result<EngineSetting, BadEngine>>, String> {
    let mut names = BTreeSet::new();
    let mut unique = |setting: &EngineSetting| {
        let name = setting.name();
        let is_unique = setting.choice == EngineChoice::Contexts || setting.is_joins() || names.insert(name);
        let error = || {
            format!(
                "two engines have the name {name}; give each its own, as in --engine NAME=ADDRESS or name = \"NAME\""
            )
        };
        if is_unique { Ok(setting.clone()) } else { Err(error()) }
    };
    let mut all = Vec::new();
    for settings in given {
        match settings {
            EngineSettings::Given(settings) => {
                for setting in settings {
                    all.push(Ok(unique(setting)?));
                }
            }
            EngineSettings::Entry(entry) => all.push(match &**entry {
                Ok(setting) => {
                    unique(setting).map_err(|message| BadEngine { name: None, address: String::new(), message })
                }
                Err(bad) => Err(bad.clone()),
            }),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    fn read(texts: &[&str]) -> Result<Vec<(String, EngineChoice)>, String> {
        let given: Vec<EngineSettings> = texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let read = |setting: Result<EngineSetting, BadEngine>| {
            setting.map(|setting| (setting.name().to_string(), setting.choice)).map_err(|bad| bad.message)
        };
        all(&given)?.into_iter().map(read).collect()
    }

    #[test]
    fn engines_are_named_or_local() {
        let address = |url: &str| EngineChoice::Address(url.to_owned());
        assert_eq!(read(&["auto"]).unwrap(), [("local".to_owned(), EngineChoice::Auto)]);
        let both = [("web-1".to_owned(), address("unix:///a=b")), ("db".to_owned(), address("tcp://db:2375"))];
        for texts in [
            &["web-1=unix:///a=b", "db=tcp://db:2375"][..],
            &["web-1=unix:///a=b db=tcp://db:2375"],
            &["web-1=unix:///a=b, db=tcp://db:2375"],
            &[r#"{ name = "web-1", address = "unix:///a=b" }"#, r#"{ name = "db", address = "tcp://db:2375" }"#],
        ] {
            assert_eq!(read(texts).unwrap(), both, "{texts:?}");
        }
        assert_eq!(read(&["unix:///a=b"]).unwrap(), [("local".to_owned(), address("unix:///a=b"))]);
    }

    #[test]
    fn errors_name_the_entry() {
        for (texts, words) in [
            (&["a=auto", "a=demo"][..], "two engines have the name a"),
            (&["auto", "demo"], "two engines have the name local"),
            (&["Web=auto"], "engine \"Web\": an engine name is"),
            (&["web=ssh://deploy@"], "engine \"web\": expected"),
            (&[r#"{ name = "web", adress = "auto" }"#], "engine \"web\": unknown field `adress`"),
            (&[r#"{ name = "web" }"#], "engine \"web\": missing field `address`"),
            (&[r#"{ name = "web", address = "unix:///a", tls = { ca = "a", cert = "b", key = "c" } }"#], "tls needs"),
            (
                &[r#"{ name = "web", address = "tcp://a:1", identity-file = "a" }"#],
                "identity-file and known-hosts need",
            ),
            (&[r#"{ name = "web", address = "tcp://a:1", tls = { ca = "a" } }"#], "tls needs ca, cert and key"),
            (&[r#"{ name = "web", address = "tcp://a:1", token-file = "a" }"#], "token-file needs"),
            (&[r#"{ name = "web", address = "https://a", tls = { ca = "a", cert = "b", key = "c" } }"#], "leave cert"),
            (&["web=http://192.168.1.5:2375"], "engine \"web\": http:// is another Quaylight on this machine only"),
            (&["web=contexts"], "leave the name out"),
            (&[" "], "name an engine"),
        ] {
            let error = read(texts).unwrap_err();
            assert!(error.contains(words), "{texts:?}: {error}");
        }
    }

    #[test]
    fn a_bad_entry_leaves_the_others() {
        let texts = [
            r#"{ name = "a", address = "ftp://a" }"#,
            r#"{ name = "B", address = "auto" }"#,
            r#"{ name = "c", address = "auto" }"#,
            r#"{ name = "c", address = "demo" }"#,
        ];
        let given: Vec<EngineSettings> = texts.iter().map(|text| text.parse().unwrap()).collect();
        let read = all(&given).unwrap();
        let names: Vec<_> = read
            .iter()
            .map(|setting| match setting {
                Ok(setting) => (true, Some(setting.name().to_string())),
                Err(bad) => (false, bad.name.map(|name| name.to_string())),
            })
            .collect();
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(names, [(false, named("a")), (false, None), (true, named("c")), (false, None)]);
    }

    fn of_entry(settings: EngineSettings) -> EngineSetting {
        match settings {
            EngineSettings::Entry(entry) => entry.unwrap(),
            EngineSettings::Given(_) => panic!("{settings:?}"),
        }
    }

    #[test]
    fn an_entry_has_labels_and_certificates_beside_the_file() {
        let file: toml::Table =
            "[[engine]]\nname = \"web\"\naddress = \"tcp://web:2376\"\nlabels = { site = \"ams\" }\n\
             tls = { ca = \"ca.pem\", cert = \"/etc/cert.pem\", key = \"key.pem\" }\n"
                .parse()
                .unwrap();
        let arguments = entries_in_file(Path::new("/etc/quaylight/quaylight.toml"), &file["engine"]).unwrap();
        let settings: EngineSettings = arguments[0].parse().unwrap();
        let EngineSetting { labels, tls, .. } = of_entry(settings);
        assert_eq!(labels.get("site").map(String::as_str), Some("ams"));
        let files =
            tls.as_ref().map(|TlsFiles { ca, cert, key }| [ca, cert, key].map(|path| path.display().to_string()));
        assert_eq!(files.unwrap(), ["/etc/quaylight/ca.pem", "/etc/cert.pem", "/etc/quaylight/key.pem"]);
        let file: toml::Table =
            "[[engine]]\naddress = \"ssh://web\"\nidentity-file = \"web.key\"\nknown-hosts = \"/etc/hosts\"\n"
                .parse()
                .unwrap();
        let arguments = entries_in_file(Path::new("/etc/quaylight/quaylight.toml"), &file["engine"]).unwrap();
        let settings: EngineSettings = arguments[0].parse().unwrap();
        let identity = Some("/etc/quaylight/web.key".into());
        let EngineSetting { ssh, .. } = of_entry(settings);
        assert_eq!(ssh, SshFiles { identity, known_hosts: Some("/etc/hosts".into()) });
        let far: toml::Table =
            "[[engine]]\naddress = \"https://web\"\ntoken-file = \"web.token\"\ntls = { ca = \"ca.pem\" }\n"
                .parse()
                .unwrap();
        let arguments = entries_in_file(Path::new("/etc/quaylight/quaylight.toml"), &far["engine"]).unwrap();
        let settings: EngineSettings = arguments[0].parse().unwrap();
        let FarSettings { token_file, authority, .. } = of_entry(settings).far.unwrap();
        let paths = [token_file, authority].map(|path| path.unwrap().display().to_string());
        assert_eq!(paths, ["/etc/quaylight/web.token", "/etc/quaylight/ca.pem"]);
        assert_eq!(entries_in_file(Path::new("f"), &toml::Value::String("auto".to_owned())), None);
    }
}
