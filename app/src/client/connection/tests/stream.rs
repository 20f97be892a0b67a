//! A stream that starts, falls silent, breaks, and is opened again.

use super::*;

#[test]
fn the_first_content_makes_it_live_and_a_heartbeat_does_not() {
    let mut page = Page::started();
    assert_eq!(page.state(), Connecting);
    page.handle(Input::Heartbeat { stream: 1 });
    assert_eq!(page.state(), Connecting);
    page.millis += 40;
    page.handle(Input::Content { stream: 1 });
    assert_eq!(page.view(), Connection { state: Live, ..Connection::connecting(page.now()) });
}

#[test]
fn heartbeats_keep_it_live() {
    let mut page = Page::live();
    for _ in 0..20 {
        assert_eq!(page.wait(3_000), []);
        page.handle(Input::Heartbeat { stream: 1 });
    }
    assert_eq!(page.state(), Live);
}

#[test]
fn a_stream_is_closed_after_ten_silent_seconds_and_opened_again() {
    let mut page = Page::live();
    assert_eq!(page.wait(10_100), [(10_000, Close), (10_000, Open { stream: 2, fresh: false })]);
    assert_eq!(page.state(), Reconnecting);
    says(&StreamProblem::Silent, &page);
    page.handle(Input::Content { stream: 2 });
    assert_eq!((page.state(), page.problem()), (Live, String::new()));
}

#[test]
fn a_stream_that_never_starts_is_closed() {
    let mut page = Page::started();
    // After ten seconds without a stream, it also becomes Static.
    assert_eq!(
        page.wait(10_000),
        [(10_000, Close), (10_000, Fetch { fetch: 1 }), (10_000, Open { stream: 2, fresh: false })]
    );
    assert_eq!(page.state(), Static);
}

#[test]
fn retries_are_fast_at_first_then_doubled_and_jittered() {
    for (random, waits) in [(0.0, [0, 250, 500, 1_000, 2_000]), (0.5, [100, 375, 750, 1_500, 3_000])] {
        let mut page = Page::live();
        page.random = random;
        page.millis += 60_000;
        for (stream, wait) in (1..).zip(waits) {
            assert_eq!(page.fail(stream, StreamProblem::Refused)[0], Close);
            let view = page.view();
            assert_eq!((view.retry_at, view.attempts), (Some(Timestamp::from_millis(page.millis + wait)), stream));
            page.wait(wait);
            assert_eq!(page.view().retry_at, None);
        }
    }
}

#[test]
fn a_stream_that_breaks_right_after_its_first_frame_is_retried_with_backoff() {
    let mut page = Page::live();
    for stream in 1..4 {
        page.fail(stream, StreamProblem::Ended);
        page.wait(1_000);
        page.handle(Input::Content { stream: stream + 1 });
    }
    page.fail(4, StreamProblem::Ended);
    assert_eq!(page.view().attempts, 4);
    page.wait(2_000);
    page.handle(Input::Content { stream: 5 });
    page.millis += 5_000;
    page.fail(5, StreamProblem::Ended);
    assert_eq!(page.view().attempts, 1);
}

#[test]
fn a_stream_out_of_sync_is_reopened_with_a_snapshot() {
    let mut page = Page::live();
    assert_eq!(page.fail(1, StreamProblem::OutOfSync), [Close]);
    assert_eq!(page.wait_for_commands(), [Open { stream: 2, fresh: true }]);
    page.fail(2, StreamProblem::Ended);
    assert_eq!(page.wait_for_commands(), [Open { stream: 3, fresh: true }]);
    page.handle(Input::Content { stream: 3 });
    page.fail(3, StreamProblem::Ended);
    assert_eq!(page.wait_for_commands(), [Open { stream: 4, fresh: false }]);
}

#[test]
fn waking_up_ends_a_wait_at_once() {
    let (mut page, stream) = Page::in_static();
    assert_eq!(page.handle(Input::Wake), [Open { stream: stream + 1, fresh: false }]);
}

#[test]
fn waking_up_replaces_a_silent_stream_and_shortens_the_timeout_of_an_active_one() {
    let mut page = Page::live();
    page.wait(3_999);
    assert_eq!(page.handle(Input::Wake), []);
    assert_eq!(page.wait(1)[0], (1, Close));

    let mut page = Page::live();
    page.wait(4_000);
    assert_eq!(page.handle(Input::Wake), [Close, Open { stream: 2, fresh: false }]);
    assert_eq!(page.state(), Live);
    page.fail(2, StreamProblem::Offline);
    assert_eq!(page.state(), Reconnecting);
}

#[test]
fn events_of_dropped_streams_and_fetches_change_nothing() {
    let mut page = Page::live();
    page.fail(1, StreamProblem::Ended);
    page.wait(0);
    let before = page.view();
    for input in [
        Input::Content { stream: 1 },
        Input::Heartbeat { stream: 1 },
        Input::StreamFailed { stream: 1, problem: StreamProblem::Refused },
        Input::Fetched { fetch: 9, is_newer: true },
        Input::FetchFailed { fetch: 9, problem: FetchProblem::Offline },
    ] {
        assert_eq!(page.handle(input), []);
    }
    assert_eq!(page.view(), before);
}

#[test]
fn every_problem_is_a_complete_sentence() {
    use FetchProblem as F;
    use StreamProblem::*;
    let stream =
        [Ended, Refused, Offline, Silent, OutOfSync, Blocked, Paused, Hidden].map(|problem| problem.to_string());
    let fetch =
        [F::Unreachable, F::Offline, F::Status(503, None), F::Status(403, Some("No.".to_owned())), F::Unreadable];
    for words in stream.into_iter().chain(fetch.map(|problem| problem.to_string())) {
        assert!(words.ends_with('.') && words.starts_with(char::is_uppercase), "{words}");
    }
}
