//! Static: snapshots are fetched, and attempts continue.

use super::*;

#[test]
fn five_failures_in_a_row_make_it_static_and_fetch_at_once() {
    let (page, stream) = Page::in_static();
    assert_eq!((stream, page.view().attempts), (5, 5));
    assert!(page.machine.expects_fetch(1));
}

#[test]
fn static_fetches_every_ten_seconds_after_each_response() {
    let (mut page, _) = Page::in_static();
    for fetch in 1..4 {
        page.handle(Input::Fetched { fetch, is_newer: true });
        let fetches: Vec<_> =
            page.wait(10_000).into_iter().filter(|(_, command)| matches!(command, Fetch { .. })).collect();
        assert_eq!(fetches, [(10_000, Fetch { fetch: fetch + 1 })]);
    }
    assert_eq!(page.state(), Static);
}

#[test]
fn attempts_never_stop_while_static() {
    let (mut page, mut stream) = Page::in_static();
    page.random = 0.999;
    for _ in 0..1_000 {
        let opened = page.wait(15_000).into_iter().find(|(_, command)| matches!(command, Open { .. }));
        stream += 1;
        assert_eq!(opened.map(|(_, command)| command), Some(Open { stream, fresh: false }));
        page.fail(stream, StreamProblem::Refused);
    }
}

#[test]
fn static_becomes_live_when_the_stream_delivers_and_drops_its_fetch() {
    let (mut page, stream) = Page::in_static();
    assert!(page.wait_for_commands().contains(&Open { stream: stream + 1, fresh: false }));
    page.handle(Input::Content { stream: stream + 1 });
    assert_eq!((page.state(), page.view().attempts), (Live, 0));
    assert!(!page.machine.expects_fetch(1));
    page.handle(Input::Heartbeat { stream: stream + 1 });
    assert_eq!(page.wait(9_999), []);
}

#[test]
fn a_failed_fetch_says_which_connection_is_broken() {
    let (mut page, _) = Page::in_static();
    says(&StreamProblem::Ended, &page);
    page.handle(Input::FetchFailed { fetch: 1, problem: FetchProblem::Status(502, None) });
    says(&FetchProblem::Status(502, None), &page);
    page.wait(10_000);
    page.handle(Input::Fetched { fetch: 2, is_newer: false });
    says(&StreamProblem::Ended, &page);
}

#[test]
fn a_stream_counts_as_blocked_when_an_attempt_fails_while_the_server_responds() {
    let (mut page, stream) = Page::in_static();
    page.handle(Input::Fetched { fetch: 1, is_newer: false });
    says(&StreamProblem::Ended, &page);
    assert!(page.wait_for_commands().contains(&Open { stream: stream + 1, fresh: false }));
    page.fail(stream + 1, StreamProblem::Refused);
    says(&StreamProblem::Blocked, &page);
}
