//! `GET /containers/json`: the list.

use axum::Json;
use serde_json::{Map, Value, json};

use super::Shared;
use super::command;
use super::filters::Filters;
use super::params::Params;
use super::refusal::Refusal;
use super::status_text::status_text;
use crate::clock::Moment;
use crate::engine::Engine;
use crate::engine::container::{Container, State};
use crate::engine::ident::digest;
use crate::engine::spec::{Attachment, Mount, Port};

/// `GET /containers/json`, newest first.
pub(crate) async fn list(daemon: Shared, params: Params) -> Result<Json<Vec<Value>>, Refusal> {
    let filters = Filters::read(&params)?;
    filters.check_for_list()?;
    let limit = params.integer("limit")?.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let all = params.flag("all") || limit.is_some() || filters.mention_state();
    let size = params.flag("size");
    Ok(Json(daemon.act(|engine, now| {
        let chosen = chosen(engine, &filters, all, limit, now);
        chosen.into_iter().map(|container| row(container, image(engine, container), size, now)).collect()
    })))
}

fn chosen<'a>(
    engine: &'a Engine,
    filters: &Filters,
    all: bool,
    limit: Option<usize>,
    now: Moment,
) -> Vec<&'a Container> {
    let wanted = |container: &&Container| {
        let state = container.listed_state(now);
        (all || state.counts_as_running()) && filters.match_container(container, state.as_str())
    };
    let mut found: Vec<&Container> = engine.containers().filter(wanted).collect();
    found.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.name.cmp(&b.name)));
    found.truncate(limit.unwrap_or(usize::MAX));
    found
}

/// The image as given, or its id if the name now refers to another image or to none.
fn image<'a>(engine: &Engine, container: &'a Container) -> &'a str {
    let is_named = engine.image(&container.spec.image).is_some_and(|image| image.id == container.image_id);
    if is_named { &container.spec.image } else { &container.image_id }
}

fn row(container: &Container, image: &str, size: bool, now: Moment) -> Value {
    let spec = &container.spec;
    let state = container.listed_state(now);
    let mut row = json!({
        "Id": container.id, "Names": [format!("/{}", container.name)], "Image": image, "ImageID": container.image_id,
        "Command": command::shown(&spec.command), "Created": container.created_at.as_secs(),
        "Ports": ports(&spec.ports, state.has_process()), "Labels": spec.labels, "State": state.as_str(),
        "Status": status_text(container, state, now), "HostConfig": {"NetworkMode": spec.network_mode},
        "NetworkSettings": {"Networks": networks(container, state)},
        "Mounts": spec.mounts.iter().map(mount).collect::<Vec<_>>(),
    });
    if size && let Some(row) = row.as_object_mut() {
        row.insert("SizeRw".to_owned(), json!(4_096));
        row.insert("SizeRootFs".to_owned(), json!(120_000_000));
    }
    row
}

/// Ports of a row in the list. Only a container with a process has published ports.
fn ports(ports: &[Port], open: bool) -> Vec<Value> {
    let listed = ports.iter().filter(|_| open);
    let one = |port: &Port| match port.public {
        Some(public) => {
            json!({"IP": port.host_ip, "PrivatePort": port.private, "PublicPort": public, "Type": port.protocol})
        }
        None => json!({"PrivatePort": port.private, "Type": port.protocol}),
    };
    listed.map(one).collect()
}

/// The networks of a container, for list and inspect.
pub(crate) fn networks(container: &Container, state: State) -> Map<String, Value> {
    let places = container.spec.attachments.iter();
    places.map(|place| (place.network.clone(), network(container, place, state))).collect()
}

fn network(container: &Container, place: &Attachment, state: State) -> Value {
    let connected = state.has_process();
    let addressed = connected && !place.ip.is_empty();
    let when = |condition: bool, text: String| if condition { text } else { String::new() };
    let gateway = place.ip.split('.').take(2).collect::<Vec<_>>().join(".") + ".0.1";
    let mac: Vec<String> =
        place.ip.split('.').filter_map(|part| part.parse::<u8>().ok()).map(|part| format!("{part:02x}")).collect();
    json!({
        "IPAMConfig": null, "Links": null, "DriverOpts": null,
        "Aliases": if place.aliases.is_empty() { Value::Null } else { json!(place.aliases) },
        "NetworkID": when(state != State::Created, place.network_id()),
        "EndpointID": when(connected, digest(&format!("endpoint:{}:{}", container.id, place.network))),
        "Gateway": when(addressed, gateway), "IPAddress": when(addressed, place.ip.clone()),
        "IPPrefixLen": if addressed { 16 } else { 0 }, "IPv6Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0,
        "MacAddress": when(addressed, format!("02:42:{}", mac.join(":"))),
    })
}

/// A mount, for list and inspect.
pub(crate) fn mount(mount: &Mount) -> Value {
    let Mount { kind, source, destination, read_only } = mount;
    let mode = if *read_only { "ro" } else { "" };
    if kind == "volume" {
        let path = format!("/var/lib/docker/volumes/{source}/_data");
        return json!({"Type": kind, "Name": source, "Source": path, "Destination": destination, "Driver": "local",
                      "Mode": mode, "RW": !read_only, "Propagation": ""});
    }
    json!({"Type": kind, "Source": source, "Destination": destination, "Mode": mode, "RW": !read_only,
           "Propagation": "rprivate"})
}
