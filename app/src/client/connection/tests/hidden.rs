//! A page that is hidden, or was left.

use super::*;

#[test]
fn a_page_hidden_for_a_minute_is_suspended_and_resumes_at_once_when_shown() {
    let mut page = Page::live();
    page.handle(Input::Hide);
    for _ in 0..19 {
        assert_eq!(page.wait(3_000), []);
        page.handle(Input::Heartbeat { stream: 1 });
    }
    page.handle(Input::Hide);
    assert_eq!(page.wait(3_000), [(3_000, Close)], "57 s and 3 s; a second Hide does not count");
    assert_eq!((page.state(), page.machine.due()), (Reconnecting, None));
    says(&StreamProblem::Hidden, &page);
    for input in [Input::Wake, Input::Hide, Input::Content { stream: 1 }] {
        assert_eq!(page.handle(input), []);
    }
    assert_eq!(page.wait(3_600_000), []);
    assert_eq!(page.handle(Input::Show), [Open { stream: 2, fresh: false }]);
    assert_eq!(page.machine.due(), Some(after(page.now(), 10_000)), "without a stream, it becomes Static then");
    page.handle(Input::Content { stream: 2 });
    assert_eq!((page.state(), page.problem()), (Live, String::new()));
}

#[test]
fn a_page_hidden_for_less_keeps_its_stream() {
    let mut page = Page::live();
    page.handle(Input::Hide);
    page.wait(3_000);
    assert_eq!(page.handle(Input::Show), []);
    page.handle(Input::Heartbeat { stream: 1 });
    for _ in 0..30 {
        assert_eq!(page.wait(3_000), []);
        page.handle(Input::Heartbeat { stream: 1 });
    }
}

#[test]
fn a_hidden_page_that_slept_through_its_minute_is_suspended_without_an_attempt() {
    let mut page = Page::live();
    page.handle(Input::Hide);
    page.millis += 600_000;
    assert_eq!(page.handle(Input::Tick), [Close]);
    assert_eq!(page.machine.due(), None);
}

#[test]
fn a_hidden_page_without_a_stream_stops_attempts_and_fetches() {
    let (mut page, stream) = Page::in_static();
    page.handle(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    page.handle(Input::Hide);
    page.random = 0.999;
    page.wait(60_000);
    assert!(page.machine.is_suspended() && page.machine.due().is_none());
    let newest = page.machine.newest_stream();
    assert!(newest > stream);
    assert_eq!(page.handle(Input::Show), [Open { stream: newest + 1, fresh: false }]);
}

#[test]
fn a_page_that_is_left_is_suspended_at_once_and_resumes_when_restored() {
    let mut page = Page::live();
    assert_eq!(page.handle(Input::Leave), [Close]);
    assert_eq!(page.handle(Input::Leave), []);
    assert_eq!(page.handle(Input::Show), [Open { stream: 2, fresh: false }]);
}

#[test]
fn a_pause_outlasts_being_hidden() {
    let mut page = Page::live();
    page.handle(Input::Pause);
    page.handle(Input::Hide);
    page.wait(120_000);
    assert_eq!(page.handle(Input::Show), []);
    says(&StreamProblem::Paused, &page);
    assert_eq!(page.wait(10_000).last(), Some(&(10_000, Fetch { fetch: page.machine.newest_fetch() })));
    assert_eq!(page.handle(Input::Resume), [Open { stream: 2, fresh: false }]);
}

#[test]
fn requests_of_the_user_are_served_even_while_hidden() {
    let mut page = Page::live();
    page.handle(Input::Hide);
    page.wait(60_000);
    let stream = page.machine.newest_stream() + 1;
    assert_eq!(page.handle(Input::Reconnect), [Open { stream, fresh: false }]);
    assert!(
        page.wait(59_000).iter().any(|(_, command)| matches!(command, Open { .. })),
        "silence is noticed meanwhile"
    );
    page.wait(1_000);
    assert!(page.machine.is_suspended());
}
