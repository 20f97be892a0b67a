//! Stats: streams, single samples, one-shots, and the zero object.

use bollard::models::{ContainerStatsResponse, HostConfig};
use bollard::query_parameters::StatsOptionsBuilder;
use futures::{Stream, StreamExt};
use tokio::time::timeout;

use crate::support::lab::{Lab, TEST_TIMEOUT};

const NEVER: &str = "0001-01-01T00:00:00Z";

fn stream(lab: &Lab, id: &str) -> impl Stream<Item = ContainerStatsResponse> + Unpin + use<> {
    let options = StatsOptionsBuilder::new().stream(true).build();
    Box::pin(lab.docker.stats(id, Some(options))).map(Result::unwrap)
}

async fn next(samples: &mut (impl Stream<Item = ContainerStatsResponse> + Unpin)) -> ContainerStatsResponse {
    timeout(TEST_TIMEOUT, samples.next()).await.expect("a sample arrives").expect("the stream continues")
}

async fn single(lab: &Lab, id: &str, one_shot: bool) -> ContainerStatsResponse {
    let options = StatsOptionsBuilder::new().stream(false).one_shot(one_shot).build();
    timeout(TEST_TIMEOUT, Box::pin(lab.docker.stats(id, Some(options))).next())
        .await
        .expect("a sample arrives")
        .unwrap()
        .unwrap()
}

fn cpu(sample: &ContainerStatsResponse) -> u64 {
    sample.cpu_stats.as_ref().unwrap().cpu_usage.as_ref().unwrap().total_usage.unwrap()
}

fn system(sample: &ContainerStatsResponse) -> Option<u64> {
    sample.cpu_stats.as_ref().unwrap().system_cpu_usage
}

fn system_before(sample: &ContainerStatsResponse) -> Option<u64> {
    sample.precpu_stats.as_ref().unwrap().system_cpu_usage
}

pub(crate) async fn counters_of_a_stats_stream_increase(lab: &Lab) {
    let id = lab.greeter("counter").await;
    let mut samples = stream(lab, &id);
    let mut last = next(&mut samples).await;
    assert_eq!((last.id.as_deref(), last.name), (Some(id.as_str()), Some(format!("/{}", lab.name("counter")))));
    last.name = None;
    for _ in 0..2 {
        let sample = next(&mut samples).await;
        assert!(sample.read > last.read);
        assert!(cpu(&sample) >= cpu(&last) && system(&sample) > system(&last));
        assert_eq!(system_before(&sample), system(&last));
        assert!(sample.cpu_stats.as_ref().unwrap().online_cpus >= Some(1));
        assert!(sample.memory_stats.as_ref().unwrap().usage > Some(0));
        assert!(sample.pids_stats.as_ref().unwrap().current >= Some(1));
        last = sample;
    }
}

pub(crate) async fn the_first_sample_of_a_stream_has_no_precpu_stats(lab: &Lab) {
    let id = lab.run("fresh", &["sleep", "100"]).await;
    let mut samples = stream(lab, &id);
    let first = next(&mut samples).await;
    assert_eq!((first.preread.as_deref(), system_before(&first)), (Some(NEVER), None));
    assert!(system(&first).is_some());
}

pub(crate) async fn a_single_sample_has_precpu_stats(lab: &Lab) {
    let id = lab.run("single", &["sleep", "100"]).await;
    // A container younger than the collector's period has no previous sample yet.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let sample = single(lab, &id, false).await;
    assert!(system_before(&sample) < system(&sample) && system_before(&sample).is_some());
    assert!(sample.preread < sample.read);
}

pub(crate) async fn a_one_shot_sample_has_no_precpu_stats(lab: &Lab) {
    let id = lab.run("shot", &["sleep", "100"]).await;
    let sample = single(lab, &id, true).await;
    assert_eq!(sample.preread.as_deref(), Some(NEVER));
    assert_eq!(system_before(&sample), None);
    assert!(sample.read.as_deref() > Some(NEVER) && system(&sample).is_some());
}

pub(crate) async fn a_container_without_a_process_gives_zeros(lab: &Lab) {
    let id = lab.run("ended", &["true"]).await;
    lab.until(&id, |state| state.running == Some(false)).await;
    for one_shot in [false, true] {
        let sample = single(lab, &id, one_shot).await;
        assert_zero(&sample);
        assert_eq!(sample.id.as_deref(), Some(id.as_str()));
    }
}

fn assert_zero(sample: &ContainerStatsResponse) {
    assert_eq!((sample.read.as_deref(), cpu(sample), system(sample)), (Some(NEVER), 0, None));
    assert_eq!(sample.memory_stats.as_ref().unwrap().usage, None);
    assert_eq!(sample.pids_stats.as_ref().unwrap().current, None);
    assert_eq!(sample.blkio_stats.as_ref().unwrap().io_service_bytes_recursive, None);
    assert_eq!(sample.networks, None);
}

pub(crate) async fn a_stats_stream_survives_a_stop_and_restarts_its_counters(lab: &Lab) {
    let id = lab.greeter("phoenix").await;
    let mut samples = stream(lab, &id);
    // Long enough that the second run starts with lower counters than the first ended with.
    for _ in 0..3 {
        next(&mut samples).await;
    }
    let before = cpu(&next(&mut samples).await);
    lab.stop(&id, 10).await;
    let zero = async { while system(&next(&mut samples).await).is_some() {} };
    timeout(TEST_TIMEOUT, zero).await.expect("zeros arrive while it is stopped");
    assert_zero(&next(&mut samples).await);
    lab.start(&id).await;
    let back = async {
        loop {
            let sample = next(&mut samples).await;
            if system(&sample).is_some() {
                return sample;
            }
        }
    };
    let after = timeout(TEST_TIMEOUT, back).await.expect("samples arrive again");
    assert!(cpu(&after) < before, "{} after, {before} before", cpu(&after));
}

pub(crate) async fn a_stream_ends_when_the_container_is_removed(lab: &Lab) {
    let id = lab.run("ends", &["sleep", "100"]).await;
    let mut samples = stream(lab, &id);
    next(&mut samples).await;
    lab.remove(&id, true).await.unwrap();
    timeout(TEST_TIMEOUT, async { while samples.next().await.is_some() {} }).await.expect("the stream ends");
}

pub(crate) async fn cpu_time_of_a_paused_container_does_not_increase(lab: &Lab) {
    let id = lab.greeter("frozen").await;
    lab.docker.pause_container(&id).await.unwrap();
    let mut samples = stream(lab, &id);
    let first = next(&mut samples).await;
    let second = next(&mut samples).await;
    assert_eq!(cpu(&first), cpu(&second));
    assert!(second.read > first.read && system(&second) > system(&first));
}

pub(crate) async fn a_memory_limit_is_the_limit_of_its_samples(lab: &Lab) {
    let mut body = lab.body(&["sleep", "100"]);
    let host = body.host_config.take().unwrap();
    body.host_config = Some(HostConfig { memory: Some(64 << 20), ..host });
    let id = lab.run_body("limited", body).await;
    let memory = single(lab, &id, true).await.memory_stats.unwrap();
    assert_eq!(memory.limit, Some(64 << 20));
    assert!(memory.usage <= memory.limit);
    let free = lab.run("free", &["sleep", "100"]).await;
    let host_memory = lab.docker.info().await.unwrap().mem_total.unwrap();
    let limit = single(lab, &free, true).await.memory_stats.unwrap().limit.unwrap();
    assert_eq!(limit, u64::try_from(host_memory).unwrap());
}
