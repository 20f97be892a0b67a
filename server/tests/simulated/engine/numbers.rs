//! Samples: for which containers, when, and with unknown values.

use crate::support::{CHANGE_TIMEOUT, TEST_TIMEOUT, eventually, idler, local, named, quay, state_of};
use app::{model::ContainerState, protocol::Picture};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_containers_with_processes_have_samples() {
    let quay = quay("quiet:8", &["--stats-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    let all = |picture: &Picture| {
        !picture.stats.is_empty() && picture.stats.values().all(|sample| sample.cpu_percent.is_some())
    };
    viewer.until("every CPU usage is known", TEST_TIMEOUT, all).await;
    for container in viewer.picture.containers.values() {
        let sample = viewer.picture.stats.get(&container.key());
        assert_eq!(sample.is_some(), container.state.has_processes(), "{}: {sample:?}", container.name);
        let Some(sample) = sample else { continue };
        assert_eq!(sample.container_name, container.name);
        assert!(sample.memory_usage > Some(0) && sample.memory_usage < sample.memory_limit, "{sample:?}");
        let (usage, limit) = (sample.memory_usage.unwrap() as f64, sample.memory_limit.unwrap() as f64);
        // Two decimals: at most 0.005 off.
        assert!((sample.memory_percent.unwrap() - 100.0 * usage / limit).abs() <= 0.005 + f64::EPSILON, "{sample:?}");
        assert!(sample.pids > Some(0) && sample.block_read.is_some() && sample.block_write.is_some(), "{sample:?}");
        if container.state == ContainerState::Paused {
            assert_eq!(sample.cpu_percent, Some(0.0));
        }
    }
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cpu_usage_is_unknown_until_the_second_sample() {
    let quay = quay("quiet:0", &["--stats-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    quay.simulator.act(|engine, now| {
        engine.add_image("idle:1", "import", now);
        engine.create(idler("fresh"), now).unwrap();
        engine.start("fresh", now).unwrap();
    });
    let runs = |picture: &Picture| state_of(picture, "fresh") == Some(ContainerState::Running);
    viewer.until("it runs", CHANGE_TIMEOUT, runs).await;
    let id = named(&viewer.picture, "fresh").unwrap().id;
    let (mut unknown, mut first_memory_without_cpu) = (true, false);
    while unknown {
        let sample = &viewer.picture.stats[&local(id)];
        assert_ne!(sample.memory_usage, Some(0), "unknown is null, never 0");
        first_memory_without_cpu |= sample.memory_usage.is_some() && sample.cpu_percent.is_none();
        unknown = sample.cpu_percent.is_none();
        if unknown {
            viewer.next().await;
        }
    }
    assert!(first_memory_without_cpu, "the first reading has memory and no processor figure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_container_loses_its_numbers_and_restarts_with_unknown_ones() {
    let quay = quay("quiet:8", &["--stats-interval", "500ms"]).await;
    let mut viewer = quay.server.viewer().await;
    viewer.next().await;
    let id = named(&viewer.picture, "shop-web-1").unwrap().id;
    let figured = |picture: &Picture| picture.stats.get(&local(id)).is_some_and(|sample| sample.cpu_percent.is_some());
    viewer.until("the CPU usage is known", TEST_TIMEOUT, figured).await;
    quay.simulator.act(|engine, now| engine.kill("shop-web-1", 9, now).unwrap());
    viewer.until("the sample goes", CHANGE_TIMEOUT, |picture| !picture.stats.contains_key(&local(id))).await;
    let ended = |picture: &Picture| picture.containers[&local(id)].exit_code == Some(137);
    viewer.until("the code shows", CHANGE_TIMEOUT, ended).await;
    assert_eq!(viewer.picture.containers[&local(id)].state, ContainerState::Exited);
    quay.simulator.act(|engine, now| engine.start("shop-web-1", now).unwrap());
    viewer.until("a sample is there", CHANGE_TIMEOUT, |picture| picture.stats.contains_key(&local(id))).await;
    assert_eq!(viewer.picture.stats[&local(id)].cpu_percent, None, "not the last run's");
    viewer.until("the CPU usage is known", TEST_TIMEOUT, figured).await;
    viewer.assert_true(&quay.server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_polled_has_numbers() {
    let quay = quay("quiet:8", &["--stats-interval", "500ms"]).await;
    eventually("numbers arrive without a stream", async || {
        let fetched = quay.server.fetched().await;
        !fetched.stats.is_empty() && fetched.stats.values().all(|sample| sample.cpu_percent.is_some())
    })
    .await;
}
