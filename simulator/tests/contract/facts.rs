//! Details of one container: inspect, image, processes.

use bollard::errors::Error;
use bollard::models::{HostConfig, HostConfigLogConfig, ResourcesUlimits};
use bollard::query_parameters::TopOptionsBuilder;
use std::collections::HashMap;

use crate::support::lab::Lab;

pub(crate) async fn inspect_has_environment_and_limits(lab: &Lab) {
    let mut body = lab.body(&["100"]);
    body.entrypoint = Some(vec!["sleep".to_owned()]);
    body.hostname = Some("lighthouse".to_owned());
    body.user = Some("1000:1000".to_owned());
    body.working_dir = Some("/tmp".to_owned());
    let host = body.host_config.take().unwrap();
    let ulimit = ResourcesUlimits { name: Some("nofile".to_owned()), soft: Some(100), hard: Some(200) };
    let log = HostConfigLogConfig {
        typ: Some("json-file".to_owned()),
        config: Some(HashMap::from([("max-size".to_owned(), "1m".to_owned())])),
    };
    body.host_config = Some(HostConfig {
        cpu_shares: Some(512),
        pids_limit: Some(50),
        ulimits: Some(vec![ulimit.clone()]),
        log_config: Some(log.clone()),
        tmpfs: Some(HashMap::from([("/scratch".to_owned(), "size=1m".to_owned())])),
        ..host
    });
    let id = lab.create_body("surrounded", body).await.unwrap();
    let inspected = lab.inspect(&id).await;
    let (config, host) = (inspected.config.unwrap(), inspected.host_config.unwrap());
    assert_eq!(config.entrypoint, Some(vec!["sleep".to_owned()]));
    assert_eq!(config.cmd, Some(vec!["100".to_owned()]));
    assert_eq!((inspected.path.as_deref(), inspected.args), (Some("sleep"), Some(vec!["100".to_owned()])));
    assert_eq!((config.hostname.as_deref(), config.user.as_deref()), (Some("lighthouse"), Some("1000:1000")));
    assert_eq!(config.working_dir.as_deref(), Some("/tmp"));
    assert_eq!((host.cpu_shares, host.pids_limit), (Some(512), Some(50)));
    assert_eq!(host.ulimits, Some(vec![ulimit]));
    assert_eq!(host.log_config, Some(log));
    assert_eq!(host.tmpfs.unwrap()["/scratch"], "size=1m");
}

pub(crate) async fn an_image_is_inspected_by_digest(lab: &Lab) {
    let id = lab.create("pictured", &["sleep", "100"]).await;
    let digest = lab.inspect(&id).await.image.unwrap();
    let image = lab.docker.inspect_image(&digest).await.unwrap();
    assert_eq!(image.id.as_deref(), Some(digest.as_str()));
    assert!(image.config.unwrap().cmd.is_none_or(|command| command.is_empty()));
    let unknown = format!("sha256:{}", "0".repeat(64));
    match lab.docker.inspect_image(&unknown).await {
        Err(Error::DockerResponseServerError { status_code, message }) => {
            assert!(status_code == 404 && message.to_lowercase().contains("no such image"), "{status_code} {message}");
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

pub(crate) async fn top_supports_columns_by_name(lab: &Lab) {
    let id = lab.run("columns", &["sleep", "100"]).await;
    let fetch = |columns: &str| {
        let options = TopOptionsBuilder::new().ps_args(&format!("-eo {columns}")).build();
        let id = id.clone();
        async move { lab.docker.top_processes(&id, Some(options)).await }
    };
    let top = fetch("pid,ppid,user,pcpu,rss,etimes,args").await.unwrap();
    assert_eq!(top.titles.unwrap(), ["PID", "PPID", "USER", "%CPU", "RSS", "ELAPSED", "COMMAND"]);
    let row = &top.processes.unwrap()[0];
    assert_eq!((row[0].parse().ok(), row[6].as_str()), (lab.state(&id).await.pid, "sleep 100"));
    assert!(
        row[3].parse::<f64>().is_ok() && row[4].parse::<u64>().is_ok() && row[5].parse::<u64>().unwrap() < 60,
        "{row:?}"
    );
    lab.assert_refused(fetch("pid,mood").await, 500, "ps: error: unknown user-defined format specifier \"mood\"");
    lab.assert_refused(fetch("user,args").await, 500, "Couldn't find PID field in ps output");
}
