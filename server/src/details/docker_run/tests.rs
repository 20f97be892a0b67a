//! `docker run` lines of inspect responses.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use serde_json::{Value, json};

const ID: &str = "c3d91b32d874cd70e1ad93268690237e1c94332103f94f695edc4c461199aa40";

/// The line of a container `x` of image `i:1`, without the common parts.
fn line(config: &Value, host: &Value, image: &Value) -> String {
    let mut inspect = json!({"Id": ID, "Name": "/x", "Config": {"Image": "i:1"}, "HostConfig": {}});
    for (part, more) in [("Config", config), ("HostConfig", host)] {
        inspect[part].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    run(&inspect, &json!({"Config": image}))
}

fn run(inspect: &Value, image: &Value) -> String {
    let line = docker_run(JsonRef(inspect), JsonRef(image)).replace(" \\\n ", "");
    line.strip_prefix("docker run --detach --name x ").unwrap().to_owned()
}

fn of_config(config: &Value) -> String {
    line(config, &json!({}), &json!({}))
}

fn of_host(host: &Value) -> String {
    line(&json!({}), host, &json!({}))
}

#[test]
fn a_default_container_needs_only_its_image() {
    assert_eq!(
        of_config(&json!({"Hostname": "c3d91b32d874", "Labels": {}, "Cmd": null, "Env": null, "User": ""})),
        "i:1"
    );
    let host = json!({
        "NetworkMode": "default", "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}, "ShmSize": 67_108_864, "Runtime": "runc",
        "IpcMode": "private", "LogConfig": {"Type": "json-file", "Config": {}}, "Memory": 0, "MemorySwap": 0, "PidsLimit": null,
        "Binds": null, "PortBindings": {}, "CapAdd": null, "Ulimits": [], "Devices": [], "MemorySwappiness": null,
    });
    assert_eq!(of_host(&host), "i:1");
}

#[test]
fn each_part_of_the_configuration_has_its_flag() {
    for (config, command) in [
        (json!({"Tty": true, "OpenStdin": true}), "--interactive --tty i:1"),
        (json!({"Hostname": "box", "Domainname": "lan"}), "--hostname box --domainname lan i:1"),
        (json!({"User": "1000:1000", "WorkingDir": "/a b"}), "--user 1000:1000 --workdir '/a b' i:1"),
        (json!({"Env": ["A=b c", "PASSWORD=\0PASSWORD\0"]}), "--env 'A=b c' --env PASSWORD=\"$PASSWORD\" i:1"),
        (json!({"Labels": {"team": "web's", "com.docker.compose.project": "p"}}), r"--label 'team=web'\''s' i:1"),
        (json!({"StopSignal": "SIGINT", "StopTimeout": 30}), "--stop-signal SIGINT --stop-timeout 30 i:1"),
        (json!({"StopTimeout": 0}), "--stop-timeout 0 i:1"),
        (json!({"StopTimeout": -1}), "--stop-timeout -1 i:1"),
        (json!({"StopTimeout": null}), "i:1"),
        (json!({"ExposedPorts": {"53/udp": {}}}), "--expose 53/udp i:1"),
        (json!({"Volumes": {"/v": {}}}), "--volume /v i:1"),
        (json!({"Cmd": ["sh", "-c", "echo $X"]}), "i:1 sh -c 'echo $X'"),
        (json!({"Entrypoint": ["/e", "-x"], "Cmd": ["y"]}), "--entrypoint /e i:1 -x y"),
        (json!({"Healthcheck": {"Test": ["NONE"]}}), "--no-healthcheck i:1"),
        (
            json!({"Healthcheck": {"Test": ["CMD-SHELL", "a || b"], "Interval": 30_000_000_000_u64, "Timeout": 1_500_000_000, "Retries": 3}}),
            "--health-cmd 'a || b' --health-interval 30s --health-timeout 1500ms --health-retries 3 i:1",
        ),
        (json!({"Healthcheck": {"Test": ["CMD", "test", "a b"]}}), r"--health-cmd 'test '\''a b'\''' i:1"),
    ] {
        assert_eq!(of_config(&config), command, "{config}");
    }
}

#[test]
fn each_part_of_the_host_configuration_has_its_flag() {
    for (host, command) in [
        (json!({"NetworkMode": "host"}), "--network host"),
        (
            json!({"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "127.0.0.1", "HostPort": "81"}]}}),
            "--publish 8080:80 --publish 127.0.0.1:81:80",
        ),
        (
            json!({"PortBindings": {"53/udp": [{"HostIp": "::1", "HostPort": "53"}], "9/tcp": [{"HostPort": ""}]}}),
            "--publish '[::1]:53:53/udp' --publish 9",
        ),
        (json!({"PortBindings": {"9/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}}), "--publish 127.0.0.1::9"),
        (json!({"Binds": ["/a b:/c:ro", "v:/d"]}), "--volume '/a b:/c:ro' --volume v:/d"),
        (
            json!({"Mounts": [{"Type": "bind", "Source": "/s", "Target": "/t", "ReadOnly": true}]}),
            "--mount type=bind,source=/s,target=/t,readonly",
        ),
        (
            json!({"Mounts": [{"Type": "volume", "Target": "/t", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"o": "a,b"}}}}]}),
            "--mount 'type=volume,target=/t,volume-driver=local,\"volume-opt=o=a,b\"'",
        ),
        (json!({"Tmpfs": {"/t": "size=1m", "/u": ""}}), "--tmpfs /t:size=1m --tmpfs /u"),
        (json!({"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}}), "--restart on-failure:3"),
        (json!({"RestartPolicy": {"Name": "always"}, "Init": true}), "--restart always --init"),
        (json!({"AutoRemove": true}), "--rm"),
        (json!({"LogConfig": {"Type": "none", "Config": {}}}), "--log-driver none"),
        (
            json!({"LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}}}),
            "--log-driver json-file --log-opt max-size=1m",
        ),
        (json!({"Memory": 67_108_864, "MemorySwap": 134_217_728}), "--memory 64m"),
        (json!({"Memory": 1_073_741_824, "MemorySwap": -1}), "--memory 1g --memory-swap -1"),
        (json!({"Memory": 1000, "MemorySwap": 3072}), "--memory 1000b --memory-swap 3k"),
        (
            json!({"NanoCpus": 1_500_000_000, "CpuShares": 512, "CpusetCpus": "0-1"}),
            "--cpus 1.5 --cpu-shares 512 --cpuset-cpus 0-1",
        ),
        (
            json!({"PidsLimit": 50, "Ulimits": [{"Name": "nofile", "Soft": 100, "Hard": 200}]}),
            "--pids-limit 50 --ulimit nofile=100:200",
        ),
        (json!({"MemorySwappiness": 0, "PidsLimit": 0}), "--memory-swappiness 0 --pids-limit 0"),
        (json!({"OomScoreAdj": -500, "PidsLimit": -1}), "--oom-score-adj -500 --pids-limit -1"),
        (json!({"Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}]}), "--ulimit core=0:0"),
        (json!({"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 0}}), "--restart on-failure"),
        (json!({"Privileged": true, "SecurityOpt": ["label=disable"]}), "--privileged"),
        (
            json!({"CapAdd": ["CAP_NET_ADMIN"], "CapDrop": ["ALL"], "ReadonlyRootfs": true, "SecurityOpt": ["no-new-privileges"]}),
            "--read-only --cap-add NET_ADMIN --cap-drop ALL --security-opt no-new-privileges",
        ),
        (
            json!({"Devices": [{"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "rwm"}]}),
            "--device /dev/a:/dev/b",
        ),
        (json!({"DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}]}), "--gpus all"),
        (json!({"Sysctls": {"net.core.somaxconn": "1024"}}), "--sysctl net.core.somaxconn=1024"),
        (
            json!({"Dns": ["1.1.1.1"], "ExtraHosts": ["a:1.2.3.4"], "Links": ["/db:/x/database"]}),
            "--dns 1.1.1.1 --add-host a:1.2.3.4 --link db:database",
        ),
        (
            json!({"PidMode": "host", "IpcMode": "host", "UTSMode": "host", "ShmSize": 1_048_576}),
            "--shm-size 1m --ipc host --pid host --uts host",
        ),
        (json!({"Runtime": "nvidia"}), "--runtime nvidia"),
    ] {
        assert_eq!(of_host(&host).strip_suffix(" i:1").unwrap(), command, "{host}");
    }
}

#[test]
fn image_defaults_are_left_out_and_differences_included() {
    let image = json!({
        "Env": ["PATH=/bin", "A=1"], "Cmd": ["serve"], "Entrypoint": ["/e"], "WorkingDir": "/w", "User": "me", "Labels": {"l": "1"},
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/v": {}}, "Healthcheck": {"Test": ["CMD", "x"]}, "StopSignal": "SIGQUIT",
    });
    assert_eq!(line(&image, &json!({}), &image), "i:1");
    let own = json!({"Env": ["PATH=/bin", "A=2"], "Cmd": ["other"], "Labels": {"l": "2"}});
    let mut config = image.clone();
    config.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    assert_eq!(line(&config, &json!({}), &image), "--env A=2 --label l=2 i:1 other");
    // Without an entrypoint, the one of the image must be disabled.
    let mut config = image.clone();
    config["Entrypoint"] = Value::Null;
    assert_eq!(line(&config, &json!({}), &image), "--entrypoint '' i:1 serve");
}

#[test]
fn further_networks_are_listed_by_name() {
    let inspect = json!({
        "Id": ID, "Name": "/x", "Config": {"Image": "i:1"}, "HostConfig": {"NetworkMode": "front"},
        "NetworkSettings": {"Networks": {
            "back": {"Aliases": ["db", "c3d91b32d874"], "IPAMConfig": {"IPv4Address": "10.0.0.5"}},
            "front": {"Aliases": ["x", "web"], "IPAMConfig": null},
        }},
    });
    let command = "--network front --network name=back,alias=db,ip=10.0.0.5 --network-alias web i:1";
    assert_eq!(run(&inspect, &Value::Null), command);
}
