//! A stream that begins, falls silent, breaks, and is opened again.

use super::*;

#[test]
fn the_first_content_makes_it_live_and_a_heartbeat_does_not() {
    let mut page = Page::started();
    assert_eq!(page.state(), Connecting);
    page.tell(Input::Heartbeat { stream: 1 });
    assert_eq!(page.state(), Connecting);
    page.millis += 40;
    page.tell(Input::Content { stream: 1 });
    assert_eq!(page.view(), Connection { state: Live, ..Connection::connecting(page.now()) });
}

#[test]
fn heartbeats_keep_it_live() {
    let mut page = Page::live();
    for _ in 0..20 {
        assert_eq!(page.wait(3_000), []);
        page.tell(Input::Heartbeat { stream: 1 });
    }
    assert_eq!(page.state(), Live);
}

#[test]
fn ten_silent_seconds_end_the_stream_and_it_is_opened_again() {
    let mut page = Page::live();
    assert_eq!(page.wait(10_100), [(10_000, Close), (10_000, Open { stream: 2, fresh: false })]);
    assert_eq!(page.state(), Reconnecting);
    says(&StreamProblem::Silent, &page);
    page.tell(Input::Content { stream: 2 });
    assert_eq!((page.state(), page.problem()), (Live, String::new()));
}

#[test]
fn a_stream_that_never_begins_is_given_up_too() {
    let mut page = Page::started();
    // Ten seconds without a stream are also when Static begins.
    assert_eq!(
        page.wait(10_000),
        [(10_000, Close), (10_000, Fetch { fetch: 1 }), (10_000, Open { stream: 2, fresh: false })]
    );
    assert_eq!(page.state(), Static);
}

#[test]
fn retries_are_quick_at_first_then_doubled_and_jittered() {
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
fn a_stream_that_breaks_right_after_its_first_frame_is_not_retried_at_full_speed() {
    let mut page = Page::live();
    for stream in 1..4 {
        page.fail(stream, StreamProblem::Ended);
        page.wait(1_000);
        page.tell(Input::Content { stream: stream + 1 });
    }
    page.fail(4, StreamProblem::Ended);
    assert_eq!(page.view().attempts, 4);
    page.wait(2_000);
    page.tell(Input::Content { stream: 5 });
    page.millis += 5_000;
    page.fail(5, StreamProblem::Ended);
    assert_eq!(page.view().attempts, 1);
}

#[test]
fn a_misfit_is_healed_by_a_stream_that_begins_with_a_snapshot() {
    let mut page = Page::live();
    assert_eq!(page.fail(1, StreamProblem::Misfit), [Close]);
    assert_eq!(page.wait_for_commands(), [Open { stream: 2, fresh: true }]);
    page.fail(2, StreamProblem::Ended);
    assert_eq!(page.wait_for_commands(), [Open { stream: 3, fresh: true }]);
    page.tell(Input::Content { stream: 3 });
    page.fail(3, StreamProblem::Ended);
    assert_eq!(page.wait_for_commands(), [Open { stream: 4, fresh: false }]);
}

#[test]
fn waking_up_ends_a_wait_at_once() {
    let (mut page, stream) = Page::fallen_back();
    assert_eq!(page.tell(Input::Wake), [Open { stream: stream + 1, fresh: false }]);
}

#[test]
fn waking_up_replaces_a_stream_that_has_been_silent_and_tests_one_that_has_not() {
    let mut page = Page::live();
    page.wait(3_999);
    assert_eq!(page.tell(Input::Wake), []);
    assert_eq!(page.wait(1)[0], (1, Close));

    let mut page = Page::live();
    page.wait(4_000);
    assert_eq!(page.tell(Input::Wake), [Close, Open { stream: 2, fresh: false }]);
    assert_eq!(page.state(), Live);
    page.fail(2, StreamProblem::Offline);
    assert_eq!(page.state(), Reconnecting);
}

#[test]
fn what_was_given_up_changes_nothing() {
    let mut page = Page::live();
    page.fail(1, StreamProblem::Ended);
    page.wait(0);
    let before = page.view();
    for input in [
        Input::Content { stream: 1 },
        Input::Heartbeat { stream: 1 },
        Input::StreamFailed { stream: 1, problem: StreamProblem::Refused },
        Input::Fetched { fetch: 9, overtook: true },
        Input::FetchFailed { fetch: 9, problem: FetchProblem::Offline },
    ] {
        assert_eq!(page.tell(input), []);
    }
    assert_eq!(page.view(), before);
}

#[test]
fn every_problem_is_a_sentence_that_names_its_leg_or_a_remedy() {
    use FetchProblem as F;
    use StreamProblem::*;
    let stream = [Ended, Refused, Offline, Silent, Misfit, HeldBack, Cut, LetGo].map(|problem| problem.to_string());
    let fetch =
        [F::Unreachable, F::Offline, F::Status(503, None), F::Status(403, Some("No.".to_owned())), F::Unreadable];
    for words in stream.into_iter().chain(fetch.map(|problem| problem.to_string())) {
        assert!(words.ends_with('.') && words.starts_with(char::is_uppercase), "{words}");
    }
}
