//! Restart policies: restarts, their limits, and the state in inspect.

use bollard::models::ContainerCreateBody;
use bollard::models::ContainerStateStatusEnum as Status;
use bollard::models::{HostConfig, RestartPolicy, RestartPolicyNameEnum as Policy};

use crate::support::lab::Lab;

fn with_policy(lab: &Lab, policy: Policy, retries: Option<i64>, command: &[&str]) -> ContainerCreateBody {
    let mut body = lab.body(command);
    let host = body.host_config.take().unwrap();
    let restart_policy = Some(RestartPolicy { name: Some(policy), maximum_retry_count: retries });
    body.host_config = Some(HostConfig { restart_policy, ..host });
    body
}

pub(crate) async fn a_restart_policy_starts_again_until_its_limit(lab: &Lab) {
    let id = lab.run_body("tries", with_policy(lab, Policy::ON_FAILURE, Some(2), &["sh", "-c", "exit 3"])).await;
    let state = lab.until(&id, |state| state.status == Some(Status::EXITED)).await;
    assert_eq!(state.exit_code, Some(3));
    assert_eq!(lab.inspect(&id).await.restart_count, Some(2));
}

pub(crate) async fn a_container_between_two_restarts_is_restarting(lab: &Lab) {
    let id = lab.run_body("loop", with_policy(lab, Policy::ALWAYS, None, &["sh", "-c", "exit 3"])).await;
    let state = lab.until(&id, |state| state.status == Some(Status::RESTARTING)).await;
    assert_eq!((state.running, state.restarting, state.pid), (Some(true), Some(true), Some(0)));
    assert_eq!(state.exit_code, Some(3));
    assert!(lab.row(&id, "restarting").await.status.unwrap().starts_with("Restarting (3) "));
    let refusal = format!("Container {id} is restarting, wait until the container is running");
    // It may run for a moment between two runs; polls until it is restarting.
    let polling = async {
        loop {
            lab.until(&id, |state| state.restarting == Some(true)).await;
            let response = lab.docker.top_processes(&id, None).await;
            if response.as_ref().is_err_and(|error| error.to_string().contains("is restarting")) {
                return response;
            }
        }
    };
    let response =
        tokio::time::timeout(crate::support::lab::TEST_TIMEOUT, polling).await.expect("never caught between two runs");
    lab.assert_refused(response, 409, &refusal);
}

pub(crate) async fn a_stop_ends_a_restart_loop(lab: &Lab) {
    let id = lab.run_body("looped", with_policy(lab, Policy::ALWAYS, None, &["sh", "-c", "exit 3"])).await;
    lab.until(&id, |state| state.restarting == Some(true)).await;
    lab.stop(&id, 1).await;
    assert_eq!(lab.until(&id, |state| state.running == Some(false)).await.status, Some(Status::EXITED));
}

pub(crate) async fn a_stopped_container_stays_stopped_with_any_policy(lab: &Lab) {
    let id = lab.run_body("stays", with_policy(lab, Policy::ALWAYS, None, &["sleep", "100"])).await;
    lab.kill(&id, "KILL").await.unwrap();
    lab.until(&id, |state| state.running == Some(false)).await;
    // The first restart would come after 100 ms.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(lab.status(&id).await, Status::EXITED);
    assert_eq!(lab.inspect(&id).await.restart_count, Some(0));
}

pub(crate) async fn a_manual_start_resets_the_restart_count(lab: &Lab) {
    let id = lab
        .run_body("counted", with_policy(lab, Policy::ON_FAILURE, Some(1), &["sh", "-c", "sleep 0.3; exit 3"]))
        .await;
    lab.until(&id, |state| state.status == Some(Status::EXITED)).await;
    assert_eq!(lab.inspect(&id).await.restart_count, Some(1));
    lab.start(&id).await;
    assert_eq!(lab.inspect(&id).await.restart_count, Some(0));
}
