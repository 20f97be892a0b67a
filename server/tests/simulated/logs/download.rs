//! A log as one text: all of it, or the last lines before an end.

use crate::{
    logs::reading::{counting, pause, print, printer, started},
    support::{Quay, eventually, get, quay},
};
use app::model::{Container, ContainerId, Timestamp};
use simulator::{ContainerSpec, engine::program::Step};

async fn text(quay: &Quay, id: ContainerId, query: &str) -> String {
    let response = get(quay.server.address, &format!("/api/containers/{id}/logs{query}")).await;
    assert_eq!(response.status, 200, "{response:?}");
    String::from_utf8(response.body.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_has_the_whole_log() {
    let quay = quay("quiet:0", &[]).await;
    let id = started(&quay, printer("boat", counting(3_000, 0))).await;
    let response = get(quay.server.address, &format!("/api/containers/{id}/logs")).await;
    assert_eq!((response.status.as_u16(), response.header("content-type")), (200, "text/plain; charset=utf-8"));
    let disposition = response.header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"boat-20") && disposition.ends_with(".log\""),
        "{disposition}"
    );
    let body = String::from_utf8(response.body.to_vec()).unwrap();
    assert_eq!(body.lines().count(), 3_000);
    let (time, last) = body.lines().last().unwrap().split_once(' ').unwrap();
    assert!(time.parse::<Timestamp>().is_ok());
    assert_eq!(last, "line 2999");
    assert_eq!(text(&quay, id, "?tail=2&timestamps=false").await, "line 2998\nline 2999\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_has_the_exact_bytes() {
    let quay = quay("quiet:0", &[]).await;
    let (colors, long) = ("\u{1b}[31mred\u{1b}[0m\tno\u{7}bell é🚢", "y".repeat(200_000));
    let spec = ContainerSpec { tty: true, ..printer("tty", vec![print(colors), print(&long)]) };
    let id = started(&quay, spec).await;
    assert_eq!(text(&quay, id, "?timestamps=false").await, format!("{colors}\n{long}\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_lines_before_an_end_are_found_after_a_later_run() {
    let quay = quay("quiet:0", &[]).await;
    let steps = [counting(30, 0), vec![print("out of coal"), Step::Exit(3)]].concat();
    let id = started(&quay, printer("boat", steps)).await;
    let finished = async || {
        let container: Container = get(quay.server.address, &format!("/api/containers/{id}")).await.json();
        container.finished_at
    };
    eventually("it ended", async || finished().await.is_some()).await;
    let end = finished().await.unwrap();
    let words = format!("?tail=2&timestamps=false&until={end}");
    assert_eq!(text(&quay, id, &words).await, "line 29\nout of coal\n");

    // Another run that prints more than the first read.
    quay.simulator.act(|engine, now| engine.remove("boat", true, now).unwrap());
    let first = vec![print("first"), pause(5), print("second"), pause(50)];
    let id = started(&quay, printer("chatty", [first, counting(2_500, 0)].concat())).await;
    eventually("it has printed all", async || text(&quay, id, "?tail=1").await.ends_with("line 2499\n")).await;
    let all = text(&quay, id, "").await;
    let second = all.lines().find_map(|line| line.strip_suffix(" second")).unwrap();
    assert_eq!(text(&quay, id, &format!("?tail=1&timestamps=false&until={second}")).await, "second\n");
    assert_eq!(text(&quay, id, &format!("?tail=9&timestamps=false&until={second}")).await, "first\nsecond\n");
    assert_eq!(text(&quay, id, &format!("?tail=9&timestamps=false&since={second}&until={second}")).await, "second\n");
}
