//! User requests: pause, resume, reconnect, refresh.

use super::*;

#[test]
fn a_pause_lasts_through_time_and_waking_until_it_is_resumed() {
    let mut page = Page::live();
    assert_eq!(page.handle(Input::Pause), [Close]);
    assert!(page.view().paused);
    says(&StreamProblem::Paused, &page);
    assert_eq!(page.wait(9_999), []);
    assert_eq!((page.state(), page.handle(Input::Wake)), (Reconnecting, vec![]));
    assert_eq!(page.wait(1), [(1, Fetch { fetch: 1 })]);
    page.handle(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    says(&StreamProblem::Paused, &page);
    assert_eq!((page.state(), page.wait(9_999)), (Static, vec![]));
    assert_eq!(page.handle(Input::Resume), [Open { stream: 2, fresh: false }]);
    assert!(!page.view().paused);
    page.handle(Input::Content { stream: 2 });
    assert_eq!(page.state(), Live);
    assert_eq!(page.handle(Input::Resume), []);
}

#[test]
fn reconnecting_opens_at_once_and_resets_the_count_of_failures() {
    let (mut page, stream) = Page::in_static();
    assert_eq!(page.handle(Input::Reconnect), [Open { stream: stream + 1, fresh: false }]);
    assert_eq!((page.state(), page.view().attempts, page.problem()), (Reconnecting, 0, String::new()));
    page.handle(Input::Pause);
    assert_eq!(page.handle(Input::Reconnect), [Open { stream: stream + 2, fresh: false }]);
    assert!(!page.view().paused);
}

#[test]
fn refreshing_works_in_any_state_and_shows_until_the_response() {
    let mut page = Page::live();
    assert_eq!(page.handle(Input::Refresh), [Fetch { fetch: 1 }]);
    assert_eq!(page.handle(Input::Refresh), []);
    assert!(page.view().refreshing);
    page.handle(Input::Fetched { fetch: 1, is_newer: false });
    assert_eq!((page.state(), page.view().refreshing), (Live, false));

    let (mut page, stream) = Page::in_static();
    assert_eq!(page.handle(Input::Refresh), []);
    page.wait(2_000);
    page.handle(Input::Content { stream: stream + 1 });
    assert!(page.view().refreshing, "a fetch requested by the user is not given up");
}

#[test]
fn a_newer_fetched_snapshot_reopens_the_stream_without_a_change_of_state() {
    let mut page = Page::live();
    page.handle(Input::Refresh);
    let before = page.view().since;
    page.wait(50);
    assert_eq!(page.handle(Input::Fetched { fetch: 1, is_newer: true }), [Close, Open { stream: 2, fresh: false }]);
    assert_eq!((page.state(), page.view().since), (Live, before));
}

#[test]
fn a_refresh_that_fails_while_live_is_shown_until_the_next_frame() {
    let mut page = Page::live();
    page.handle(Input::Refresh);
    page.handle(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    says(&FetchProblem::Unreachable, &page);
    page.handle(Input::Content { stream: 1 });
    assert_eq!(page.problem(), "");
}
