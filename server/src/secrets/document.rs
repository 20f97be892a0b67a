//! Secrets in what inspect says: environments, command lines, labels, options, and any text that holds an address or a token.

use super::{Writer, arguments, arguments::variable, named, text};
use serde_json::{Map, Value};

/// Fields that are command lines.
const COMMANDS: [&str; 3] = ["Cmd", "Entrypoint", "Test"];
/// Fields whose own fields have names that somebody chose: labels, and options of drivers.
const NAMED: [&str; 6] = ["Labels", "Annotations", "Options", "DriverOpts", "Config", "Sysctls"];

/// A container's inspect with its secrets replaced.
pub fn document(inspect: &Value, writer: Writer) -> Value {
    let mut told = field("", inspect, writer);
    conceal_args(inspect, &mut told, writer);
    told
}

/// An image's inspect with its secrets replaced.
pub fn image(inspect: &Value, writer: Writer) -> Value {
    field("", inspect, writer)
}

/// The program stands in a field of its own, and says how its arguments are to be read.
fn conceal_args(inspect: &Value, told: &mut Value, writer: Writer) {
    let (Some(path), Some(args)) = (inspect["Path"].as_str(), words(&inspect["Args"])) else { return };
    let line: Vec<String> = std::iter::once(path.to_owned()).chain(args).collect();
    if let Some(field) = told.get_mut("Args") {
        *field = arguments(&line, writer).into_iter().skip(1).collect();
    }
}

fn field(name: &str, value: &Value, writer: Writer) -> Value {
    match value {
        Value::String(value) => text(value, "", writer).into(),
        Value::Array(_) if COMMANDS.contains(&name) => match words(value) {
            Some(words) => arguments(&words, writer).into(),
            None => value.clone(),
        },
        Value::Array(entries) if name == "Env" => entries
            .iter()
            .map(|entry| entry.as_str().map_or(Value::Null, |entry| variable(entry, writer).into()))
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

fn words(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_corner_of_an_inspect_is_looked_at() {
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
        let told = document(&inspect, |_| "*".to_owned());
        assert!(!told.to_string().contains("s3cret"), "{told}");
        assert_eq!(told["Args"], json!(["-p*", "--token", "*"]));
        assert_eq!(told["Config"]["Env"], json!(["A=1", "API_KEY=*", "URL=http://u:*@h"]));
        assert_eq!(told["Config"]["Labels"]["team"], "web");
        for (pointer, value) in
            [("/SandboxKey", json!("/var/run/x")), ("/HostConfig/Memory", json!(5)), ("/Id", json!("ab"))]
        {
            assert_eq!(told.pointer(pointer), Some(&value));
        }
    }
}
