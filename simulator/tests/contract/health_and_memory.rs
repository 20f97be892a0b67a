//! Health checks and the memory limit.

use bollard::models::{ContainerCreateBody, HealthConfig, HealthStatusEnum, HostConfig};

use crate::support::lab::{Lab, actions};

fn checked(lab: &Lab, test: &str) -> ContainerCreateBody {
    let check = HealthConfig {
        test: Some(vec!["CMD-SHELL".to_owned(), test.to_owned()]),
        interval: Some(300_000_000),
        timeout: Some(5_000_000_000),
        retries: Some(2),
        ..HealthConfig::default()
    };
    ContainerCreateBody { healthcheck: Some(check), ..lab.body(&["sleep", "100"]) }
}

pub(crate) async fn a_passing_check_makes_a_container_healthy(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run_body("well", checked(lab, "true")).await;
    assert_eq!(lab.state(&id).await.health.unwrap().status, Some(HealthStatusEnum::STARTING));
    let story = lab.story(&id, &since, "health_status: healthy").await;
    let actions = actions(&story);
    assert_eq!(actions[..2], ["create", "start"]);
    assert_eq!(actions[2], "exec_create: /bin/sh -c true");
    assert_eq!(actions[3], "exec_start: /bin/sh -c true");
    assert_eq!(actions[4], "exec_die 0");
    let state = lab.until(&id, |state| state.health.as_ref().unwrap().status == Some(HealthStatusEnum::HEALTHY)).await;
    let health = state.health.unwrap();
    assert_eq!(health.failing_streak, Some(0));
    assert_eq!(health.log.unwrap()[0].exit_code, Some(0));
    assert!(lab.row(&id, "running").await.status.unwrap().ends_with("(healthy)"));
}

pub(crate) async fn a_failing_check_makes_a_container_unhealthy(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run_body("ill", checked(lab, "exit 1")).await;
    lab.story(&id, &since, "health_status: unhealthy").await;
    let state =
        lab.until(&id, |state| state.health.as_ref().unwrap().status == Some(HealthStatusEnum::UNHEALTHY)).await;
    assert!(state.health.unwrap().failing_streak >= Some(2));
    assert_eq!(state.running, Some(true));
}

pub(crate) async fn an_exited_container_is_unhealthy_without_an_event(lab: &Lab) {
    let since = lab.now().await;
    let id = lab.run_body("late", checked(lab, "true")).await;
    lab.story(&id, &since, "health_status: healthy").await;
    lab.kill(&id, "KILL").await.unwrap();
    let state = lab.until(&id, |state| state.running == Some(false)).await;
    assert_eq!(state.health.unwrap().status, Some(HealthStatusEnum::UNHEALTHY));
    let story = lab.story(&id, &since, "die").await;
    assert!(!story.iter().any(|event| event.action == "health_status: unhealthy"));
}

pub(crate) async fn a_container_out_of_memory_is_killed_and_marked(lab: &Lab) {
    // The setup of a container has used 13 MB of its own limit, and runc refuses a lower one then.
    const LIMIT: i64 = 32 << 20;
    let since = lab.now().await;
    let mut body = lab.body(&["sh", "-c", "sleep 0.3; tail /dev/zero"]);
    let host = body.host_config.take().unwrap();
    body.host_config = Some(HostConfig { memory: Some(LIMIT), memory_swap: Some(LIMIT), ..host });
    let id = lab.run_body("hog", body).await;
    let state = lab.until(&id, |state| state.running == Some(false)).await;
    assert_eq!((state.oom_killed, state.exit_code), (Some(true), Some(137)));
    let actions = actions(&lab.story(&id, &since, "die").await);
    let oom = actions.iter().position(|action| action == "oom").expect("oom arrives");
    assert!(oom < actions.iter().position(|action| action == "die 137").unwrap());
}
