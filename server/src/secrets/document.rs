//! Masks secrets in inspect responses: environments, command lines, labels, options and other
//! texts. Pure.

use super::{Writer, arguments, arguments::variable, named, text};
use serde_json::{Map, Value};

/// Fields that are command lines.
const COMMANDS: [&str; 5] = ["Cmd", "Entrypoint", "Test", "Shell", "OnBuild"];
/// Fields with user-defined names: labels, and options of drivers.
const NAMED: [&str; 8] =
    ["Labels", "Annotations", "Options", "DriverOpts", "Config", "Sysctls", "StorageOpt", "ContainerAnnotations"];

/// Replaces the secrets in a container's inspect response.
pub fn document(inspect: &Value, writer: Writer) -> Value {
    let mut masked = field("", inspect, writer);
    conceal_args(inspect, &mut masked, writer);
    conceal_commands(&inspect["Config"], masked.get_mut("Config"), writer);
    masked
}

/// Replaces the secrets in an image's inspect response.
pub fn image(inspect: &Value, writer: Writer) -> Value {
    let mut masked = field("", inspect, writer);
    for part in ["Config", "ContainerConfig"] {
        conceal_commands(&inspect[part], masked.get_mut(part), writer);
    }
    masked
}

/// Masks `Args` together with `Path`, because the program determines the meaning of its arguments.
fn conceal_args(inspect: &Value, masked: &mut Value, writer: Writer) {
    let (Some(path), Some(args)) = (inspect["Path"].as_str(), words(&inspect["Args"])) else { return };
    let line: Vec<&str> = std::iter::once(path).chain(args).collect();
    if let Some(field) = masked.get_mut("Args") {
        *field = arguments(&line, writer).into_iter().skip(1).collect();
    }
}

/// Masks entrypoint and command together, because the command contains the entrypoint's arguments.
fn conceal_commands(config: &Value, masked: Option<&mut Value>, writer: Writer) {
    let Some(masked) = masked else { return };
    let (Some(entrypoint), Some(command)) = (words(&config["Entrypoint"]), words(&config["Cmd"])) else { return };
    let line: Vec<&str> = entrypoint.iter().chain(&command).copied().collect();
    let mut line = arguments(&line, writer).into_iter();
    let first: Value = line.by_ref().take(entrypoint.len()).collect();
    for (name, words) in [("Entrypoint", first), ("Cmd", line.collect())] {
        if let Some(field) = masked.get_mut(name) {
            *field = words;
        }
    }
}

fn field(name: &str, value: &Value, writer: Writer) -> Value {
    match value {
        Value::String(value) => text(value, "", writer).into(),
        Value::Array(entries) if COMMANDS.contains(&name) => match words(value) {
            Some(words) => arguments(&words, writer).into(),
            None => entries.iter().map(|entry| field("", entry, writer)).collect(),
        },
        Value::Array(entries) if name == "Env" => entries
            .iter()
            .map(|entry| match entry.as_str() {
                Some(entry) => variable(entry, writer).into(),
                None => field("", entry, writer),
            })
            .collect(),
        Value::Array(entries) => entries.iter().map(|entry| field("", entry, writer)).collect(),
        Value::Object(fields) if NAMED.contains(&name) && fields.values().all(Value::is_string) => {
            options(fields, writer)
        }
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), field(name, value, writer))).collect::<Map<_, _>>().into()
        }
        plain => plain.clone(),
    }
}

fn options(fields: &Map<String, Value>, writer: Writer) -> Value {
    let concealed = |(name, value): (&String, &Value)| {
        (name.clone(), Value::from(named(name, value.as_str().unwrap_or_default(), writer)))
    };
    fields.iter().map(concealed).collect::<Map<_, _>>().into()
}

fn words(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_part_of_an_inspect_is_masked() {
        let inspect = json!({
            "Id": "ab", "Path": "mysql", "Args": ["-ps3cret", "--token", "s3cret"], "SandboxKey": "/var/run/x",
            "Config": {
                "Env": ["A=1", "API_KEY=s3cret", "URL=http://u:s3cret@h"], "Cmd": ["--token", "s3cret"], "Entrypoint": null,
                "Labels": {"team": "web", "license-key": "s3cret"},
                "Healthcheck": {"Test": ["CMD", "curl", "-u", "me:s3cret", "x"]},
            },
            "HostConfig": {
                "LogConfig": {"Type": "splunk", "Config": {"splunk-token": "s3cret", "splunk-url": "https://x"}},
                "Mounts": [{"VolumeOptions": {"DriverConfig": {"Options": {"o": "username=u,password=s3cret"}}}}],
                "Memory": 5,
            },
            "State": {"Health": {"Log": [{"ExitCode": 1, "Output": "no http://u:s3cret@h"}]}},
        });
        let masked = document(&inspect, |_| "*".to_owned());
        assert!(!masked.to_string().contains("s3cret"), "{masked}");
        assert_eq!(masked["Args"], json!(["-p*", "--token", "*"]));
        assert_eq!(masked["Config"]["Env"], json!(["A=1", "API_KEY=*", "URL=http://u:*@h"]));
        assert_eq!(masked["Config"]["Labels"]["team"], "web");
        for (pointer, value) in
            [("/SandboxKey", json!("/var/run/x")), ("/HostConfig/Memory", json!(5)), ("/Id", json!("ab"))]
        {
            assert_eq!(masked.pointer(pointer), Some(&value));
        }
    }

    #[test]
    fn a_command_is_parsed_with_its_entrypoint() {
        let config = json!({"Entrypoint": ["redis-cli"], "Cmd": ["-a", "s3cret", "ping"]});
        let masked = document(&json!({"Config": config}), |_| "*".to_owned());
        assert_eq!(masked["Config"], json!({"Entrypoint": ["redis-cli"], "Cmd": ["-a", "*", "ping"]}));
        let config = json!({"Entrypoint": ["tini", "--", "mysqladmin"], "Cmd": ["-ps3cret"]});
        let masked = image(&json!({"Config": config, "ContainerConfig": config}), |_| "*".to_owned());
        for part in ["Config", "ContainerConfig"] {
            assert_eq!(masked[part]["Cmd"], json!(["-p*"]), "{part}");
        }
        // Some engines write a string instead of a list.
        let config = json!({"Entrypoint": "mysqladmin -ps3cret", "Cmd": null});
        assert_eq!(document(&json!({"Config": config}), |_| "*".to_owned())["Config"]["Entrypoint"], "mysqladmin -p*");
    }

    #[test]
    fn a_document_of_any_shape_is_handled() {
        for strange in [
            json!({"Config": {"Env": [5, null, "PASSWORD=s3cret"], "Cmd": ["-p", 5, "curl -u a:s3cret h"]}}),
            json!({"Config": [{"Labels": {"password": "s3cret", "n": 5}}]}),
        ] {
            let masked = document(&strange, |_| "*".to_owned()).to_string();
            assert!(!masked.contains("PASSWORD=s3cret") && !masked.contains("a:s3cret"), "{masked}");
        }
    }
}
