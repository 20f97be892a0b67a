//! Ports and images of a real engine: ports of stopped containers, and retagged image names.

use crate::{
    harbour::Harbour,
    support::{eventually, get},
};
use app::model::Container;
use bollard::{
    models::{ContainerConfig, ContainerCreateBody, HostConfig, PortBinding},
    query_parameters::{
        CommitContainerOptionsBuilder, CreateContainerOptionsBuilder, RemoveImageOptions, TagImageOptionsBuilder,
    },
};
use simulator::RealEngine;
use std::collections::HashMap;

async fn container(harbour: &Harbour, id: &str) -> Option<Container> {
    let response = get(harbour.server.address, &format!("/api/containers/{id}")).await;
    (response.status == 200).then(|| response.json())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_container_has_its_configured_ports() {
    let Some(mut harbour) = Harbour::open().await else { return };
    let binding = |ip: &str, port: &str| PortBinding { host_ip: Some(ip.to_owned()), host_port: Some(port.to_owned()) };
    let bindings = HashMap::from([
        ("5432/tcp".to_owned(), Some(vec![binding("127.0.0.1", "15432"), binding("127.0.0.2", "15432")])),
        ("80/tcp".to_owned(), Some(vec![binding("", "")])),
    ]);
    let body = ContainerCreateBody {
        image: Some(RealEngine::IMAGE.to_owned()),
        cmd: Some(vec!["true".to_owned()]),
        exposed_ports: Some(["5432/tcp", "80/tcp", "53/udp"].map(str::to_owned).to_vec()),
        host_config: Some(HostConfig { port_bindings: Some(bindings), ..HostConfig::default() }),
        ..ContainerCreateBody::default()
    };
    let options = CreateContainerOptionsBuilder::new().name(&format!("ql-{:08x}", fastrand::u32(..))).build();
    // Never started: a private engine has no network for published ports.
    let id = harbour.docker.create_container(Some(options), body).await.unwrap().id;
    harbour.adopt(&id);
    eventually("the container is known", async || container(&harbour, &id).await.is_some()).await;
    let ports = container(&harbour, &id).await.unwrap().ports;
    let shown: Vec<_> =
        ports.iter().map(|port| (port.ip.as_deref(), port.public_port, port.private_port, port.open)).collect();
    // Docker chooses a free port at each start; Podman chose one at creation.
    let chosen = ports.iter().find(|port| harbour.podman && port.private_port == 80);
    assert!(chosen.is_none_or(|port| port.public_port.is_some()), "{ports:?}");
    let expected = [
        (None, None, 53, false),
        chosen.map_or((None, None, 80, false), |port| (port.ip.as_deref(), port.public_port, 80, false)),
        (Some("127.0.0.1"), Some(15432), 5432, false),
        (Some("127.0.0.2"), Some(15432), 5432, false),
    ];
    assert_eq!(shown, expected, "{ports:?}");
    harbour.clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retagged_image_name_is_outdated() {
    let Some(mut harbour) = Harbour::open().await else { return };
    if harbour.podman {
        println!("skipped: Podman's list shows the name an image was given by, whatever it means by now");
        return;
    }
    // The list is only compared while there are viewers.
    let _viewer = harbour.server.viewer().await;
    let (repo, tag) = (format!("ql-{:08x}", fastrand::u32(..)), "latest");
    let name = format!("{repo}:{tag}");
    let options = TagImageOptionsBuilder::new().repo(&repo).tag(tag).build();
    harbour.docker.tag_image(RealEngine::IMAGE, Some(options)).await.unwrap();
    let body = |image: &str| ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(["sleep", "3600"].map(str::to_owned).to_vec()),
        host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..HostConfig::default() }),
        ..ContainerCreateBody::default()
    };
    let first = harbour.run_body(body(&name)).await;
    eventually("the container is known", async || container(&harbour, &first).await.is_some()).await;
    let image_id = container(&harbour, &first).await.unwrap().image_id;
    let by_id = harbour.run_body(body(&image_id)).await;
    let by_digits = harbour.run_body(body(&image_id[7..19])).await;

    let options = CommitContainerOptionsBuilder::new().container(&first).repo(&repo).tag(tag).build();
    harbour.docker.commit_container(options, ContainerConfig::default()).await.unwrap();
    let next = harbour.run_body(body(&name)).await;
    eventually("the first one is outdated", async || {
        container(&harbour, &first).await.is_some_and(|one| one.image_outdated && one.image == name)
    })
    .await;
    eventually("the next one is known", async || container(&harbour, &next).await.is_some()).await;
    for id in [by_id, by_digits, next] {
        let one = container(&harbour, &id).await.unwrap();
        assert!(!one.image_outdated, "{one:?}");
    }
    let docker = harbour.docker.clone();
    harbour.clear().await;
    docker.remove_image(&name, None::<RemoveImageOptions>, None).await.unwrap();
}
