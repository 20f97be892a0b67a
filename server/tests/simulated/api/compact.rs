//! The compact stream format of Quaylight's own pages: the same data as the documented format in
//! far fewer bytes.

use crate::support::{TEST_TIMEOUT, Viewer, quay};
use app::model::{Container, ContainerState};
use app::protocol::{Frame, Picture, compact};
use std::sync::Arc;

/// Maximum size of the compressed snapshot for a page with 1,000 containers.
const SNAPSHOT_BYTES: usize = 60_000;
/// Limit for a page that has the same containers already.
const RECONNECT_BYTES: usize = 30_000;
/// Maximum size of a round in which a hundred of the thousand have new numbers.
const TICK_BYTES: usize = 6_000;

const COMPACT: &str = "?format=compact";

/// Removes the fields that the compact format omits.
fn without_what_is_left_out(mut picture: Picture) -> Picture {
    for (_, sample) in picture.stats.iter_mut() {
        Arc::make_mut(sample).container_name.clear();
    }
    for (_, container) in picture.containers.iter_mut() {
        let kept = |name: &str| match name.strip_prefix("com.docker.compose.") {
            Some(rest) => matches!(rest, "project" | "service"),
            None => true,
        };
        Arc::make_mut(container).labels.retain(|name, _| kept(name));
    }
    picture
}

#[tokio::test]
async fn the_compact_format_has_the_same_data() {
    let quay = quay("busy", &[]).await;
    let mut compact = Viewer::open(quay.server.address, COMPACT, &[]).await;
    for _ in 0..3 {
        let sampled = compact.picture.sampled_at;
        compact.until("another tick", TEST_TIMEOUT, |picture| picture.sampled_at > sampled).await;
    }
    // Both at the same revision: the one behind reads on.
    let mut whole = quay.server.viewer().await;
    whole.next_data().await;
    while compact.picture.revision != whole.picture.revision {
        let behind = if compact.picture.revision < whole.picture.revision { &mut compact } else { &mut whole };
        behind.next_data().await;
    }
    assert_eq!(compact.picture, without_what_is_left_out(whole.picture));
}

#[tokio::test]
async fn a_thousand_containers_are_within_their_size_limit() {
    let quay = quay("thousand:1000", &[]).await;
    let gzip = [("accept-encoding", "gzip")];
    let mut first = Viewer::open(quay.server.address, COMPACT, &gzip).await;
    // The list comes first, and inspect adds its data a little later.
    let is_whole = |picture: &Picture| {
        let is_known =
            |container: &Arc<Container>| container.state == ContainerState::Created || container.started_at.is_some();
        picture.stats.values().all(|sample| sample.cpu_percent.is_some()) && picture.containers.values().all(is_known)
    };
    first.until("all of each container, and all numbers", TEST_TIMEOUT, is_whole).await;

    let mut viewer = Viewer::open(quay.server.address, COMPACT, &gzip).await;
    viewer.next_data().await;
    eprintln!("snapshot of {}: {} bytes", viewer.picture.containers.len(), viewer.bytes);
    assert!(viewer.bytes <= SNAPSHOT_BYTES, "{} bytes", viewer.bytes);

    // A page that reconnects to a restarted server has the same containers.
    let held = compact::fingerprint(viewer.picture.containers.values().map(|container| &**container)).unwrap();
    let query = format!("{COMPACT}&lastEventId=0.1&held={held:x}");
    let mut back = Viewer::open(quay.server.address, &query, &gzip).await;
    back.picture = viewer.picture.clone();
    back.next_data().await;
    eprintln!("snapshot for a page that held them: {} bytes", back.bytes);
    assert!(back.bytes <= RECONNECT_BYTES, "{} bytes", back.bytes);
    // Both at the same revision: the one behind reads on.
    while back.picture.revision != viewer.picture.revision {
        let behind = if back.picture.revision < viewer.picture.revision { &mut back } else { &mut viewer };
        behind.next_data().await;
    }
    assert!(back.picture.containers == viewer.picture.containers, "both hold the same");

    let (mut samples, mut bytes) = (0, 0);
    while samples < 300 {
        let before = viewer.bytes;
        // Late inspect data also arrives in deltas; only those with nothing but samples are
        // measured.
        if let Frame::Delta(delta) = viewer.next_data().await.frame
            && delta.upserted.is_empty()
        {
            (samples, bytes) = (samples + delta.stats.len(), bytes + viewer.bytes - before);
        }
    }
    eprintln!("{samples} samples: {bytes} bytes, {} for a hundred", bytes * 100 / samples);
    assert!(bytes * 100 / samples <= TICK_BYTES, "{bytes} bytes for {samples} samples");
}
