//! A page that nobody looks at, or that was left.

use super::*;

#[test]
fn a_page_hidden_for_a_minute_lets_go_and_resumes_at_once_when_shown() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    for _ in 0..19 {
        assert_eq!(page.wait(3_000), []);
        page.tell(Input::Heartbeat { stream: 1 });
    }
    page.tell(Input::Hide);
    assert_eq!(page.wait(3_000), [(3_000, Close)], "57 s and 3 s; being hidden is told once");
    assert_eq!((page.state(), page.machine.due()), (Reconnecting, None));
    says(&StreamProblem::LetGo, &page);
    for input in [Input::Wake, Input::Hide, Input::Content { stream: 1 }] {
        assert_eq!(page.tell(input), []);
    }
    assert_eq!(page.wait(3_600_000), []);
    assert_eq!(page.tell(Input::Show), [Open { stream: 2, fresh: false }]);
    assert_eq!(page.machine.due(), Some(after(page.now(), 10_000)), "from now on, without a stream it is Static");
    page.tell(Input::Content { stream: 2 });
    assert_eq!((page.state(), page.problem()), (Live, String::new()));
}

#[test]
fn a_page_hidden_for_less_keeps_its_stream() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    page.wait(3_000);
    assert_eq!(page.tell(Input::Show), []);
    page.tell(Input::Heartbeat { stream: 1 });
    for _ in 0..30 {
        assert_eq!(page.wait(3_000), []);
        page.tell(Input::Heartbeat { stream: 1 });
    }
}

#[test]
fn a_hidden_page_that_slept_through_its_minute_lets_go_without_an_attempt() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    page.millis += 600_000;
    assert_eq!(page.tell(Input::Tick), [Close]);
    assert_eq!(page.machine.due(), None);
}

#[test]
fn a_hidden_page_without_a_stream_stops_trying_and_fetching() {
    let (mut page, stream) = Page::fallen_back();
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    page.tell(Input::Hide);
    page.random = 0.999;
    page.wait(60_000);
    assert!(page.machine.is_resting() && page.machine.due().is_none());
    let newest = page.machine.newest_stream();
    assert!(newest > stream);
    assert_eq!(page.tell(Input::Show), [Open { stream: newest + 1, fresh: false }]);
}

#[test]
fn a_page_that_is_left_lets_go_at_once_and_resumes_when_the_browser_brings_it_back() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Leave), [Close]);
    assert_eq!(page.tell(Input::Leave), []);
    assert_eq!(page.tell(Input::Show), [Open { stream: 2, fresh: false }]);
}

#[test]
fn a_cut_outlives_being_hidden() {
    let mut page = Page::live();
    page.tell(Input::Cut);
    page.tell(Input::Hide);
    page.wait(120_000);
    assert_eq!(page.tell(Input::Show), []);
    says(&StreamProblem::Cut, &page);
    assert_eq!(page.wait(10_000).last(), Some(&(10_000, Fetch { fetch: page.machine.newest_fetch() })));
    assert_eq!(page.tell(Input::Restore), [Open { stream: 2, fresh: false }]);
}

#[test]
fn what_is_asked_for_by_hand_is_done_even_while_hidden() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    page.wait(60_000);
    let stream = page.machine.newest_stream() + 1;
    assert_eq!(page.tell(Input::Reconnect), [Open { stream, fresh: false }]);
    assert!(
        page.wait(59_000).iter().any(|(_, command)| matches!(command, Open { .. })),
        "silence is noticed meanwhile"
    );
    page.wait(1_000);
    assert!(page.machine.is_resting());
}
