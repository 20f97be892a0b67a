//! Static: snapshots are fetched, while attempts go on.

use super::*;

#[test]
fn five_failures_in_a_row_make_it_static_and_fetch_at_once() {
    let (page, stream) = Page::fallen_back();
    assert_eq!((stream, page.view().attempts), (5, 5));
    assert!(page.machine.expects_fetch(1));
}

#[test]
fn static_fetches_every_ten_seconds_after_each_answer() {
    let (mut page, _) = Page::fallen_back();
    for fetch in 1..4 {
        page.tell(Input::Fetched { fetch, overtook: true });
        let fetches: Vec<_> =
            page.wait(10_000).into_iter().filter(|(_, command)| matches!(command, Fetch { .. })).collect();
        assert_eq!(fetches, [(10_000, Fetch { fetch: fetch + 1 })]);
    }
    assert_eq!(page.state(), Static);
}

#[test]
fn attempts_go_on_for_ever() {
    let (mut page, mut stream) = Page::fallen_back();
    page.random = 0.999;
    for _ in 0..1_000 {
        let opened = page.wait(15_000).into_iter().find(|(_, command)| matches!(command, Open { .. }));
        stream += 1;
        assert_eq!(opened.map(|(_, command)| command), Some(Open { stream, fresh: false }));
        page.fail(stream, StreamProblem::Refused);
    }
}

#[test]
fn static_becomes_live_unasked_and_its_fetch_is_given_up() {
    let (mut page, stream) = Page::fallen_back();
    assert!(page.wait_for_commands().contains(&Open { stream: stream + 1, fresh: false }));
    page.tell(Input::Content { stream: stream + 1 });
    assert_eq!((page.state(), page.view().attempts), (Live, 0));
    assert!(!page.machine.expects_fetch(1));
    page.tell(Input::Heartbeat { stream: stream + 1 });
    assert_eq!(page.wait(9_999), []);
}

#[test]
fn a_failed_fetch_says_which_leg_is_broken() {
    let (mut page, _) = Page::fallen_back();
    says(&StreamProblem::Ended, &page);
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Status(502, None) });
    says(&FetchProblem::Status(502, None), &page);
    page.wait(10_000);
    page.tell(Input::Fetched { fetch: 2, overtook: false });
    says(&StreamProblem::Ended, &page);
}

#[test]
fn a_stream_counts_as_held_back_once_a_try_fails_while_the_server_answers() {
    let (mut page, stream) = Page::fallen_back();
    page.tell(Input::Fetched { fetch: 1, overtook: false });
    says(&StreamProblem::Ended, &page);
    assert!(page.wait_for_commands().contains(&Open { stream: stream + 1, fresh: false }));
    page.fail(stream + 1, StreamProblem::Refused);
    says(&StreamProblem::HeldBack, &page);
}
