//! Every route of the API on the connection of a server that has joined: its scope and role hold.

use super::{
    join::Joiner,
    join_access::{hostile_hub, with_team},
};
use crate::support::{TEST_TIMEOUT, named};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, client::conn::http2::SendRequest};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};
use tokio::{
    net::TcpListener,
    time::{Instant, timeout, timeout_at},
};

/// Streams never end; all of them send at once what there is.
const STREAM_TIME: Duration = Duration::from_millis(300);

/// Status and body, of a stream its beginning.
async fn ask(sender: &mut SendRequest<Empty<Bytes>>, method: &str, path: &str) -> (u16, String) {
    let request = Request::builder().method(method).uri(format!("http://localhost{path}"));
    timeout(TEST_TIMEOUT, sender.ready()).await.unwrap().unwrap();
    let responding = sender.send_request(request.body(Empty::new()).unwrap());
    let response = timeout(TEST_TIMEOUT, responding).await.unwrap().unwrap();
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let time = if kind == "text/event-stream" { STREAM_TIME } else { TEST_TIMEOUT };
    let (mut body, mut text, end) = (response.into_body(), Vec::new(), Instant::now() + time);
    while let Ok(Some(Ok(frame))) = timeout_at(end, body.frame()).await {
        text.extend_from_slice(&frame.into_data().unwrap_or_default());
    }
    (status, String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_shows_or_changes_what_is_out_of_scope() {
    for role in ["viewer", "operator", "admin"] {
        let simulator = with_team().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hub = listener.local_addr().unwrap();
        let joiner = Joiner::with_token("quay_invitation_any");
        let flags = ["--join-scope", "team=web", "--join-role", role, "--allow-actions"];
        let far = joiner.start(&simulator.endpoint(), hub, &flags).await;
        far.until_ready().await;
        let mut sender = hostile_hub(listener).await;
        let all = far.fetched().await;
        let hidden = named(&all, "talker").unwrap().id.to_string();
        let (status, document) = ask(&mut sender, "GET", "/api/openapi.json").await;
        assert_eq!(status, 200);
        let document: Value = serde_json::from_str(&document).unwrap();
        let mut served = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
                let mut target = path.replace("{id}", &hidden).replace("{engine}", "local").replace("{cluster}", "any");
                target = target.replace("{action}", "stop");
                if path == "/api/logs/stream" {
                    target = format!("{target}?ids={hidden}");
                }
                let (status, body) = ask(&mut sender, &method, &target).await;
                let shown = format!("{role}: {method} {path}: {status} {body}");
                assert!(!body.contains("talker") && !body.contains(&hidden) && !body.contains("\"web-1\""), "{shown}");
                assert!(status < 500, "{shown}");
                assert!(method == "GET" || (400..500).contains(&status), "{shown}");
                let is_api = path == "/healthz" || path.starts_with("/api/") && !path.starts_with("/api/join");
                if !is_api {
                    assert_eq!(status, 404, "{shown}");
                }
                if status == 200 {
                    served.insert(path.clone());
                }
            }
        }
        println!("{role}: {served:?}");
        assert!(served.contains("/api/containers") && served.contains("/api/containers/stream"), "{served:?}");
        // An admin who sees only some containers does not see who did what to the others.
        assert!(!served.contains("/api/audit"), "{served:?}");
        assert_eq!(far.fetched().await.containers.len(), all.containers.len(), "nothing has changed");
    }
}
