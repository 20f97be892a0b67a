//! What a person asks for: cut, restored, reconnected, refreshed.

use super::*;

#[test]
fn a_cut_holds_through_time_and_waking_until_it_is_restored() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Cut), [Close]);
    assert!(page.view().cut);
    says(&StreamProblem::Cut, &page);
    assert_eq!(page.wait(9_999), []);
    assert_eq!((page.state(), page.tell(Input::Wake)), (Reconnecting, vec![]));
    assert_eq!(page.wait(1), [(1, Fetch { fetch: 1 })]);
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    says(&StreamProblem::Cut, &page);
    assert_eq!((page.state(), page.wait(9_999)), (Static, vec![]));
    assert_eq!(page.tell(Input::Restore), [Open { stream: 2, fresh: false }]);
    assert!(!page.view().cut);
    page.tell(Input::Content { stream: 2 });
    assert_eq!(page.state(), Live);
    assert_eq!(page.tell(Input::Restore), []);
}

#[test]
fn reconnecting_by_hand_opens_at_once_and_begins_counting_anew() {
    let (mut page, stream) = Page::fallen_back();
    assert_eq!(page.tell(Input::Reconnect), [Open { stream: stream + 1, fresh: false }]);
    assert_eq!((page.state(), page.view().attempts, page.problem()), (Reconnecting, 0, String::new()));
    page.tell(Input::Cut);
    assert_eq!(page.tell(Input::Reconnect), [Open { stream: stream + 2, fresh: false }]);
    assert!(!page.view().cut);
}

#[test]
fn refreshing_by_hand_works_anywhere_and_shows_until_answered() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Refresh), [Fetch { fetch: 1 }]);
    assert_eq!(page.tell(Input::Refresh), []);
    assert!(page.view().refreshing);
    page.tell(Input::Fetched { fetch: 1, overtook: false });
    assert_eq!((page.state(), page.view().refreshing), (Live, false));

    let (mut page, stream) = Page::fallen_back();
    assert_eq!(page.tell(Input::Refresh), []);
    page.wait(2_000);
    page.tell(Input::Content { stream: stream + 1 });
    assert!(page.view().refreshing, "what a person asked for is not given up");
}

#[test]
fn a_fetched_snapshot_that_is_newer_moves_the_open_stream_there_unseen() {
    let mut page = Page::live();
    page.tell(Input::Refresh);
    let before = page.view().since;
    page.wait(50);
    assert_eq!(page.tell(Input::Fetched { fetch: 1, overtook: true }), [Close, Open { stream: 2, fresh: false }]);
    assert_eq!((page.state(), page.view().since), (Live, before));
}

#[test]
fn a_refresh_that_fails_while_live_is_shown_until_the_next_frame() {
    let mut page = Page::live();
    page.tell(Input::Refresh);
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    says(&FetchProblem::Unreachable, &page);
    page.tell(Input::Content { stream: 1 });
    assert_eq!(page.problem(), "");
}
