//! Ports and images in the API: bound addresses, ports of stopped containers, and retagged names.

use crate::support::{TEST_TIMEOUT, get, idler, named, quay};
use app::model::{Container, ContainerState, Port};
use serde_json::Value;
use simulator::{ContainerSpec, engine::spec};

fn port(host_ip: &str, public: u16, private: u16) -> spec::Port {
    spec::Port { private, public: Some(public), host_ip: host_ip.to_owned(), protocol: "tcp".to_owned() }
}

fn shown(container: &Container) -> Vec<(Option<&str>, Option<u16>, bool)> {
    container.ports.iter().map(|Port { ip, public_port, open, .. }| (ip.as_deref(), *public_port, *open)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ports_keep_their_address_and_stay_while_the_container_is_stopped() {
    let quay = quay("quiet:0", &[]).await;
    let ports = vec![port("127.0.0.1", 15432, 5432), port("192.0.2.7", 15432, 5432)];
    quay.simulator.act(|engine, now| {
        // In a network, because the engine publishes nothing without one.
        engine.create(ContainerSpec { ports, network_mode: "bridge".to_owned(), ..idler("db") }, now).unwrap();
        engine.start("db", now).unwrap();
    });
    let expected = |open| vec![(Some("127.0.0.1"), Some(15432), open), (Some("192.0.2.7"), Some(15432), open)];
    let mut viewer = quay.server.viewer().await;
    viewer
        .until("both are open", TEST_TIMEOUT, |picture| {
            named(picture, "db").is_some_and(|db| shown(db) == expected(true))
        })
        .await;
    quay.simulator.act(|engine, now| engine.crash("db", 0, false, now)).unwrap();
    viewer
        .until("both are configured only", TEST_TIMEOUT, |picture| {
            named(picture, "db").is_some_and(|db| db.state == ContainerState::Exited && shown(db) == expected(false))
        })
        .await;
    // The fields of the contract stay; the flag is omitted if the port is published.
    let list: Value = get(quay.server.address, "/api/containers").await.json();
    assert_eq!(
        list["containers"][0]["ports"][0],
        serde_json::json!({"ip": "127.0.0.1", "privatePort": 5432, "publicPort": 15432, "protocol": "tcp", "open": false})
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retagged_image_is_marked_and_one_given_by_id_is_not() {
    let quay = quay("quiet:0", &["--refresh-interval", "500ms"]).await;
    let run = |name: &str, image: &str| {
        quay.simulator.act(|engine, now| {
            let command = vec!["idle".to_owned()];
            engine.create(ContainerSpec { command, ..ContainerSpec::new(name, image) }, now).unwrap();
            engine.start(name, now).unwrap();
        });
    };
    run("first", "app:latest");
    let mut viewer = quay.server.viewer().await;
    viewer.until("it runs", TEST_TIMEOUT, |picture| named(picture, "first").is_some()).await;
    let image_id = named(&viewer.picture, "first").unwrap().image_id.clone();
    run("by-id", &image_id);
    run("by-digits", &image_id[7..19]);
    quay.simulator.act(|engine, now| engine.add_image("app:latest", "import", now));
    run("next", "app:latest");
    viewer
        .until("the first one is marked", TEST_TIMEOUT, |picture| {
            named(picture, "first").is_some_and(|first| first.image_outdated)
                && ["by-id", "by-digits", "next"].iter().all(|name| named(picture, name).is_some())
        })
        .await;
    for name in ["by-id", "by-digits", "next"] {
        assert!(!named(&viewer.picture, name).unwrap().image_outdated, "{name}");
    }
    assert_ne!(named(&viewer.picture, "next").unwrap().image_id, image_id);
    // Inspect does not have the flag and does not reset it.
    quay.simulator.act(|engine, now| engine.crash("first", 0, false, now)).unwrap();
    viewer
        .until("it is stopped", TEST_TIMEOUT, |picture| {
            named(picture, "first").is_some_and(|first| first.state == ContainerState::Exited && first.image_outdated)
        })
        .await;
    let list: Value = get(quay.server.address, "/api/containers").await.json();
    let of = |name: &str| {
        let all = list["containers"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap()["imageOutdated"].clone()
    };
    assert_eq!((of("first"), of("next")), (Value::Bool(true), Value::Null));
}
